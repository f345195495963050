"""How a team is deleted: hidden at once, and purged when 30 days have passed without its being restored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from taskcore.events import Stamp, instant_text
from taskcore.identity.model import User
from taskcore.permissions import Actor, Standing
from taskcore.ports import Entity, Unit
from taskcore.sagas.acting import step_job
from taskcore.sagas.model import Saga, SagaState, SagaStep
from taskcore.sagas.states import Plan
from taskcore.teams.model import Membership, Team
from taskcore.values import Role, SagaId

KIND = "team.delete"
PURGE_AFTER = timedelta(days=30)
PLAN = Plan(("hide", "export", "wait", "files", "purge", "tell"), no_return="files")


def begun(
    team: Team, members: Sequence[Membership], stamp: Stamp, *, by_instance: bool
) -> tuple[Entity, Entity]:
    """The saga of a team that is hidden now, and the job of its next step. It has who was in the team, who are to
    be told when nothing says so any more."""
    data = {
        "team": {"name": team.name, "key": team.key},
        "people": [{"user_id": str(each.user_id), "role": each.role.value} for each in members],
        "by_instance": by_instance,
        "purge_at": instant_text(stamp.now + PURGE_AFTER),
    }
    saga = Saga(
        SagaId(stamp.new_id()),
        KIND,
        stamp.now,
        "export",
        team_id=team.id,
        user_id=stamp.actor_id,
        data=data,
        log=(SagaStep(stamp.now, "hide", "done"),),
    )
    return saga, step_job(saga, stamp.now, stamp.new_id)


def purge_at(saga: Saga) -> datetime:
    return datetime.fromisoformat(saga.data["purge_at"])


async def deleted_team(unit: Unit, ref: UUID | str) -> Team | None:
    """The deleted team of this id, slug or key, if there is one. Of a `unit` in the instance's name."""
    try:
        found = await unit.find(Team, id=ref if isinstance(ref, UUID) else UUID(ref))
    except (ValueError, AttributeError, TypeError):
        ref = str(ref)
        found = await unit.find(Team, slug=ref) or await unit.find(Team, key=ref)
    return next((each for each in found if each.deleted_at is not None), None)


async def standing_in(unit: Unit, team: Team, actor: Actor) -> Standing | None:
    """What an owner is to a team that is hidden; to nobody else it is there."""
    if actor.team_id not in (None, team.id):
        return None
    owners = await unit.find(Membership, team_id=team.id, user_id=actor.user_id, role=Role.OWNER)
    users = await unit.find(User, id=actor.user_id)
    if not owners or not users:
        return None
    suspended = team.suspended_at is not None
    return Standing(actor, team.id, Role.OWNER, is_admin=users[0].is_admin, suspended=suspended)


async def deleting(unit: Unit, team: Team) -> Saga | None:
    """The saga by which it is being deleted."""
    under_way = (SagaState.RUNNING, SagaState.WAITING, SagaState.FAILED)
    found = await unit.find(Saga, team_id=team.id, state=under_way, cancelled_at=None)
    return next((each for each in reversed(found) if each.kind == KIND), None)
