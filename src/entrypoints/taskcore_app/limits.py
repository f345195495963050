"""What a door needs to refuse who asks too often."""

from __future__ import annotations

from typing import Protocol

import attrs


@attrs.frozen
class Rate:
    """A bucket that holds `burst` requests, and gets `amount` more every `seconds`."""

    amount: int
    seconds: float
    burst: int


@attrs.frozen
class Verdict:
    """Whether one more is allowed, and how the bucket stands after it."""

    allowed: bool
    remaining: int
    reset_seconds: float
    """Until the bucket is full again, if nothing comes."""
    retry_after_seconds: float
    """Until the next one is allowed; 0 if it is now."""


class RateLimiter(Protocol):
    """Counts what comes under a key, for all processes that share it.

    Made by a factory `(url, *, blocking)`, registered in the group `taskcore.limiters` under the URL's scheme.
    """

    async def hit(self, key: str, rate: Rate) -> Verdict:
        """Take one from the bucket of `key`, at once for all who ask: of many at the same time no more than
        the bucket holds are allowed. What is refused takes nothing. Raises nothing: where what is shared does
        not answer, each process counts by itself until it does."""

    async def close(self) -> None:
        """Let go of connections."""
