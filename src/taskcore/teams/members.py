"""The use cases of who is in a team, and as what."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, command_across_teams, expect_version
from taskcore.errors import Conflict, refuse
from taskcore.events import Stamp, difference
from taskcore.fields import sound
from taskcore.identity.model import AuditEntry, User
from taskcore.paging import Page, slice_page
from taskcore.permissions import missing, refused
from taskcore.ports import Seen, Unit
from taskcore.teams import membership as rules
from taskcore.teams.departures import Changes, departure, hand_back, has_active_owner, refuse_last_owner
from taskcore.teams.model import (
    Member,
    Membership,
    Project,
    Team,
    membership_faults,
)
from taskcore.teams.telling import UNTOLD
from taskcore.values import Role, RoleWord, UserId


class MemberFields(TypedDict, total=False):
    """What may be changed of a membership."""

    role: RoleWord
    capacity_minutes_per_day: int | None


class Members(UseCases):
    """`me.members`: who is in a team, and as what."""

    async def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Member]:
        """The members by name and role; a guest sees names alone."""
        home, seen = await self._allowed(self._rows, Team, team, "team.read", "membership.list")
        memberships = await self._rows.find(Membership, team_id=home.id)
        users = await self._rows.find(User, id=tuple(membership.user_id for membership in memberships))
        people = {user.id: user for user in users}
        hide = seen.standing.role in (None, Role.GUEST)
        members = [self._shown(each, people[each.user_id], hide=hide) for each in memberships]
        return await slice_page(self._caller, members, limit, cursor, ["members", home.id], key="user_id")

    def _shown(self, membership: Membership, user: User, *, hide: bool) -> Member:
        shown = rules.member(membership, user, name_only=hide)
        own = user.id == self._caller.user_id
        return attrs.evolve(shown, role=membership.role) if own else shown

    @command
    async def edit(
        self,
        unit: Unit,
        team: UUID | str,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[MemberFields],
    ) -> Member:
        """
        Change a member's role or daily capacity.

        Raises: NotFound; Forbidden, `own_role` among it; Invalid; Conflict `last_owner`.
        """
        home, seen, current = await self._member(unit, team, user)
        actor, oneself = seen.standing, user == self._caller.user_id
        if "role" in fields:
            rules.refuse_own_role(actor, user)
            self._require(actor, "membership.set_role_below_admin", f"member {user}")
        if "role" not in fields or "capacity_minutes_per_day" in fields:
            self._require(
                actor, "calendar.manage_own" if oneself else "calendar.manage_team", f"member {user}"
            )
        wanted: dict[str, Any] = dict(sound(MemberFields, fields))
        new_role = wanted.get("role", current.role)
        if "role" in fields:
            for right in rules.rights_to_change(current, new_role):
                self._require(actor, right, f"member {user}")
        changed = attrs.evolve(current, **wanted)
        refuse(membership_faults(changed))
        expect_version(current, if_version)
        person = (await unit.find(User, id=user))[0]
        if changed == current:
            return rules.member(current, person)
        if current.role is Role.OWNER and new_role is not Role.OWNER:
            await refuse_last_owner(unit, home, user)
        stamp = self._caller.stamp()
        changed = attrs.evolve(changed, version=current.version + 1)
        tasks, events = await self._demoted(unit, home, user, stamp) if new_role is Role.GUEST else ([], [])
        kind = "member.role_changed" if new_role is not current.role else "member.capacity_changed"
        event = rules.member_event(kind, changed, person, stamp, **difference(current, changed, UNTOLD))
        audited = [_role_audit(home, current, new_role, stamp)] if new_role is not current.role else []
        await unit.save([changed, *tasks, *audited], events=[event, *events])
        return rules.member(changed, person)

    @command
    async def remove(
        self,
        unit: Unit,
        team: UUID | str,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Take somebody out of a team; their unfinished tasks there become nobody's.

        Raises: NotFound, Forbidden, PreconditionFailed, Conflict `last_owner`.
        """
        home, seen, current = await self._member(unit, team, user)
        if user == self._caller.user_id:
            self._demand(seen.standing, "membership.leave", f"team {team}")
        else:
            own = seen.standing.role
            lower = own is not None and own.outranks(current.role)
            self._require(seen.standing, "membership.remove_other", f"member {user}", lower=lower)
        expect_version(current, if_version)
        if current.role is Role.OWNER:
            await refuse_last_owner(unit, home, user)
        person, stamp = (await unit.find(User, id=user))[0], self._caller.stamp()
        changed, gone, events = await departure(unit, home, person, stamp)
        action = "membership.leave" if user == self._caller.user_id else "membership.remove_other"
        entry = stamp.audit(action, "member", user, team_id=home.id, data={"role": current.role})
        await unit.save([*changed, entry], removed=gone, events=events)

    async def leave(self, team: UUID | str, *, idempotency_key: str | None = None) -> None:
        """Leave a team. Raises: Conflict `last_owner`."""
        await self.remove(team, self._caller.user_id, idempotency_key=idempotency_key)

    @command_across_teams
    async def transfer(
        self,
        unit: Unit,
        team: UUID | str,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Make an admin or member the owner in one's own place; the caller stays as an admin. An
        instance admin may where no active owner is left. `if_version` is that of the team.

        Raises: NotFound, Forbidden, PreconditionFailed, Conflict `not_eligible`.
        """
        home, seen, heir = await self._member(unit, team, user)
        # Not to be asked again: who has transferred a team has the right no more.
        self._demand(seen.standing, "team.transfer_ownership", f"team {team}")
        if seen.standing.role is None and await has_active_owner(unit, home):
            message = "an instance admin transfers teams without an active owner only"
            raise refused(seen.standing, "team.transfer_ownership", message)
        expect_version(home, if_version)
        person = (await unit.find(User, id=user))[0]
        if heir.role not in (Role.ADMIN, Role.MEMBER) or not person.active:
            raise Conflict("only an active admin or member can become the owner", code="not_eligible")
        stamp = self._caller.stamp()
        steps = [(heir, Role.OWNER, person)]
        if seen.standing.role is not None:
            own = (await unit.find(Membership, team_id=home.id, user_id=self._caller.user_id))[0]
            steps.append((own, Role.ADMIN, (await unit.find(User, id=own.user_id))[0]))
        changed, events = [], []
        for before, role, who in steps:
            after = attrs.evolve(before, role=role, version=before.version + 1)
            changed.append(after)
            changes = difference(before, after, UNTOLD)
            events.append(rules.member_event("member.role_changed", after, who, stamp, **changes))
        entry = stamp.audit("team.transfer_ownership", "member", user, team_id=home.id)
        await unit.save([*changed, entry], events=events)

    async def _member(
        self, unit: Unit, team: UUID | str, user: UserId
    ) -> tuple[Team, Seen[Team], Membership]:
        """The membership, read once the team's lock is held: owners are counted under it."""
        home, seen = await self._allowed(unit, Team, team, "team.read", "membership.list")
        await unit.lock(home.id)
        home, seen = await self._allowed(unit, Team, home.id, "team.read", "membership.list")
        memberships = await unit.find(Membership, team_id=home.id, user_id=user)
        if not memberships:
            raise missing(f"member {user}")
        return home, seen, memberships[0]

    async def _demoted(self, unit: Unit, team: Team, user: UserId, stamp: Stamp) -> Changes:
        """What changes for one who is a guest from now on: no work, and only what is shared."""
        shared = {project.id for project in await unit.find(Project, team_id=team.id, guests=user)}
        return await hand_back(unit, team, user, stamp, sees=lambda task: task.project_id in shared)


def _role_audit(team: Team, current: Membership, role: Role, stamp: Stamp) -> AuditEntry:
    data = {"from": current.role, "to": role}
    # A role that is taken counts like one that is given: the greater of the two says which action it was.
    greater = current.role if current.role.outranks(role) else role
    return stamp.audit(rules.right(greater), "member", current.user_id, team_id=team.id, data=data)
