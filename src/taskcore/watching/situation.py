"""Loading what says when something is to happen to tasks of a team, and since when they are in trouble."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from taskcore.events import Event
from taskcore.identity.model import User
from taskcore.ports import EventSearch, Unit
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.tasks.model import Dependency, Task
from taskcore.tasks.reminding import Reminder
from taskcore.teams.calendar_documents import member_calendar
from taskcore.teams.calendars import member_working
from taskcore.teams.model import Membership, Team
from taskcore.teams.resources import working_calendar
from taskcore.values import LagUnit, TaskId, TeamId, UserId
from taskcore.watching.looking import About, Case, concerning
from taskcore.watching.model import EscalationRule, EscalationTrouble

BEGINNINGS = ("task.created", "task.reopened", "task.restored")
"""What a task is there from, and to be done."""
REVIVALS = ("task.reopened", "task.restored")
_PAGE = 50
_SECOND = timedelta(seconds=1)


async def situations(unit: Unit, team_id: TeamId, ids: Collection[TaskId]) -> list[About]:
    """Of those of the tasks that there are, in a team that there is."""
    tasks = await unit.find(Task, team_id=team_id, id=tuple(ids)) if ids else []
    teams = await unit.find(Team, id=team_id) if tasks else []
    if not teams:
        return []
    team, there = teams[0], tuple(task.id for task in tasks)
    reminders = await unit.find(Reminder, team_id=team_id, task_id=there)
    rules = await unit.find(EscalationRule, team_id=team_id)
    zones = await _zones(unit, tasks)
    calendar_of = _Calendars(team, await _members(unit, team, reminders))
    return [
        About(
            task,
            team,
            zones.get(task.assignee_id, team.time_zone),
            calendar_of,
            [each for each in reminders if each.task_id == task.id],
            [Case(rule, await _since(unit, rule, task)) for rule in concerning(rules, task)],
            frozenset(rule.id for rule in rules),
        )
        for task in tasks
    ]


async def _zones(unit: Unit, tasks: Sequence[Task]) -> Mapping[UserId | None, str]:
    ids = tuple({task.assignee_id for task in tasks if task.assignee_id is not None})
    return {user.id: user.time_zone for user in await unit.find(User, id=ids)} if ids else {}


async def _members(
    unit: Unit, team: Team, reminders: Sequence[Reminder]
) -> Mapping[UserId | None, Membership]:
    """Of whoever is reminded in working time."""
    users = {each.user_id for each in reminders if each.offset_unit is LagUnit.WORKING}
    found = await unit.find(Membership, team_id=team.id, user_id=tuple(users)) if users else []
    return {each.user_id: each for each in found}


class _Calendars:
    """When people of a team work; each calendar is made once, when it is asked for."""

    def __init__(self, team: Team, memberships: Mapping[UserId | None, Membership]) -> None:
        self._team = cache(lambda: working_calendar(team))
        self._memberships = memberships
        self._made: dict[UserId | None, WorkingCalendar] = {}

    def __call__(self, user_id: UserId | None) -> WorkingCalendar:
        if user_id not in self._memberships:
            return self._team()
        if user_id not in self._made:
            document = self._memberships[user_id].calendar
            self._made[user_id] = member_working(member_calendar(document), self._team())
        return self._made[user_id]


async def _since(unit: Unit, rule: EscalationRule, task: Task) -> datetime | None:
    """Since when a task is in the trouble that a rule is about; one to come for what is not overdue yet."""
    if task.status.finished or task.deleted_at is not None:
        return None
    match rule.trouble:
        case EscalationTrouble.UNASSIGNED:
            return None if task.assignee_id is not None else await _unassigned_since(unit, task)
        case EscalationTrouble.BLOCKED:
            return await _blocked_since(unit, task) if task.blocked else None
        case EscalationTrouble.OVERDUE:
            if task.due_at is None:
                return None
            revived = await _last(unit, task, REVIVALS)
            late = task.due_at + _SECOND
            return late if revived is None else max(late, revived.at)


async def _unassigned_since(unit: Unit, task: Task) -> datetime:
    """When the last thing happened that leaves a task to nobody: it was taken from somebody, made, or taken up again."""
    before = None
    while events := await unit.events(
        EventSearch(task.team_id, task.id, after=before, newest_first=True, limit=_PAGE, kinds=("task.*",))
    ):
        for event in events:
            if event.kind in BEGINNINGS or "assignee_id" in event.data:
                return event.at
        before = events[-1].seq
    return task.created_at


async def _blocked_since(unit: Unit, task: Task) -> datetime | None:
    """Since when the eldest of what stands in its way now does."""
    links = await unit.find(Dependency, team_id=task.team_id, successor_id=task.id)
    ids = tuple(link.predecessor_id for link in links)
    others = {each.id: each for each in await unit.find(Task, team_id=task.team_id, id=ids)} if ids else {}
    own = await _begun(unit, task)
    obstacles = [
        max(link.created_at, own, await _begun(unit, others[link.predecessor_id]))
        for link in links
        if link.predecessor_id in others and link.obstructs(others[link.predecessor_id], task)
    ]
    return min(obstacles, default=None)


async def _begun(unit: Unit, task: Task) -> datetime:
    """Since when a task is there to be done."""
    last = await _last(unit, task, BEGINNINGS)
    return task.created_at if last is None else last.at


async def _last(unit: Unit, task: Task, kinds: tuple[str, ...]) -> Event | None:
    search = EventSearch(task.team_id, task.id, newest_first=True, limit=1, kinds=kinds)
    return next(iter(await unit.events(search)), None)
