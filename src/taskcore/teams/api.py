"""The use cases of teams."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, command_across_teams, expect_version
from taskcore.errors import Conflict, refuse
from taskcore.events import Stamp, difference
from taskcore.fields import sound
from taskcore.paging import Page, slice_page
from taskcore.permissions import missing, refused
from taskcore.ports import Entity, Unit
from taskcore.sagas.acting import taking_back
from taskcore.teams import deletion
from taskcore.teams import membership as rules
from taskcore.teams.model import (
    Membership,
    Team,
    default_key,
    default_slug,
    team_faults,
)
from taskcore.teams.telling import UNTOLD
from taskcore.values import Role, TeamId

MOST_OWNED = 200
"""Teams that one person may own; who needs more runs an instance, and knows whom to ask."""


class TeamFields(TypedDict, total=False):
    """What a caller may change of a team."""

    name: str
    slug: str
    time_zone: str


class Teams(UseCases):
    """`me.teams`: a team is named by its id, slug or key."""

    @command_across_teams
    async def create(
        self,
        unit: Unit,
        name: str,
        *,
        key: str | None = None,
        slug: str | None = None,
        time_zone: str = "UTC",
        idempotency_key: str | None = None,
    ) -> Team:
        """
        Found a team, of which the caller is the owner. Slug and key default to forms of the name.

        Raises: Invalid; Conflict `already_exists`, if another team has the slug or the key; Conflict
        `quota_exceeded`.
        """
        founder = await self._oneself(unit, "team.create")
        if len(await unit.find(Membership, user_id=founder.id, role=Role.OWNER)) >= MOST_OWNED:
            raise Conflict(f"one person owns at most {MOST_OWNED} teams", code="quota_exceeded")
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
        entry = stamp.audit("team.create", "team", team.id, team_id=team.id, data={"key": key})
        saved: list[Any] = await unit.save([team, owner, entry], events=events)
        return saved[0]  # type: ignore[no-any-return]

    async def _free_slug(self, unit: Unit, name: str, key: str) -> str:
        slug = default_slug(name, key)
        return f"{slug}-{key.lower()}" if await unit.find(Team, slug=slug) else slug

    async def list(self, *, limit: object = 50, cursor: str | None = None) -> Page[Team]:
        """The teams that the caller is in, the eldest first."""
        await self._oneself(self._rows, "team.list_own")
        memberships = await self._rows.find(Membership, user_id=self._caller.user_id)
        only = self._caller.actor.team_id
        ids = tuple(each.team_id for each in memberships if only in (None, each.team_id))
        teams = await self._rows.find(Team, id=ids, deleted_at=None) if ids else []
        return await slice_page(self._caller, teams, limit, cursor, ["teams", self._caller.user_id])

    async def get(self, team: UUID | str) -> Team:
        """Read one team."""
        found, _ = await self._allowed(self._rows, Team, team, "team.read")
        return found

    @command
    async def edit(
        self,
        unit: Unit,
        team: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[TeamFields],
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
        entry = stamp.audit("team.update", "team", changed.id, team_id=changed.id, data=changes)
        saved: list[Any] = await unit.save([changed, entry], events=[event])
        return saved[0]  # type: ignore[no-any-return]

    @command
    async def export(self, unit: Unit, team: UUID | str) -> Team:
        """Have the right to take a team's whole content away, and leave a trace of it; doors that write
        an export begin with it."""
        home, _ = await self._allowed(unit, Team, team, "team.read", "team.export")
        await unit.save([self._caller.stamp().audit("team.export", "team", home.id, team_id=home.id)])
        return home

    @command_across_teams
    async def delete(
        self,
        unit: Unit,
        team: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Delete a team: from now on it, and all in it, is not there for anybody. For 30 days an owner may
        restore it; then it is purged. An instance admin may delete one that is suspended."""
        current, seen = await self._allowed(unit, Team, team, "team.read", "team.delete")
        if seen.standing.role is None and not seen.standing.suspended:
            message = "an instance admin deletes suspended teams only"
            raise refused(seen.standing, "team.delete", message)
        expect_version(current, if_version)
        stamp = self._caller.stamp()
        changed = attrs.evolve(
            current, deleted_at=stamp.now, version=current.version + 1, updated_at=stamp.now
        )
        by_instance = seen.standing.role is None
        members = await unit.find(Membership, team_id=current.id)
        begun = deletion.begun(changed, members, stamp, by_instance=by_instance)
        await self._change_state(
            unit, current, changed, "team.delete", stamp, *begun, by_instance=by_instance
        )

    @command_across_teams
    async def restore(
        self,
        unit: Unit,
        team: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Team:
        """
        Bring back a team that an owner deleted, with all that was in it, as long as it is not purged; for its
        owners. Of one that is not deleted nothing changes.

        Raises: NotFound; Forbidden, where an instance admin deleted it.
        """
        await self._oneself(unit)
        found = await deletion.deleted_team(unit, team)
        if found is None:
            there, _ = await self._allowed(unit, Team, team, "team.read", "team.delete")
            expect_version(there, if_version)
            return there
        standing = await deletion.standing_in(unit, found, self._caller.actor)
        if standing is None:
            raise missing(f"team {team}")
        self._require(standing, "team.delete", f"team {team}")
        saga = await deletion.deleting(unit, found)
        if saga is None or saga.data.get("by_instance"):
            message = "whoever runs the instance deleted this team, and may bring it back"
            raise refused(standing, "team.delete", message)
        expect_version(found, if_version)
        stamp = self._caller.stamp()
        taken = await taking_back(unit, saga, stamp)
        entry = stamp.audit("team.delete", "team", found.id, team_id=found.id, data={"restored": True})
        saved = await unit.save([*taken.changed, entry], events=taken.events)
        return next(each for each in saved if isinstance(each, Team))

    @command_across_teams
    async def suspend(
        self,
        unit: Unit,
        team: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Team:
        """Let nothing in a team be changed any more; it can still be read. For instance admins."""
        return await self._suspended(unit, team, if_version, suspend=True)

    @command_across_teams
    async def unsuspend(
        self,
        unit: Unit,
        team: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Team:
        """Let a suspended team go on. For instance admins."""
        return await self._suspended(unit, team, if_version, suspend=False)

    async def _suspended(
        self, unit: Unit, team: UUID | str, if_version: int | None, *, suspend: bool
    ) -> Team:
        current, seen = await self._allowed(unit, Team, team, "team.read")
        # Whoever runs the instance may, whatever they are in the team.
        self._demand(
            attrs.evolve(seen.standing, role=None if seen.standing.runs_instance else seen.standing.role),
            "team.suspend",
            f"team {team}",
        )
        expect_version(current, if_version)
        if suspend == (current.suspended_at is not None):
            return current
        stamp = self._caller.stamp()
        changed = attrs.evolve(
            current,
            suspended_at=stamp.now if suspend else None,
            version=current.version + 1,
            updated_at=stamp.now,
        )
        return await self._change_state(unit, current, changed, "team.suspend", stamp, by_instance=True)

    async def _change_state(
        self,
        unit: Unit,
        current: Team,
        changed: Team,
        action: str,
        stamp: Stamp,
        *others: Entity,
        by_instance: bool,
    ) -> Team:
        changes = difference(current, changed, UNTOLD)
        data = {**changes, "team": {"name": changed.name, "key": changed.key}}
        event = stamp.event("team.updated", changed.id, "team", changed.id, data)
        entries = [stamp.audit(action, "team", changed.id, team_id=changed.id, data=changes)]
        if by_instance:  # and in the instance's audit, which is there when the team's is not
            entries.append(stamp.audit(action, "team", changed.id, data={**changes, "key": changed.key}))
        saved: list[Any] = await unit.save([changed, *entries, *others], events=[event])
        return saved[0]  # type: ignore[no-any-return]
