"""Redis Streams, or Valkey's: a consumer group of the stream that all teams' events are in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from taskcore_stream.broker_url import BrokerUrl, broker_url
from taskcore_stream.reading.source import AT_ONCE, CONSUMER, BrokerSource, Got, again_seconds

FORM = "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]?stream=KEY&consumer=NAME&again=SECONDS&timeout=SECONDS, or rediss://"
OWN, NEW = "0-0", ">"
"""Entries that the group was given and is not done with, and those that it was not given yet."""


def open_source(url: str, *, blocking: bool = False) -> BrokerSource:  # noqa: ARG001  brokers are for event loops
    """
    `redis://HOST:PORT/DATABASE?stream=taskcore:events&consumer=reporting&again=30`. What a reader that died
    left undone is given to the next that connects, or after so many seconds.
    """
    broker = broker_url(url, port=6379, known=("stream", "maxlen", "consumer", "again"), form=FORM)
    again = again_seconds(broker, FORM)
    return BrokerSource(broker, partial(RedisReader.connect, broker, again), patience_seconds=2 * again)


class RedisReader:
    """All readers are one consumer of the group: twice the same entry does no harm, and none is forgotten."""

    def __init__(self, redis: Redis, url: BrokerUrl, again: float) -> None:
        self._redis = redis
        self._key = url.options.get("stream", "taskcore:events")
        self._consumer = url.options.get("consumer", CONSUMER)
        self._again = int(again * 1000)
        self._undone: str | None = OWN
        """Behind which entry those go on that were left undone; None, once all were given again."""

    @classmethod
    async def connect(
        cls,
        url: BrokerUrl,
        again: float,
        from_start: bool,  # noqa: FBT001  as sources call it
    ) -> RedisReader:
        redis: Redis = Redis.from_url(url.url(), retry=Retry(NoBackoff(), 0), protocol=2)
        reader = cls(redis, url, again)
        try:
            await reader._join(from_start=from_start)
        except BaseException:
            await reader.close()
            raise
        return reader

    async def some(self, seconds: float) -> Sequence[Got]:
        if self._undone is not None:
            entries = await self._given(self._undone, None)
            self._undone = entries[-1][0] if entries else None
            if entries:
                return self._got(entries)
        entries = await self._given(NEW, max(int(seconds * 1000), 1))
        if not entries:
            claimed = await self._redis.xautoclaim(
                self._key, self._consumer, self._consumer, min_idle_time=self._again, count=AT_ONCE
            )
            entries = claimed[1]
        return self._got(entries)

    async def rest(self) -> bool:
        """Of the group's own: what is new was asked for just before."""
        return bool((await self._redis.xpending(self._key, self._consumer))["pending"])

    async def close(self) -> None:
        await self._redis.aclose()

    async def _join(self, *, from_start: bool) -> None:
        if from_start:
            await self._redis.xgroup_destroy(self._key, self._consumer)
        try:
            await self._redis.xgroup_create(self._key, self._consumer, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def _given(self, behind: str, wait_milliseconds: int | None) -> list[Any]:
        answer = await self._redis.xreadgroup(
            self._consumer, self._consumer, {self._key: behind}, count=AT_ONCE, block=wait_milliseconds
        )
        return answer[0][1] if answer else []

    def _got(self, entries: Sequence[Any]) -> list[Got]:
        """An entry that was trimmed away meanwhile has no fields."""
        return [
            (fields.get(b"event", b"") if fields else b"", partial(self._done, entry))
            for entry, fields in entries
        ]

    async def _done(self, entry: bytes) -> None:
        await self._redis.xack(self._key, self._consumer, entry)
