"""The next task of a series: made in the unit of work in which the one before it is finished, once."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

import attrs

from taskcore.errors import Conflict
from taskcore.events import Event, Stamp
from taskcore.identity.model import User
from taskcore.ports import Unit
from taskcore.tasks import trash
from taskcore.tasks.lifecycle import created
from taskcore.tasks.model import Task
from taskcore.tasks.rank import last_rank
from taskcore.tasks.recurring import next_occurrence
from taskcore.tasks.reminding import Reminder
from taskcore.teams.calendar_documents import member_calendar
from taskcore.teams.calendars import member_working
from taskcore.teams.model import Membership, Team
from taskcore.teams.resources import working_calendar
from taskcore.values import (
    WORKERS,
    ReminderAnchor,
    ReminderId,
    Status,
    TaskId,
    end_of_day,
)

_RANDOM_BITS = 80
_V7 = 0x7000_8000_0000_0000_0000
"""Version and variant of a UUIDv7, among its lowest 80 bits."""
_FREE = 0x0FFF_3FFF_FFFF_FFFF_FFFF


def successor_id(task_id: TaskId) -> TaskId:
    """
    The id of the task that follows in a series: always the same, so that there is one however often it is finished.

    A UUIDv7 (RFC 9562, 5.7) of the same millisecond, whose random bits are a hash of the id.
    """
    digest = int.from_bytes(sha256(b"the task that follows " + task_id.bytes).digest()[:10])
    return TaskId(UUID(int=task_id.int >> _RANDOM_BITS << _RANDOM_BITS | _V7 | digest & _FREE))


async def succession(
    unit: Unit, before: Task, task: Task, stamp: Stamp
) -> tuple[Sequence[Task | Reminder], Sequence[Event]]:
    """
    The next task of a series whose task is done now, with what people want to be reminded of, and its event.

    Nothing, where there is none: the task is not done by this, or was done before; the series has ended; or it does
    not recur. It is `task` with the dates of the next occurrence, not yet begun. One that was made when the task was
    done for the first time is the next for good; from the trash, where an undo put it, it comes back.
    """
    finished = task.completed_at
    if task.status is not Status.DONE or before.status is Status.DONE or finished is None:
        return [], []
    if task.recurrence is None:
        return [], []
    if there := await unit.find(Task, team_id=task.team_id, id=successor_id(task.id)):
        return _taken_out(there[0], stamp)
    (team,) = await unit.find(Team, id=task.team_id)
    worker, membership = await _worker(unit, task)
    time_zone = worker.time_zone if worker is not None else team.time_zone
    calendar = working_calendar(team)
    if membership is not None:
        calendar = member_working(member_calendar(membership.calendar), calendar)
    upcoming = next_occurrence(task, finished, time_zone=time_zone, calendar=calendar)
    if upcoming is None:
        return [], []
    due_at = upcoming.due_at if upcoming.due_on is None else end_of_day(upcoming.due_on, time_zone)
    following = attrs.evolve(
        _blank(task, stamp),
        assignee_id=worker.id if worker is not None else None,
        recurrence=upcoming.recurrence,
        start_at=upcoming.start_at,
        due_at=due_at,
        due_on=upcoming.due_on,
    )
    told = created(following, stamp, follows={"id": str(task.id), "key": task.key})
    return [following, *await _reminders(unit, task, following, stamp)], [told]


def _taken_out(following: Task, stamp: Stamp) -> tuple[Sequence[Task], Sequence[Event]]:
    try:
        return trash.restore([following], None, stamp)
    except Conflict:  # it lies there for too long
        return [], []


def _blank(task: Task, stamp: Stamp) -> Task:
    """The same work, not begun, without the dates of this one."""
    return attrs.evolve(
        task,
        id=successor_id(task.id),
        number=0,
        key="",
        rank=last_rank(stamp.new_id()),
        created_at=stamp.now,
        updated_at=stamp.now,
        status=Status.OPEN,
        spent_minutes=0,
        remaining_minutes=None,
        constraints=(),
        planned_for=(),
        started_at=None,
        completed_at=None,
        planned_start=None,
        planned_finish=None,
        external_source=None,
        external_id=None,
        lease=None,
        version=1,
        blocked=False,
        overdue=False,
    )


async def _worker(unit: Unit, task: Task) -> tuple[User | None, Membership | None]:
    """Its assignee, if they can be given a task still."""
    if task.assignee_id is None:
        return None, None
    memberships = await unit.find(
        Membership, team_id=task.team_id, user_id=task.assignee_id, role=tuple(WORKERS)
    )
    users = await unit.find(User, id=task.assignee_id, disabled_at=None) if memberships else []
    return (users[0], memberships[0]) if users else (None, None)


async def _reminders(unit: Unit, task: Task, following: Task, stamp: Stamp) -> list[Reminder]:
    """What stood beside a date of the task stands beside that of the next."""
    found = await unit.find(Reminder, team_id=task.team_id, task_id=task.id)
    return [
        attrs.evolve(
            each,
            id=ReminderId(stamp.new_id()),
            task_id=following.id,
            created_at=stamp.now,
            version=1,
        )
        for each in found
        if each.anchor is not ReminderAnchor.ABSOLUTE
    ]
