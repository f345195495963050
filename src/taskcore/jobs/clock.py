"""What time it is by the clock that all who use one store share."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from math import inf

from taskcore.ports import Store
from taskcore.values import Clock

MEASURED_EVERY = 10.0
"""Seconds for which this machine's steady clock goes on from what the store's last said."""


class StoreClock:
    """The store's clock, asked now and then and reckoned in between; the process's own, where the store has none."""

    def __init__(self, store: Store, own: Clock) -> None:
        self._store = store
        self._own = own
        self._measured = -inf
        self._last: datetime | None = None

    async def now(self) -> datetime:
        """Raises: Unavailable, where the store has to be asked and does not answer."""
        if time.monotonic() - self._measured >= MEASURED_EVERY:
            self._last = await self._store.now()
            self._measured = (
                time.monotonic()
            )  # after the answer: what is reckoned is never ahead, so nothing early
        if self._last is None:
            return self._own()
        return self._last + timedelta(seconds=time.monotonic() - self._measured)
