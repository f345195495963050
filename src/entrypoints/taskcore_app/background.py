"""
What goes on beside answering: in a service, as its settings have it, and in `taskcore worker`.

It has three parts: `jobs`, which runs what was queued; `relay`, which follows the log and tells of it; and `timers`,
which do what is due at its time. Each can run alone, and in any number of processes at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Literal, Protocol, TypeAlias

import attrs

from taskcore.core import TaskCore
from taskcore.delivery.alarm import Alarm
from taskcore.delivery.digests import digests
from taskcore.delivery.noticing import noticing
from taskcore.delivery.ports import Stream
from taskcore.delivery.relay import Relay
from taskcore.delivery.sending import Sender
from taskcore.jobs.ports import Queue
from taskcore.jobs.runner import SLOTS, Runner
from taskcore.jobs.schedules import Ticks
from taskcore.watching import loops as watching
from taskcore_app.settings import Settings

log = logging.getLogger(__name__)

Part: TypeAlias = Literal["jobs", "relay", "timers"]
PARTS: tuple[Part, ...] = ("jobs", "relay", "timers")

SECONDS_BETWEEN = 1.0
"""How long to rest after a fault of ours."""
CLOSING_SECONDS = 2.0
"""How long a broker may take to say good-bye: what it has not confirmed is published again, so nothing is lost."""
GRACE_SECONDS = 5.0
"""What jobs have at the end, where nobody says otherwise."""
STUCK_SECONDS = 60.0
"""A loop that has not come round for so long is taken for stuck."""


class Loop(Protocol):
    """What goes on until it is cancelled, sleeping by its alarm."""

    alarm: Alarm

    async def run(self) -> None:
        """Until it is cancelled."""


CONSUMERS: tuple[Callable[[TaskCore], Loop], ...] = (watching.arming, noticing)
"""What follows the log of every team, in the part `relay`, beside webhooks and the stream."""

TIMERS: tuple[Callable[[TaskCore], Loop], ...] = (Ticks, watching.waking, digests)
"""What does something at its time, in the part `timers`."""


@attrs.frozen
class Background:
    """What is under way."""

    loops: Sequence[Loop]
    is_down: set[int] = attrs.field(factory=set)
    """The places of loops that failed, and have not begun anew yet."""

    def is_well(self) -> bool:
        """Whether every loop comes round. That the store fails is no illness: they wait for it."""
        oldest = time.monotonic() - STUCK_SECONDS
        return not self.is_down and all(each.alarm.turned_at >= oldest for each in self.loops)


def parts_in_service(settings: Settings, queue: Queue | None) -> Collection[Part]:
    """What a service does itself, and leaves to no worker."""
    parts: list[Part] = []
    if settings.relay == "inline":
        parts.append("relay")
    if queue is None or queue.in_service:
        parts += ("jobs", "timers")
    return parts


@asynccontextmanager
async def background(
    core: TaskCore,
    parts: Collection[str],
    stream: Stream | None = None,
    *,
    slots: int = SLOTS,
    grace_seconds: float = GRACE_SECONDS,
) -> AsyncIterator[Background]:
    """
    Within, these parts go on, with so many jobs at a time; at the end the stream is closed.

    Jobs that run at the end have the grace time to come to theirs, and are given back then. What else is under way is
    left: whoever runs next, in whatever process, does it again.
    """
    runner = Runner(core, slots=slots, worker=_worker()) if "jobs" in parts else None
    under_way = Background([*_loops(core, parts, stream), *([runner] if runner is not None else [])])
    running = [
        asyncio.create_task(_for_ever(under_way, place), name=_name(each))
        for place, each in enumerate(under_way.loops)
    ]
    try:
        yield under_way
    finally:
        if runner is not None:
            for each in running[:-1]:
                each.cancel()
            try:
                await runner.stop(grace_seconds)
            finally:
                running[-1].cancel()
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if stream is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_SECONDS):
                    await stream.close()


def _loops(core: TaskCore, parts: Collection[str], stream: Stream | None) -> list[Loop]:
    loops: list[Loop] = []
    if "relay" in parts:
        sender = Sender(core)
        loops += [Relay(core, queued=sender.wake), sender, *(make(core) for make in CONSUMERS)]
        if stream is not None:
            loops.append(Relay(core, stream=stream))
    if "timers" in parts:
        loops += [make(core) for make in TIMERS]
    return loops


def _worker() -> str:
    """What a job says of who has it."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def _name(loop: Loop) -> str:
    return f"background {getattr(loop, 'name', type(loop).__name__.lower())}"


async def _for_ever(under_way: Background, place: int) -> None:
    """A fault of ours must not silence a loop until the next start: it begins anew from what the store says."""
    loop = under_way.loops[place]
    while True:
        under_way.is_down.discard(place)
        try:
            await loop.run()
        except Exception:
            log.exception("%s failed, and begins anew", _name(loop))
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # a TaskGroup that has both tells the fault alone
                raise asyncio.CancelledError from None
        under_way.is_down.add(place)
        await asyncio.sleep(SECONDS_BETWEEN)
