"""The use cases of one's own sessions and API tokens, and of the tokens that are good in a team."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command
from taskcore.errors import Fault, refuse
from taskcore.fields import in_utc
from taskcore.identity.model import ApiToken, Session
from taskcore.identity.tokens import API, hashed, hint, written
from taskcore.paging import Page, slice_page
from taskcore.permissions import SCOPES, Standing, missing, refused
from taskcore.ports import Seen, Unit
from taskcore.teams.model import Membership, Team
from taskcore.values import Role, TokenId, text_faults


class Sessions(UseCases):
    """`me.sessions`: where the caller is signed in."""

    async def list(self, *, limit: object = 50, cursor: str | None = None) -> Page[Session]:
        """The caller's open sessions, the eldest first."""
        user = await self._oneself(self._rows, "session.list_own")
        now = self._caller.clock()
        found = await self._rows.find(Session, user_id=user.id, revoked_at=None)
        living = [each for each in found if each.open_at(now)]
        return await slice_page(self._caller, living, limit, cursor, ["sessions", user.id])

    @command
    async def revoke(self, unit: Unit, session: UUID | str, *, idempotency_key: str | None = None) -> None:
        """End one of the caller's sessions, from the next request on. Raises: NotFound."""
        user = await self._oneself(unit, "session.revoke_own")
        wanted = _id(session)
        found = await unit.find(Session, id=wanted, user_id=user.id) if wanted else []
        if not found:
            raise missing(f"session {session}")
        if found[0].revoked_at is not None:
            return
        stamp = self._caller.stamp()
        ended = attrs.evolve(found[0], revoked_at=stamp.now, version=found[0].version + 1)
        await unit.save([ended, stamp.audit("session.revoke_own", "session", ended.id)])


class Tokens(UseCases):
    """`me.tokens`: credentials for programs."""

    @command
    async def create(
        self,
        unit: Unit,
        name: str,
        *,
        scopes: Sequence[str] = ("read",),
        expires_at: datetime | None = None,
        team: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> tuple[ApiToken, str]:
        """
        Make a token, and give its text, this once.

        It is good for `scopes`, never for more than its user's role; with `team` there only.

        Raises: NotFound; Forbidden, for scopes beyond one's role in `team`, and for a token that asks;
        Invalid.
        """
        user = await self._oneself(unit)
        home = None
        if team is not None:
            home, seen = await self._allowed(unit, Team, team, "team.read", "api_token.create_own")
            _refuse_beyond_role(seen, scopes)
        else:
            self._demand(Standing(self._caller.actor, role=Role.GUEST), "api_token.create_own", "token")
        stamp = self._caller.stamp()
        text = written(API, self._caller.new_token())
        token = ApiToken(
            id=TokenId(stamp.new_id()),
            user_id=user.id,
            name=name,
            scopes=tuple(dict.fromkeys(scopes)) if not isinstance(scopes, str) else (scopes,),
            token_hash=hashed(text),
            hint=hint(text),
            created_at=stamp.now,
            expires_at=None if expires_at is None else in_utc("expires_at", expires_at),
            team_id=home.id if home else None,
        )
        refuse(_faults(token, stamp.now))
        entry = stamp.audit(
            "api_token.create_own", "token", token.id, team_id=token.team_id, data={"scopes": token.scopes}
        )
        saved: list[Any] = await unit.save([token, entry])
        return saved[0], text

    async def list(self, *, limit: object = 50, cursor: str | None = None) -> Page[ApiToken]:
        """The caller's tokens that are not revoked, the eldest first."""
        user = await self._oneself(self._rows, "api_token.list_own")
        found = await self._rows.find(ApiToken, user_id=user.id, revoked_at=None)
        return await slice_page(self._caller, found, limit, cursor, ["tokens", user.id])

    @command
    async def revoke(self, unit: Unit, token: UUID | str, *, idempotency_key: str | None = None) -> None:
        """Take one of the caller's tokens back, from the next request on. Raises: NotFound."""
        user = await self._oneself(unit, "api_token.revoke_own")
        wanted = _id(token)
        found = await unit.find(ApiToken, id=wanted, user_id=user.id) if wanted else []
        if not found:
            raise missing(f"token {token}")
        if self._caller.actor.token_id not in (None, wanted):
            message = "a token takes back itself, and no other"
            raise refused(Standing(self._caller.actor), "api_token.revoke_own", message, "insufficient_scope")
        await self._revoke(unit, found[0], "api_token.revoke_own")

    async def list_team(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[ApiToken]:
        """Everybody's tokens that are good in this team only."""
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "api_token.list_team")
        found = await self._rows.find(ApiToken, team_id=home.id, revoked_at=None)
        return await slice_page(self._caller, found, limit, cursor, ["team tokens", home.id])

    @command
    async def revoke_other(
        self, unit: Unit, team: UUID | str, token: UUID | str, *, idempotency_key: str | None = None
    ) -> None:
        """Take a token of this team back; an admin those of members and guests."""
        home, seen = await self._allowed(unit, Team, team, "team.read", "api_token.revoke_other")
        wanted = _id(token)
        found = await unit.find(ApiToken, id=wanted, team_id=home.id) if wanted else []
        if not found:
            raise missing(f"token {token}")
        members = await unit.find(Membership, team_id=home.id, user_id=found[0].user_id)
        own = seen.standing.role
        lower = not members or (own is not None and own.outranks(members[0].role))
        self._require(seen.standing, "api_token.revoke_other", f"token {token}", lower=lower)
        await self._revoke(unit, found[0], "api_token.revoke_other")

    async def _revoke(self, unit: Unit, token: ApiToken, action: str) -> None:
        if token.revoked_at is not None:
            return
        stamp = self._caller.stamp()
        revoked = attrs.evolve(token, revoked_at=stamp.now, version=token.version + 1)
        await unit.save([revoked, stamp.audit(action, "token", token.id, team_id=token.team_id)])


def _refuse_beyond_role(seen: Seen[Team], scopes: Sequence[str]) -> None:
    """Raise `Forbidden` for scopes that the role could never fill: a guest only reads, and only owners
    and admins run a team."""
    role = seen.standing.role
    beyond = {
        Role.GUEST: [scope for scope in scopes if not scope.endswith("read")],
        Role.MEMBER: [scope for scope in scopes if scope == "admin"],
    }
    if role is not None and beyond.get(role):
        message = f"a {role} gives no token the scope {beyond[role][0]}"
        raise refused(seen.standing, "api_token.create_own", message)


def _faults(token: ApiToken, now: datetime) -> list[Fault]:
    faults = text_faults("name", token.name, least=1, most=100)
    unknown = [scope for scope in token.scopes if scope not in SCOPES]
    if unknown or not token.scopes:
        given = f", not {', '.join(map(repr, unknown))[:80]}" if unknown else ""
        faults.append(Fault("scopes", f"must be some of {', '.join(SCOPES)}{given}"))
    if token.expires_at is not None and token.expires_at <= now:
        faults.append(Fault("expires_at", "must lie in the future"))
    return faults


def _id(ref: UUID | str) -> UUID | None:
    try:
        return ref if isinstance(ref, UUID) else UUID(ref)
    except (ValueError, TypeError, AttributeError):
        return None
