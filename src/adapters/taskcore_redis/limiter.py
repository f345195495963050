"""Rate limits that every process counts together, in Redis; and each by itself while that does not answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic_ns

import attrs

from taskcore.errors import invalid
from taskcore.limits import SECOND, Buckets, Rate, Verdict, verdict
from taskcore_redis.buckets import SharedBuckets, Standing

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.25
"""How long one trip to Redis may take, connecting included."""
LOOK_AGAIN = 1 * SECOND
MOST_A_TRIP = 200
"""So many are counted while Redis does nothing else."""


def open_limiter(url: str, *, blocking: bool = False) -> RedisLimiter:  # noqa: ARG001  a server has an event loop
    """`redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://` for the same through TLS."""
    try:
        return RedisLimiter(SharedBuckets(url))
    except ValueError:  # its message may show a part of the password
        raise invalid("limiter", "must be written redis://HOST:PORT/DATABASE, or rediss://") from None


@attrs.frozen(eq=False)
class _Asking:
    key: str
    rate: Rate
    answer: asyncio.Future[Standing | None]
    """None, if Redis gave none."""


class RedisLimiter:
    """A `RateLimiter` by the generic cell rate algorithm, in one script.

    One trip at a time is under way; who asks meanwhile shares the next one. When a trip fails, Redis is *away*:
    nobody waits for it, one task looks every second whether it is back, and this process counts by itself, on
    from what it knew. What it counts meanwhile Redis is not told.
    """

    def __init__(self, shared: SharedBuckets) -> None:
        self._shared = shared
        self._local = Buckets()
        self._waiting: list[_Asking] = []
        self._is_away = False
        self._look_at = 0
        self._trips: asyncio.Task[None] | None = None
        self._look: asyncio.Task[None] | None = None

    async def hit(self, key: str, rate: Rate) -> Verdict:
        standing = await self._ask(key, rate)
        now = _now()
        if standing is None:
            return self._local.hit(key, rate, now)
        self._local.put(key, now + standing.until_full, now)
        return verdict(rate, standing.until_full, allowed=standing.allowed)

    async def close(self) -> None:
        """Ends what is under way, within the time a trip may take."""
        if self._look is not None:
            self._look.cancel()
        tasks = [task for task in (self._trips, self._look) if task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(Exception):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._shared.close()

    async def _ask(self, key: str, rate: Rate) -> Standing | None:
        if self._is_away:
            self._look_again()
            return None
        asking = _Asking(key, rate, asyncio.get_running_loop().create_future())
        self._waiting.append(asking)
        if self._trips is None or self._trips.done():
            self._trips = asyncio.create_task(self._travel())
        return await asking.answer

    async def _travel(self) -> None:
        """Trips, until nobody waits any more."""
        while self._waiting:
            aboard, self._waiting = self._waiting[:MOST_A_TRIP], self._waiting[MOST_A_TRIP:]
            for asking, standing in zip(aboard, await self._standings(aboard), strict=True):
                if not asking.answer.done():  # it is, if the request was given up meanwhile
                    asking.answer.set_result(standing)

    async def _standings(self, aboard: Sequence[_Asking]) -> Sequence[Standing | None]:
        if not self._is_away:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await self._shared.hit([(asking.key, asking.rate) for asking in aboard])
            except Exception as error:  # noqa: BLE001  whatever is wrong with Redis, no request fails for it
                self._is_away = True
                self._look_at = _now() + LOOK_AGAIN
                log.warning("Redis does not answer, each process counts rates by itself: %r", error)
        return [None] * len(aboard)

    def _look_again(self) -> None:
        now = _now()
        if now >= self._look_at:
            self._look_at = now + LOOK_AGAIN
            self._look = asyncio.create_task(self._come_back())

    async def _come_back(self) -> None:
        with suppress(Exception):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._shared.check()
            self._is_away = False
            log.warning("Redis answers again, and counts rates for all processes")


def _now() -> int:
    return monotonic_ns() // 1_000
