"""What identity needs from outside."""

from __future__ import annotations

from typing import Protocol


class PasswordHasher(Protocol):
    """Turns passwords into hashes that are slow to guess, off the event loop where there is one."""

    async def hash(self, password: str) -> str:
        """A salted hash with its parameters inside (PHC string format)."""

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether `hashed` was made from `password`.

        With None it does the same work against a hash of its own and answers False, so that an
        unknown e-mail costs the same time as a known one.
        """

    def is_outdated(self, hashed: str) -> bool:
        """Whether `hashed` was made with weaker parameters than this hasher's."""
