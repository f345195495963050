"""`--dry-run`: a store in which every unit of work is undone once it has succeeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from taskcore.events import Event
from taskcore.identity.model import AuditEntry
from taskcore.permissions import Actor
from taskcore.ports import KEYS, E, Entity, EventSearch, Rows, Seen, Store, Unit
from taskcore.progress import Progress
from taskcore.values import TeamId
from taskcore_cli.telling import noun, told_changed, told_created, told_removed

R = TypeVar("R")


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
        self.lines: list[str] = []
        """The same thing by thing, each with what would become of its fields."""

    @property
    def written(self) -> int:
        return self._store.written

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Rows:
        return self._store.rows(actor, progress)

    async def transact(self, work: Callable[[Unit], Awaitable[R]], actor: Actor | None = None) -> R:
        async def tried(unit: Unit) -> R:
            watched = Watched(unit)
            result = await work(watched)
            self.would += watched.would
            self.lines += watched.lines
            raise Undone(result)

        try:
            return await self._store.transact(tried, actor)
        except Undone as undone:
            return undone.result  # type: ignore[return-value]

    async def now(self) -> datetime | None:
        return await self._store.now()

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
        self.lines: list[str] = []

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        return await self._unit.see(kind, ref, actor)

    async def find(self, kind: type[E], /, *, free: bool = False, **where: object) -> list[E]:
        return await self._unit.find(kind, free=free, **where)

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
        before = {} if verbatim else await self._before(changed)
        saved = await self._unit.save(changed, removed=removed, events=events, verbatim=verbatim)
        for thing in saved:
            if isinstance(thing, AuditEntry):
                continue  # a trace of the rest
            old = before.get(_key(thing))
            self.would[f"{noun(thing)} {'created' if old is None else 'changed'}"] += 1
            self.lines.append(told_created(thing) if old is None else told_changed(old, thing))
        for thing in removed:
            self.would[f"{noun(thing)} removed"] += 1
            self.lines.append(told_removed(thing))
        return saved

    async def purge(self, team_id: TeamId, most: int) -> int:
        removed = await self._unit.purge(team_id, most)
        self.would["thing removed"] += removed
        return removed

    async def _before(self, changed: Sequence[Entity]) -> dict[tuple[Any, ...], Entity]:
        """Those of the things that are there already, as they are."""
        found: dict[tuple[Any, ...], Entity] = {}
        for thing in changed:
            if thing.version > 1 and not isinstance(thing, AuditEntry):
                where = dict(zip(KEYS[type(thing)], _key(thing)[1:], strict=True))
                found |= {_key(each): each for each in await self._unit.find(type(thing), **where)}
        return found


def _key(thing: Entity) -> tuple[Any, ...]:
    return type(thing), *(getattr(thing, name) for name in KEYS[type(thing)])
