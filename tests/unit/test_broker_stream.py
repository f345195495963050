"""What a connection to a broker leaves behind when it is let go of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from taskcore.errors import Unavailable
from taskcore.events import Event
from taskcore.values import Status
from taskcore_stream.broker_url import BrokerUrl
from taskcore_stream.stream import BrokerStream
from tests.unit.reporting.tales import lived

EVENTS = lived([("create", 0, 0, Status.OPEN, 0, 1)]).logs[0]


class Paused:
    """A connection of which nothing comes back, even when it is closed."""

    at_once = 1

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.is_cut_off = False

    async def send(self, events: Sequence[Event]) -> None:  # noqa: ARG002  a port's method
        self.asked.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.is_cut_off = True


async def opened(line: Paused, timeout_seconds: float) -> BrokerStream:
    async def connect() -> Paused:
        return line

    url = BrokerUrl("nats", "example.org", 4222, timeout_seconds=timeout_seconds)
    return BrokerStream(url, connect)


async def test_what_is_under_way_ends_at_once_and_so_does_closing_for_whoever_has_no_time() -> None:
    line = Paused()
    stream = await opened(line, 1_000)
    publishing = asyncio.create_task(stream.publish(EVENTS))
    await line.asked.wait()
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(publishing, 30)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stream.close(), 0.01)
    await asyncio.sleep(0)

    assert line.is_cut_off


async def test_closing_takes_no_longer_than_a_confirmation_may() -> None:
    line = Paused()
    stream = await opened(line, 0.01)
    with pytest.raises(Unavailable):
        await stream.publish(EVENTS)
    await asyncio.wait_for(stream.close(), 30)

    assert line.is_cut_off
