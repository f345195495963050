"""NATS JetStream: a subject a team, in one stream that keeps them all."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from functools import partial

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError

from taskcore.delivery.cloudevents import MEDIA_TYPE, encoded
from taskcore.events import Event
from taskcore_stream.broker_url import BrokerUrl, broker_url, check_name
from taskcore_stream.stream import BrokerStream, unless

FORM = "nats://[USER:PASSWORD@]HOST[:PORT]?stream=NAME&subject=NAME&timeout=SECONDS"


def open_stream(url: str, *, blocking: bool = False) -> BrokerStream:  # noqa: ARG001  brokers are for event loops
    """`nats://HOST:PORT?stream=taskcore&subject=taskcore.events`; TLS where the server asks for it."""
    broker = broker_url(url, port=4222, known=("stream", "subject"), form=FORM)
    check_name(broker, "stream", r"[A-Za-z0-9_-]{1,255}", "of letters, digits, - and _, at most 255")
    check_name(
        broker,
        "subject",
        r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*",
        "of letters, digits, - and _, in parts by dots: taskcore.events",
    )
    return BrokerStream(broker, partial(NatsLine.connect, broker))


class NatsLine:
    """
    Events of a team go to the subject `taskcore.events.TEAM_ID`. `Nats-Msg-Id` is the event's id, so that the
    server drops what comes again within the stream's duplicate window.
    """

    at_once = 1

    def __init__(self, url: BrokerUrl) -> None:
        self._client = Client()
        self._lost = asyncio.Event()
        self._jetstream = self._client.jetstream(timeout=url.timeout_seconds)
        self._stream = url.options.get("stream", "taskcore")
        self._subject = url.options.get("subject", "taskcore.events")

    @classmethod
    async def connect(cls, url: BrokerUrl) -> NatsLine:
        line = cls(url)
        try:
            await line._connect(url)
            await declare(line._jetstream, line._stream, line._subject)
        except BaseException:
            await line.close()
            raise
        return line

    async def send(self, events: Sequence[Event]) -> None:
        for event in events:
            headers = {"Nats-Msg-Id": str(event.id), "Content-Type": MEDIA_TYPE}
            subject = f"{self._subject}.{event.team_id}"
            confirmed = self._jetstream.publish(subject, encoded(event), stream=self._stream, headers=headers)
            await unless(self._lost, confirmed)

    async def close(self) -> None:
        """At once: nothing is on its way that anybody still waits for."""
        await self._client.close()

    async def _connect(self, url: BrokerUrl) -> None:
        await self._client.connect(
            url.url(),
            allow_reconnect=False,
            connect_timeout=math.ceil(url.timeout_seconds),
            error_cb=self._on_error,
            closed_cb=self._on_lost,
            disconnected_cb=self._on_lost,
        )

    async def _on_error(self, error: Exception) -> None:
        """What is raised here ends connecting, which the library would otherwise try again for minutes."""
        if not self._client.is_connected:
            raise error

    async def _on_lost(self) -> None:
        self._lost.set()


async def declare(jetstream: JetStreamContext, stream: str, subject: str) -> None:
    """Make the stream where there is none; one that is there is the operator's, and stays as it is."""
    try:
        await jetstream.stream_info(stream)
    except NotFoundError:
        await jetstream.add_stream(StreamConfig(name=stream, subjects=[f"{subject}.*"]))
