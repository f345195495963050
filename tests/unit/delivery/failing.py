"""A store that fails when it is told to."""

from __future__ import annotations

from typing import Any

from taskcore.ports import Rows, Store


class Failing:
    """The store behind it; what is in `reads` or `units` is raised by the next of either, once each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reads: list[Exception] = []
        self.units: list[Exception] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def rows(self, *about: Any) -> Rows:
        if self.reads:
            raise self.reads.pop()
        return self._store.rows(*about)

    async def transact(self, *work: Any) -> Any:
        if self.units:
            raise self.units.pop()
        return await self._store.transact(*work)
