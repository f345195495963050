"""From a team's log to what people are told of it, and to what they are told no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from taskcore.core import TaskCore
from taskcore.delivery.consuming import Consumer
from taskcore.delivery.inbox import Notice, Notification
from taskcore.delivery.letters.notices import notice_message
from taskcore.delivery.mailing import mail_job
from taskcore.delivery.notices import told
from taskcore.delivery.preferences import NotificationPreferences, may_be_mailed
from taskcore.delivery.reasons import Around, notices_of
from taskcore.delivery.sight import sight_of
from taskcore.events import Event
from taskcore.identity.model import User
from taskcore.jobs.ports import Run
from taskcore.ports import Unit
from taskcore.tasks.model import Comment, Task
from taskcore.teams.model import Membership, Team
from taskcore.values import Clock, Ids, Role, TeamId, zone

NOTICES = "notices"
"""The consumer's name."""
COMMENTS_BACK = 200
"""Of so many comments the authors are taken to be in the talk about a task."""


def noticing(core: TaskCore) -> Consumer:
    """The loop that tells people of what happens."""
    outside = core._outside  # noqa: SLF001  it acts for nobody, and so has no use case
    return Consumer(core, NOTICES, Noticing(outside.clock, outside.ids).apply)


class Noticing:
    """What follows from events of one team."""

    def __init__(self, clock: Clock, new_id: Ids) -> None:
        self._clock = clock
        self._new_id = new_id

    async def apply(self, unit: Unit, events: Sequence[Event]) -> None:
        teams = await unit.find(Team, id=events[0].team_id, deleted_at=None)
        if not teams:
            return
        notices = notices_of(events, await _around(unit, teams[0], events))
        new = await told(
            unit, await _since_joining(unit, teams[0].id, notices, events), self._clock(), self._new_id
        )
        hidden = await _hidden(unit, teams[0].id) if any(map(_may_hide, events)) else []
        if new or hidden:
            await unit.save(new, removed=hidden)


async def _around(unit: Unit, team: Team, events: Sequence[Event]) -> Around:
    ids = tuple({each.task_id for each in events if each.task_id is not None})
    tasks = await unit.find(Task, team_id=team.id, id=ids) if ids else []
    spoken = {each.task_id for each in events if each.kind.startswith("comment.") and each.task_id}
    comments = {
        task_id: await unit.find(
            Comment, team_id=team.id, task_id=task_id, newest_first=True, limit=COMMENTS_BACK
        )
        for task_id in spoken
    }
    actors = tuple({each.actor_id for each in events if each.actor_id is not None})
    people = await unit.find(User, id=actors) if actors else []
    names = {user.id: user.name for user in people}
    return Around({task.id: task for task in tasks}, comments, names, zone(team.time_zone))


async def _since_joining(
    unit: Unit, team_id: TeamId, notices: Sequence[Notice], events: Sequence[Event]
) -> list[Notice]:
    """Nobody is told of what happened before they came; nor of a log that was brought from elsewhere."""
    users = tuple({each.user_id for each in notices})
    members = await unit.find(Membership, team_id=team_id, user_id=users) if users else []
    joined, at = {each.user_id: each.created_at for each in members}, {each.id: each.at for each in events}
    return [
        each
        for each in notices
        if each.user_id in joined and each.event_id and joined[each.user_id] <= at[each.event_id]
    ]


def _may_hide(event: Event) -> bool:
    """Whether a guest may see less after it."""
    kind, data = event.kind, event.data
    return kind == "member.role_changed" or (
        "project_id" in data if event.task_id is not None else kind == "project.updated"
    )


async def _hidden(unit: Unit, team_id: TeamId) -> list[Notification]:
    """What guests were told of, and may not see any more: it is listed no more already, and goes."""
    guests = tuple(each.user_id for each in await unit.find(Membership, team_id=team_id, role=Role.GUEST))
    found = await unit.find(Notification, team_id=team_id, user_id=guests) if guests else []
    sight = await sight_of(unit, found)
    return [each for each in found if not sight.sees(each)]


async def mail(run: Run) -> Any:
    """
    The handler of a notice that is to be mailed: it becomes a mail, unless its user has read it by now, may not see
    it any more, or gets no mail any more.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        job = run.job
        found = await unit.find(Notification, user_id=job.user_id, id=UUID(job.payload["notification_id"]))
        users = await unit.find(User, id=job.user_id, disabled_at=None)
        preferences = await unit.find(NotificationPreferences, user_id=job.user_id)
        if not found or not users or not preferences or not may_be_mailed(preferences[0], users[0]):
            return {"mailed": False, "why": "gone"}
        notification = found[0]
        sight = await sight_of(unit, found, every_task=True)
        if (
            notification.read_at is not None
            or not sight.sees(notification)
            or not sight.is_there(notification)
        ):
            return {"mailed": False, "why": "read" if notification.read_at is not None else "hidden"}
        teams = await unit.find(Team, id=notification.team_id) if notification.team_id is not None else []
        task = sight.tasks.get(notification.task_id) if notification.task_id is not None else None
        message = notice_message(
            users[0], found, team=next(iter(teams), None), title=task.title if task is not None else None
        )
        outside = run.outside
        letter = mail_job(
            outside.ids(),
            outside.clock(),
            message,
            user_id=notification.user_id,
            team_id=notification.team_id,
            unsubscribe=notification.reason,
        )
        await unit.save([letter])
        return {"mailed": True, "job_id": str(letter.id)}

    return await run.finish(work)
