"""NATS JetStream: a durable pull consumer of the stream that all teams' events are in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from taskcore_stream.broker_url import BrokerUrl, broker_url
from taskcore_stream.nats import declare
from taskcore_stream.reading.source import AT_ONCE, CONSUMER, BrokerSource, Got, again_seconds

FORM = (
    "nats://[USER:PASSWORD@]HOST[:PORT]?stream=NAME&subject=NAME&consumer=NAME&again=SECONDS&timeout=SECONDS"
)
MOST_UNDONE = 20 * AT_ONCE


def open_source(url: str, *, blocking: bool = False) -> BrokerSource:  # noqa: ARG001  brokers are for event loops
    """`nats://HOST:PORT?stream=taskcore&subject=taskcore.events&consumer=reporting&again=30`; what is not done
    with is given again after so many seconds."""
    broker = broker_url(url, port=4222, known=("stream", "subject", "consumer", "again"), form=FORM)
    again = again_seconds(broker, FORM)
    return BrokerSource(broker, partial(NatsReader.connect, broker, again), patience_seconds=2 * again)


class NatsReader:
    """JetStream numbers what it has, and keeps what its consumer has acknowledged."""

    def __init__(self, client: Client, messages: JetStreamContext.PullSubscription) -> None:
        self._client = client
        self._messages = messages

    @classmethod
    async def connect(
        cls,
        url: BrokerUrl,
        again: float,
        from_start: bool,  # noqa: FBT001  as sources call it
    ) -> NatsReader:
        client = Client()

        async def failed(error: Exception) -> None:
            """What is raised here ends connecting, which the library would otherwise try again for minutes."""
            if not client.is_connected:
                raise error

        try:
            await client.connect(
                url.url(),
                allow_reconnect=False,
                connect_timeout=math.ceil(url.timeout_seconds),
                error_cb=failed,
            )
            return cls(client, await _subscribed(client, url, again, from_start=from_start))
        except BaseException:
            await client.close()
            raise

    async def some(self, seconds: float) -> Sequence[Got]:
        try:
            messages = await self._messages.fetch(AT_ONCE, timeout=seconds)
        except TimeoutError:  # the library's own is one
            if not self._client.is_connected:
                raise
            return ()
        return [(message.data, message.ack) for message in messages]

    async def rest(self) -> bool:
        info = await self._messages.consumer_info()
        return bool((info.num_pending or 0) + (info.num_ack_pending or 0))

    async def close(self) -> None:
        await self._client.close()


async def _subscribed(
    client: Client, url: BrokerUrl, again: float, *, from_start: bool
) -> JetStreamContext.PullSubscription:
    jetstream = client.jetstream(timeout=url.timeout_seconds)
    stream, subject = url.options.get("stream", "taskcore"), url.options.get("subject", "taskcore.events")
    consumer = url.options.get("consumer", CONSUMER)
    await declare(jetstream, stream, subject)
    if from_start:
        with suppress(NotFoundError):
            await jetstream.delete_consumer(stream, consumer)
    return await jetstream.pull_subscribe(
        f"{subject}.*",
        durable=consumer,
        stream=stream,
        config=ConsumerConfig(
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
            ack_wait=again,
            max_ack_pending=MOST_UNDONE,
        ),
    )
