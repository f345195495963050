"""The use cases that let a team's content leave: whole, or its tasks as rows of a table; a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from taskcore.caller import UseCases
from taskcore.errors import Fault, Malformed
from taskcore.events import Event
from taskcore.exchange.records import Record, head, named_by, of_team, person, record
from taskcore.exchange.table import Row, row_of
from taskcore.identity.model import User
from taskcore.paging import Page
from taskcore.ports import KEYS, EventSearch, Rows
from taskcore.query import seal, unseal
from taskcore.tasks.model import Comment, Dependency, SavedView, Task
from taskcore.teams.api import Teams
from taskcore.teams.model import Label, Membership, Project, Team
from taskcore.values import TeamId, UserId

MOST = 5000
"""Things that are read at once."""
_KINDS: dict[str, type[Any]] = {
    "projects": Project,
    "labels": Label,
    "tasks": Task,
    "dependencies": Dependency,
    "comments": Comment,
    "views": SavedView,
    "events": Event,
}
_NAMING = ("projects", "tasks", "comments", "views", "events")
"""Sections whose things name people: those who are not in the team are looked for in them first."""
_STEPS = ("people", *(f"people of {section}" for section in _NAMING), *_KINDS)


class Exports(UseCases):
    """`me.exports`: for a team's owners and admins; that one began stands in its audit."""

    @property
    def _rows(self) -> Rows:
        """The newest: the log is to have all that became of what comes before it."""
        return self._caller.newest_rows()

    async def page(
        self,
        team: UUID | str,
        *,
        deleted: bool = True,
        events: bool = True,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> Page[Record]:
        """
        Some records of the team, in the order of the format; `next_cursor` goes on, None is the end.

        Without `deleted` what is in the trash stays, without `events` the log does. The pages are read
        one after the other, and each as it is then. The same person may come again.
        Raises: NotFound, Forbidden, Malformed.
        """
        size = _size(limit)
        binding = ["export", str(team), str(self._caller.user_id), deleted, events]
        home, place = await self._begun(team, binding, cursor)
        steps = [step for step in _STEPS if events or not step.endswith("events")]
        if place is None:
            return await self._page([head(deleted=deleted, events=events), of_team(home)], binding, [0, None])
        step, after = place
        things, last = await self._read(home.id, steps[step], after, size)
        found = await self._kept(home.id, steps[step], things, deleted=deleted)
        following = [step, last] if last is not None else [step + 1, None]
        return await self._page(found, binding, following if following[0] < len(steps) else None)

    async def rows(
        self, team: UUID | str, *, deleted: bool = False, limit: int = 1000, cursor: str | None = None
    ) -> Page[Row]:
        """The tasks of the team as rows of a table, whoever and whatever they name by its name.

        Raises: NotFound, Forbidden, Malformed.
        """
        size = _size(limit)
        binding = ["rows", str(team), str(self._caller.user_id), deleted]
        home, place = await self._begun(team, binding, cursor)
        after = UUID(place) if place is not None else None
        tasks = await self._rows.find(Task, team_id=home.id, after=after, limit=size)
        following = str(tasks[-1].id) if len(tasks) == size else None
        items = await self._as_rows(home, [task for task in tasks if deleted or task.deleted_at is None])
        return await self._page(items, binding, following)

    async def _begun(self, team: UUID | str, binding: object, cursor: str | None) -> tuple[Team, Any]:
        """The team, and the place where a page begins. The first leaves a trace in the audit; none comes
        later without it, since nobody else can make a cursor."""
        if cursor is None:
            return await Teams(self._caller).export(team), None
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "team.export")
        return home, unseal(await self._caller.store.secret(), binding, cursor)

    async def _page(self, items: list[Any], binding: object, following: Any) -> Page[Any]:
        if following is None:
            return Page(items)
        return Page(items, seal(await self._caller.store.secret(), binding, following))

    async def _read(self, team_id: TeamId, step: str, after: Any, size: int) -> tuple[list[Any], Any]:
        """Some of what a step is about, and where to go on; None at its end."""
        section = step.removeprefix("people of ")
        if section == "events":
            log = await self._rows.events(EventSearch(team_id, after=after or 0, limit=size))
            return list(log), log[-1].seq if len(log) == size else None
        kind = {"people": Membership, "dependencies": Task}.get(section) or _KINDS[section]
        last = UUID(after) if after else None
        things: list[Any] = await self._rows.find(kind, team_id=team_id, after=last, limit=size)
        following = str(getattr(things[-1], KEYS[kind][-1])) if len(things) == size else None
        if section == "dependencies" and things:  # those of a page of tasks
            ends = tuple(task.id for task in things)
            links = await self._rows.find(Dependency, team_id=team_id, successor_id=ends)
            things = sorted(links, key=_ends)
        return things, following

    async def _kept(
        self, team_id: TeamId, step: str, things: Sequence[Any], *, deleted: bool
    ) -> list[Record]:
        """The records of what was read, without what is not to leave."""
        if step == "people":
            return await self._people(team_id, {each.user_id: each for each in things}, things)
        kept = [
            each
            for each in things
            if not isinstance(each, SavedView) or each.shared or each.owner_id == self._caller.user_id
        ]
        if not deleted:
            kept = await self._without_trash(team_id, kept)
        if step.startswith("people of "):
            named = {user_id for thing in kept for user_id in named_by(thing)}
            members = await self._rows.find(Membership, team_id=team_id, user_id=tuple(named))
            strangers = named - {each.user_id for each in members}
            return await self._people(team_id, dict.fromkeys(strangers), ())
        return [record(thing) for thing in kept]

    async def _people(
        self, team_id: TeamId, memberships: dict[UserId, Any], order: Iterable[Membership]
    ) -> list[Record]:
        """Read as the instance: who has left the team is hidden from those in it by every wall."""
        rows = self._caller.store.rows()
        users = (
            {user.id: user for user in await rows.find(User, id=tuple(memberships))} if memberships else {}
        )
        ids = [each.user_id for each in order] or sorted(users)
        return [record(person(users[each], memberships[each], team_id)) for each in ids if each in users]

    async def _without_trash(self, team_id: TeamId, things: list[Any]) -> list[Any]:
        things = [each for each in things if not (isinstance(each, Task | Comment) and each.deleted_at)]
        named = {each for thing in things for each in _tasks_named(thing)}
        if not named:
            return things
        trash = {
            task.id
            for task in await self._rows.find(Task, team_id=team_id, id=tuple(named))
            if task.deleted_at is not None
        }
        return [thing for thing in things if trash.isdisjoint(_tasks_named(thing))]

    async def _as_rows(self, home: Team, tasks: Sequence[Task]) -> list[Row]:
        if not tasks:
            return []
        links = await self._rows.find(
            Dependency, team_id=home.id, successor_id=tuple(task.id for task in tasks)
        )
        others = {link.predecessor_id for link in links} | {
            task.parent_id for task in tasks if task.parent_id
        }
        found = await self._rows.find(Task, team_id=home.id, id=tuple(others)) if others else []
        keys = {task.id: task.key for task in (*tasks, *found)}
        projects = {each.id: each.name for each in await self._rows.find(Project, team_id=home.id)}
        named = {user_id for task in tasks for user_id in named_by(task)}
        users = await self._caller.store.rows().find(User, id=tuple(named))
        people = {user.id: person(user, None, home.id) for user in users}
        before: dict[UUID, list[str]] = {}
        for link in links:
            before.setdefault(link.successor_id, []).append(keys.get(link.predecessor_id, ""))
        return [row_of(task, projects, people, keys, before.get(task.id, ())) for task in tasks]


def _tasks_named(thing: Any) -> set[UUID]:
    if isinstance(thing, Comment | Event):
        return {thing.task_id} - {None}  # type: ignore[return-value]  # None is taken away
    if isinstance(thing, Dependency):
        return {thing.predecessor_id, thing.successor_id}
    return set()


def _ends(link: Dependency) -> tuple[UUID, UUID]:
    return link.successor_id, link.predecessor_id


def _size(limit: object) -> int:
    if isinstance(limit, int) and not isinstance(limit, bool) and 1 <= limit <= MOST:
        return limit
    raise Malformed(faults=[Fault("limit", f"must be a whole number from 1 to {MOST}, not {limit!r:.40}")])
