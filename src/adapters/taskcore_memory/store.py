"""`memory://`: each is a new store, gone when it is closed."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import cache, partial
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import attrs

from taskcore.errors import invalid
from taskcore.events import Event
from taskcore.identity.model import ApiToken, Session, User
from taskcore.permissions import Actor, Standing
from taskcore.ports import (
    DUE,
    KEYS,
    E,
    Entity,
    EventSearch,
    Found,
    Rows,
    Seen,
    TaskSearch,
    Unit,
    UnreadSearch,
    refuse_lasting,
)
from taskcore.progress import Progress
from taskcore.tasks.lifecycle import is_blocked, numbered
from taskcore.tasks.model import Comment, Dependency, Task
from taskcore.tasks.reading import ReadMarker, Unread
from taskcore.tasks.relevance import relevance, searched
from taskcore.teams.model import Membership, Project, Team
from taskcore.values import Role, TeamId, UserId
from taskcore_memory import purging
from taskcore_memory.reading import newest_first, unread_of
from taskcore_memory.selection import Candidate, in_order, selects, tells
from taskcore_memory.tables import Tables, equals
from taskcore_memory.turn import Turn
from taskcore_memory.writing import among, highest, write

R = TypeVar("R")


def open_store(url: str, *, blocking: bool = False) -> MemoryStore:  # noqa: ARG001  it never waits on a loop
    """A new, empty store."""
    if urlsplit(url)[1:] != ("", "", "", ""):
        raise invalid("store", "memory:// takes nothing behind it: each is a new store")
    return MemoryStore()


class MemoryRows:
    """Reads of what is committed."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        return self._seen(self._resolve(kind, ref), actor)

    def _seen(self, thing: Any, actor: Actor) -> Seen[Any]:
        user = self._one(User, (actor.user_id,))
        thing = thing if user is not None else None
        team = thing if isinstance(thing, Team) else self._one(Team, (getattr(thing, "team_id", None),))
        if team is not None and team.deleted_at is not None:
            thing, team = None, None
        standing = Standing(
            actor,
            team.id if team else None,
            self._role(team, actor),
            active=user is not None and user.active and self._holds(actor),
            is_admin=user is not None and user.is_admin,
            suspended=team is not None and team.suspended_at is not None,
        )
        return Seen(standing, thing, shared=self._shared(thing, actor.user_id))

    def _role(self, team: Team | None, actor: Actor) -> Role | None:
        if team is None or actor.team_id not in (None, team.id):
            return None
        membership = self._one(Membership, (team.id, actor.user_id))
        return membership.role if membership else None

    def _holds(self, actor: Actor) -> bool:
        """Whether the actor's session and token are theirs, and not revoked."""
        shown = [(Session, actor.session_id), (ApiToken, actor.token_id)]
        credentials = [self._one(kind, (ref,)) for kind, ref in shown if ref is not None]
        return all(
            each is not None and each.user_id == actor.user_id and each.revoked_at is None
            for each in credentials
        )

    def _shared(self, thing: Any, user_id: UserId) -> bool:
        if isinstance(thing, Project):
            return user_id in thing.guests
        if isinstance(thing, Comment):
            thing = self._one(Task, (thing.team_id, thing.task_id))
        if isinstance(thing, Task):
            project = self._one(Project, (thing.team_id, thing.project_id)) if thing.project_id else None
            return project is not None and user_id in project.guests
        return not isinstance(thing, Task | Project | Comment)

    def _resolve(self, kind: type[Any], ref: UUID | str) -> Any:
        try:
            wanted = ref if isinstance(ref, UUID) else UUID(ref)
        except ValueError:
            return self._named(kind, str(ref))
        found = next((thing for thing in self._where(kind, {"id": wanted})), None)
        return self._derived(found)

    def _named(self, kind: type[Any], name: str) -> Any:
        if kind is Team:
            return next((team for team in self._all(Team) if name in (team.slug, team.key)), None)
        if kind is Task:
            return self._derived(next(iter(self._where(Task, {"key": name.upper()})), None))
        return None

    async def find(
        self,
        kind: type[E],
        /,
        *,
        after: Any = None,
        limit: int | None = None,
        newest_first: bool = False,
        due: datetime | None = None,
        free: bool = False,  # noqa: ARG002  units run one at a time
        **where: object,
    ) -> list[E]:
        last = attrgetter(KEYS[kind][-1])
        found = [self._derived(thing) for thing in self._where(kind, where)]
        if after is not None:
            found = [
                thing for thing in found if (last(thing) < after if newest_first else last(thing) > after)
            ]
        found.sort(key=last, reverse=newest_first)
        if due is not None:
            when = attrgetter(DUE[kind])
            found = sorted((each for each in found if when(each) is not None and when(each) <= due), key=when)
        return found[:limit]

    async def search(self, search: TaskSearch) -> Found:
        user = self._one(User, (search.scope.user_id,))
        standings = {
            ref: self._seen(self._named_or_id(ref), search.scope.actor).standing for ref in search.teams
        }
        standings = {ref: standing for ref, standing in standings.items() if standing.role is not None}
        active = user is not None and user.active and self._holds(search.scope.actor)
        found = in_order(self._ranked(search), search) if active else []
        ranks = [rank for _, rank in found] if search.ranked else ()
        return Found(active, standings, [task for task, _ in found], ranks)

    async def count(self, search: TaskSearch | EventSearch) -> int:
        if isinstance(search, EventSearch):
            start = None if search.newest_first else search.after
            return len(await self.events(attrs.evolve(search, after=start, limit=sys.maxsize)))
        return len(list(self._selected(search)))

    def _named_or_id(self, ref: str) -> Any:
        return self._resolve(Team, ref)

    def _ranked(self, search: TaskSearch) -> Iterable[tuple[Task, int]]:
        for found in self._selected(search):
            own, *comments = found.texts() if search.ranked else ("",)
            yield found.task, relevance(search.terms, own, comments) if search.ranked else 0

    def _selected(self, search: TaskSearch) -> Iterable[Candidate]:
        asked = {standing.team_id for ref in search.teams for standing in [self._standing(ref, search)]}
        for task in self._all(Task):
            if search.teams and task.team_id not in asked:
                continue
            seen = self._seen(task, search.scope.actor)
            if seen.thing is None or not search.scope.permits(seen.standing.role, shared=seen.shared):
                continue
            derived = self._derived(task)
            parent = self._one(Task, (task.team_id, task.parent_id)) if task.parent_id else None
            texts = cache(partial(self._texts, task))
            candidate = Candidate(derived, parent.key if parent else None, texts)
            if selects(search.where, candidate, search.now):
                yield candidate

    def _texts(self, task: Task) -> list[str]:
        """What is searched of a task: of itself, and then of its comments."""
        comments = self._where(Comment, {"task_id": task.id, "deleted_at": None})
        return [searched(task), *map(searched, comments)]

    def _standing(self, ref: str, search: TaskSearch) -> Standing:
        return self._seen(self._resolve(Team, ref), search.scope.actor).standing

    async def events(self, search: EventSearch) -> list[Event]:
        log = self._tables.events.get(search.team_id, [])
        found = (
            event for event in (reversed(log) if search.newest_first else log) if self._told(event, search)
        )
        return list(islice(found, search.limit))

    async def unread(self, search: UnreadSearch) -> list[Unread]:
        wanted = {"id": search.task_id} if search.task_id is not None else {}
        tasks = self._where(Task, {"team_id": search.team_id, "deleted_at": None, **wanted})
        seen = [task for task in tasks if search.whole or self._shared(task, search.user_id)]
        found = [
            unread_of(
                task,
                self._one(ReadMarker, (task.team_id, task.id, search.user_id)),
                self._where(Comment, {"task_id": task.id, "deleted_at": None}),
                search.user_id,
            )
            for task in seen
        ]
        return newest_first(found, search)

    def _told(self, event: Event, search: EventSearch) -> bool:
        if search.shared_with is None:
            return tells(search, event)
        task: Task | None = self._one(Task, (event.team_id, event.task_id)) if event.task_id else None
        return task is not None and self._shared(task, search.shared_with) and tells(search, event)

    async def heads(self, teams: Sequence[TeamId] | None = None) -> dict[TeamId, int]:
        logs = self._tables.events
        return {
            team_id: len(logs[team_id]) for team_id in (logs if teams is None else teams) if team_id in logs
        }

    def _derived(self, thing: Any) -> Any:
        if not isinstance(thing, Task):
            return thing
        links = self._where(Dependency, {"team_id": thing.team_id, "successor_id": thing.id})
        tied = [(link, self._one(Task, (link.team_id, link.predecessor_id))) for link in links]
        return attrs.evolve(thing, blocked=True) if tied and is_blocked(thing, tied) else thing

    def _one(self, kind: type[Any], key: tuple[Any, ...]) -> Any:
        return self._tables.kinds[kind].rows.get(key)

    def _all(self, kind: type[Any]) -> Iterable[Any]:
        return self._tables.all(kind)

    def _where(self, kind: type[Any], where: dict[str, Any]) -> list[Any]:
        table = self._tables.kinds[kind]
        things = table.among(where)
        return [thing for thing in things if all(equals(getattr(thing, name), where[name]) for name in where)]


