"""What is done when its time has come: once, whatever dies, and however many processes look."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Generic

from taskcore.core import TaskCore
from taskcore.delivery.alarm import Alarm
from taskcore.errors import Unavailable
from taskcore.jobs.clock import StoreClock
from taskcore.ports import KEYS, E, Unit

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How late something is done at most, while nothing is in its way."""
UNIT_SECONDS = 5.0
"""How long a unit may take: one on a connection that went silent, or that waits for a lock, makes room for others."""
BATCH = 100
RESTING_SECONDS = 60.0
"""How long a thing of which nothing could be made is left alone."""


class Timed(Generic[E]):
    """
    A loop that hands each thing of `kind` whose field in `DUE` is past to `act`, in a unit of work of its own.

    `act` gets that unit, the thing as it is there, locked against others who look, and the time by the clock that
    all share. It saves the thing with a later instant, or None, in that field: only then has it been done.
    `where` narrows which things are meant, as in `Rows.find`.
    """

    def __init__(
        self,
        core: TaskCore,
        kind: type[E],
        act: Callable[[Unit, E, datetime], Awaitable[None]],
        name: str,
        *,
        where: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.alarm = Alarm()
        self._store = core._outside.store  # noqa: SLF001  it acts for nobody, and so has no use case
        self._clock = StoreClock(self._store, core._outside.clock)  # noqa: SLF001  as above
        self._kind = kind
        self._act = act
        self._where = where or {}
        self._resting: dict[tuple[Any, ...], float] = {}
        """Until when, by the steady clock, what failed is left alone."""
        self._is_cut_off = False

    async def run(self) -> None:
        """Until it is cancelled. While the store fails nothing is done, and all of it once it works again."""
        while True:
            if not await self._step_or_wait():
                await self.alarm.sleep(LOOK_SECONDS)

    async def step(self) -> int:
        """Do what is due at this moment, at most `BATCH`; how many were done. Raises: Unavailable,
        and TimeoutError, where the store does not answer."""
        self._rested()
        async with asyncio.timeout(UNIT_SECONDS):
            now = await self._clock.now()
            found = await self._store.rows().find(
                self._kind, due=now, limit=BATCH + len(self._resting), **self._where
            )
        keys = [key for thing in found if (key := self._key(thing)) not in self._resting]
        return sum([await self._do(key, now) for key in keys])

    async def _step_or_wait(self) -> int:
        try:
            done = await self.step()
        except (Unavailable, TimeoutError) as error:
            if not self._is_cut_off:
                log.warning("%s waits for the store: %s", self.name, str(error) or "too slow")
            self._is_cut_off = True
            return 0
        except Exception:
            log.exception("%s failed, and begins anew", self.name)
            return 0
        self._is_cut_off = False
        return done

    async def _do(self, key: tuple[Any, ...], now: datetime) -> bool:
        """Whether it was done here: else somebody else was at it, or it failed."""
        wanted = dict(zip(KEYS[self._kind], key, strict=True))

        async def work(unit: Unit) -> bool:
            found = await unit.find(self._kind, free=True, due=now, **wanted)
            for thing in found:
                await self._act(unit, thing, now)
            return bool(found)

        self.alarm.turn()
        try:
            async with asyncio.timeout(UNIT_SECONDS):
                return await self._store.transact(work)
        except Unavailable:
            raise
        except TimeoutError:  # of this thing, or of the store, which then holds up whatever follows
            self._resting[key] = time.monotonic() + UNIT_SECONDS
            raise
        except Exception:
            log.exception("%s could do nothing about %s", self.name, key)
            self._resting[key] = time.monotonic() + RESTING_SECONDS
            return False

    def _key(self, thing: E) -> tuple[Any, ...]:
        return tuple(getattr(thing, field) for field in KEYS[self._kind])

    def _rested(self) -> None:
        now = time.monotonic()
        self._resting = {key: until for key, until in self._resting.items() if until > now}
