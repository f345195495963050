"""Reading the log: a team's events, a task's activity."""

from __future__ import annotations

from uuid import UUID

from taskcore.caller import UseCases
from taskcore.errors import Fault, Malformed
from taskcore.events import Event
from taskcore.paging import Page, checked_limit
from taskcore.permissions import missing, scope
from taskcore.ports import EventSearch
from taskcore.query import seal, unseal
from taskcore.tasks.model import Task, TaskRef
from taskcore.teams.model import Team
from taskcore.values import Role


class Events(UseCases):
    """`me.events`."""

    async def list(
        self, team: UUID | str, *, after: object = None, limit: object = 50, cursor: str | None = None
    ) -> Page[Event]:
        """Events of a team beyond the seq `after`, in order. A guest sees those of shared tasks."""
        home, seen = await self._allowed(self._rows, Team, team, "team.read", "event.read")
        size, start = checked_limit(limit), _seq(cursor if cursor is not None else after)
        search = EventSearch(
            scope(self._caller.actor, "event.read"),
            home.id,
            after=start,
            limit=size + 1,
            whole=seen.standing.role is not Role.GUEST,
        )
        return _page(await self._rows.events(search), size)

    async def activity(self, task: TaskRef, *, limit: object = 50, cursor: str | None = None) -> Page[Event]:
        """What happened to a task, newest first."""
        about, _ = await self._allowed(self._rows, Task, task, "task.read", "event.read")
        if about.deleted_at is not None:
            raise missing(f"task {task}")
        size = checked_limit(limit)
        key, binding = await self._caller.store.secret(), ["activity", about.id]
        search = EventSearch(
            scope(self._caller.actor, "event.read"),
            about.team_id,
            about.id,
            after=unseal(key, binding, cursor) if cursor is not None else None,
            newest_first=True,
            limit=size + 1,
        )
        events = await self._rows.events(search)
        more = len(events) > size
        return Page(events[:size], seal(key, binding, events[size - 1].seq) if more else None)


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
