"""What is done behind the back of whoever wants it, one time after another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Errand:
    """Run again as long as it was wanted meanwhile; by a task that is there only while there is something to do."""

    def __init__(self, run: Callable[[], Awaitable[None]]) -> None:
        self._run = run
        self._is_wanted = False
        self._is_closed = False
        self._running: asyncio.Task[None] | None = None

    def want(self) -> None:
        """Returns at once. Outside a running loop, and once it is closed, it does nothing."""
        if self._is_closed or not _in_a_loop():
            return
        self._is_wanted = True
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._go_on())

    async def _go_on(self) -> None:
        while self._is_wanted:
            self._is_wanted = False
            await self._run()

    async def close(self, seconds: float) -> None:
        """What is wanted may take so long; then it is left."""
        self._is_closed = True
        if self._running is None:
            return
        await asyncio.wait([self._running], timeout=seconds)
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
