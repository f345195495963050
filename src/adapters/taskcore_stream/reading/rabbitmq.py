"""RabbitMQ: a durable queue of the consumer's own, bound to the exchange for all teams."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from aio_pika import ExchangeType, connect
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from taskcore.errors import invalid
from taskcore_stream.broker_url import BrokerUrl, broker_url
from taskcore_stream.rabbitmq import EVERY_TEAM, PORTS
from taskcore_stream.reading.source import AT_ONCE, CONSUMER, BrokerSource, Got

FORM = "amqp://[USER:PASSWORD@]HOST[:PORT][/VHOST]?exchange=NAME&consumer=NAME&timeout=SECONDS, or amqps://"
MOST_UNDONE = 20 * AT_ONCE
PATIENCE_SECONDS = 60.0
"""What a reader left undone comes back once its connection is found to be dead: two heartbeats that are missing."""


def open_source(url: str, *, blocking: bool = False) -> BrokerSource:  # noqa: ARG001  brokers are for event loops
    """
    `amqp://USER:PASSWORD@HOST:PORT/VHOST?exchange=taskcore.events&consumer=reporting`, or `amqps://`.

    The queue, `taskcore.events.reporting`, gets what is published once it is there, and nothing from before.
    """
    port = PORTS[url.partition(":")[0].lower()]
    broker = broker_url(url, port=port, known=("exchange", "queue", "consumer"), form=FORM)
    return BrokerSource(broker, partial(RabbitReader.connect, broker), patience_seconds=PATIENCE_SECONDS)


class RabbitReader:
    """What is not acknowledged when the connection ends goes back into its place in the queue."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._came: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self._lost = asyncio.Event()
        connection.close_callbacks.add(self._on_lost)

    @classmethod
    async def connect(cls, url: BrokerUrl, from_start: bool) -> RabbitReader:  # noqa: FBT001  as sources call it
        if from_start:
            raise invalid(
                "source", "RabbitMQ keeps nothing that was read: start over with --from store --from-start"
            )
        reader = cls(await connect(url.url(), timeout=url.timeout_seconds))
        try:
            await reader._consume(url)
        except BaseException:
            await reader.close()
            raise
        return reader

    async def some(self, seconds: float) -> Sequence[Got]:
        try:
            came = [await asyncio.wait_for(self._came.get(), seconds)]
        except TimeoutError:
            if self._lost.is_set():
                raise ConnectionError("the connection was lost") from None
            return ()
        while len(came) < AT_ONCE and not self._came.empty():
            came.append(self._came.get_nowait())
        return [(message.body, message.ack) for message in came]

    async def rest(self) -> bool:
        """All that is ready has come: the broker pushes it."""
        return not self._came.empty()

    async def close(self) -> None:
        await self._connection.close()

    async def _consume(self, url: BrokerUrl) -> None:
        name = url.options.get("exchange", "taskcore.events")
        channel = await self._connection.channel()
        await channel.set_qos(prefetch_count=MOST_UNDONE)
        exchange = await channel.declare_exchange(name, ExchangeType.TOPIC, durable=True)
        queue = await channel.declare_queue(f"{name}.{url.options.get('consumer', CONSUMER)}", durable=True)
        await queue.bind(exchange, routing_key=EVERY_TEAM)
        await queue.consume(self._came.put)

    def _on_lost(self, *_: object) -> None:
        self._lost.set()
