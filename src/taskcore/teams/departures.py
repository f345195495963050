"""What somebody leaves behind who leaves a team, or sees less of it from now on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from taskcore.errors import Conflict
from taskcore.events import Event, Stamp
from taskcore.identity.model import ApiToken, User
from taskcore.ports import Unit
from taskcore.tasks import lifecycle
from taskcore.tasks.lifecycle import Surroundings
from taskcore.tasks.model import Task
from taskcore.tasks.reading import ReadMarker
from taskcore.tasks.reminding import Reminder
from taskcore.teams.membership import member_event
from taskcore.teams.model import Membership, Project, Team
from taskcore.teams.telling import project_changed
from taskcore.values import UNFINISHED, Role, TeamId, UserId

Changes = tuple[list[Any], list[Event]]
Left = Membership | Reminder | ReadMarker
"""What goes with somebody."""


async def refuse_last_owner(unit: Unit, team: Team, leaving: UserId) -> None:
    """Raise `Conflict` (`last_owner`) unless another active user owns the team, whose lock is held."""
    if not await has_active_owner(unit, team, besides=leaving):
        raise Conflict(
            f"{team.key} always has an active owner: make somebody else the owner first",
            code="last_owner",
            teams=[team.key],
        )


async def has_active_owner(unit: Unit, team: Team, *, besides: UserId | None = None) -> bool:
    owners = await unit.find(Membership, team_id=team.id, role=Role.OWNER)
    ids = tuple(owner.user_id for owner in owners if owner.user_id != besides)
    return any(user.active for user in await unit.find(User, id=ids)) if ids else False


async def departure(
    unit: Unit, team: Team, person: User, stamp: Stamp
) -> tuple[list[Any], list[Left], list[Event]]:
    """What is changed, removed and told when somebody leaves a team, whose lock is held: their
    unfinished tasks there become nobody's, nothing is shared with them, their tokens for it end, they are
    reminded of nothing there, and what they have read is forgotten; what they were told there goes with it."""
    membership = (await unit.find(Membership, team_id=team.id, user_id=person.id))[0]
    tasks, events = await hand_back(unit, team, person.id, stamp, sees=lambda _: False)
    projects, told = await unshare_all(unit, team, person.id, stamp)
    tokens = await unit.find(ApiToken, team_id=team.id, user_id=person.id, revoked_at=None)
    spent = [attrs.evolve(each, revoked_at=stamp.now, version=each.version + 1) for each in tokens]
    event = member_event("member.removed", membership, person, stamp)
    reminders = await unit.find(Reminder, team_id=team.id, user_id=person.id)
    markers = await unit.find(ReadMarker, team_id=team.id, user_id=person.id)
    gone: list[Left] = [membership, *reminders, *markers]
    return [*tasks, *projects, *spent], gone, [event, *events, *told]


async def hand_back(
    unit: Unit, team: Team, user_id: UserId, stamp: Stamp, sees: Callable[[Task], bool]
) -> Changes:
    """Their unfinished tasks become nobody's, and they follow only what they still see."""
    assigned = await unit.find(Task, team_id=team.id, assignee_id=user_id, status=tuple(UNFINISHED))
    followed = [task for task in await _followed(unit, team.id, user_id) if not sees(task)]
    tasks = {task.id: task for task in (*assigned, *followed)}
    mine, unseen = {task.id for task in assigned}, {task.id for task in followed}
    around = Surroundings(team=team)
    changes = [
        lifecycle.part(task, user_id, around, stamp, unassign=task.id in mine, unfollow=task.id in unseen)
        for task in tasks.values()
    ]
    return [task for task, _ in changes], [event for _, events in changes for event in events]


async def unfollow_project(unit: Unit, project: Project, guest: UserId, stamp: Stamp) -> Changes:
    """A guest follows no task of a project that is shared with them no longer."""
    followed = [
        task for task in await _followed(unit, project.team_id, guest) if task.project_id == project.id
    ]
    changes = [lifecycle.unfollow(task, guest, stamp) for task in followed]
    return [task for task, _ in changes], [event for _, events in changes for event in events]


async def _followed(unit: Unit, team_id: TeamId, user_id: UserId) -> Sequence[Task]:
    return await unit.find(Task, team_id=team_id, followers=user_id)


async def unshare_all(unit: Unit, team: Team, guest: UserId, stamp: Stamp) -> Changes:
    """Nothing is shared with them any more."""
    shared = await unit.find(Project, team_id=team.id, guests=guest)
    changed = [
        attrs.evolve(without_guest(project, guest), version=project.version + 1, updated_at=stamp.now)
        for project in shared
    ]
    events = [project_changed(old, new, stamp) for old, new in zip(shared, changed, strict=True)]
    return changed, events


def without_guest(project: Project, guest: UserId) -> Project:
    return attrs.evolve(project, guests=tuple(other for other in project.guests if other != guest))
