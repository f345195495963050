"""The use cases of teams, and of who is in them."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, expect_version
from taskcore.errors import Conflict, Forbidden, refuse
from taskcore.events import Stamp, difference
from taskcore.fields import sound
from taskcore.identity.model import User
from taskcore.paging import Page, slice_page
from taskcore.permissions import Standing, missing, require
from taskcore.ports import Seen, Unit
from taskcore.teams import membership as rules
from taskcore.teams.departures import Changes, hand_back, refuse_last_owner, unshare_all
from taskcore.teams.model import (
    Member,
    Membership,
    Project,
    Team,
    default_key,
    default_slug,
    membership_faults,
    team_faults,
)
from taskcore.teams.telling import UNTOLD
from taskcore.values import Role, RoleWord, TeamId, UserId


class TeamFields(TypedDict, total=False):
    """What a caller may change of a team."""

    name: str
    slug: str
    time_zone: str


class Teams(UseCases):
    """`me.teams`: a team is named by its id, slug or key."""

    @command
    async def create(
        self,
        unit: Unit,
        name: str,
        *,
        key: str | None = None,
        slug: str | None = None,
        time_zone: str = "UTC",
    ) -> Team:
        """
        Found a team, of which the caller is the owner. Slug and key default to forms of the name.

        Raises: Invalid; Conflict `already_exists`, if another team has the slug or the key.
        """
        founder = await self._oneself(unit)
        require(Standing(founder.id, is_admin=founder.is_admin), "team.create", "team")
        stamp = self._caller.stamp()
        key = default_key(name) if key is None else key
        slug = await self._free_slug(unit, name, key) if slug is None else slug
        team = Team(TeamId(stamp.new_id()), name, slug, key, stamp.now, stamp.now, time_zone=time_zone)
        refuse(team_faults(team))
        owner = Membership(team.id, founder.id, Role.OWNER, stamp.now)
        told = {"name": {"from": None, "to": name}, "team": {"name": name, "key": key}}
        events = [
            stamp.event("team.created", team.id, "team", team.id, told),
            rules.member_event("member.joined", owner, founder, stamp),
        ]
        saved: list[Any] = await unit.save([team, owner], events=events)
        return saved[0]  # type: ignore[no-any-return]

    async def _free_slug(self, unit: Unit, name: str, key: str) -> str:
        slug = default_slug(name, key)
        return f"{slug}-{key.lower()}" if await unit.find(Team, slug=slug) else slug

    async def list(self, *, limit: object = 50, cursor: str | None = None) -> Page[Team]:
        """The teams that the caller is in, the eldest first."""
        await self._oneself(self._rows)
        memberships = await self._rows.find(Membership, user_id=self._caller.user_id)
        ids = tuple(membership.team_id for membership in memberships)
        teams = await self._rows.find(Team, id=ids, deleted_at=None) if ids else []
        return await slice_page(self._caller, teams, limit, cursor, ["teams", self._caller.user_id])

    async def get(self, team: UUID | str) -> Team:
        """Read one team."""
        found, _ = await self._allowed(self._rows, Team, team, "team.read")
        return found

    @command
    async def edit(
        self, unit: Unit, team: UUID | str, *, if_version: int | None = None, **fields: Unpack[TeamFields]
    ) -> Team:
        """Change a team's name, slug or time zone. Raises: Conflict `already_exists`."""
        current, _ = await self._allowed(unit, Team, team, "team.read", "team.update")
        stamp = self._caller.stamp()
        changed = attrs.evolve(current, **sound(TeamFields, fields))
        refuse(team_faults(changed))
        expect_version(current, if_version)
        changes = difference(current, changed, UNTOLD)
        if not changes:
            return current
        changed = attrs.evolve(changed, version=current.version + 1, updated_at=stamp.now)
        data = {**changes, "team": {"name": changed.name, "key": changed.key}}
        event = stamp.event("team.updated", changed.id, "team", changed.id, data)
        saved: list[Team] = await unit.save([changed], events=[event])
        return saved[0]

    @command
    async def delete(self, unit: Unit, team: UUID | str, *, if_version: int | None = None) -> None:
        """Delete a team: from now on it, and all in it, is not there for anybody."""
        current, seen = await self._allowed(unit, Team, team, "team.read", "team.delete")
        if seen.standing.role is None:
            raise Forbidden("an instance admin deletes suspended teams only", action="team.delete")
        expect_version(current, if_version)
        stamp = self._caller.stamp()
        changed = attrs.evolve(
            current, deleted_at=stamp.now, version=current.version + 1, updated_at=stamp.now
        )
        data = {**difference(current, changed, UNTOLD), "team": {"name": changed.name, "key": changed.key}}
        await unit.save([changed], events=[stamp.event("team.updated", changed.id, "team", changed.id, data)])


