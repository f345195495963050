"""The use cases of invitations: an e-mail address is asked to join with a role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, command_across_teams, repeatable
from taskcore.delivery.letters import account as letters
from taskcore.delivery.mailing import account_job
from taskcore.errors import Conflict, Fault, NotFound, refuse
from taskcore.events import Event, Stamp
from taskcore.fields import word
from taskcore.identity.model import AuditEntry, User, folded_email, user_faults
from taskcore.identity.tokens import hashed
from taskcore.jobs.model import Job
from taskcore.paging import Page, slice_page
from taskcore.permissions import Standing, missing, refused
from taskcore.ports import Unit
from taskcore.teams.membership import member_event
from taskcore.teams.model import Invitation, Membership, Team
from taskcore.values import InvitationId, Role, RoleWord

LIFETIME = timedelta(days=7)


class Invitations(UseCases):
    """`me.invitations`."""

    @repeatable
    async def create(
        self,
        team: UUID | str,
        email: str,
        role: RoleWord = Role.MEMBER,
        *,
        idempotency_key: str | None = None,
    ) -> tuple[Invitation, str]:
        """
        Ask an e-mail address to join, by mail; gives the invitation, and the token that accepts it, once.

        Raises: NotFound; Forbidden, for a role that one may not grant; Invalid; Conflict
        `already_exists`, if the person is in the team or asked already.
        """
        return await self._create(team, email, role, await self._caller.store.secret())

    @command
    async def _create(
        self, unit: Unit, team: UUID | str, email: str, role: RoleWord, seal: bytes
    ) -> tuple[Invitation, str]:
        home, seen = await self._allowed(unit, Team, team, "team.read")
        role = word(Role, role, "role")
        if role is Role.OWNER:
            self._require(seen.standing, "invitation.create", f"team {team}")
            message = "nobody is invited as an owner: invite, then transfer"
            raise refused(seen.standing, "invitation.create", message)
        self._require(seen.standing, "invitation.create", f"team {team}", lower=_above(seen.standing, role))
        if role is Role.ADMIN and self._caller.actor.token_id is not None:
            message = "an API token invites nobody as an admin"
            raise refused(seen.standing, "invitation.create", message, "insufficient_scope")
        stamp = self._caller.stamp()
        invitation, token = self._invitation(home, folded_email(email), role, stamp)
        await unit.lock(home.id)
        await self._refuse_known(unit, home, invitation)
        inviter = await self._oneself(unit)
        event = _event("member.invited", invitation, stamp)
        entry = _audit("invitation.create", invitation, stamp)
        letter = self._letter(invitation, home, inviter, token, stamp, seal)
        saved: list[Any] = await unit.save([invitation, entry, letter], events=[event])
        return saved[0], token

    @repeatable
    async def resend(
        self, team: UUID | str, invitation: UUID | str, *, idempotency_key: str | None = None
    ) -> tuple[Invitation, str]:
        """Mail an invitation anew, for another week; the token that was sent before is good for nothing."""
        return await self._resend(team, invitation, await self._caller.store.secret())

    @command
    async def _resend(
        self, unit: Unit, team: UUID | str, invitation: UUID | str, seal: bytes
    ) -> tuple[Invitation, str]:
        home, current = await self._governed(unit, team, invitation, "invitation.resend")
        if current.revoked_at is not None or current.accepted_at is not None:
            raise missing(f"invitation {invitation}")
        stamp = self._caller.stamp()
        token = self._caller.new_token()
        changed = attrs.evolve(
            current,
            token_hash=hashed(token),
            expires_at=stamp.now + LIFETIME,
            version=current.version + 1,
        )
        inviter = await self._oneself(unit)
        letter = self._letter(changed, home, inviter, token, stamp, seal)
        saved: list[Any] = await unit.save([changed, _audit("invitation.resend", changed, stamp), letter])
        return saved[0], token

    def _letter(
        self, invitation: Invitation, team: Team, inviter: User, token: str, stamp: Stamp, seal: bytes
    ) -> Job:
        return account_job(
            letters.invitation(invitation.email, team.name, inviter.name, token),
            stamp,
            user_id=self._caller.user_id,
            team_id=team.id,
            until=invitation.expires_at,
            seal=seal,
        )

    def _invitation(self, team: Team, email: str, role: Role, stamp: Stamp) -> tuple[Invitation, str]:
        someone = User(self._caller.user_id, email, "someone", stamp.now)
        refuse(Fault("email", fault.reason) for fault in user_faults(someone))
        token = self._caller.new_token()
        return (
            Invitation(
                id=InvitationId(stamp.new_id()),
                team_id=team.id,
                email=email,
                role=role,
                token_hash=hashed(token),
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
    async def revoke(
        self, unit: Unit, team: UUID | str, invitation: UUID | str, *, idempotency_key: str | None = None
    ) -> None:
        """Take an invitation back: its token is good for nothing then."""
        _, current = await self._governed(unit, team, invitation, "invitation.revoke")
        if current.revoked_at is not None or current.accepted_at is not None:
            return
        await self._close(unit, current, "invitation.revoke")

    async def _close(self, unit: Unit, invitation: Invitation, action: str) -> None:
        stamp = self._caller.stamp()
        changed = attrs.evolve(invitation, revoked_at=stamp.now, version=invitation.version + 1)
        event = _event("invitation.revoked", changed, stamp)
        await unit.save([changed, _audit(action, changed, stamp)], events=[event])

    async def _governed(
        self, unit: Unit, team: UUID | str, ref: UUID | str, action: str
    ) -> tuple[Team, Invitation]:
        """An invitation of the team, once the caller may do `action` to one with its role."""
        home, _ = await self._allowed(unit, Team, team, "team.read", action)
        current, seen = await self._allowed(unit, Invitation, ref, "invitation.list")
        if current.team_id != home.id:
            raise missing(f"invitation {ref}")
        self._require(seen.standing, action, f"invitation {ref}", lower=_above(seen.standing, current.role))
        return home, current

    @command_across_teams
    async def accept(self, unit: Unit, token: str, *, idempotency_key: str | None = None) -> Team:
        """
        Join the team that a token invites the caller to.

        Raises: NotFound, alike for a token that is wrong, expired, used, revoked, or meant for
        another e-mail address; Forbidden `team_suspended`; Forbidden `email_unverified`, where mail
        reaches people and the caller's address is not verified.
        """
        invitation, team, oneself = await self._asked(unit, token, "invitation.accept")
        await unit.lock(team.id)
        stamp = self._caller.stamp()
        accepted = attrs.evolve(invitation, accepted_at=stamp.now, version=invitation.version + 1)
        joined = Membership(team.id, oneself.id, invitation.role, stamp.now)
        event = member_event("member.joined", joined, oneself, stamp)
        await unit.save([accepted, joined, _audit("invitation.accept", accepted, stamp)], events=[event])
        return team

    @command_across_teams
    async def decline(self, unit: Unit, token: str, *, idempotency_key: str | None = None) -> None:
        """Turn an invitation down: its token is good for nothing then. Raises: as `accept`."""
        invitation, _, _ = await self._asked(unit, token, "invitation.decline")
        await self._close(unit, invitation, "invitation.decline")

    async def _asked(self, unit: Unit, token: str, action: str) -> tuple[Invitation, Team, User]:
        """The open invitation that a token of the caller's is for, and its team."""
        oneself = await self._oneself(unit)
        self._demand(Standing(self._caller.actor), action, "invitation")
        now = self._caller.clock()
        found = await unit.find(Invitation, token_hash=hashed(token))
        invitation = next((each for each in found if each.open_at(now) and each.email == oneself.email), None)
        teams = await unit.find(Team, id=invitation.team_id, deleted_at=None) if invitation else []
        if invitation is None or not teams:
            raise NotFound("no such invitation: it is wrong, used, expired, or for another e-mail address")
        suspended = teams[0].suspended_at is not None
        joining = Standing(self._caller.actor, teams[0].id, invitation.role, suspended=suspended)
        self._demand(joining, action, "invitation")
        if oneself.email_verified_at is None and self._caller.outside.mail.reaches_people:
            raise refused(joining, action, "verify your e-mail address first", "email_unverified")
        return invitation, teams[0], oneself


def _above(standing: Standing, role: Role) -> bool:
    """Whether somebody may grant a role: an owner any, others those strictly below their own."""
    own = standing.role
    return own is Role.OWNER or (own is not None and own.outranks(role))


def _event(kind: str, invitation: Invitation, stamp: Stamp, **changes: Any) -> Event:
    data = {**changes, "invitation": {"role": invitation.role.value}}
    return stamp.event(kind, invitation.team_id, "invitation", invitation.id, data)


def _audit(action: str, invitation: Invitation, stamp: Stamp) -> AuditEntry:
    return stamp.audit(
        action, "invitation", invitation.id, team_id=invitation.team_id, data={"role": invitation.role}
    )
