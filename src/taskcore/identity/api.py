"""The use cases of users: the operator's, and a user's own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import (
    Caller,
    Judged,
    Outside,
    UseCases,
    command,
    command_across_teams,
    enter_refusal,
    expect_version,
    refusals_entered,
    repeatable,
)
from taskcore.delivery.letters import account as letters
from taskcore.delivery.mailing import account_job
from taskcore.delivery.preferences import NotificationPreferences, preferences_of, with_next_digest
from taskcore.errors import Forbidden, invalid, refuse
from taskcore.events import Stamp, difference
from taskcore.fields import sound
from taskcore.identity import accounts
from taskcore.identity.accounts import Accounts
from taskcore.identity.auth import mailed_token
from taskcore.identity.model import (
    Credential,
    Purpose,
    User,
    folded_email,
    password_faults,
    user_faults,
)
from taskcore.permissions import Standing, missing, refused
from taskcore.ports import Entity, Unit
from taskcore.teams.model import Invitation
from taskcore.values import UserId
from taskcore.watching.arming import moved


class Users:
    """`core.users`: what the operator does. Asks no permission: doors offer it to the operator alone."""

    def __init__(self, outside: Outside, accounts: Accounts) -> None:
        self._outside = outside
        self._accounts = accounts

    async def register(
        self,
        email: str,
        *,
        name: str,
        password: str | None,
        time_zone: str = "UTC",
        is_admin: bool = False,
    ) -> User:
        """
        Make an account; one without a password is a service's, and acts by API tokens only.

        The operator vouches for the address. Raises: Invalid, with every fault; Conflict
        `already_exists`, if the e-mail has one.
        """
        now = self._outside.clock()
        user = User(
            UserId(self._outside.ids()),
            folded_email(email),
            name,
            now,
            time_zone=time_zone,
            is_admin=is_admin,
            email_verified_at=now,
        )
        faults = password_faults(password, user.email) if password is not None else []
        refuse(user_faults(user) + faults)
        entry = self._entry("auth.sign_up_in_out", user, sign="up", is_admin=is_admin)
        things: list[Any] = [user, preferences_of(user, now), entry]
        if password is not None:
            things.append(Credential(user.id, await self._outside.hasher.hash(password)))

        async def work(unit: Unit) -> User:
            saved: list[Any] = await unit.save(things)
            return saved[0]  # type: ignore[no-any-return]

        return await self._outside.store.transact(work)

    async def is_invited(self, email: str) -> bool:
        """Whether a team waits for somebody with that e-mail."""
        now = self._outside.clock()
        invitations = await self._outside.store.rows().find(Invitation, email=folded_email(email))
        return any(each.open_at(now) for each in invitations)

    async def authenticate(self, email: str, password: str) -> User:
        """The user whom e-mail and password prove, without a session. Raises: Unauthenticated."""
        return await self._accounts.authenticate(email, password)

    async def find(self, email: str | UUID) -> User:
        """The user with that e-mail, or id. Raises: NotFound."""
        rows = self._outside.store.rows()
        users = await rows.find(User, email=folded_email(str(email)))
        if not users:
            with suppress(ValueError):
                users = await rows.find(User, id=UUID(str(email)))
        if not users:
            raise missing(f"user {email}")
        return users[0]

    async def list(self) -> Sequence[User]:
        """Everybody on this instance, the eldest first."""
        return await self._outside.store.rows().find(User)

    async def disable(self, email: str | UUID) -> User:
        """
        Shut an account: from the next request on it can do nothing.

        Raises: NotFound; Conflict `last_owner`, with the keys of the `teams` that nobody else owns;
        Conflict `last_admin`, if nobody else administers the instance.
        """
        user_id = (await self.find(email)).id

        async def work(unit: Unit) -> User:
            user = (await unit.find(User, id=user_id))[0]
            if not user.active:
                return user
            changed = await accounts.disabled(unit, user, self._outside.clock())
            saved: list[Any] = await unit.save([*changed, self._entry("instance.user_suspend", user)])
            return saved[0]  # type: ignore[no-any-return]

        return await self._outside.store.transact(work)

    async def enable(self, email: str | UUID) -> User:
        """Open a shut account again. Raises: NotFound; Conflict, if its owner deleted it."""
        user = await self.find(email)
        if user.active:
            return user
        accounts.refuse_deleted(user)
        opened = attrs.evolve(user, disabled_at=None, version=user.version + 1)
        return await self._save(opened, self._entry("instance.user_suspend", user, enabled=True))

    async def set_admin(self, email: str | UUID, *, is_admin: bool) -> User:
        """Let somebody run the instance, or no longer. Raises: NotFound; Conflict `last_admin`."""
        user_id = (await self.find(email)).id

        async def work(unit: Unit) -> User:
            user = (await unit.find(User, id=user_id))[0]
            if user.is_admin == is_admin:
                return user
            if not is_admin:
                await accounts.refuse_last_admin(unit, user)
            changed = attrs.evolve(user, is_admin=is_admin, version=user.version + 1)
            entry = self._entry("instance.settings", user, is_admin=is_admin)
            saved: list[Any] = await unit.save([changed, entry])
            return saved[0]  # type: ignore[no-any-return]

        return await self._outside.store.transact(work)

    async def log_out(self, email: str | UUID) -> None:
        """End every session of a user. Raises: NotFound."""
        user = await self.find(email)

        async def work(unit: Unit) -> None:
            ended = await accounts.ended_sessions(unit, user.id, self._outside.clock())
            await unit.save([*ended, self._entry("instance.user_force_logout", user)])

        await self._outside.store.transact(work)

    async def reset_password(self, email: str | UUID, password: str) -> User:
        """Give a user a new password; their sessions end. Raises: NotFound, Invalid."""
        user = await self.find(email)
        refuse(password_faults(password, user.email))
        hashed = await self._outside.hasher.hash(password)

        async def work(unit: Unit) -> None:
            stamp = Stamp(user.id, self._outside.clock(), self._outside.ids, "operator")
            changed = await self._accounts.renewed(unit, user, hashed, stamp)
            await unit.save([*changed, self._entry("user.update_self", user, by="operator")])

        await self._outside.store.transact(work)
        return user

    def _entry(self, action: str, user: User, **data: object) -> Any:
        """In the audit an operator's doing has no actor: whoever has the machine is nobody here."""
        stamp = Stamp(user.id, self._outside.clock(), self._outside.ids, "operator")
        return attrs.evolve(stamp.audit(action, "user", user.id, data=data), actor_id=None)

    async def _save(self, user: User, *more: Any) -> User:
        async def work(unit: Unit) -> User:
            saved: list[Any] = await unit.save([user, *more])
            return saved[0]  # type: ignore[no-any-return]

        return await self._outside.store.transact(work)


