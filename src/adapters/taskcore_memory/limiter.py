"""Rate limits that one process counts by itself."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic_ns

from taskcore.errors import invalid
from taskcore.limits import MOST_KEYS, Buckets, Rate, Verdict


def open_limiter(url: str, *, blocking: bool = False) -> MemoryLimiter:  # noqa: ARG001  never waits
    """`memory://`: a new limiter each time, which nothing is shared with."""
    if url != "memory://":
        raise invalid("limiter", "must be memory://, without host, path or options")
    return MemoryLimiter()


def monotonic_microseconds() -> int:
    return monotonic_ns() // 1_000


class MemoryLimiter:
    """A `RateLimiter` by the generic cell rate algorithm: a token bucket that is kept as one time a key."""

    def __init__(
        self, *, clock: Callable[[], int] = monotonic_microseconds, most_keys: int = MOST_KEYS
    ) -> None:
        self._clock = clock
        self._buckets = Buckets(most_keys)

    async def hit(self, key: str, rate: Rate) -> Verdict:
        return self._buckets.hit(key, rate, self._clock())

    async def close(self) -> None:
        """Nothing is held."""
