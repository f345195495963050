"""The buckets that all processes share: one time a key, changed by a script, which Redis runs alone."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from hashlib import sha1
from typing import Any, cast

import attrs
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError

from taskcore.limits import Rate

PREFIX = "taskcore:rate:"
PROBE = ("", Rate(1, 0.001, 1))

# As `taskcore.limits.Buckets.hit`, for every key of KEYS, by the server's own clock. A bucket counts for no more
# than empty: its rate may have been lowered since, or the clock set back. A full one expires.
SCRIPT = """\
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answers = {}
for i, key in ipairs(KEYS) do
  local interval, capacity = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local until_full = (tonumber(redis.call('GET', key)) or now) - now
  until_full = math.min(math.max(until_full, 0), capacity)
  local allowed = until_full + interval <= capacity
  if allowed then
    until_full = until_full + interval
    redis.call('SET', key, string.format('%.0f', now + until_full), 'PX', math.ceil(until_full / 1000))
  end
  answers[i] = {allowed and 1 or 0, until_full}
end
return answers
"""
DIGEST = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


@attrs.frozen
class Standing:
    """Whether one more was allowed, and in how many microseconds the bucket is full now."""

    allowed: bool
    until_full: int


class SharedBuckets:
    """Every method raises what `redis` raises."""

    def __init__(self, url: str) -> None:
        # A second try would take a second time what the first has taken before it was lost.
        self._redis: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0))

    async def hit(self, asked: Sequence[tuple[str, Rate]]) -> list[Standing]:
        """Take one from each bucket that has one, one after another, in one trip."""
        keys = [(PREFIX + key).encode("utf-8", "surrogatepass") for key, _ in asked]
        numbers = [number for _, rate in asked for number in (rate.interval, rate.capacity)]
        answers = await self._run(len(keys), *keys, *numbers)
        return [Standing(allowed == 1, until_full) for allowed, until_full in answers]

    async def check(self) -> None:
        """Whether buckets can be changed: a server that only answers is no use."""
        await self.hit([PROBE])

    async def close(self) -> None:
        await self._redis.aclose()

    async def _run(self, count: int, *arguments: bytes | int) -> Any:
        """A server that was restarted, or told to forget its scripts, is sent the script anew."""
        try:
            return await cast("Awaitable[Any]", self._redis.evalsha(DIGEST, count, *arguments))
        except NoScriptError:
            return await cast("Awaitable[Any]", self._redis.eval(SCRIPT, count, *arguments))
