"""
Each morning: the digest of what there is to do, and on Mondays the report of a week.

Driven by `NotificationPreferences.next_digest_at`. Of each local day the first look after the time asked for settles
it, in one unit: the mail is saved as a job, the day as told, and the next morning. Where there is nothing to tell, no
mail goes out, and the day is told all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import attrs

from taskcore.delivery.inbox import Channel, Notification, Reason
from taskcore.delivery.letters.digest import Agenda, digest_message
from taskcore.delivery.letters.subscribing import DIGEST
from taskcore.delivery.mailing import mail_job
from taskcore.delivery.mornings import next_morning, to_tell
from taskcore.delivery.preferences import DIGEST_AT, NotificationPreferences, may_be_mailed
from taskcore.delivery.sight import sight_of
from taskcore.identity.model import User
from taskcore.jobs.model import Job
from taskcore.jobs.states import new_job
from taskcore.ports import Entity, Unit
from taskcore.tasks.model import Task
from taskcore.teams.model import Membership, Project, Team
from taskcore.values import UNFINISHED, Ids, Role, UserId, end_of_day, zone

if TYPE_CHECKING:
    from taskcore.core import TaskCore
    from taskcore.jobs.timing import Timed

WEEKLY = "report.weekly"
"""The kind of the job that mails somebody how each of their teams stands."""
MOST_TOLD = 200
"""Notices that one digest takes; older ones than that were not worth a mail for days, and stay in the inbox."""
_WEEK = timedelta(days=7)


def digests(core: TaskCore) -> Timed[NotificationPreferences]:
    """The loop that tells everybody of their day."""
    from taskcore.jobs.timing import Timed  # noqa: PLC0415  it needs an event loop, and what is pure here none

    new_id = core._outside.ids  # noqa: SLF001  it acts for nobody, and so has no use case

    async def act(unit: Unit, preferences: NotificationPreferences, now: datetime) -> None:
        await unit.save(await told_of_day(unit, preferences, now, new_id))

    return Timed(core, NotificationPreferences, act, "digests")


async def told_of_day(
    unit: Unit, preferences: NotificationPreferences, now: datetime, new_id: Ids
) -> list[Entity]:
    """What to save now that somebody's morning has come, whatever is to be told."""
    [user] = await unit.find(User, id=preferences.user_id)
    where, told_on = zone(user.time_zone), preferences.last_digest_on
    at = time.fromisoformat(preferences.digest_at or DIGEST_AT)
    day = to_tell(now, at, where, told_on)
    after = attrs.evolve(
        preferences,
        last_digest_on=day or told_on,
        next_digest_at=next_morning(now, at, where, day or told_on),
        version=preferences.version + 1,
    )
    if day is None or not may_be_mailed(preferences, user):
        return [after]
    saved: list[Entity] = []
    if preferences.weekly_report and (monday := _week_to_tell(day, preferences.last_weekly_on)):
        after = attrs.evolve(after, last_weekly_on=monday)
        saved.append(_weekly(user.id, monday, now, new_id))
    if preferences.digest_at is not None:
        saved += await _digest(unit, user, day, now, new_id)
    return [after, *saved]


def _week_to_tell(day: date, told_on: date | None) -> date | None:
    """The Monday whose report goes out: on that day, or later in the week where nothing ran on it."""
    monday = day - timedelta(days=day.weekday())
    if told_on == monday or (day != monday and told_on != monday - _WEEK):
        return None
    return monday


def _weekly(user_id: UserId, monday: date, now: datetime, new_id: Ids) -> Job:
    key = f"weekly:{user_id}:{monday}"
    return new_job(new_id(), WEEKLY, now, {"monday": monday.isoformat()}, user_id=user_id, unique_key=key)


async def _digest(unit: Unit, user: User, day: date, now: datetime, new_id: Ids) -> list[Entity]:
    """The mail, if there is anything to tell, and the notices that are told by it."""
    overdue, today = await _tasks(unit, user, day, now)
    notices = await unit.find(
        Notification,
        user_id=user.id,
        channel=Channel.DIGEST,
        digested_at=None,
        newest_first=True,
        limit=MOST_TOLD,
    )
    listed = {task.id for task, _ in (*overdue, *today)}
    sight = await sight_of(unit, notices, every_task=True)
    happened = [
        (each.task_key or "", each.text)
        for each in reversed(notices)
        if sight.sees(each)
        and sight.is_there(each)
        and not (each.reason in (Reason.DUE, Reason.OVERDUE) and each.task_id in listed)
    ]
    told: list[Entity] = [attrs.evolve(each, digested_at=now, version=each.version + 1) for each in notices]
    agenda = Agenda(day, now, user.time_zone, overdue, today, tuple(happened))
    if agenda.is_empty:
        return told
    mail = mail_job(
        new_id(),
        now,
        digest_message(user.email, agenda),
        user_id=user.id,
        until=end_of_day(day, user.time_zone),
        unsubscribe=DIGEST,
        unique_key=f"digest:{user.id}:{day}",
    )
    return [mail, *told]


Dated = tuple[tuple[Task, str], ...]


async def _tasks(unit: Unit, user: User, day: date, now: datetime) -> tuple[Dated, Dated]:
    """Tasks that are theirs to do, overdue and due that day, by when they are due, with what their teams are called."""
    teams, guest_in = await _teams(unit, user.id)
    if not teams:
        return (), ()
    found = await unit.find(
        Task, team_id=tuple(teams), assignee_id=user.id, status=tuple(UNFINISHED), deleted_at=None
    )
    end = end_of_day(day, user.time_zone)
    due = [task for task in found if task.due_at is not None and task.due_at <= end]
    shown = await _visible(unit, due, user.id, guest_in)
    ordered = sorted(shown, key=lambda task: (task.due_at, task.id))
    named = [(task, teams[task.team_id].name) for task in ordered]
    late = tuple(each for each in named if each[0].due_at is not None and each[0].due_at < now)
    return late, tuple(named[len(late) :])


async def _teams(unit: Unit, user_id: UserId) -> tuple[Mapping[object, Team], set[object]]:
    """The teams they are in, by id, and the ids of those in which they are a guest."""
    memberships = await unit.find(Membership, user_id=user_id)
    ids = tuple(each.team_id for each in memberships)
    teams = await unit.find(Team, id=ids, deleted_at=None) if ids else []
    return {team.id: team for team in teams}, {
        each.team_id for each in memberships if each.role is Role.GUEST
    }


async def _visible(unit: Unit, tasks: Sequence[Task], user_id: UserId, guest_in: set[object]) -> list[Task]:
    """Those that they may see, and that are not in a project which is put away."""
    ids = tuple({task.project_id for task in tasks if task.project_id is not None})
    teams = tuple({task.team_id for task in tasks})
    projects = await unit.find(Project, team_id=teams, id=ids) if ids else []
    away = {each.id for each in projects if each.archived_at is not None}
    shared = {each.id for each in projects if user_id in each.guests}
    return [
        task
        for task in tasks
        if task.project_id not in away and (task.team_id not in guest_in or task.project_id in shared)
    ]