class MemberFields(TypedDict, total=False):
    """What may be changed of a membership."""

    role: RoleWord
    capacity_minutes_per_day: int | None


class Members(UseCases):
    """`me.members`: who is in a team, and as what."""

    async def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Member]:
        """The members by name and role; a guest sees no e-mails."""
        home, seen = await self._allowed(self._rows, Team, team, "team.read", "membership.list")
        memberships = await self._rows.find(Membership, team_id=home.id)
        users = await self._rows.find(User, id=tuple(membership.user_id for membership in memberships))
        people = {user.id: user for user in users}
        hide = seen.standing.role in (None, Role.GUEST)
        members = [rules.member(each, people[each.user_id], hide_email=hide) for each in memberships]
        return await slice_page(self._caller, members, limit, cursor, ["members", home.id], key="user_id")

    @command
    async def edit(
        self,
        unit: Unit,
        team: UUID | str,
        user: UserId,
        *,
        if_version: int | None = None,
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
            require(actor, "membership.set_role_below_admin", f"member {user}")
        if "role" not in fields or "capacity_minutes_per_day" in fields:
            require(actor, "calendar.manage_own" if oneself else "calendar.manage_team", f"member {user}")
        wanted: dict[str, Any] = dict(sound(MemberFields, fields))
        new_role = wanted.get("role", current.role)
        if "role" in fields:
            rules.require_role_change(actor, current, new_role)
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
        await unit.save([changed, *tasks], events=[event, *events])
        return rules.member(changed, person)

    @command
    async def remove(
        self, unit: Unit, team: UUID | str, user: UserId, *, if_version: int | None = None
    ) -> None:
        """Take somebody out of a team; their unfinished tasks there become nobody's.

        Raises: NotFound, Forbidden, PreconditionFailed, Conflict `last_owner`.
        """
        home, seen, current = await self._member(unit, team, user)
        if user == self._caller.user_id:
            require(seen.standing, "membership.leave", f"team {team}")
        else:
            own = seen.standing.role
            lower = own is not None and own.outranks(current.role)
            require(seen.standing, "membership.remove_other", f"member {user}", lower=lower)
        expect_version(current, if_version)
        if current.role is Role.OWNER:
            await refuse_last_owner(unit, home, user)
        person, stamp = (await unit.find(User, id=user))[0], self._caller.stamp()
        tasks, events = await hand_back(unit, home, user, stamp, sees=lambda _: False)
        projects, told = await unshare_all(unit, home, user, stamp)
        event = rules.member_event("member.removed", current, person, stamp)
        await unit.save([*tasks, *projects], removed=[current], events=[event, *events, *told])

    async def leave(self, team: UUID | str) -> None:
        """Leave a team. Raises: Conflict `last_owner`."""
        await self.remove(team, self._caller.user_id)

    @command
    async def transfer(
        self, unit: Unit, team: UUID | str, user: UserId, *, if_version: int | None = None
    ) -> None:
        """Make an admin or member the owner in one's own place; the caller stays as an admin.
        `if_version` is that of the team."""
        home, seen, heir = await self._member(unit, team, user)
        require(seen.standing, "team.transfer_ownership", f"team {team}")
        expect_version(home, if_version)
        own = (await unit.find(Membership, team_id=home.id, user_id=self._caller.user_id))[0]
        person = (await unit.find(User, id=user))[0]
        if heir.role not in (Role.ADMIN, Role.MEMBER) or not person.active:
            raise Conflict("only an active admin or member can become the owner", code="not_eligible")
        stamp = self._caller.stamp()
        oneself = (await unit.find(User, id=self._caller.user_id))[0]
        steps = [(heir, Role.OWNER, person), (own, Role.ADMIN, oneself)]
        changed, events = [], []
        for before, role, who in steps:
            after = attrs.evolve(before, role=role, version=before.version + 1)
            changed.append(after)
            changes = difference(before, after, UNTOLD)
            events.append(rules.member_event("member.role_changed", after, who, stamp, **changes))
        await unit.save(changed, events=events)

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
