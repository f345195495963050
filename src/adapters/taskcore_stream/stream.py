"""What each stream does alike, whatever broker stands behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Protocol

from taskcore.errors import Unavailable
from taskcore.events import Event
from taskcore_stream.broker_url import BrokerUrl


class Line(Protocol):
    """A connection to a broker."""

    at_once: int
    """How many events `send` may be given: more than one only where the broker takes all or none."""

    async def send(self, events: Sequence[Event]) -> None:
        """Return once the broker has confirmed them. Raises whatever its client library does."""

    async def close(self) -> None: ...


class BrokerStream:
    """
    A `Stream` that keeps order by patience: nothing is sent before the broker has confirmed what came before.

    So whatever goes wrong, a team's log is at the broker without a gap up to some event, and what is published
    again repeats its end. For the same reason a connection is given up at its first fault, and the next call
    makes a new one: a library that mends its own keeps what it could not send, and sends it behind what has
    been published since.
    """

    def __init__(self, url: BrokerUrl, connect: Callable[[], Coroutine[Any, Any, Line]]) -> None:
        self._url = url
        self._connect = connect
        self._line: Line | None = None
        self._connecting = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def publish(self, events: Sequence[Event]) -> None:
        """Each confirmation may take as long as the URL's `timeout` says."""
        sent = 0
        while sent < len(events):
            sent += await self._publish_some(events[sent:])

    async def close(self) -> None:
        """Within the time that one confirmation may take. Whoever waits less cuts off what is still open."""
        self._give_up(self._line)
        leaving = tuple(self._leaving)
        try:
            if leaving:
                await asyncio.wait(leaving, timeout=self._url.timeout_seconds)
        finally:
            for task in leaving:
                task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)

    async def _publish_some(self, events: Sequence[Event]) -> int:
        line = None
        try:
            async with asyncio.timeout(self._url.timeout_seconds):
                line = await self._connected()
                batch = events[: line.at_once]
                await line.send(batch)
                if line is not self._line:  # another gave it up, and what it used since is open again
                    self._behind(_leave(line))
                return len(batch)
        except Exception as error:  # noqa: BLE001  client libraries raise what they like
            self._give_up(line)
            raise Unavailable(f"{self._url} did not confirm events: {self._told(error)}") from None
        except BaseException:  # who asked has gone; what was sent may still arrive
            self._give_up(line)
            raise

    async def _connected(self) -> Line:
        async with self._connecting:
            if self._line is None:
                connecting = asyncio.create_task(self._connect())
                try:
                    self._line = await asyncio.shield(connecting)
                except asyncio.CancelledError:
                    self._behind(_leave_once_there(connecting))
                    raise
            return self._line

    def _give_up(self, line: Line | None) -> None:
        """Close it behind the caller's back: a broker that does not answer need not answer that either."""
        if line is None:
            return
        if self._line is line:
            self._line = None
        self._behind(_leave(line))

    def _behind(self, leaving: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(leaving)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _told(self, error: Exception) -> str:
        return self._url.hidden(f"{type(error).__name__}: {error}".rstrip(": "))


async def _leave_once_there(connecting: asyncio.Task[Line]) -> None:
    """Some libraries, when they are interrupted while they connect, leave the connection open."""
    with suppress(Exception):
        await _leave(await connecting)


async def _leave(line: Line) -> None:
    with suppress(Exception):  # what is wrong with it has been told
        await line.close()


async def unless(lost: asyncio.Event, asked: Coroutine[Any, Any, object]) -> None:
    """Wait for `asked`, but no longer than until the connection is lost. Raises: ConnectionResetError."""
    asking = asyncio.ensure_future(asked)
    losing = asyncio.ensure_future(lost.wait())
    try:
        await asyncio.wait({asking, losing}, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            raise ConnectionResetError("the connection was lost")
        await asking
    finally:
        asking.cancel()
        losing.cancel()
