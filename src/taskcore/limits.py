"""How often something may come: what a door needs to refuse who asks too often, and the arithmetic of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from heapq import heappop, heappush, heapreplace
from math import ceil
from typing import Protocol

import attrs

SECOND = 1_000_000
"""Time is counted in whole microseconds here, so that nothing is lost to rounding however long a server runs."""
MOST_KEYS = 100_000
_UNITS: Mapping[float, str] = {1: "s", 60: "minute", 3_600: "hour"}


@attrs.frozen
class Rate:
    """A bucket that holds `burst` requests, and gets `amount` more every `seconds`."""

    amount: int = attrs.field(validator=attrs.validators.ge(1))
    seconds: float = attrs.field(validator=attrs.validators.gt(0))
    burst: int = attrs.field(validator=attrs.validators.ge(1))

    @cached_property
    def interval(self) -> int:
        """Microseconds until one more is in; rounded up, so that no more come than the rate says."""
        return max(1, ceil(self.seconds * SECOND / self.amount))

    @cached_property
    def capacity(self) -> int:
        """Microseconds until an empty bucket is full."""
        return self.interval * self.burst

    def __str__(self) -> str:
        """As settings write it: `20/minute`, `100/s burst 1000`."""
        held = f" burst {self.burst}" if self.burst != self.amount else ""
        return f"{self.amount}/{_UNITS.get(self.seconds, f'{self.seconds:g} s')}{held}"


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


def verdict(rate: Rate, until_full: int, *, allowed: bool) -> Verdict:
    """What is told of a bucket that is full in `until_full` microseconds."""
    missing = until_full + rate.interval - rate.capacity
    return Verdict(
        allowed,
        (rate.capacity - until_full) // rate.interval,
        until_full / SECOND,
        missing / SECOND if missing > 0 else 0.0,
    )


class Buckets:
    """The buckets of one process, by the generic cell rate algorithm (ITU-T I.371): of a bucket nothing is kept
    but the time at which it is full again, its theoretical arrival time.

    A bucket that is full need not be kept. Where more than `most` are not, the one that is nearest to it is
    forgotten, so that a flood of keys costs neither memory without end nor what is known of the worst.
    """

    def __init__(self, most: int = MOST_KEYS) -> None:
        self._most = most
        self._full_at: dict[str, int] = {}
        self._queue: list[tuple[int, str]] = []
        """A heap of every key once, by a time before which its bucket is not full; it may be later by now."""

    def __len__(self) -> int:
        return len(self._full_at)

    def hit(self, key: str, rate: Rate, now: int) -> Verdict:
        """Take one from the bucket of `key`, if it is in."""
        full_at = self._full_at.get(key, 0)
        until_full = full_at - now if full_at > now else 0
        if until_full + rate.interval > rate.capacity:
            return verdict(rate, until_full, allowed=False)
        until_full += rate.interval
        self.put(key, now + until_full, now)
        return verdict(rate, until_full, allowed=True)

    def put(self, key: str, full_at: int, now: int) -> None:
        """Set when the bucket of `key` is full."""
        if key not in self._full_at:
            self._make_room(now)
            heappush(self._queue, (full_at, key))
        self._full_at[key] = full_at

    def _make_room(self, now: int) -> None:
        for _ in range(2):  # one more than comes, so that those that are full get fewer
            if self._queue and self._first() <= now:
                self._forget_first()
        if len(self._full_at) >= self._most:
            self._first()
            self._forget_first()

    def _first(self) -> int:
        """When the next bucket is full, brought to the top of the queue."""
        while True:
            known, key = self._queue[0]
            full_at = self._full_at[key]
            if full_at <= known:
                return known
            heapreplace(self._queue, (full_at, key))

    def _forget_first(self) -> None:
        _, key = heappop(self._queue)
        del self._full_at[key]
