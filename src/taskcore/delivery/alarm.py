"""What a loop sleeps by: until it is woken, or its time is up."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

POLL_SECONDS = 0.2
"""How long a loop sleeps at most: what wakes it may be lost, and the store is the truth."""


class Alarm:
    """Rung by whoever has news; rung while nobody sleeps, the next sleep ends at once."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.turned_at = time.monotonic()
        """When its loop last came round, by the steady clock."""

    def ring(self) -> None:
        self._rung.set()

    def turn(self) -> None:
        """Its loop comes round."""
        self.turned_at = time.monotonic()

    async def sleep(self, seconds: float = POLL_SECONDS) -> None:
        self.turn()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()
