"""A process that works in the background, from its start to its end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack

import attrs

from taskcore.errors import Unavailable
from taskcore_app.background import background
from taskcore_app.container import Container
from taskcore_app.liveness import telling_health
from taskcore_app.settings import Settings

SECONDS_BEYOND = 1.0
"""What there is beyond the grace time, for ending with a word on why."""
EXIT_UNAVAILABLE = 7
"""As of every other command to which something did not answer."""


@attrs.frozen
class Work:
    """What a worker is to do, and how."""

    parts: Collection[str]
    slots: int
    grace_seconds: float
    """What everything has after SIGTERM; the default is less than the 30 s that Kubernetes gives before it kills."""
    health: tuple[str, int] | None = None
    """Where to say whether it is well."""

    @property
    def closing_seconds(self) -> float:
        """What is kept of the grace time for saying good-bye."""
        return min(5.0, self.grace_seconds / 3)


async def work(settings: Settings, wanted: Work, ready: Callable[[int | None], None]) -> None:
    """Until a signal says so; `ready` is called once it is at work, with the port at which it says whether it is well.
    Raises: Unavailable, where the store is no use when this begins, and where closing takes too long."""
    gc.enable()
    told_to_end = ended_by_signals()
    container = Container(settings=settings)
    core, stream = container.core(), container.stream() if "relay" in wanted.parts else None
    jobs_have = wanted.grace_seconds - wanted.closing_seconds
    try:
        async with asyncio.timeout(None) as limit, core, AsyncExitStack() as beside:
            await core.store.check()
            under_way = await beside.enter_async_context(
                background(core, wanted.parts, stream, slots=wanted.slots, grace_seconds=jobs_have)
            )
            port = None
            if wanted.health is not None:
                port = await beside.enter_async_context(telling_health(*wanted.health, under_way.is_well))
            ready(port)
            await told_to_end.wait()
            end_at_the_latest_in(wanted.grace_seconds + SECONDS_BEYOND)
            limit.reschedule(asyncio.get_running_loop().time() + wanted.grace_seconds)
    except TimeoutError:
        raise Unavailable(f"what was under way did not end in {wanted.grace_seconds:g} s") from None


def end_at_the_latest_in(seconds: float) -> None:
    """End this process then, whatever still goes on in it: neither a store that does not answer nor a handler that will
    not end holds it up, nor a thread. What it had in hand is begun anew elsewhere, once leases end."""

    def end() -> None:
        os.write(2, b"taskcore: what was under way did not end in time, and is left\n")
        os._exit(EXIT_UNAVAILABLE)

    last = threading.Timer(seconds, end)
    last.daemon = True
    last.start()


def ended_by_signals() -> asyncio.Event:
    """What the first SIGTERM or SIGINT sets; the second ends the process as if there were no handler."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def end(*_: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_DFL)
        loop.call_soon_threadsafe(told.set)

    for each in signals:
        signal.signal(each, end)
    return told
