"""What waits for a mail server, beside an event loop: threads that keep no program from ending."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread


def start(call: Callable[[], None]) -> None:
    Thread(target=call, name="taskcore-mail", daemon=True).start()


async def in_thread(call: Callable[[], None]) -> None:
    """Wait until `call` is done; it goes on by itself where this is cancelled. Raises what it raises."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001  whoever waits has it
            _tell(loop, done, error)
        else:
            _tell(loop, done, None)

    start(run)
    await done


def _tell(loop: asyncio.AbstractEventLoop, done: asyncio.Future[None], error: Exception | None) -> None:
    def tell() -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    with suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(tell)
