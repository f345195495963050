"""Reading how a team stands, by what the person who asks for it may do, and by nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from taskcore.caller import Caller
from taskcore.errors import Conflict
from taskcore.paging import Page
from taskcore.planning.api import Schedules
from taskcore.planning.model import Schedule
from taskcore.status.model import Burnt, Flow, TeamStatus
from taskcore.tasks.api import Tasks
from taskcore.teams.api import Teams
from taskcore.teams.members import Members
from taskcore.teams.model import Team
from taskcore.values import Role, Status, UserId, start_of_day, zone

WEEKS = 12
"""Of the burn-up."""
MOST_OVERDUE = 50
_PAGE = 200
READS = ("team.read", "schedule.read", "task.list", "membership.list")
"""What one must be allowed, to have a report of a team."""


async def team_status(caller: Caller, team: UUID | str) -> TeamStatus:
    """
    How the team stands, as the caller may see it: to a guest it is what projects shared with them hold.

    Each part asks for the rights again. Raises: NotFound, Forbidden.
    """
    home, now = await Teams(caller).get(team), caller.clock()
    counting = _Counting(Tasks(caller), home)
    monday = _monday(now, home.time_zone)
    people, role = await _people(caller, home)
    schedule, unplannable = await _plan(caller, home)
    overdue = await counting.tasks.list(team=home.id, overdue=True, sort="due_at", limit=MOST_OVERDUE)
    return TeamStatus(
        home.id,
        home.key,
        home.name,
        home.time_zone,
        now,
        counts={status: await counting.of(status=status) for status in Status},
        this_week=await counting.flow(monday, home.time_zone),
        last_week=await counting.flow(monday - timedelta(days=7), home.time_zone),
        burn_up=tuple([await counting.burnt(at) for at in _ends(monday, home.time_zone, now)]),
        overdue=tuple(overdue.items),
        overdue_count=await counting.of(overdue=True),
        schedule=schedule,
        unplannable=unplannable,
        names=people,
        partial=role is Role.GUEST,
    )


class _Counting:
    def __init__(self, tasks: Tasks, team: Team) -> None:
        self.tasks = tasks
        self._team = team

    async def of(self, **filters: Any) -> int:
        return await self.tasks.count(team=self._team.id, **filters)

    async def flow(self, monday: date, time_zone: str) -> Flow:
        """Of the week of that Monday, as far as it has come."""
        since, until = (start_of_day(day, time_zone) for day in (monday, monday + timedelta(days=7)))
        return Flow(
            created=await self.of(created_after=since, created_before=until),
            done=await self.of(status=Status.DONE, completed_after=since, completed_before=until),
        )

    async def burnt(self, at: datetime) -> Burnt:
        dropped = await self.of(status=Status.CANCELLED, completed_before=at)
        there = await self.of(created_before=at)
        done = await self.of(status=Status.DONE, completed_before=at)
        return Burnt(at, max(there - dropped, done), done)


def _monday(now: datetime, time_zone: str) -> date:
    today = now.astimezone(zone(time_zone)).date()
    return today - timedelta(days=today.weekday())


def _ends(monday: date, time_zone: str, now: datetime) -> list[datetime]:
    """Of the weeks before this one, and now, beyond what was made at this very moment."""
    before = [start_of_day(monday - timedelta(weeks=weeks), time_zone) for weeks in reversed(range(WEEKS))]
    return [*before, now + timedelta(microseconds=1)]


async def _people(caller: Caller, home: Team) -> tuple[dict[UserId, str], Role | None]:
    """What the members are called, and what the caller is there."""
    names: dict[UserId, str] = {}
    role, cursor = None, None
    while True:
        page: Page[Any] = await Members(caller).list(home.id, limit=_PAGE, cursor=cursor)
        for member in page.items:
            names[member.user_id] = member.name
            role = member.role if member.user_id == caller.user_id else role
        cursor = page.next_cursor
        if cursor is None:
            return names, role


async def _plan(caller: Caller, home: Team) -> tuple[Schedule | None, str]:
    try:
        return await Schedules(caller).get(home.id), ""
    except Conflict as error:  # work in a circle, or nobody's hours
        return None, str(error)
