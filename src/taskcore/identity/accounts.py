"""What happens to an account, whoever brings it about: its owner, the operator, an instance admin."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import attrs

from taskcore.caller import Outside
from taskcore.delivery.inbox import Notification
from taskcore.delivery.preferences import BY_USER, NotificationPreferences
from taskcore.errors import Conflict, PreconditionFailed, Unauthenticated
from taskcore.events import Event, Stamp
from taskcore.idempotency import IdempotencyRecord
from taskcore.identity.model import (
    ApiToken,
    Credential,
    EmailToken,
    Identity,
    Purpose,
    RefreshToken,
    Session,
    User,
    folded_email,
)
from taskcore.ports import Entity, Unit
from taskcore.teams.departures import departure, has_active_owner
from taskcore.teams.model import Membership, Team
from taskcore.values import Role, UserId

_ONES_OWN = (
    Credential,
    RefreshToken,
    Session,
    EmailToken,
    ApiToken,
    Identity,
    IdempotencyRecord,
    Notification,
    NotificationPreferences,
)
"""What is of one user alone, and goes with the account."""


class Accounts:
    """Passwords of accounts, and the sessions that end with them."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def authenticate(self, email: str, password: str) -> User:
        """The user whom e-mail and password prove; takes as long for an unknown e-mail.

        Raises: Unauthenticated `wrong_credentials`.
        """
        rows = self._outside.store.rows()
        users = await rows.find(User, email=folded_email(email))
        # Asked for nobody too, so that an unknown e-mail takes as long.
        user_id = users[0].id if users else UserId(self._outside.ids())
        credentials = await rows.find(Credential, user_id=user_id)
        hashed = credentials[0].password_hash if credentials else None
        right = await self._outside.hasher.verify(password, hashed)
        if not right or hashed is None or not users[0].active:
            raise Unauthenticated("e-mail or password is wrong", code="wrong_credentials")
        if self._outside.hasher.is_outdated(hashed):
            await self._rehash(credentials[0], password)
        return users[0]

    async def is_password(self, user_id: UserId, password: str) -> bool:
        credentials = await self._outside.store.rows().find(Credential, user_id=user_id)
        hashed = credentials[0].password_hash if credentials else None
        return await self._outside.hasher.verify(password, hashed)

    async def _rehash(self, credential: Credential, password: str) -> None:
        stronger = attrs.evolve(
            credential,
            password_hash=await self._outside.hasher.hash(password),
            version=credential.version + 1,
        )

        async def work(unit: Unit) -> None:
            await unit.save([stronger])

        with suppress(PreconditionFailed):  # somebody else has just renewed it
            await self._outside.store.transact(work)

    async def renewed(self, unit: Unit, user: User, password_hash: str, stamp: Stamp) -> list[Entity]:
        """A new password, with which every session ends, and every change of address that is not confirmed:
        whoever asked for it may be why there is a new password."""
        found = await unit.find(Credential, user_id=user.id)
        credential = (
            attrs.evolve(found[0], password_hash=password_hash, version=found[0].version + 1)
            if found
            else Credential(user.id, password_hash)
        )
        changes = await unit.find(EmailToken, user_id=user.id, purpose=Purpose.CHANGE, used_at=None)
        void = [attrs.evolve(each, used_at=stamp.now, version=each.version + 1) for each in changes]
        return [credential, *void, *await ended_sessions(unit, user.id, stamp.now)]


async def ended_sessions(unit: Unit, user_id: UserId, now: datetime) -> list[Entity]:
    """Every session of a user, revoked."""
    found = await unit.find(Session, user_id=user_id, revoked_at=None)
    return [attrs.evolve(each, revoked_at=now, version=each.version + 1) for each in found]


async def revoked_tokens(unit: Unit, user_id: UserId, now: datetime) -> list[Entity]:
    """Every API token of a user, revoked: whoever made them before an address was verified may have been
    somebody who only claimed it."""
    found = await unit.find(ApiToken, user_id=user_id, revoked_at=None)
    return [attrs.evolve(each, revoked_at=now, version=each.version + 1) for each in found]


