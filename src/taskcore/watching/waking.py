"""Doing what is to happen to a task at its time, in one unit of work with what is kept of it: once, whatever dies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import attrs

from taskcore.delivery.notices import Notice, Reason, told
from taskcore.events import Event, Stamp
from taskcore.identity.model import User
from taskcore.ports import Unit
from taskcore.scheduling.spans import seconds_of
from taskcore.tasks.lifecycle import task_event
from taskcore.tasks.reminding import Reminder
from taskcore.teams.model import Membership, Project
from taskcore.values import Ids, Role, UserId
from taskcore.watching import effects, wording
from taskcore.watching.effects import Effects, People
from taskcore.watching.looking import DUE, OVERDUE, About, Due, Look, looked
from taskcore.watching.model import Watch
from taskcore.watching.situation import situations

_NOBODY = UserId(UUID(int=0))
"""Stands where a verb asks who acts; events of nobody's doing have none."""


@attrs.frozen
class Waking:
    """What is done about a task that somebody has to look at."""

    new_id: Ids

    async def act(self, unit: Unit, watch: Watch, now: datetime) -> None:
        """As `Timed` calls it."""
        kept = attrs.evolve(watch, wakes_at=None)
        for about in await situations(unit, watch.team_id, [watch.task_id]):
            look = looked(about, watch, seconds_of(now))
            kept, stamp = look.watch, Stamp(_NOBODY, now, self.new_id)
            fired = [_fired(about, each, stamp) for each, _ in look.reminders]
            taken = await self._taken(unit, about, look.steps, stamp)
            notices = _notices(about, look, fired, taken)
            saved = await told(unit, notices, now, self.new_id)
            changed = [taken.task] if taken.events else []
            again = attrs.evolve(kept, version=watch.version + 1)
            await unit.save([again, *changed, *saved], events=[*fired, *taken.events])
            return
        await unit.save([attrs.evolve(kept, version=watch.version + 1)])

    async def _taken(self, unit: Unit, about: About, steps: Sequence[Due], stamp: Stamp) -> Effects:
        if not steps:
            return Effects(about.task, (), ())
        people = await _people(unit, about, steps)
        return effects.taken(steps, about.task, about.team, people, stamp)


async def _people(unit: Unit, about: About, steps: Sequence[Due]) -> People:
    task = about.task
    projects = (
        await unit.find(Project, team_id=task.team_id, id=task.project_id)
        if task.project_id is not None
        else []
    )
    lead_id = projects[0].lead_id if projects else None
    named = {each.step.user_id for each in steps} | {lead_id, task.assignee_id}
    found = await unit.find(Membership, team_id=task.team_id, role=(Role.OWNER, Role.ADMIN))
    found += await unit.find(
        Membership, team_id=task.team_id, user_id=tuple(each for each in named if each is not None)
    )
    memberships = {each.user_id: each for each in found}
    users = await unit.find(User, id=tuple({*memberships, *(each for each in named if each is not None)}))
    return People(
        memberships,
        {user.id: user for user in users if user.disabled_at is None},
        lead_id,
        frozenset(projects[0].guests) if projects else frozenset(),
        {user.id: user.name for user in users},
    )


def _fired(about: About, reminder: Reminder, stamp: Stamp) -> Event:
    """Whose it is, the log does not tell: it is nobody else's to see."""
    event = task_event(stamp, "reminder.fired", about.task, reminder={"anchor": reminder.anchor.value})
    return attrs.evolve(event, actor_id=None, subject_type="reminder", subject_id=reminder.id)


def _notices(about: About, look: Look, fired: Sequence[Event], taken: Effects) -> list[Notice]:
    task = about.task
    notices = [
        attrs.evolve(
            _notice(
                about,
                reminder.user_id,
                Reason.REMINDER,
                f"reminder {reminder.id} {anchor}",
                wording.of_reminder(about),
            ),
            event_id=event.id,
        )
        for (reminder, anchor), event in zip(look.reminders, fired, strict=True)
    ]
    responsible = task.assignee_id or task.created_by
    if look.due is not None:
        cause = f"{DUE} {task.id} {look.due}"
        notices.append(_notice(about, responsible, Reason.DUE, cause, wording.of_due(about)))
    if look.overdue is not None:
        cause = f"{OVERDUE} {task.id} {look.overdue}"
        notices.append(_notice(about, responsible, Reason.OVERDUE, cause, wording.of_overdue(about)))
    for each in taken.tellings:
        due = each.due
        cause = f"escalation {due.rule.id} {task.id} {due.since} {due.place}"
        text = wording.of_step(about, each)
        notices.append(_notice(about, each.user_id, Reason.ESCALATED, cause, text))
    return notices


def _notice(about: About, user_id: UserId, reason: Reason, cause: str, text: str) -> Notice:
    task = about.task
    return Notice(user_id, reason, cause, text, task.team_id, task.id, task.key)