Write = Callable[[Tables], None]


class MemoryUnit(MemoryRows):
    """
    A unit of work: reads what is committed, and writes all at once when it ends well.

    One that reads on after a save, as few do, reads from a copy in which it is written already.
    """

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._committed = tables
        self._writes: list[Write] = []

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        self._read_own()
        return await super().see(kind, ref, actor)

    async def find(self, kind: type[E], /, **where: Any) -> list[E]:
        self._read_own()
        return await super().find(kind, **where)

    async def events(self, search: EventSearch) -> list[Event]:
        self._read_own()
        return await super().events(search)

    def _read_own(self) -> None:
        if self._writes and self._tables is self._committed:
            self._tables = self._committed.copied()
            for each in self._writes:
                each(self._tables)

    async def lock(self, team_id: TeamId | None) -> None:
        """Units run one at a time here, so every lock is held already."""

    async def hold(self, name: str) -> bool:  # noqa: ARG002  as above
        return True

    async def save(
        self,
        changed: Sequence[Entity],
        *,
        removed: Sequence[Entity] = (),
        events: Sequence[Event] = (),
        verbatim: bool = False,
    ) -> list[Any]:
        refuse_lasting(changed, removed)
        self._read_own()
        told = list(events)
        written: list[Any] = list(changed)
        numbers = highest(changed, self._tables.numbers) if verbatim else {}
        for place, thing in enumerate(changed):
            if isinstance(thing, Task) and thing.number == 0:
                number = numbers.get(thing.team_id, self._tables.numbers.get(thing.team_id, 0)) + 1
                numbers[thing.team_id] = number
                team = self._one(Team, (thing.team_id,)) or among(changed, thing.team_id)
                written[place], told = numbered(thing, f"{team.key}-{number}", number, told)
        self._tables.check(written, list(removed), verbatim=verbatim)
        self._write(partial(write, written, removed, told, numbers))
        return written

    async def purge(self, team_id: TeamId, most: int) -> int:
        self._read_own()
        some = purging.chosen(self._tables, team_id, most)
        self._write(partial(purging.drop, some, team_id))
        return len(some)

    def _write(self, write: Write) -> None:
        self._writes.append(write)
        if self._tables is not self._committed:
            write(self._tables)

    def commit(self) -> None:
        for each in self._writes:
            each(self._committed)


class MemoryStore:
    """Units of work run one at a time; reads between two of them see what the first committed."""

    suspends = False
    written = 0

    def __init__(self) -> None:
        self._tables = Tables()
        self._turn = Turn()
        self._secret = secrets.token_bytes(32)
        self._rows = MemoryRows(self._tables)

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Rows:  # noqa: ARG002  no wall here but the core's, and nothing older
        return self._rows

    async def transact(
        self,
        work: Callable[[Unit], Awaitable[R]],
        actor: Actor | None = None,  # noqa: ARG002  as above
    ) -> R:
        await self._turn.take()
        try:
            unit = MemoryUnit(self._tables)
            result = await work(unit)
            unit.commit()
            return result
        finally:
            self._turn.give()

    async def now(self) -> datetime | None:
        return None

    async def secret(self) -> bytes:
        return self._secret

    async def check(self) -> None:
        """Always ready."""

    async def upgrade(self) -> str:
        return "memory"

    async def close(self) -> None:
        """Nothing to let go of."""
