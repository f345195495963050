"""`--dry-run`: a store in which every unit of work is undone once it has succeeded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from taskcore.events import Event
from taskcore.identity.model import AuditEntry
from taskcore.permissions import Actor
from taskcore.ports import E, Entity, EventSearch, Rows, Seen, Store, Unit
from taskcore.values import TeamId

R = TypeVar("R")
_CAPITAL = re.compile(r"\B(?=[A-Z])")


class Undone(BaseException):
    """Carries the result out of a unit of work that is undone by it. No use case may catch it."""

    def __init__(self, result: object) -> None:
        super().__init__()
        self.result = result


class Rehearsal:
    """
    All rules, rights and constraints of the real store, and none of its changes.

    Each unit of work is tried by itself, on what is there: one that builds on another of the same
    command does not find it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.suspends = store.suspends
        self.would: Counter[str] = Counter()
        """What would have been written, as words and how often."""

    def rows(self, actor: Actor | None = None) -> Rows:
        return self._store.rows(actor)

    async def transact(self, work: Callable[[Unit], Awaitable[R]], actor: Actor | None = None) -> R:
        async def tried(unit: Unit) -> R:
            watched = Watched(unit)
            result = await work(watched)
            self.would += watched.would
            raise Undone(result)

        try:
            return await self._store.transact(tried, actor)
        except Undone as undone:
            return undone.result  # type: ignore[return-value]

    async def secret(self) -> bytes:
        return await self._store.secret()

    async def check(self) -> None:
        await self._store.check()

    async def upgrade(self) -> str:
        """Nothing to undo it with, so nothing is done."""
        return "unchanged"

    async def close(self) -> None:
        await self._store.close()


class Watched:
    """A unit of work that remembers what was saved in it."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.would: Counter[str] = Counter()

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        return await self._unit.see(kind, ref, actor)

    async def find(self, kind: type[E], **where: object) -> list[E]:
        return await self._unit.find(kind, **where)

    async def events(self, search: EventSearch) -> list[Event]:
        return await self._unit.events(search)

    async def lock(self, team_id: TeamId | None) -> None:
        await self._unit.lock(team_id)

    async def hold(self, name: str) -> bool:
        return await self._unit.hold(name)

    async def save(
        self,
        changed: Sequence[Entity],
        *,
        removed: Sequence[Entity] = (),
        events: Sequence[Event] = (),
        verbatim: bool = False,
    ) -> list[Any]:
        saved = await self._unit.save(changed, removed=removed, events=events, verbatim=verbatim)
        for thing in saved:
            if isinstance(thing, AuditEntry):
                continue  # a trace of the rest
            self.would[f"{_noun(thing)} {'created' if verbatim or thing.version == 1 else 'changed'}"] += 1
        for thing in removed:
            self.would[f"{_noun(thing)} removed"] += 1
        return saved


def _noun(thing: Entity) -> str:
    return _CAPITAL.sub(" ", type(thing).__name__).lower()
