"""
`redis://…`, 7 or newer, or Valkey: hands out the ids of jobs, each to one worker, the most urgent first.

They lie in one sorted set. What Redis has forgotten, or has handed to a worker that died, is due in the store all the
same, where it is looked for: an id lost costs time, one too many a look.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from taskcore.errors import Unavailable, invalid
from taskcore.jobs.model import Job, JobPriority
from taskcore.values import JobId
from taskcore_jobs.errand import Errand
from taskcore_jobs.line import PATIENCE_SECONDS, Line

FORM = "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?namespace=NAME], or rediss://"
MOST_WAITING = 10_000
MOST_A_TRIP = 1_000
SECONDS_TO_CLOSE = 0.5
POP_SECONDS = 0.25
"""How long Redis may take for an answer, beyond what it was told to wait."""
_BEFORE_ALL_TIMES = 10**13
"""More milliseconds than any time has: what parts one priority from the next in a score, which is exact up to 2^53."""
_RANK = {JobPriority.HIGH: 0, JobPriority.NORMAL: 1, JobPriority.LOW: 2}


def open_queue(url: str, *, blocking: bool = False) -> RedisQueue:  # noqa: ARG001  it needs a loop to be of use
    """`namespace` (taskcore) parts what several instances keep in one database. Raises: Invalid."""
    refused = invalid("queue", f"must be written {FORM}")
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        namespace = dict(pairs).get("namespace", "taskcore")
        rest = urlencode([pair for pair in pairs if pair[0] != "namespace"])
        # A second try would take a second time what the first has taken before it was lost.
        redis: Redis = Redis.from_url(urlunsplit(parts._replace(query=rest)), retry=Retry(NoBackoff(), 0))
    except ValueError:  # its message may show a part of the password
        raise refused from None
    if not re.fullmatch(r"[\w.-]{1,64}", namespace):
        raise refused
    return RedisQueue(redis, f"taskcore:jobs:{namespace}")


class RedisQueue:
    """
    A `Queue` of one sorted set. Where it is empty for as long as a worker waits, the worker is told to look in the
    store.

    What is offered waits until Redis has taken it, the oldest forgotten when too many wait. What is due later is not
    kept here: whoever looks in the store offers it in time.
    """

    in_service = False
    feeds = True

    def __init__(self, redis: Redis, key: str) -> None:
        self._redis = redis
        self._key = key
        self._waiting: OrderedDict[JobId, int] = OrderedDict()
        self._telling = Errand(self._tell)
        self._to_tell = Line("Redis", "this process offers no jobs")

    def offer(self, jobs: Sequence[Job]) -> None:
        now = datetime.now(UTC)
        for job in jobs:
            if job.due_at is not None and job.due_at <= now:
                self._waiting[job.id] = _score(job)
                self._waiting.move_to_end(job.id)
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)
        if self._waiting:
            self._telling.want()

    async def take(self, most: int, within: float) -> Sequence[JobId] | None:
        try:
            return await self._pop(most, within)
        except Exception as error:  # whatever is wrong with Redis, the store is there
            raise Unavailable(f"Redis does not hand out jobs: {error!r}") from error

    async def close(self) -> None:
        await self._telling.close(SECONDS_TO_CLOSE)
        with suppress(Exception):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._redis.aclose()

    async def _pop(self, most: int, within: float) -> list[JobId] | None:
        redis: Any = self._redis  # whose types say of both kinds of clients what either gives
        async with asyncio.timeout(within + POP_SECONDS):
            if within > 0:  # of 0 Redis makes for ever
                popped = await redis.bzmpop(within, 1, [self._key], min=True, count=most)
            else:
                popped = await redis.zmpop(1, [self._key], min=True, count=most)
        return [JobId(UUID(bytes=member)) for member, _ in popped[1]] if popped else None

    async def _tell(self) -> None:
        """Of what waits, as much as one trip takes, and on until nothing is left."""
        while self._waiting:
            aboard = [self._waiting.popitem(last=False) for _ in range(min(MOST_A_TRIP, len(self._waiting)))]
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    added = {job_id.bytes: score for job_id, score in aboard}
                    await cast("Awaitable[Any]", self._redis.zadd(self._key, added, nx=True))
                self._to_tell.works()
            except Exception as error:  # noqa: BLE001  as above
                await asyncio.sleep(self._to_tell.broke(error))


def _score(job: Job) -> int:
    due_at = cast("datetime", job.due_at)
    return _RANK[job.priority] * _BEFORE_ALL_TIMES + int(due_at.timestamp() * 1000)
