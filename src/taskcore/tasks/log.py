"""Reading the log: a team's events, a task's activity."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from uuid import UUID

import attrs

from taskcore.caller import UseCases
from taskcore.errors import Fault, Malformed, ResyncRequired, refuse
from taskcore.events import CaughtUp, Event
from taskcore.paging import Page, checked_limit
from taskcore.permissions import Standing, missing
from taskcore.ports import EventSearch, Rows
from taskcore.query import seal, unseal
from taskcore.tasks.model import Task, TaskRef
from taskcore.teams.model import Project, Team
from taskcore.values import Role, TeamId, UserId

_NO_LOG_REACHES = 2**31 - 1
_KIND = re.compile(r"[a-z]+\.(?:[a-z_]+|\*)")


class Events(UseCases):
    """`me.events`."""

    async def list(
        self,
        team: UUID | str,
        *,
        after: object = None,
        kinds: Sequence[str] = (),
        project: UUID | str | None = None,
        task: TaskRef | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[Event]:
        """
        Events of a team beyond the seq `after`, in order. A guest sees those of shared tasks.

        Only those of `kinds` (`task.created`, `task.*`), of a project, of a task. Raises: NotFound; Malformed;
        Invalid; ResyncRequired, where the log does not join `after`.
        """
        size, search = checked_limit(limit), await self._of_team(team, kinds, project, task)
        start = _seq(cursor if cursor is not None else after)
        events = await self._rows.events(attrs.evolve(search, after=start, limit=size + 1))
        if after is not None and cursor is None and (not events or events[0].seq != start + 1):
            rows = self._caller.newest_rows()
            head = (await rows.heads([search.team_id])).get(search.team_id, 0)
            await self._refuse_gap(rows, search.team_id, start, head)
        page = _page(events, size)
        if search.shared_with is None:
            return page
        return Page([*await self._open(search, page.items)], page.next_cursor)

    async def count(
        self,
        team: UUID | str,
        *,
        after: object = None,
        kinds: Sequence[str] = (),
        project: UUID | str | None = None,
        task: TaskRef | None = None,
    ) -> int:
        """How many events `list` would give without a limit."""
        search = await self._of_team(team, kinds, project, task)
        return await self._rows.count(attrs.evolve(search, after=_seq(after)))

    async def _of_team(
        self, team: UUID | str, kinds: Sequence[str], project: UUID | str | None, task: TaskRef | None
    ) -> EventSearch:
        home, seen = await self._allowed(self._rows, Team, team, "team.read", "event.read")
        search = await self._filtered(home.id, kinds, project, task)
        return attrs.evolve(search, shared_with=self._part_of(seen.standing))

    async def follow(
        self,
        team: UUID | str,
        *,
        after: object = None,
        kinds: Sequence[str] = (),
        project: UUID | str | None = None,
        task: TaskRef | None = None,
    ) -> AsyncGenerator[Sequence[Event] | CaughtUp, None]:
        """
        Events of a team while they happen, a few at a time, in order: those beyond the seq `after` (None: of this
        moment), then `CaughtUp` once, then each soon after its commit. None is lost, none comes twice.

        Only those of `kinds` (`task.created`, `task.*`), of a project, of a task; a guest sees those of shared
        tasks. Ends when the caller stops asking, or raises what a right that is lost makes of it, in a second at
        most. Raises: NotFound, Forbidden, Unauthenticated, Invalid; ResyncRequired, where the log does not join
        `after`, when a project is shared or unshared with a guest who follows, or somebody becomes a guest or a member.
        """
        from taskcore.live.feed import PAGE, Follower, is_selected  # noqa: PLC0415  needs an event loop, which few have

        rows = self._caller.newest_rows()
        home, seen = await self._allowed(rows, Team, team, "team.read", "realtime.subscribe_team")
        search = attrs.evolve(await self._filtered(home.id, kinds, project, task), limit=PAGE)
        follower = Follower(self._caller.actor, home.id, seen.standing)
        feed = self._caller.outside.feed()
        tail = await feed.join(follower)
        try:
            at = tail.head if after is None else _seq(after)
            await self._refuse_gap(rows, home.id, at, tail.head)
            caught_up = False
            while follower.lost is None:
                follower.woken.clear()
                head, kept, before = tail.head, tail.beyond(at), at
                part = self._part_of(follower.standing)
                if kept is not None and part is None:
                    events = [event for event in kept if is_selected(event, search)]
                    at = kept[-1].seq if kept else at
                elif at < head:
                    search = attrs.evolve(search, after=at, shared_with=part)
                    read = await rows.events(search)
                    at = read[-1].seq if len(read) == PAGE else max(head, *(each.seq for each in read), at)
                    events = [*(read if part is None else await self._open(search, read))]
                else:
                    events = []
                if events:
                    yield events
                elif at == before and not caught_up:
                    caught_up = True
                    yield CaughtUp(at)
                elif at == before:
                    await follower.woken.wait()
            raise follower.lost
        finally:
            feed.leave(follower)

    async def _refuse_gap(self, rows: Rows, team_id: TeamId, at: int, head: int) -> None:
        """Raise `ResyncRequired`, unless the log goes on right behind `at`."""
        if at > head and at > (await rows.heads([team_id])).get(team_id, 0):
            raise ResyncRequired(f"the log has no event {at} yet: read the state anew, and follow from there")
        if at < head:
            first = await rows.events(EventSearch(team_id, after=at, limit=1))
            if first and first[0].seq != at + 1:
                raise ResyncRequired(
                    f"events behind {at} are no longer kept: read the state anew, and follow from there"
                )

    async def _filtered(
        self,
        team_id: TeamId,
        kinds: Sequence[str],
        project: UUID | str | None,
        task: TaskRef | None,
    ) -> EventSearch:
        """A search of those events alone. Raises: Invalid, NotFound."""
        refuse(
            Fault("kinds", f"must be kinds of events such as task.created or task.*, not {kind[:40]!r}")
            for kind in kinds
            if not _KIND.fullmatch(kind)
        )
        search = EventSearch(team_id, kinds=tuple(kinds))
        if project is not None:
            of, _ = await self._allowed(self._rows, Project, project, "project.read")
            if of.team_id != team_id:
                raise missing(f"project {project}")
            search = attrs.evolve(search, project_id=of.id)
        if task is not None:
            about, _ = await self._allowed(self._rows, Task, task, "task.read")
            if about.team_id != team_id or about.deleted_at is not None:
                raise missing(f"task {task}")
            search = attrs.evolve(search, task_id=about.id)
        return search

    def _part_of(self, standing: Standing) -> UserId | None:
        """Of whom the shared part is all that somebody sees; None, where they see the whole."""
        return self._caller.user_id if standing.role is Role.GUEST else None

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
        return EventSearch(about.team_id, about.id, newest_first=True), seen.standing.role


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
    return min(int(text), _NO_LOG_REACHES)


def _page(events: list[Event], size: int) -> Page[Event]:
    """The cursor of a log is plainly the seq of its last event: readers keep it for later."""
    return Page(events[:size], str(events[size - 1].seq) if len(events) > size else None)
