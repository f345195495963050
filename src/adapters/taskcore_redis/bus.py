"""A bus between processes over Redis Pub/Sub; while Redis is away, each process hears only itself."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from random import random

from taskcore.errors import invalid
from taskcore.live.listeners import Listener, Listeners
from taskcore_redis.channels import LOST, Channels, Told

log = logging.getLogger(__name__)

MOST_WAITING = 10_000
MOST_A_TRIP = 500
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 1.0
SECONDS_TO_CLOSE = 0.5
"""What still waits at the end has so long to be told."""


def open_bus(url: str, *, blocking: bool = False) -> RedisBus:  # noqa: ARG001  it needs a loop to be of use
    """`redis://[USER:PASSWORD@]HOST[:PORT]`, or `rediss://` for the same through TLS."""
    try:
        return RedisBus(Channels(url))
    except ValueError:  # its message may show a part of the password
        raise invalid("bus", "must be written redis://HOST:PORT/DATABASE, or rediss://") from None


class RedisBus:
    """
    A `Bus` whose messages go through one task, and come through another.

    What is told waits until Redis has taken it: the same message of a topic once, at its latest place, and
    the oldest are forgotten when too many wait. A trip that fails is tried again, so that a message may come
    twice. Nobody is told that messages may have been missed meanwhile. Outside a running loop, as in a program
    that works on SQLite without one, only this process is told.
    """

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._listeners = Listeners()
        self._waiting: OrderedDict[Told, None] = OrderedDict()
        self._is_closed = False
        self._sending: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None

    def tell(self, topic: str, message: str) -> None:
        self._call(topic, message)
        if self._is_closed or not _in_a_loop():
            return
        self._wait((topic, message))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    def hear(self, topic: str, listener: Listener) -> Callable[[], None]:
        if _in_a_loop() and (self._listening is None or self._listening.done()):
            self._listening = asyncio.create_task(self._listen())
        return self._listeners.add(topic, listener)

    async def close(self) -> None:
        self._is_closed = True
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=SECONDS_TO_CLOSE)
        tasks = [task for task in (self._sending, self._listening) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(Exception):
            await self._channels.close()

    def _call(self, topic: str, message: str) -> None:
        for error in self._listeners.call(topic, message):
            log.error("a listener of %s failed", topic, exc_info=error)

    def _wait(self, told: Told) -> None:
        self._waiting[told] = None
        self._waiting.move_to_end(told)
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)

    async def _send(self) -> None:
        """Trips, until nothing waits any more."""
        line = _Line("tells other processes nothing")
        while self._waiting:
            aboard = [
                self._waiting.popitem(last=False)[0] for _ in range(min(MOST_A_TRIP, len(self._waiting)))
            ]
            try:
                await self._channels.publish(aboard)
                line.works()
            except Exception as error:  # noqa: BLE001  whatever is wrong with Redis, polling goes on
                if isinstance(error, LOST):  # what Redis refused would keep back all that comes after it
                    self._take_back(aboard)
                await asyncio.sleep(line.broke(error))

    def _take_back(self, aboard: list[Told]) -> None:
        """In front of what waits, save what has been told again meanwhile."""
        later = [*self._waiting]
        self._waiting = OrderedDict.fromkeys(aboard)
        for told in later:
            self._wait(told)

    async def _listen(self) -> None:
        """For ever: whenever the line breaks, anew."""
        line = _Line("hears of no other process")
        while True:
            try:
                async with self._channels.subscribed() as heard:
                    line.works()
                    async for topic, message in heard:
                        self._call(topic, message)
            except Exception as error:  # noqa: BLE001  as above
                await asyncio.sleep(line.broke(error))


class _Line:
    """One way through Redis: how long to wait when it breaks, and what to log, once."""

    def __init__(self, consequence: str) -> None:
        self._consequence = consequence
        self._failures = 0

    def works(self) -> None:
        if self._failures:
            log.warning("Redis answers again")
        self._failures = 0

    def broke(self, error: Exception) -> float:
        """The seconds to wait: twice as many each time, spread, for all processes lose Redis at the same time."""
        if not self._failures:
            log.warning("Redis does not answer, this process %s meanwhile: %r", self._consequence, error)
        seconds = min(FIRST_WAIT_SECONDS * (1 << self._failures), LONGEST_WAIT_SECONDS)
        self._failures = min(self._failures + 1, 10)
        return seconds * (0.5 + random() / 2)  # noqa: S311  no secret


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
