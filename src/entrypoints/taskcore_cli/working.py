"""A process that tells of what happens, from its start to its end."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable

from taskcore.errors import Unavailable
from taskcore_app.background import PARTS, background
from taskcore_app.container import Container
from taskcore_app.settings import Settings

SECONDS_TO_FINISH = 25
"""What closing has after SIGTERM: less than the 30 s that Kubernetes gives before it kills."""


async def work(settings: Settings, ready: Callable[[], None]) -> None:
    """Until a signal says so; `ready` is called once it is at work. Raises: Unavailable, where the store is no use
    when this begins, and where closing takes too long."""
    gc.enable()
    told_to_end = ended_by_signals()
    container = Container(settings=settings)
    core, stream = container.core(), container.stream()
    try:
        async with asyncio.timeout(None) as limit, core:
            await core.store.check()
            async with background(core, PARTS, stream):
                ready()
                await told_to_end.wait()
                limit.reschedule(asyncio.get_running_loop().time() + SECONDS_TO_FINISH)
    except TimeoutError:
        raise Unavailable(f"what was under way did not end in {SECONDS_TO_FINISH} s") from None


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
