"""Bytes in memory, for as long as the process lives."""

from __future__ import annotations

from taskcore.errors import NotFound, invalid
from taskcore.files.ports import checked_key, checked_prefix


def memory_blobs(url: str, *, blocking: bool = False) -> MemoryBlobs:  # noqa: ARG001  it never waits
    """`memory://`, a new and empty place each time."""
    if url != "memory://":
        raise invalid("blobs", "must be written memory://, and no more")
    return MemoryBlobs()


class MemoryBlobs:
    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    async def put(self, key: str, content: bytes) -> None:
        self._kept[checked_key(key)] = bytes(content)

    async def get(self, key: str) -> bytes:
        try:
            return self._kept[checked_key(key)]
        except KeyError:
            raise NotFound(f"nothing is kept under {key}") from None

    async def delete(self, key: str) -> None:
        self._kept.pop(checked_key(key), None)

    async def delete_all(self, prefix: str) -> int:
        start = checked_prefix(prefix) + "/"
        meant = [key for key in self._kept if key.startswith(start)]
        for key in meant:
            del self._kept[key]
        return len(meant)

    async def close(self) -> None:
        """Nothing to let go of."""
