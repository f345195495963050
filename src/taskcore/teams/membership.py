"""Rules of roles, and how a membership shows in lists and in the log."""

from __future__ import annotations

from typing import Any

from taskcore.events import Event, Stamp
from taskcore.identity.model import User
from taskcore.permissions import Standing, refused
from taskcore.teams.model import Member, Membership
from taskcore.values import Role, UserId

_RIGHT = {
    Role.OWNER: "membership.set_role_owner",
    Role.ADMIN: "membership.set_role_admin",
    Role.MEMBER: "membership.set_role_below_admin",
    Role.GUEST: "membership.set_role_below_admin",
}


def right(role: Role) -> str:
    """The action that grants or takes a role."""
    return _RIGHT[role]


def refuse_own_role(actor: Standing, user_id: UserId) -> None:
    """Raise `Forbidden` (`own_role`) where somebody would change what they are themselves."""
    if actor.user_id == user_id:
        message = "nobody changes their own role: leave, or ask another owner"
        raise refused(actor, "membership.set_own_role", message, "own_role")


def rights_to_change(current: Membership, new_role: Role) -> tuple[str, str]:
    """What one needs to take the old role and grant the new one."""
    return _RIGHT[current.role], _RIGHT[new_role]


def member(membership: Membership, user: User, *, name_only: bool = False) -> Member:
    return Member(
        user_id=user.id,
        name=user.name,
        email=None if name_only else user.email,
        role=None if name_only else membership.role,
        capacity_minutes_per_day=None if name_only else membership.capacity_minutes_per_day,
        created_at=membership.created_at,
        version=membership.version,
    )


def member_event(kind: str, membership: Membership, user: User, stamp: Stamp, **changes: Any) -> Event:
    data = {**changes, "member": {"name": user.name, "role": membership.role.value}}
    return stamp.event(kind, membership.team_id, "member", user.id, data)
