"""Whose turn it is to write: units of work run one at a time."""

from __future__ import annotations

from typing import Any


class Turn:
    """One holder at a time, in the order of asking; waits on an event loop only when it must."""

    def __init__(self) -> None:
        self._held = False
        self._waiting: list[Any] = []

    async def take(self) -> None:
        if not self._held:
            self._held = True
            return
        import asyncio  # noqa: PLC0415  only where tasks of an event loop meet, which have it

        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.give()
            raise

    def give(self) -> None:
        while self._waiting:
            place = self._waiting.pop(0)
            if not place.done():
                place.set_result(None)
                return
        self._held = False
