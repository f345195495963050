"""Redis Pub/Sub as the bus uses it: topics are channels, and each message says which bus it is from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from secrets import token_hex
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as TimedOut

PREFIX = "taskcore:"
EVERY_TOPIC = f"{PREFIX}*"
PATIENCE_SECONDS = 1.0
"""How long one trip to Redis may take, connecting included."""
QUIET_SECONDS = 2.0
"""After so long without a message Redis is asked whether it is there: a cut line says nothing."""
LOST = (Disconnected, TimedOut, OSError)
"""What a trip raises that may go better the next time."""

Told = tuple[str, str]
"""A topic, and a message to who hears of it."""


class Channels:
    """Every method raises what `redis` raises, and TimeoutError."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
        self._ours = token_hex(8).encode()

    async def publish(self, told: Collection[Told]) -> None:
        """All of them in one trip, in order; of a trip that fails, some may have arrived."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._redis.pipeline(transaction=False) as pipeline:
            for topic, message in told:
                pipeline.publish(_encoded(PREFIX + topic), self._ours + b" " + _encoded(message))
            await pipeline.execute()

    @asynccontextmanager
    async def subscribed(self) -> AsyncIterator[AsyncIterator[Told]]:
        """What other buses tell, from now on until something goes wrong, which is raised."""
        pubsub = self._redis.pubsub()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await pubsub.psubscribe(EVERY_TOPIC)
                await pubsub.get_message(timeout=None)  # that it is
            yield self._heard(pubsub)
        finally:
            with suppress(Exception):  # who is cancelled here must not be told of anything else
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _heard(self, pubsub: PubSub) -> AsyncIterator[Told]:
        while True:
            message = await pubsub.get_message(timeout=QUIET_SECONDS)
            if message is None:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await pubsub.ping()
                    message = await pubsub.get_message(timeout=None)
            if (told := self._understood(message)) is not None:
                yield told

    def _understood(self, message: dict[str, Any]) -> Told | None:
        """None for what this bus said itself, for Redis's own messages, and for what no bus of ours sent."""
        if message["type"] != "pmessage":
            return None
        origin, space, text = message["data"].partition(b" ")
        if origin == self._ours or not space:
            return None
        try:
            return _decoded(message["channel"]).removeprefix(PREFIX), _decoded(text)
        except UnicodeDecodeError:
            return None

    async def close(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._redis.aclose()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
