"""Redis Streams, or Valkey's: one stream for all teams, so that one consumer group reads all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.typing import EncodableT, FieldT

from taskcore.delivery.cloudevents import encoded
from taskcore.errors import invalid
from taskcore.events import Event
from taskcore_stream.broker_url import BrokerUrl, broker_url
from taskcore_stream.stream import BrokerStream

FORM = (
    "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]?stream=KEY&maxlen=ENTRIES&timeout=SECONDS, or rediss://"
)
MAXLEN = 1_000_000
"""Redis keeps all in memory, which it shares with what else is there; so the oldest entries have to go."""


def open_stream(url: str, *, blocking: bool = False) -> BrokerStream:  # noqa: ARG001  brokers are for event loops
    """
    `redis://HOST:PORT/DATABASE?stream=taskcore:events&maxlen=1000000`; `maxlen=0` keeps all. Redis trims whole
    nodes of a stream, so there are somewhat more.

    Not by FastStream, which would put an entry into an envelope that only FastStream reads, and send them
    one by one.
    """
    broker = broker_url(url, port=6379, known=("stream", "maxlen"), form=FORM)
    numbers = (broker.options.get("maxlen", "0"), broker.path.strip("/") or "0")
    if not all(re.fullmatch("[0-9]{1,12}", number) for number in numbers):
        raise invalid("stream", f"must be written {FORM}")
    return BrokerStream(broker, partial(RedisLine.connect, broker))


class RedisLine:
    """
    An entry has the fields `id`, `team_id`, `seq` and `event`, the CloudEvent in JSON. All that is published
    at once is one transaction: there whole and in order, or not at all.

    "Confirmed" is what Redis means by it: how much of that it loses with its machine, its `appendfsync` says.
    """

    at_once = 500

    def __init__(self, redis: Redis, key: str, maxlen: int | None) -> None:
        self._redis = redis
        self._key = key
        self._maxlen = maxlen

    @classmethod
    async def connect(cls, url: BrokerUrl) -> RedisLine:
        """Nothing is sent yet: the library connects when it has something to send."""
        # A second try of the library's own could come after what has been published since.
        redis: Redis = Redis.from_url(url.url(), retry=Retry(NoBackoff(), 0))
        maxlen = int(url.options.get("maxlen", MAXLEN))
        return cls(redis, url.options.get("stream", "taskcore:events"), maxlen or None)

    async def send(self, events: Sequence[Event]) -> None:
        async with self._redis.pipeline(transaction=True) as transaction:
            for event in events:
                fields: dict[FieldT, EncodableT] = {
                    "id": str(event.id),
                    "team_id": str(event.team_id),
                    "seq": event.seq,
                    "event": encoded(event),
                }
                transaction.xadd(self._key, fields, maxlen=self._maxlen, approximate=True)
            await transaction.execute()

    async def close(self) -> None:
        await self._redis.aclose()
