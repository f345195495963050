"""The use cases of invitations: an e-mail address is asked to join with a role."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs

from taskcore.caller import Caller, UseCases, command
from taskcore.errors import Conflict, Fault, Forbidden, NotFound, refuse
from taskcore.events import Event, Stamp
from taskcore.fields import word
from taskcore.identity.model import User, folded_email, user_faults
from taskcore.paging import Page, slice_page
from taskcore.permissions import missing, require
from taskcore.ports import Unit
from taskcore.teams.membership import member_event
from taskcore.teams.model import Invitation, Membership, Team
from taskcore.values import InvitationId, Role, RoleWord

LIFETIME = timedelta(days=7)


class Invitations(UseCases):
    """`me.invitations`."""

    def __init__(self, caller: Caller, new_token: Callable[[], str]) -> None:
        super().__init__(caller)
        self._new_token = new_token

    @command
    async def create(
        self, unit: Unit, team: UUID | str, email: str, role: RoleWord = Role.MEMBER
    ) -> tuple[Invitation, str]:
        """
        Ask an e-mail address to join; gives the invitation, and the token that accepts it, once.

        Raises: NotFound; Forbidden, for a role that one may not grant; Invalid; Conflict
        `already_exists`, if the person is in the team or asked already.
        """
        home, seen = await self._allowed(unit, Team, team, "team.read")
        role, own = word(Role, role, "role"), seen.standing.role
        if role is Role.OWNER:
            require(seen.standing, "invitation.create", f"team {team}")
            raise Forbidden(
                "nobody is invited as an owner: invite, then transfer", action="invitation.create"
            )
        lower = own is Role.OWNER or (own is not None and own.outranks(role))
        require(seen.standing, "invitation.create", f"team {team}", lower=lower)
        stamp = self._caller.stamp()
        invitation, token = self._invitation(home, folded_email(email), role, stamp)
        await unit.lock(home.id)
        await self._refuse_known(unit, home, invitation)
        event = _event("member.invited", invitation, stamp)
        saved: list[Invitation] = await unit.save([invitation], events=[event])
        return saved[0], token

    def _invitation(self, team: Team, email: str, role: Role, stamp: Stamp) -> tuple[Invitation, str]:
        someone = User(self._caller.user_id, email, "someone", stamp.now)
        refuse(Fault("email", fault.reason) for fault in user_faults(someone))
        token = self._new_token()
        return (
            Invitation(
                id=InvitationId(stamp.new_id()),
                team_id=team.id,
                email=email,
                role=role,
                token_hash=_hash(token),
                invited_by=self._caller.user_id,
                created_at=stamp.now,
                expires_at=stamp.now + LIFETIME,
            ),
            token,
        )

    async def _refuse_known(self, unit: Unit, team: Team, wanted: Invitation) -> None:
        users = await unit.find(User, email=wanted.email)
        if await unit.find(Membership, team_id=team.id, user_id=tuple(user.id for user in users)):
            raise Conflict(f"{wanted.email} is in the team already", code="already_exists", field="email")
        others = await unit.find(Invitation, team_id=team.id, email=wanted.email)
        if any(other.open_at(wanted.created_at) for other in others):
            raise Conflict(f"{wanted.email} is invited already", code="already_exists", field="email")

    async def list(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[Invitation]:
        """Invitations that can still be accepted."""
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "invitation.list")
        now = self._caller.clock()
        found = [each for each in await self._rows.find(Invitation, team_id=home.id) if each.open_at(now)]
        return await slice_page(self._caller, found, limit, cursor, ["invitations", home.id])

    @command
    async def revoke(self, unit: Unit, team: UUID | str, invitation: UUID | str) -> None:
        """Take an invitation back: its token is good for nothing then."""
        home, _ = await self._allowed(unit, Team, team, "team.read", "invitation.list")
        current, seen = await self._allowed(unit, Invitation, invitation, "invitation.list")
        if current.team_id != home.id:
            raise missing(f"invitation {invitation}")
        own = seen.standing.role
        lower = own is Role.OWNER or (own is not None and own.outranks(current.role))
        require(seen.standing, "invitation.revoke", f"invitation {invitation}", lower=lower)
        if current.revoked_at is not None or current.accepted_at is not None:
            return
        stamp = self._caller.stamp()
        changed = attrs.evolve(current, revoked_at=stamp.now, version=current.version + 1)
        await unit.save([changed], events=[_event("invitation.revoked", changed, stamp)])

    @command
    async def accept(self, unit: Unit, token: str) -> Team:
        """
        Join the team that a token invites the caller to.

        Raises: NotFound, alike for a token that is wrong, expired, used, revoked, or meant for
        another e-mail address.
        """
        oneself = await self._oneself(unit)
        stamp = self._caller.stamp()
        found = await unit.find(Invitation, token_hash=_hash(token))
        invitation = next(
            (each for each in found if each.open_at(stamp.now) and each.email == oneself.email), None
        )
        teams = await unit.find(Team, id=invitation.team_id, deleted_at=None) if invitation else []
        if invitation is None or not teams:
            raise NotFound("no such invitation: it is wrong, used, expired, or for another e-mail address")
        await unit.lock(invitation.team_id)
        accepted = attrs.evolve(invitation, accepted_at=stamp.now, version=invitation.version + 1)
        joined = Membership(invitation.team_id, oneself.id, invitation.role, stamp.now)
        event = member_event("member.joined", joined, oneself, stamp)
        await unit.save([accepted, joined], events=[event])
        return teams[0]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _event(kind: str, invitation: Invitation, stamp: Stamp, **changes: Any) -> Event:
    data = {**changes, "invitation": {"role": invitation.role.value}}
    return stamp.event(kind, invitation.team_id, "invitation", invitation.id, data)
