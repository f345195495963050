"""Reading the log: a team's events, a task's activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import attrs

from taskcore.caller import UseCases
from taskcore.errors import Fault, Malformed
from taskcore.events import Event
from taskcore.paging import Page, checked_limit
from taskcore.permissions import missing, scope
from taskcore.ports import EventSearch
from taskcore.query import seal, unseal
from taskcore.tasks.model import Task, TaskRef
from taskcore.teams.model import Project, Team
from taskcore.values import Role


class Events(UseCases):
    """`me.events`."""

    async def list(
        self, team: UUID | str, *, after: object = None, limit: object = 50, cursor: str | None = None
    ) -> Page[Event]:
        """Events of a team beyond the seq `after`, in order. A guest sees those of shared tasks."""
        size, search = checked_limit(limit), await self._of_team(team)
        start = _seq(cursor if cursor is not None else after)
        events = await self._rows.events(attrs.evolve(search, after=start, limit=size + 1))
        page = _page(events, size)
        return page if search.whole else Page([*await self._open(search, page.items)], page.next_cursor)

    async def count(self, team: UUID | str, *, after: object = None) -> int:
        """How many events of a team there are beyond the seq `after`."""
        return await self._rows.count(attrs.evolve(await self._of_team(team), after=_seq(after)))

    async def _of_team(self, team: UUID | str) -> EventSearch:
        home, seen = await self._allowed(self._rows, Team, team, "team.read", "event.read")
        whole = seen.standing.role is not Role.GUEST
        return EventSearch(scope(self._caller.actor, "event.read"), home.id, whole=whole)

    async def activity(self, task: TaskRef, *, limit: object = 50, cursor: str | None = None) -> Page[Event]:
        """What happened to a task, newest first."""
        size, (search, role) = checked_limit(limit), await self._of_task(task)
        key, binding = await self._caller.store.secret(), ["activity", search.task_id]
        after = unseal(key, binding, cursor) if cursor is not None else None
        events = await self._rows.events(attrs.evolve(search, after=after, limit=size + 1))
        more = len(events) > size
        items = [*await self._open(search, events[:size])] if role is Role.GUEST else events[:size]
        return Page(items, seal(key, binding, events[size - 1].seq) if more else None)

    async def _open(self, search: EventSearch, events: Sequence[Event]) -> Sequence[Event]:
        """Those that name no task which is hidden from a guest: a dependency has two ends."""
        keys = {_predecessor(event) for event in events} - {None}
        if not keys:
            return events
        shared = await self._rows.find(Project, team_id=search.team_id, guests=self._caller.user_id)
        projects = {project.id for project in shared}
        tasks = await self._rows.find(Task, team_id=search.team_id, key=tuple(keys))
        seen = {None, *(task.key for task in tasks if task.project_id in projects)}
        return [event for event in events if _predecessor(event) in seen]

    async def count_activity(self, task: TaskRef) -> int:
        """How much happened to a task."""
        return await self._rows.count((await self._of_task(task))[0])

    async def _of_task(self, task: TaskRef) -> tuple[EventSearch, Role | None]:
        about, seen = await self._allowed(self._rows, Task, task, "task.read", "event.read")
        if about.deleted_at is not None:
            raise missing(f"task {task}")
        rights = scope(self._caller.actor, "event.read")
        return EventSearch(rights, about.team_id, about.id, newest_first=True), seen.standing.role


def _predecessor(event: Event) -> str | None:
    """The key of the other task that a dependency's event is about."""
    told = event.data.get("dependency")
    key = told.get("predecessor") if isinstance(told, Mapping) else None
    return key if isinstance(key, str) else None


def _seq(value: object) -> int:
    if value is None:
        return 0
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Malformed(faults=[Fault("after", f"must be the seq of an event, 0 or more, not {text[:40]!r}")])
    return int(text)


def _page(events: list[Event], size: int) -> Page[Event]:
    """The cursor of a log is plainly the seq of its last event: readers keep it for later."""
    return Page(events[:size], str(events[size - 1].seq) if len(events) > size else None)
