"""What is needed to keep bytes that are too large for the store."""

from __future__ import annotations

import re
from typing import Protocol

from taskcore.errors import invalid

MOST_KEY_CHARACTERS = 512
_PART = r"[a-z0-9][a-z0-9._-]*"
_KEY = re.compile(rf"{_PART}(?:/{_PART})*")


class Blobs(Protocol):
    """
    A place for bytes, each under a key that the core made: never a name that a user gave.

    A key is words of `a-z 0-9 . _ -` between slashes, such as `exports/TEAM/SAGA.json`; no word begins with a dot.
    Made by a factory `(url, *, blocking)`, registered in the group `taskcore.blobs` under the URL's scheme. What is
    put or deleted is so once the call returned, whatever dies then. All methods but `close` raise Invalid, where a
    key is none, and Unavailable, where the place does not serve; what was asked for may be done all the same.
    """

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` as all that is under `key`: whoever gets it meanwhile gets what was there before or this,
        never a part; as does whoever comes after a crash."""

    async def get(self, key: str) -> bytes:
        """What was put there. Raises: NotFound."""

    async def delete(self, key: str) -> None:
        """Keep nothing under `key`, whether there was something or not."""

    async def delete_all(self, prefix: str) -> int:
        """Delete all whose key begins with the words of `prefix`, which ends in a slash; says how many there were."""

    async def close(self) -> None:
        """Let go of connections."""


def checked_key(key: str) -> str:
    """The key, if it is one. Raises: Invalid."""
    if len(key) > MOST_KEY_CHARACTERS or not _KEY.fullmatch(key):
        raise invalid("key", f"must be words of a-z 0-9 . _ - between slashes, not {key!r:.80}")
    return key


def checked_prefix(prefix: str) -> str:
    """What the keys that are meant begin with, without its last slash. Raises: Invalid."""
    if not prefix.endswith("/"):
        raise invalid("prefix", f"must end in a slash, not {prefix!r:.80}")
    return checked_key(prefix[:-1])
