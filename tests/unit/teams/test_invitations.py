"""Invitations: who may ask whom to join as what, and who may come in by one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from taskcore.errors import Conflict, Forbidden, Invalid, NotFound
from taskcore.teams.invitations import LIFETIME
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role
from tests.unit.refusals import refusal

MISSING = (NotFound, "not_found")


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


@pytest.mark.parametrize("actor", Role)
@pytest.mark.parametrize("role", Role)
async def test_one_invites_to_lower_roles_and_nobody_to_the_highest(
    world: World, ada: Person, team: Team, actor: Role, role: Role
) -> None:
    asks = ada if actor is Role.OWNER else await world.member(ada, team, actor)
    allowed = role is not Role.OWNER and (
        actor is Role.OWNER or (actor is Role.ADMIN and role in (Role.MEMBER, Role.GUEST))
    )

    if allowed:
        invitation, _ = await asks.me.invitations.create(team.id, "eve@example.org", role)
        assert (invitation.role, invitation.invited_by) == (role, asks.user.id)
    else:
        attempt = asks.me.invitations.create(team.id, "eve@example.org", role)
        assert await refusal(attempt) == (Forbidden, "forbidden")


async def test_a_token_lets_in_once_and_whom_it_is_meant_for(world: World, ada: Person, team: Team) -> None:
    eve, mallory = await world.person("Eve"), await world.person("Mallory")
    invitation, token = await ada.me.invitations.create(team.id, eve.user.email.upper(), Role.GUEST)

    assert token not in str(invitation)
    assert await refusal(mallory.me.invitations.accept(token)) == MISSING
    assert (await eve.me.invitations.accept(token)).id == team.id
    assert (await eve.me.members.list(team.id)).items[-1].role is Role.GUEST
    for wrong in (token, "nonsense", "", "\ud800"):
        assert await refusal(eve.me.invitations.accept(wrong)) == MISSING
    assert (await ada.me.invitations.list(team.id)).items == []


async def test_an_invitation_lasts_seven_days(world: World, ada: Person, team: Team) -> None:
    eve = await world.person("Eve")
    invitation, token = await ada.me.invitations.create(team.id, eve.user.email)
    world.clock.now += LIFETIME - timedelta(microseconds=1)

    assert (await ada.me.invitations.list(team.id)).items == [invitation]
    world.clock.now += timedelta(microseconds=1)
    assert (await ada.me.invitations.list(team.id)).items == []
    assert await refusal(eve.me.invitations.accept(token)) == MISSING


async def test_nobody_is_asked_twice_or_who_is_there(world: World, ada: Person, team: Team) -> None:
    bob = await world.member(ada, team, name="Bob")
    await ada.me.invitations.create(team.id, "eve@example.org")

    for email in (bob.user.email, "Eve@Example.org"):
        assert await refusal(ada.me.invitations.create(team.id, email)) == (Conflict, "already_exists")
    assert await refusal(ada.me.invitations.create(team.id, "no address")) == (Invalid, "invalid")
    world.clock.now += LIFETIME
    assert (await ada.me.invitations.create(team.id, "eve@example.org"))[0].email == "eve@example.org"


async def test_a_revoked_token_is_good_for_nothing(world: World, ada: Person, team: Team) -> None:
    eve, admin = await world.person("Eve"), await world.member(ada, team, Role.ADMIN)
    invitation, token = await ada.me.invitations.create(team.id, eve.user.email)
    above, _ = await ada.me.invitations.create(team.id, "root@example.org", Role.ADMIN)

    assert await refusal(admin.me.invitations.revoke(team.id, above.id)) == (Forbidden, "forbidden")
    await admin.me.invitations.revoke(team.id, invitation.id)
    await admin.me.invitations.revoke(team.id, invitation.id)
    assert await refusal(eve.me.invitations.accept(token)) == MISSING
    kinds = [event.kind for event in (await ada.me.events.list(team.id)).items]
    assert kinds.count("invitation.revoked") == 1


async def test_an_invitation_is_of_its_team(world: World, ada: Person, team: Team) -> None:
    other = await world.team(ada)
    invitation, _ = await ada.me.invitations.create(other.id, "eve@example.org")

    assert await refusal(ada.me.invitations.revoke(team.id, invitation.id)) == MISSING


async def test_somebody_is_invited_while_a_team_waits_for_them(world: World, ada: Person, team: Team) -> None:
    users = world.core.users
    assert not await users.is_invited("eve@example.org")
    await ada.me.invitations.create(team.id, "eve@example.org")

    assert await users.is_invited("Eve@example.org")
    world.clock.now += LIFETIME
    assert not await users.is_invited("eve@example.org")
