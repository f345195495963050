"""The contract of `Store` where credentials are concerned: what a session or a token still allows is
read with the thing itself, and the audit only grows."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from uuid import uuid4

import attrs
import pytest

from taskcore.errors import TaskCoreError, Unauthenticated
from taskcore.identity.model import AuditEntry, RefreshToken, User
from taskcore.permissions import Actor
from taskcore.ports import Store, Unit
from taskcore.teams.model import Membership, Team
from taskcore.testing.samples import NOW
from taskcore.testing.world import Person, World
from taskcore.values import AuditId, Role, TeamId

PASSWORD = "correct horse battery"  # noqa: S105  of invented people
DUELS = 200


class CredentialContract:
    """Behaviours that hold one at a time. A subclass gives the fixture `store`."""

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    async def test_a_revoked_session_is_good_for_nothing_from_the_next_use_on(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        signed = await world.core.auth.sign_in(ada.user.email, PASSWORD)
        actor = Actor(ada.user.id, session_id=signed.session.id)
        me = world.core.acting_as(actor)
        await me.tasks.create(team.id, "while it holds")
        assert (await world.store.rows().see(Team, team.id, actor)).standing.active
        await ada.me.sessions.revoke(signed.session.id)

        assert not (await world.store.rows().see(Team, team.id, actor)).standing.active
        await _refused(me, team)
        assert (await ada.me.tasks.count()) == 1

    async def test_a_session_of_somebody_else_is_none(self, world: World) -> None:
        ada, eve = await world.person(), await world.person("Eve")
        team = await world.team(ada)
        evil = await world.core.auth.sign_in(eve.user.email, PASSWORD)

        await _refused(world.core.acting_as(Actor(ada.user.id, session_id=evil.session.id)), team)

    async def test_a_revoked_token_is_good_for_nothing_from_the_next_use_on(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        token, text = await ada.me.tokens.create("ci", scopes=["write"])
        actor, _ = await world.core.auth.api_token(text)
        program = world.core.acting_as(actor)
        await program.tasks.create(team.id, "while it holds")
        await ada.me.tokens.revoke(token.id)

        await _refused(program, team)
        assert (await ada.me.tasks.count()) == 1

    async def test_a_token_for_one_team_has_no_role_in_another(self, world: World) -> None:
        ada = await world.person()
        one, other = await world.team(ada), await world.team(ada)
        for team in (one, other):
            await ada.me.tasks.create(team.id, team.name)
        _, text = await ada.me.tokens.create("ci", scopes=["write"], team=one.id)
        actor, _ = await world.core.auth.api_token(text)
        program = world.core.acting_as(actor)

        assert (await world.store.rows().see(Team, one.id, actor)).standing.role is Role.OWNER
        assert (await world.store.rows().see(Team, other.id, actor)).standing.role is None
        assert [task.title for task in (await program.tasks.list()).items] == [one.name]
        assert [team.id for team in (await program.teams.list()).items] == [one.id]

    async def test_one_is_seen_without_a_team(self, world: World) -> None:
        ada = await world.person()
        seen = await world.store.rows().see(User, ada.user.id, Actor(ada.user.id))

        assert (seen.thing, seen.standing) == (ada.user, seen.standing)
        assert (seen.standing.team_id, seen.standing.role, seen.standing.active) == (None, None, True)

    async def test_a_suspended_team_is_seen_as_one(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        root = await world.admin()
        assert not (await world.store.rows().see(Team, team.id, Actor(ada.user.id))).standing.suspended
        await root.me.teams.suspend(team.id)

        assert (await world.store.rows().see(Team, team.id, Actor(ada.user.id))).standing.suspended

    async def test_the_audit_is_found_newest_first_and_cannot_be_changed(self, world: World) -> None:
        team_id = TeamId(uuid4())
        entries = [_entry(world, team_id, place) for place in range(5)]

        async def write(unit: Unit) -> None:
            await unit.save(entries)

        async def rewrite(unit: Unit) -> None:
            await unit.save([attrs.evolve(entries[0], action="nothing", version=2)])

        await world.store.transact(write)
        found = await world.store.rows().find(
            AuditEntry, team_id=team_id, newest_first=True, after=entries[4].id, limit=3
        )

        assert found == [entries[3], entries[2], entries[1]]
        with pytest.raises(TaskCoreError):
            await world.store.transact(rewrite)
        assert await world.store.rows().find(AuditEntry, id=entries[0].id) == [entries[0]]


class CredentialRaces:
    """Behaviours under races; for stores whose coroutines can meet."""

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    async def test_of_parallel_refreshes_of_one_token_there_is_one_successor(self, world: World) -> None:
        ada = await world.person()
        signed = await world.core.auth.sign_in(ada.user.email, PASSWORD)
        refreshed = await asyncio.gather(*(world.core.auth.refresh(signed.refresh_token) for _ in range(50)))

        assert len({each.refresh_token for each in refreshed}) == 1
        kept = await world.store.rows().find(RefreshToken, session_id=signed.session.id)
        assert [each.used_at is None for each in kept].count(True) == 1
        assert len(kept) == 2

    async def test_admins_who_shut_each_other_leave_one(self, world: World) -> None:
        """By themselves and by the operator, round after round."""
        for _ in range(5):
            first, second = await world.admin(), await world.admin("Second")
            for other in await world.store.rows().find(User, is_admin=True):
                if other.id not in (first.user.id, second.user.id):
                    await world.core.users.set_admin(other.id, is_admin=False)
            await asyncio.gather(
                first.me.instance.edit_user(second.user.id, disabled=True),
                world.core.users.disable(first.user.id),
                world.core.users.set_admin(second.user.id, is_admin=False),
                return_exceptions=True,
            )

            admins = await world.store.rows().find(User, is_admin=True)
            assert any(user.active for user in admins)

    async def test_two_hundred_duels_of_owners_leave_each_team_one(self, world: World) -> None:
        """Two owners take the role from each other in each of their teams, twice, and all at once."""
        ada, bob = await world.person(), await world.person("Bob")
        teams = [await world.team(ada) for _ in range(DUELS // 4)]
        for team in teams:
            _, ticket = await ada.me.invitations.create(team.id, bob.user.email)
            await bob.me.invitations.accept(ticket)
            await ada.me.members.edit(team.id, bob.user.id, role=Role.OWNER)

        async def demote(team: Team, by: Person, whom: Person) -> None:
            with suppress(TaskCoreError):
                await by.me.members.edit(team.id, whom.user.id, role=Role.ADMIN)

        pairs = [(ada, bob), (bob, ada)] * 2
        await asyncio.gather(*(demote(team, *pair) for team in teams for pair in pairs))

        for team in teams:
            owners = await world.store.rows().find(Membership, team_id=team.id, role=Role.OWNER)
            assert len(owners) == 1, team.key

    async def test_of_leaving_owners_one_stays(self, world: World) -> None:
        """By leaving, by deleting their account, and by being shut: whichever way, one stays."""
        owners = [await world.person(name) for name in ("Ada", "Bob", "Cy")]
        team = await world.team(owners[0])
        for other in owners[1:]:
            _, token = await owners[0].me.invitations.create(team.id, other.user.email)
            await other.me.invitations.accept(token)
            await owners[0].me.members.edit(team.id, other.user.id, role=Role.OWNER)
        ways: list[Any] = [
            owners[0].me.members.leave(team.id),
            owners[1].me.me.delete(),
            world.core.users.disable(owners[2].user.email),
        ]
        await asyncio.gather(*ways, return_exceptions=True)

        left = await world.store.rows().find(Membership, team_id=team.id, role=Role.OWNER)
        users = await world.store.rows().find(User, id=tuple(each.user_id for each in left))
        assert [user.active for user in users].count(True) == 1

    async def test_who_is_made_an_owner_while_they_leave_leaves_nobody_without_one(
        self, world: World
    ) -> None:
        """An account is deleted, or shut, while its teams are handed to it, one after the other."""
        ada, root = await world.person(), await world.admin()
        for way in ("delete", "disable") * 3:
            bob = await world.person("Bob")
            teams = [await world.team(ada) for _ in range(6)]
            for team in teams:
                _, ticket = await ada.me.invitations.create(team.id, bob.user.email)
                await bob.me.invitations.accept(ticket)
            leaving = (
                bob.me.me.delete()
                if way == "delete"
                else root.me.instance.edit_user(bob.user.id, disabled=True)
            )
            handing = [ada.me.members.transfer(team.id, bob.user.id) for team in reversed(teams)]
            await asyncio.gather(leaving, *handing, return_exceptions=True)

            for team in teams:
                owners = await world.store.rows().find(Membership, team_id=team.id, role=Role.OWNER)
                users = await world.store.rows().find(User, id=tuple(each.user_id for each in owners))
                assert any(user.active for user in users), way

    async def test_a_session_that_is_revoked_meanwhile_creates_nothing_afterwards(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        signed = await world.core.auth.sign_in(ada.user.email, PASSWORD)
        me = world.core.acting_as(Actor(ada.user.id, session_id=signed.session.id))
        revoked = asyncio.Event()
        late: list[str] = []

        async def create(place: int) -> None:
            begun_late = revoked.is_set()
            with suppress(Unauthenticated):
                task = await me.tasks.create(team.id, str(place))
                if begun_late:
                    late.append(task.key)

        async def revoke() -> None:
            await ada.me.sessions.revoke(signed.session.id)
            revoked.set()

        await create(0)
        await asyncio.gather(*map(create, range(1, 20)), revoke())
        await asyncio.gather(*map(create, range(20, 40)))

        assert late == []


async def _refused(me: Any, team: Team) -> None:
    """Every way in is shut: reading one, listing, counting, changing."""
    attempts: list[Any] = [
        me.me.get(),
        me.teams.get(team.id),
        me.teams.list(),
        me.tasks.list(),
        me.tasks.list(team=team.key),
        me.tasks.count(),
        me.events.list(team.id),
        me.tasks.create(team.id, "x"),
        me.teams.edit(team.id, name="x"),
        me.teams.create("Y"),
    ]
    for attempt in attempts:
        with pytest.raises(Unauthenticated):
            await attempt


def _entry(world: World, team_id: TeamId, place: int) -> AuditEntry:
    return AuditEntry(
        id=AuditId(world.new_id()),
        action="team.update",
        subject_type="team",
        at=NOW,
        allowed=place % 2 == 0,
        subject_id=team_id,
        actor_id=None,
        team_id=team_id,
        origin="192.0.2.1 tests",
        data={"place": place},
    )
