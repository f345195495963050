"""NATS JetStream: a subject a team, in one stream that keeps them all."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from functools import partial

from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError

from taskcore.delivery.cloudevents import MEDIA_TYPE, encoded
from taskcore.events import Event
from taskcore_stream.broker_url import BrokerUrl, broker_url
from taskcore_stream.stream import BrokerStream, unless

FORM = "nats://[USER:PASSWORD@]HOST[:PORT]?stream=NAME&subject=NAME&timeout=SECONDS"


def open_stream(url: str, *, blocking: bool = False) -> BrokerStream:  # noqa: ARG001  brokers are for event loops
    """`nats://HOST:PORT?stream=taskcore&subject=taskcore.events`; TLS where the server asks for it."""
    broker = broker_url(url, port=4222, known=("stream", "subject"), form=FORM)
    return BrokerStream(broker, partial(NatsLine.connect, broker))


class Broker(NatsBroker):
    """FastStream's, which leaves nothing open where it could not connect, and asks no server twice."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        self.lost = asyncio.Event()
        """Set once the server has gone: who waits for its confirmation waits in vain."""
        super().__init__(
            url,
            allow_reconnect=False,
            connect_timeout=math.ceil(timeout_seconds),
            error_cb=self._on_error,
            closed_cb=self._on_lost,
            disconnected_cb=self._on_lost,
            logger=None,
        )

    async def _connect(self) -> Client:
        client = Client()
        try:
            await client.connect(**self._connection_kwargs)
        except BaseException:
            await client.close()
            raise
        self.config.connect(client)
        return client

    async def _on_error(self, error: Exception) -> None:
        """While connecting, the library would try again what it raises here, and for minutes."""
        if self._connection is None:
            raise error

    async def _on_lost(self) -> None:
        self.lost.set()


class NatsLine:
    """
    Events of a team go to the subject `taskcore.events.TEAM_ID`. `Nats-Msg-Id` is the event's id, so that the
    server drops what comes again within the stream's duplicate window.
    """

    at_once = 1

    def __init__(self, url: BrokerUrl) -> None:
        self._broker = Broker(url.url(), url.timeout_seconds)
        self._stream = url.options.get("stream", "taskcore")
        self._subject = url.options.get("subject", "taskcore.events")
        self._timeout_seconds = url.timeout_seconds

    @classmethod
    async def connect(cls, url: BrokerUrl) -> NatsLine:
        line = cls(url)
        client = await line._broker.connect()
        try:
            await line._declare(client.jetstream(timeout=url.timeout_seconds))
        except BaseException:
            await client.close()
            raise
        return line

    async def send(self, events: Sequence[Event]) -> None:
        for event in events:
            await unless(self._broker.lost, self._publish(event))

    async def close(self) -> None:
        """At once: nothing is on its way that anybody still waits for."""
        client = await self._broker.connect()
        await client.close()

    async def _declare(self, jetstream: JetStreamContext) -> None:
        """Make the stream where there is none; one that is there is the operator's, and stays as it is."""
        try:
            await jetstream.stream_info(self._stream)
        except NotFoundError:
            subjects = [f"{self._subject}.*"]
            await jetstream.add_stream(StreamConfig(name=self._stream, subjects=subjects))

    async def _publish(self, event: Event) -> None:
        await self._broker.publish(
            encoded(event),
            f"{self._subject}.{event.team_id}",
            headers={"Nats-Msg-Id": str(event.id), "content-type": MEDIA_TYPE},
            correlation_id=str(event.id),
            stream=self._stream,
            timeout=self._timeout_seconds,
        )
