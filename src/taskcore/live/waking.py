"""A store that tells on the bus which team's log has grown, once that is committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from taskcore.delivery.ports import EVENTS, Bus
from taskcore.events import Event
from taskcore.permissions import Actor
from taskcore.ports import Entity, Rows, Store, Unit
from taskcore.progress import Progress
from taskcore.values import TeamId

R = TypeVar("R")


class Waking:
    """The store behind it, which it leaves as it is. What is told may be lost; the log is the truth."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus

    @property
    def suspends(self) -> bool:
        return self._store.suspends

    @property
    def written(self) -> int:
        return self._store.written

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Rows:
        return self._store.rows(actor, progress)

    async def transact(self, work: Callable[[Unit], Awaitable[R]], actor: Actor | None = None) -> R:
        grown: set[TeamId] = set()

        async def noted(unit: Unit) -> R:
            grown.clear()
            return await work(_Noting(unit, grown))

        result = await self._store.transact(noted, actor)
        for team_id in grown:
            self._bus.tell(EVENTS, str(team_id))
        return result

    async def secret(self) -> bytes:
        return await self._store.secret()

    async def check(self) -> None:
        await self._store.check()

    async def upgrade(self) -> str:
        return await self._store.upgrade()

    async def close(self) -> None:
        await self._store.close()


class _Noting:
    """A unit of work that notes whose events it saves."""

    __slots__ = ("_grown", "_unit", "events", "find", "hold", "lock", "see")

    def __init__(self, unit: Unit, grown: set[TeamId]) -> None:
        self._unit = unit
        self._grown = grown
        self.see = unit.see
        self.find = unit.find
        self.events = unit.events
        self.lock = unit.lock
        self.hold = unit.hold

    async def save(
        self,
        changed: Sequence[Entity],
        *,
        removed: Sequence[Entity] = (),
        events: Sequence[Event] = (),
        verbatim: bool = False,
    ) -> list[Any]:
        saved = await self._unit.save(changed, removed=removed, events=events, verbatim=verbatim)
        self._grown.update(event.team_id for event in events)
        return saved
