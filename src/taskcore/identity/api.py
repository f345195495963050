"""The use cases of users: the operator's, and a user's own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, expect_version
from taskcore.errors import Conflict, PreconditionFailed, Unauthenticated, refuse
from taskcore.fields import sound
from taskcore.identity.model import Credential, User, folded_email, password_faults, user_faults
from taskcore.identity.ports import PasswordHasher
from taskcore.permissions import Standing, missing, require
from taskcore.ports import E, Store, Unit
from taskcore.teams.departures import refuse_last_owner
from taskcore.teams.model import Invitation, Membership, Team
from taskcore.values import Clock, Ids, Role, UserId


class Users:
    """`core.users`: what the operator does, and what needs no account yet. Asks no permission:
    doors offer it to the operator, and `register` and `authenticate` to everybody."""

    def __init__(self, store: Store, hasher: PasswordHasher, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._hasher = hasher
        self._clock = clock
        self._ids = ids

    async def register(
        self, email: str, *, name: str, password: str, time_zone: str = "UTC", is_admin: bool = False
    ) -> User:
        """
        Make an account.

        Raises: Invalid, with every fault; Conflict `already_exists`, if the e-mail has one.
        """
        user = User(
            UserId(self._ids()),
            folded_email(email),
            name,
            self._clock(),
            time_zone=time_zone,
            is_admin=is_admin,
        )
        refuse(user_faults(user) + password_faults(password, user.email))
        credential = Credential(user.id, await self._hasher.hash(password))

        async def work(unit: Unit) -> User:
            saved: list[User] = await unit.save([user, credential])
            return saved[0]

        return await self._store.transact(work)

    async def is_invited(self, email: str) -> bool:
        """Whether a team waits for somebody with that e-mail."""
        now = self._clock()
        invitations = await self._store.rows.find(Invitation, email=folded_email(email))
        return any(each.open_at(now) for each in invitations)

    async def authenticate(self, email: str, password: str) -> User:
        """The user whom e-mail and password prove; takes as long for an unknown e-mail.

        Raises: Unauthenticated.
        """
        users = await self._store.rows.find(User, email=folded_email(email))
        credentials = await self._store.rows.find(Credential, user_id=users[0].id) if users else []
        hashed = credentials[0].password_hash if credentials else None
        right = await self._hasher.verify(password, hashed)
        if not right or hashed is None or not users[0].active:
            raise Unauthenticated("e-mail or password is wrong", code="wrong_credentials")
        if self._hasher.is_outdated(hashed):
            with suppress(PreconditionFailed):  # somebody else has just renewed it
                await self._save_password(credentials[0], password)
        return users[0]

    async def find(self, email: str | UUID) -> User:
        """The user with that e-mail, or id. Raises: NotFound."""
        users = await self._store.rows.find(User, email=folded_email(str(email)))
        if not users:
            with suppress(ValueError):
                users = await self._store.rows.find(User, id=UUID(str(email)))
        if not users:
            raise missing(f"user {email}")
        return users[0]

    async def list(self) -> Sequence[User]:
        """Everybody on this instance, the eldest first."""
        return await self._store.rows.find(User)

    async def disable(self, email: str | UUID) -> User:
        """
        Shut an account: from the next request on it can do nothing.

        Raises: NotFound; Conflict `last_owner`, with the keys of the `teams` that nobody else owns;
        Conflict `last_admin`, if nobody else administers the instance.
        """
        user_id = (await self.find(email)).id

        async def work(unit: Unit) -> User:
            await _refuse_ownerless(unit, user_id)
            user = (await unit.find(User, id=user_id))[0]
            if not user.active:
                return user
            if user.is_admin:
                await _refuse_last_admin(unit, user)
            changed = attrs.evolve(user, disabled_at=self._clock(), version=user.version + 1)
            saved: list[User] = await unit.save([changed])
            return saved[0]

        return await self._store.transact(work)

    async def enable(self, email: str | UUID) -> User:
        """Open a shut account again. Raises: NotFound."""
        user = await self.find(email)
        if user.active:
            return user
        return await self._save(attrs.evolve(user, disabled_at=None, version=user.version + 1))

    async def reset_password(self, email: str | UUID, password: str) -> User:
        """Give a user a new password. Raises: NotFound, Invalid."""
        user = await self.find(email)
        refuse(password_faults(password, user.email))
        credentials = await self._store.rows.find(Credential, user_id=user.id)
        await self._save_password(credentials[0], password)
        return user

    async def _save_password(self, credential: Credential, password: str) -> None:
        hashed = await self._hasher.hash(password)
        await self._save(attrs.evolve(credential, password_hash=hashed, version=credential.version + 1))

    async def _save(self, changed: E) -> E:
        async def work(unit: Unit) -> E:
            saved: list[E] = await unit.save([changed])
            return saved[0]

        return await self._store.transact(work)


async def _refuse_ownerless(unit: Unit, leaving: UserId) -> None:
    """Raise `Conflict` if a team would have no active owner, every such team's lock held."""
    owned = await unit.find(Membership, user_id=leaving, role=Role.OWNER)
    ids = tuple(membership.team_id for membership in owned)
    teams = await unit.find(Team, id=ids, deleted_at=None) if ids else []
    alone = []
    for team in sorted(teams, key=lambda each: each.id):
        await unit.lock(team.id)
        try:
            await refuse_last_owner(unit, team, leaving)
        except Conflict:
            alone.append(team.key)
    if alone:
        message = f"{', '.join(alone)} would have no active owner: make somebody else the owner first"
        raise Conflict(message, code="last_owner", teams=alone)


async def _refuse_last_admin(unit: Unit, leaving: User) -> None:
    admins = await unit.find(User, is_admin=True)
    if not any(admin.active for admin in admins if admin.id != leaving.id):
        raise Conflict(
            "the instance always has an active admin: make somebody else one first", code="last_admin"
        )


class UserFields(TypedDict, total=False):
    """What a user may change of themselves."""

    name: str
    time_zone: str


class Me(UseCases):
    """`me.me`: the caller's own account."""

    async def get(self) -> User:
        """The caller. Raises: Unauthenticated, if the account is disabled or gone."""
        return await self._oneself(self._rows)

    @command
    async def edit(self, unit: Unit, *, if_version: int | None = None, **fields: Unpack[UserFields]) -> User:
        """Change one's name or time zone. Raises: Invalid, PreconditionFailed."""
        user = await self._oneself(unit)
        require(Standing(user.id, is_admin=user.is_admin), "user.update_self", "user")
        changed = attrs.evolve(user, **sound(UserFields, fields))
        refuse(user_faults(changed))
        expect_version(user, if_version)
        if changed == user:
            return user
        saved: list[User] = await unit.save([attrs.evolve(changed, version=user.version + 1)])
        return saved[0]
