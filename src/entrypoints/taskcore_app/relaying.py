"""Telling the world of what happens: what a service does beside answering, and `taskcore worker` alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from taskcore.core import TaskCore
from taskcore.delivery.ports import Stream
from taskcore.delivery.relay import Relay
from taskcore.delivery.sending import Sender

log = logging.getLogger(__name__)

TASK = "relaying"
SECONDS_BETWEEN = 1.0
"""How long to rest after a fault of ours."""
CLOSING_SECONDS = 2.0
"""How long a broker may take to say good-bye: what it has not confirmed is published again, so nothing is lost."""


@asynccontextmanager
async def relaying(core: TaskCore, stream: Stream | None = None) -> AsyncIterator[None]:
    """
    Within, webhooks and the stream are told of what happens; at the end the stream is closed.

    What is under way at the end is left: whoever runs next, in whatever process, does it again.
    """
    running = asyncio.create_task(_for_ever(core, stream), name=TASK)
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        if stream is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_SECONDS):
                    await stream.close()


async def _for_ever(core: TaskCore, stream: Stream | None) -> None:
    """A fault of ours must not silence it until the next start: it begins anew from what the store says."""
    while True:
        try:
            await _run(core, stream)
        except Exception:
            log.exception("telling of what happens failed, and begins anew")
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # a TaskGroup that has both tells the fault alone
                raise asyncio.CancelledError from None
        await asyncio.sleep(SECONDS_BETWEEN)


async def _run(core: TaskCore, stream: Stream | None) -> None:
    sender = Sender(core)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Relay(core, queued=sender.wake).run())
        tasks.create_task(sender.run())
        if stream is not None:
            tasks.create_task(Relay(core, stream=stream).run())
