"""
Bytes as files in a folder, one a key, that only their owner can read.

A file is written whole under another name, flushed to the disk and renamed (rename(2) is atomic), and so is its
folder: after a crash there is the one before or the new one. What a crash leaves half written begins with a dot,
as no key does.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from taskcore.errors import NotFound, Unavailable, invalid
from taskcore.files.ports import checked_key, checked_prefix

R = TypeVar("R")

MOST_RACES = 100
"""How often a folder that is made may be gone again at once, as others delete what is in it."""


def folder_blobs(url: str, *, blocking: bool = False) -> FolderBlobs:
    """`file:///FOLDER`, which is made when something is put there."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc or parts.query or parts.fragment or not path.startswith("/") or "\0" in path:
        raise invalid("blobs", "must be written file:///FOLDER, with %23 for # and %3F for ?")
    # A drive of Windows: file:///C:/folder
    return FolderBlobs(Path(path[1:] if path[2:3] == ":" else path), blocking=blocking)


class FolderBlobs:
    """`blocking`: work on files in the caller's thread, where there is no event loop to keep free."""

    def __init__(self, folder: Path, *, blocking: bool = False) -> None:
        self._folder = folder
        self._blocking = blocking

    async def put(self, key: str, content: bytes) -> None:
        file = self._file(key)
        await self._do(key, lambda: _write(file, content, self._folder))

    async def get(self, key: str) -> bytes:
        file = self._file(key)
        content = await self._do(key, lambda: _read(file))
        if content is None:
            raise NotFound(f"nothing is kept under {key}")
        return content

    async def delete(self, key: str) -> None:
        file = self._file(key)
        await self._do(key, lambda: _remove(file, self._folder))

    async def delete_all(self, prefix: str) -> int:
        folder = self._folder.joinpath(*checked_prefix(prefix).split("/"))
        return await self._do(prefix, lambda: _remove_all(folder, self._folder))

    async def close(self) -> None:
        """Nothing to let go of."""

    def _file(self, key: str) -> Path:
        # With a sign that no key has: so `a` and `a/b` can both be there.
        *folders, name = checked_key(key).split("/")
        return self._folder.joinpath(*folders, f"{name}{_SIGN}")

    async def _do(self, key: str, work: Callable[[], R]) -> R:
        try:
            return work() if self._blocking else await asyncio.to_thread(work)
        except OSError as error:
            raise Unavailable(
                f"the files of {self._folder} cannot be had, for {key}: {error.strerror}"
            ) from error


_SIGN = "~"


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _write(file: Path, content: bytes, root: Path) -> None:
    """Where others delete all in a folder, it may be gone as soon as it is made, with the draft in it."""
    for tries_left in reversed(range(MOST_RACES)):
        try:
            is_new = _made(file.parent)
            _write_once(file, content)
            _flush(file.parent, *(file.parent.parents if is_new else ()), root=root)
            return
        except (
            FileNotFoundError,
            FileExistsError,
        ):  # the latter is what mkdir(2) said of one that is gone by now
            if not tries_left:
                raise


def _made(folder: Path) -> bool:
    if folder.is_dir():
        return False
    for each in reversed([folder, *folder.parents]):  # `parents=True` would give the mode to the last alone
        if not each.is_dir():
            each.mkdir(exist_ok=True, mode=0o700)
    return True


def _write_once(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _remove(file: Path, root: Path) -> None:
    try:
        file.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return
    _flush(file.parent, root=root)


def _remove_all(folder: Path, root: Path) -> int:
    """With what crashes left of it. What is put meanwhile may stay, and then its folder does."""
    removed = 0
    for each, _, names in os.walk(folder, topdown=False, onerror=_unless_gone):
        for name in names:
            (Path(each) / name).unlink(missing_ok=True)
            removed += name.endswith(_SIGN)
        with suppress(OSError):  # not empty: something came, or comes just now
            Path(each).rmdir()
    _flush(folder.parent, root=root)
    return removed


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _flush(*folders: Path, root: Path) -> None:
    """So that names in them last too (fsync(2)), up to the root's own; there is no such thing on Windows."""
    if os.name == "nt":
        return
    for folder in folders:
        if folder != root.parent and root not in (folder, *folder.parents):
            continue
        with suppress(FileNotFoundError):  # emptied and gone meanwhile
            opened = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)
