"""What the last command wrote at a server, for the next one to see: its `Consistency-Token`, beside the contexts."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs


@attrs.define
class LastWrite:
    """The newest token of one server; None where nothing was written yet."""

    token: str | None


@contextmanager
def last_write_kept(contexts_file: Path, server: str) -> Iterator[LastWrite]:
    """
    As it was kept, and kept as it is left, however that ends.

    It is a convenience: a file that cannot be read or written is as if there were none.
    """
    file = contexts_file.with_name("last-writes.json")
    known = _read(file)
    last = LastWrite(known.get(server))
    try:
        yield last
    finally:
        if last.token is not None and last.token != known.get(server):
            with suppress(OSError):
                _write(file, {**_read(file), server: last.token})


def _read(file: Path) -> dict[str, str]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {server: token for server, token in kept.items() if isinstance(token, str) and token.isascii()}


def _write(file: Path, kept: dict[str, str]) -> None:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            json.dump(kept, opened, indent=2)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