class UserFields(TypedDict, total=False):
    """What a user may change of themselves; a new `email` wants the `current` password with it."""

    name: str
    time_zone: str
    email: str
    current: str


class Me(UseCases):
    """`me.me`: the caller's own account."""

    def __init__(self, caller: Caller, accounts: Accounts) -> None:
        super().__init__(caller)
        self._accounts = accounts

    async def get(self) -> User:
        """The caller. Raises: Unauthenticated, if the account is disabled or gone."""
        return await self._oneself(self._rows, "user.read_self")

    @repeatable
    async def edit(
        self,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[UserFields],
    ) -> User:
        """
        Change one's name, time zone or e-mail address.

        Where mail reaches people, a new address is the account's once it is confirmed by the token that is
        mailed there; elsewhere at once, to be verified. The old address is told. An address that has an account
        is answered alike, where mail can tell its owner.

        Raises: Invalid, PreconditionFailed; Forbidden `reauthenticate`, for a new address without the
        current password, or by an API token; Conflict `already_exists`, where no mail reaches people.
        """
        wanted: dict[str, Any] = dict(sound(UserFields, fields))
        current_password = wanted.pop("current", None)
        if "email" in wanted:
            wanted["email"] = folded_email(wanted["email"])
            async with refusals_entered(self._caller):
                await self._reauthenticate(wanted["email"], current_password)
        return await self._edit(wanted, if_version, await self._caller.store.secret())

    async def _reauthenticate(self, email: str, password: str | None) -> None:
        """Raise unless the address stays as it is, or the caller has just shown their password."""
        oneself = await self._oneself(self._rows, "user.update_self")
        if email == oneself.email:
            return
        if self._caller.actor.token_id is not None:
            raise self._refused("an API token changes no e-mail address", "insufficient_scope")
        if password is None or not await self._accounts.is_password(oneself.id, password):
            message = "a new e-mail address wants your current password with it, as `current`"
            raise self._refused(message, "reauthenticate")

    def _refused(self, message: str, code: str) -> Forbidden:
        return refused(Standing(self._caller.actor), "user.update_self", message, code)

    @command_across_teams
    async def _edit(self, unit: Unit, wanted: dict[str, Any], if_version: int | None, seal: bytes) -> User:
        user = await self._oneself(unit, "user.update_self")
        changed = attrs.evolve(user, **wanted)
        refuse(user_faults(changed))
        expect_version(user, if_version)
        if changed == user:
            return user
        stamp = self._caller.stamp()
        new = list[Entity]()
        told = difference(user, changed, frozenset({"version"}))
        if changed.email != user.email:
            changed, new = await self._moving(unit, user, changed, stamp, seal)
        if changed != user:
            changed = attrs.evolve(changed, version=user.version + 1)
            new = [changed, *new, *await self._moved(unit, user, changed, stamp)]
        await unit.save([*new, stamp.audit("user.update_self", "user", user.id, data=told)])
        return changed

    async def _moved(self, unit: Unit, user: User, changed: User, stamp: Stamp) -> Sequence[Entity]:
        """Who lives in another zone has another morning."""
        if user.time_zone == changed.time_zone:
            return []
        found = await unit.find(NotificationPreferences, user_id=user.id)
        digests = [with_next_digest(each, changed, stamp.now) for each in found]
        return [*digests, moved(user.id, stamp.now, stamp.new_id)]

    async def _moving(
        self, unit: Unit, user: User, changed: User, stamp: Stamp, seal: bytes
    ) -> tuple[User, list[Entity]]:
        """The account on its way to another address, the token that is mailed there, and what is mailed.

        Whose jobs these are is not said: by what lies in them, one learned whether somebody has that address.
        """
        email, secret = changed.email, self._caller.new_token()
        if not self._caller.outside.mail.reaches_people:
            token, kept = mailed_token(secret, Purpose.VERIFY, email, user, stamp)
            changed, letter = (
                attrs.evolve(changed, email_verified_at=None),
                letters.verification(email, token),
            )
        else:
            owner = None if await unit.find(User, email=email) else user
            token, kept = mailed_token(secret, Purpose.CHANGE, email, owner, stamp)
            changed = attrs.evolve(changed, email=user.email)
            letter = letters.verification(email, token) if owner else letters.not_given_away(email)
        asking = account_job(letter, stamp, until=kept.expires_at, seal=seal)
        telling = account_job(letters.email_changed(user.email, email), stamp)
        return changed, [kept, asking, telling]

    @repeatable
    async def change_password(
        self, current: str, password: str, *, idempotency_key: str | None = None
    ) -> None:
        """
        Change one's password; every session ends, the caller's too.

        Raises: Invalid, for a wrong current one too; Forbidden, for an API token.
        """
        async with refusals_entered(self._caller):
            user = await self._oneself(self._rows, "user.update_self")
            if self._caller.actor.token_id is not None:
                raise self._refused("an API token changes no password", "insufficient_scope")
        if not await self._accounts.is_password(user.id, current):
            await enter_refusal(self._caller, Judged("user.update_self", None, "user"), "wrong_credentials")
            raise invalid("current", "is not your password")
        refuse(password_faults(password, user.email))
        await self._change_password(await self._caller.outside.hasher.hash(password))

    @command
    async def _change_password(self, unit: Unit, hashed: str) -> None:
        user = await self._oneself(unit)
        stamp = self._caller.stamp()
        changed = await self._accounts.renewed(unit, user, hashed, stamp)
        told = account_job(letters.password_changed(user.email), stamp, user_id=user.id)
        entry = stamp.audit("user.update_self", "user", user.id, data={"password": True})
        await unit.save([*changed, told, entry])

    @repeatable
    async def request_verification(self, *, idempotency_key: str | None = None) -> None:
        """Mail a token that verifies one's address, if it is not verified yet."""
        await self._new_verification(await self._caller.store.secret())

    @command
    async def _new_verification(self, unit: Unit, seal: bytes) -> None:
        user = await self._oneself(unit, "user.update_self")
        if user.email_verified_at is not None:
            return
        stamp = self._caller.stamp()
        token, kept = mailed_token(self._caller.new_token(), Purpose.VERIFY, user.email, user, stamp)
        letter = letters.verification(user.email, token)
        asking = account_job(letter, stamp, user_id=user.id, until=kept.expires_at, seal=seal)
        await unit.save([kept, asking])

    @command_across_teams
    async def delete(
        self, unit: Unit, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None:
        """
        Delete one's account: one leaves every team, and what one wrote stays under nobody's name.

        Raises: Conflict `last_owner`, with the keys of the `teams`; Conflict `last_admin`.
        """
        user = await self._oneself(unit, "user.delete_self")
        expect_version(user, if_version)
        stamp = self._caller.stamp()
        changed, removed, events = await accounts.deleted(unit, user, stamp)
        entry = stamp.audit("user.delete_self", "user", user.id)
        await unit.save([*changed, entry], removed=removed, events=events)
