"""A store's own log as a source: reports without a broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from taskcore.ports import EventSearch, Store
from taskcore.reporting.ports import Delivered
from taskcore.values import TeamId

BATCH = 1000
"""Events of one team at a time."""


class StoreLog:
    """The logs of all teams of a store, deleted ones too, read in the instance's name."""

    patience_seconds = 0.0

    def __init__(self, store: Store, *, every_seconds: float = 1.0) -> None:
        """It looks for new events so often, once it has given all."""
        self._store = store
        self._every_seconds = every_seconds

    async def read(
        self,
        known: Mapping[TeamId, int],
        *,
        once: bool,
        from_start: bool,  # noqa: ARG002  all of a log is there, and what is known says where to begin
    ) -> AsyncIterator[Sequence[Delivered]]:
        rows, given = self._store.rows(), dict(known)
        while True:
            for team_id, head in (await rows.heads()).items():
                while (last := given.get(team_id, 0)) < head:
                    events = await rows.events(EventSearch(team_id, after=last, limit=BATCH))
                    if not events:
                        break
                    given[team_id] = events[-1].seq
                    yield [Delivered(event) for event in events]
            if once:
                return
            yield ()
            await asyncio.sleep(self._every_seconds)

    async def close(self) -> None:
        """The store is whoever opened it's to close."""
