"""Sending, for as long as the other side takes what is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from types import TracebackType
from typing import Any, Self

from litestar.types import Message, Send


class Patience:
    """
    `send`, bounded: a block within which one send takes longer than `seconds` ends with TimeoutError.

    A timer for each send would cost as much as the send itself. There is one for each block, which looks, when it
    is due, how long the send of that moment has been on.
    """

    __slots__ = ("_limit", "_loop", "_seconds", "_send", "_since", "_timer")

    def __init__(self, send: Send, seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self._since: float | None = None
        self._loop = asyncio.get_running_loop()

    async def send(self, message: Message) -> None:
        self._since = self._loop.time()
        await self._send(message)
        self._since = None

    async def __aenter__(self) -> Self:
        self._limit = asyncio.timeout(None)
        await self._limit.__aenter__()
        self._timer = self._loop.call_later(self._seconds, self._look)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        await self._limit.__aexit__(kind, error, trace)

    def _look(self) -> None:
        now = self._loop.time()
        over = self._seconds + (now if self._since is None else self._since)
        if over <= now:
            self._limit.reschedule(now)
        else:
            self._timer = self._loop.call_at(over, self._look)


async def until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Do all of it until some of it is done, or fails; then none of it goes on. Raises: what the first one did."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended: Awaitable[list[BaseException | None]] = asyncio.gather(*tasks, return_exceptions=True)
        await ended
    for task in tasks:
        if task in done:
            task.result()