async def mailed_again(unit: Unit, user_id: UserId) -> list[Entity]:
    """Their preferences, with mail on where it was off for what their address did: they have another now."""
    found = await unit.find(NotificationPreferences, user_id=user_id)
    return [
        attrs.evolve(each, mail_disabled_at=None, mail_disabled_reason=None, version=each.version + 1)
        for each in found
        if each.mail_disabled_at is not None and each.mail_disabled_reason != BY_USER
    ]


async def disabled(unit: Unit, user: User, now: datetime) -> list[Entity]:
    """A user's account shut, its sessions ended. Raises: Conflict `last_owner`, `last_admin`."""
    await refuse_ownerless(unit, user.id)
    if user.is_admin:
        await refuse_last_admin(unit, user)
    shut = attrs.evolve(user, disabled_at=now, version=user.version + 1)
    return [shut, *await ended_sessions(unit, user.id, now)]


async def refuse_ownerless(unit: Unit, leaving: UserId) -> list[Team]:
    """
    The teams they are in, every lock held; raises `Conflict` if one would have no active owner.

    What they are in each is read once its lock is held: somebody may have handed it to them meanwhile.
    """
    before = await unit.find(Membership, user_id=leaving)
    for team_id in sorted(membership.team_id for membership in before):
        await unit.lock(team_id)
    memberships = await unit.find(Membership, user_id=leaving)
    ids = tuple(membership.team_id for membership in memberships)
    teams = await unit.find(Team, id=ids, deleted_at=None) if ids else []
    owned = {membership.team_id for membership in memberships if membership.role is Role.OWNER}
    alone = [
        team.key
        for team in teams
        if team.id in owned and not await has_active_owner(unit, team, besides=leaving)
    ]
    if alone:
        message = f"{', '.join(alone)} would have no active owner: make somebody else the owner first"
        raise Conflict(message, code="last_owner", teams=alone)
    return teams


def refuse_deleted(user: User) -> None:
    """Raise `Conflict` for an account that its owner deleted: there is nothing left to open."""
    if user.deleted_at is not None:
        raise Conflict("its owner deleted this account", code="account_deleted")


async def refuse_last_admin(unit: Unit, leaving: User) -> None:
    """Raise `Conflict` unless somebody else administers the instance, whose lock is held from now on."""
    await unit.lock(None)
    admins = await unit.find(User, is_admin=True)
    if not any(admin.active for admin in admins if admin.id != leaving.id):
        raise Conflict(
            "the instance always has an active admin: make somebody else one first", code="last_admin"
        )


async def deleted(unit: Unit, user: User, stamp: Stamp) -> tuple[list[Entity], list[Entity], Sequence[Event]]:
    """
    What is changed, removed and told when an account ends: they leave every team, all that proves who
    they are goes, and what they wrote stays under nobody's name.

    Raises: Conflict `last_owner`, with the keys of the `teams`; Conflict `last_admin`.
    """
    teams = await refuse_ownerless(unit, user.id)
    if user.is_admin:
        await refuse_last_admin(unit, user)
    nobody = attrs.evolve(
        user,
        email=f"{user.id}@deleted.invalid",
        name="Deleted user",
        is_admin=False,
        email_verified_at=None,
        disabled_at=stamp.now,
        deleted_at=stamp.now,
        version=user.version + 1,
    )
    changed: list[Entity] = [nobody]
    removed: list[Entity] = []
    events: list[Event] = []
    for team in teams:
        left, gone, told = await departure(unit, team, user, stamp)
        changed += [each for each in left if not isinstance(each, ApiToken)]  # they go altogether, below
        removed += gone
        events += told
    for kind in _ONES_OWN:
        removed += await unit.find(kind, user_id=user.id)
    return changed, removed, events
