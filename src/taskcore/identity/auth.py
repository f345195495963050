"""`core.auth`: proving who one is. Anybody may call these; each decides by what it is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import attrs

from taskcore.caller import Outside
from taskcore.delivery.letters import account as letters
from taskcore.delivery.mailing import account_job
from taskcore.delivery.preferences import preferences_of
from taskcore.errors import (
    Conflict,
    Forbidden,
    Invalid,
    PreconditionFailed,
    Unauthenticated,
    invalid,
    refuse,
)
from taskcore.events import Stamp
from taskcore.identity import accounts, sessions
from taskcore.identity.accounts import Accounts
from taskcore.identity.model import (
    ApiToken,
    AuditEntry,
    Credential,
    EmailToken,
    ExternalIdentity,
    Identity,
    Purpose,
    User,
    folded_email,
    password_faults,
    user_faults,
)
from taskcore.identity.sessions import SignedIn
from taskcore.identity.tokens import API, MAILED, hashed, successor, well_formed, written
from taskcore.permissions import Actor
from taskcore.ports import Entity, Rows, Unit
from taskcore.teams.model import Invitation
from taskcore.values import TokenId, UserId

RESET, VERIFY = timedelta(hours=1), timedelta(days=1)
USE_NOTED_EVERY = timedelta(hours=1)
Also = Callable[[Unit, User, Stamp], Awaitable[list[Entity]]]
"""What else a mailed token brings about."""


class Auth:
    """Sign-up, sign-in, and everything that is decided by a token alone."""

    def __init__(self, outside: Outside, passwords: Accounts) -> None:
        self._outside = outside
        self._accounts = passwords

    async def sign_up(
        self, email: str, *, name: str, password: str, time_zone: str = "UTC", origin: str | None = None
    ) -> SignedIn:
        """
        Make an account, and a session of it.

        Where mail reaches people, a known address is answered as a new one is, by a session that is
        none, and its owner is told by mail.

        Raises: Invalid, with every fault; Forbidden `signup_closed`; Conflict `already_exists`.
        """
        stamp = self._stamp(UserId(self._outside.ids()), origin)
        user = User(stamp.actor_id, folded_email(email), name, stamp.now, time_zone=time_zone)
        refuse(user_faults(user) + password_faults(password, user.email))
        try:
            await self._refuse_uninvited(user.email, stamp.now)
        except Forbidden:
            await self._save([self._refused(origin, sign="up")])
            raise
        credential = Credential(user.id, await self._outside.hasher.hash(password))
        signed, rows = sessions.begun(user, self._outside.new_token(), stamp)
        owner = user if await self._is_new(user.email) else None
        token, mailed = self._mailed(Purpose.VERIFY, user.email, owner, stamp)
        key = await self._outside.store.secret()
        if owner is None:
            known = letters.known_already(user.email)
            await self._save([mailed, account_job(known, stamp, seal=key)])
            return signed
        letter = account_job(
            letters.verification(user.email, token), stamp, until=mailed.expires_at, seal=key
        )
        granted = stamp.audit("auth.sign_up_in_out", "user", user.id, data={"sign": "up"})
        preferences = preferences_of(user, stamp.now)
        await self._save([user, preferences, credential, *rows, mailed, letter, granted])
        return signed

    async def _is_new(self, email: str) -> bool:
        if not await self._outside.store.rows().find(User, email=email):
            return True
        if not self._outside.mail.reaches_people:
            raise Conflict("there is another user with this email", code="already_exists", field="email")
        return False

    async def _refuse_uninvited(self, email: str, now: datetime) -> None:
        if self._outside.signup == "open":
            return
        found = await self._outside.store.rows().find(Invitation, email=email)
        if self._outside.signup == "closed" or not any(each.open_at(now) for each in found):
            raise Forbidden(
                "sign-up is not open here: ask for an account or an invitation", code="signup_closed"
            )

    async def sign_in(self, email: str, password: str, *, origin: str | None = None) -> SignedIn:
        """
        A session for whom e-mail and password prove. Takes as long for an unknown e-mail.

        Raises: Unauthenticated `wrong_credentials`.
        """
        try:
            user = await self._accounts.authenticate(email, password)
        except Unauthenticated:
            await self._save([self._refused(origin, sign="in")])
            raise
        stamp = self._stamp(user.id, origin)
        signed, rows = sessions.begun(user, self._outside.new_token(), stamp)
        granted = stamp.audit("auth.sign_up_in_out", "user", user.id, data={"sign": "in"})

        async def work(unit: Unit) -> None:
            await unit.save([*rows, granted], removed=await sessions.outlived(unit, user.id, stamp.now))

        await self._outside.store.transact(work)
        return signed

    def _refused(self, origin: str | None, **data: object) -> AuditEntry:
        """What the audit has of somebody who is nobody here."""
        entry = self._stamp(UserId(self._outside.ids()), origin).audit(
            "auth.sign_up_in_out", "user", allowed=False, data=data
        )
        return attrs.evolve(entry, actor_id=None)

    @asynccontextmanager
    async def _entered(self, origin: str | None, token: str) -> AsyncIterator[None]:
        """A token of the kind `token` that is no good within is entered into the audit."""
        try:
            yield
        except (Invalid, Unauthenticated) as refused:
            if refused.code in ("invalid_token", "invalid_refresh_token"):
                await self._save([self._refused(origin, token=token)])
            raise

    async def refresh(self, token: str, *, origin: str | None = None) -> SignedIn:
        """
        The next refresh token of a session.

        A token is good once. Within ten seconds it gives the same successor again; later its use
        shows that somebody has a copy, and ends the session.

        Raises: Unauthenticated `invalid_refresh_token`.
        """
        follower = successor(token, await self._outside.store.secret())

        async def work(unit: Unit) -> SignedIn | None:
            return await self._refreshed(unit, token, follower, origin)

        async with self._entered(origin, "refresh"):
            signed = await self._outside.store.transact(work)
        if signed is None:
            raise sessions.over()
        return signed

    async def _refreshed(self, unit: Unit, token: str, follower: str, origin: str | None) -> SignedIn | None:
        """The session with its next token; None, if it has just been ended because the token was spent."""
        now = self._outside.clock()
        spent, session, user = await sessions.family(unit, token)
        if not session.open_at(now) or now >= spent.expires_at or not user.active:
            raise sessions.over()
        if spent.used_at is not None:
            if now - spent.used_at < sessions.GRACE:
                return SignedIn(user, session, follower)
            stamp = self._stamp(user.id, origin)
            entry = stamp.audit(
                "auth.sign_up_in_out", "session", session.id, allowed=False, data={"reused": True}
            )
            await unit.save([sessions.revoked(session, now), entry])
            return None
        renewed = sessions.continued(spent, session, follower, self._stamp(user.id, origin))
        saved: list[Any] = await unit.save(renewed)
        return SignedIn(user, saved[0], follower)

    async def sign_out(self, token: str, *, origin: str | None = None) -> None:
        """End the session that a refresh token belongs to; one that is none ends nothing."""

        async def work(unit: Unit) -> None:
            with suppress(Unauthenticated):
                _, session, user = await sessions.family(unit, token)
                stamp = self._stamp(user.id, origin)
                if session.revoked_at is None:
                    entry = stamp.audit("auth.sign_up_in_out", "session", session.id, data={"sign": "out"})
                    await unit.save([sessions.revoked(session, stamp.now), entry])

        await self._outside.store.transact(work)

    async def request_reset(self, email: str, *, origin: str | None = None) -> None:
        """
        Mail a token that sets a new password, if somebody with a password has that address.

        Does the same for an address that nobody has, save that no mail goes out.
        """
        address = folded_email(email)
        rows = self._outside.store.rows()
        users = await rows.find(User, email=address)
        owner = users[0] if users and users[0].active else None
        credentials = await rows.find(Credential, user_id=owner.id if owner else self._outside.ids())
        stamp = self._stamp(UserId(self._outside.ids()), origin)
        token, mailed = self._mailed(Purpose.RESET, address, owner if credentials else None, stamp)
        letter = account_job(
            letters.reset(address, token),
            stamp,
            until=mailed.expires_at,
            seal=await self._outside.store.secret(),
            nobody=mailed.user_id is None,
        )
        await self._save([mailed, letter])

    async def reset(self, token: str, password: str, *, origin: str | None = None) -> None:
        """Set a new password by a token that came by mail; ends every session. Raises: Invalid."""
        async with self._entered(origin, "reset"):
            found = await self._good(self._outside.store.rows(), token, Purpose.RESET)
        refuse(password_faults(password, found.email))
        hashed_password = await self._outside.hasher.hash(password)

        async def renewed(unit: Unit, user: User, stamp: Stamp) -> list[Entity]:
            told = account_job(letters.password_changed(user.email), stamp)
            return [*await self._accounts.renewed(unit, user, hashed_password, stamp), told]

        await self._spend(token, Purpose.RESET, renewed, origin)

    async def verify_email(self, token: str, *, origin: str | None = None) -> None:
        """
        Believe, by a token that came by mail, that the address is the account's; it becomes that, if a
        change to it was asked for.

        Raises: Invalid; Conflict `already_exists`, if somebody else has the address meanwhile.
        """
        found = await self._outside.store.rows().find(
            EmailToken, token_hash=hashed(token), purpose=Purpose.CHANGE
        )

        async def nothing_more(unit: Unit, user: User, stamp: Stamp) -> list[Entity]:  # noqa: ARG001  its shape
            return []

        async with self._entered(origin, "verify"):
            await self._spend(token, Purpose.CHANGE if found else Purpose.VERIFY, nothing_more, origin)

    async def _good(self, reader: Rows | Unit, token: str, purpose: Purpose) -> EmailToken:
        """The mailed token, if it is open and none was asked for after it. Raises: Invalid."""
        found = await reader.find(EmailToken, token_hash=hashed(token), purpose=purpose)
        whose = "user_id" if purpose is Purpose.CHANGE else "email"
        sent = (
            await reader.find(EmailToken, purpose=purpose, **{whose: getattr(found[0], whose)})
            if found
            else []
        )
        if not found or found[0] != sent[-1] or not found[0].open_at(self._outside.clock()):
            raise _no_such_token()
        return found[0]

    async def _spend(self, token: str, purpose: Purpose, also: Also, origin: str | None) -> None:
        """Use a mailed token once, with all that follows in one unit of work."""

        async def work(unit: Unit) -> None:
            good = await self._good(unit, token, purpose)
            users = await unit.find(User, id=good.user_id)
            if not users or not users[0].active:
                raise _no_such_token()
            if purpose is not Purpose.CHANGE and users[0].email != good.email:
                raise _no_such_token()
            user, stamp = users[0], self._stamp(users[0].id, origin)
            changed: list[Entity] = [attrs.evolve(good, used_at=stamp.now, version=good.version + 1)]
            if purpose is Purpose.CHANGE:
                changed.append(
                    attrs.evolve(
                        user, email=good.email, email_verified_at=stamp.now, version=user.version + 1
                    )
                )
                changed += await accounts.mailed_again(unit, user.id)
            elif user.email_verified_at is None:
                changed.append(attrs.evolve(user, email_verified_at=stamp.now, version=user.version + 1))
                if purpose is Purpose.RESET:
                    changed += await accounts.revoked_tokens(unit, user.id, stamp.now)
            entry = stamp.audit("user.update_self", "user", user.id, data={"by": purpose})
            await unit.save([*changed, *await also(unit, user, stamp), entry])

        try:
            await self._outside.store.transact(work)
        except PreconditionFailed as used_meanwhile:
            raise _no_such_token() from used_meanwhile

    def _mailed(
        self, purpose: Purpose, email: str, owner: User | None, stamp: Stamp
    ) -> tuple[str, EmailToken]:
        return mailed_token(self._outside.new_token(), purpose, email, owner, stamp)

    async def api_token(self, text: str) -> tuple[Actor, datetime | None]:
        """
        Whoever an API token stands for, and until when. That it is not revoked is judged anew at each use.

        Raises: Unauthenticated.
        """
        now = self._outside.clock()
        found = (
            await self._outside.store.rows().find(ApiToken, token_hash=hashed(text))
            if well_formed(text, API)
            else []
        )
        if not found or not found[0].open_at(now):
            raise Unauthenticated("this API token is unknown, expired or revoked")
        token = found[0]
        if token.used_at is None or now - token.used_at > USE_NOTED_EVERY:
            with suppress(PreconditionFailed):  # somebody else has just noted it
                await self._save([attrs.evolve(token, used_at=now, version=token.version + 1)])
        actor = Actor(token.user_id, token_id=token.id, scopes=frozenset(token.scopes), team_id=token.team_id)
        return actor, token.expires_at

    async def external(self, vouched: ExternalIdentity, *, origin: str | None = None) -> Actor:
        """
        Whoever another issuer vouches for; an account is made for who is new, if sign-up is open.

        An address that has an account here is taken for the same person only if both sides have
        verified it: else somebody could wait for the other with a copy of their address.

        Raises: Unauthenticated; Forbidden `signup_closed`.
        """
        known = await self._outside.store.rows().find(
            Identity, issuer=vouched.issuer, subject=vouched.subject
        )
        if known:
            return Actor(known[0].user_id)
        if vouched.email is None or not vouched.email_verified:
            raise Unauthenticated("the issuer of this token vouches for no verified e-mail address")
        return await self._acquainted(vouched, folded_email(vouched.email), origin)

    async def _acquainted(self, vouched: ExternalIdentity, email: str, origin: str | None) -> Actor:
        stamp = self._stamp(UserId(self._outside.ids()), origin)
        users = await self._outside.store.rows().find(User, email=email)
        if users and users[0].email_verified_at is None:
            raise Unauthenticated("sign in with your password, and verify your e-mail address first")
        new: list[Entity] = []
        if not users:
            await self._refuse_uninvited(email, stamp.now)
            name = (vouched.name or email.partition("@")[0])[:200]
            user = User(stamp.actor_id, email, name, stamp.now, email_verified_at=stamp.now)
            try:
                refuse(user_faults(user))
            except Invalid as fault:
                raise Unauthenticated(f"no account can be made for this token: {fault.message}") from fault
            users, new = [user], [user, preferences_of(user, stamp.now)]
        identity = Identity(vouched.issuer, vouched.subject, users[0].id, stamp.now)
        entry = stamp.audit("auth.sign_up_in_out", "user", users[0].id, data={"issuer": vouched.issuer})
        try:
            await self._save([*new, identity, entry])
        except Conflict:  # two of the first requests came at once
            known = await self._outside.store.rows().find(
                Identity, issuer=vouched.issuer, subject=vouched.subject
            )
            if not known:
                raise
            return Actor(known[0].user_id)
        return Actor(users[0].id)

    def _stamp(self, user_id: UserId, origin: str | None) -> Stamp:
        return Stamp(user_id, self._outside.clock(), self._outside.ids, origin)

    async def _save(self, things: list[Any]) -> None:
        async def work(unit: Unit) -> None:
            await unit.save(things)

        await self._outside.store.transact(work)


def mailed_token(
    secret: str, purpose: Purpose, email: str, owner: User | None, stamp: Stamp
) -> tuple[str, EmailToken]:
    """A token to be mailed, as its text and as it is kept."""
    text = written(MAILED, secret)
    lifetime = RESET if purpose is Purpose.RESET else VERIFY
    kept = EmailToken(
        id=TokenId(stamp.new_id()),
        purpose=purpose,
        email=email,
        token_hash=hashed(text),
        created_at=stamp.now,
        expires_at=stamp.now + lifetime,
        user_id=owner.id if owner else None,
    )
    return text, kept


def _no_such_token() -> Invalid:
    return invalid("token", "is wrong, used or expired: ask for a new one", code="invalid_token")
