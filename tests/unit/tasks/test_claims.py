"""Claims and time: a task that is held too long is anybody's again."""

from __future__ import annotations

from taskcore.testing import World
from taskcore.values import Role


async def test_a_claim_that_ran_out_is_free_for_all(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team, Role.MEMBER)
    await ada.me.tasks.create(team.id, "x")
    claimed = await bob.me.tasks.claim(team.id, lease_minutes=30)
    assert claimed is not None
    assert await ada.me.tasks.claim(team.id) is None
    world.clock.advance(minutes=30)
    again = await ada.me.tasks.claim(team.key, lease_minutes=5)

    assert again is not None
    assert (again.id, again.assignee_id, again.version) == (claimed.id, ada.user.id, 3)
    assert again.lease is not None
    assert again.lease.until > world.clock.now


async def test_ones_own_claim_can_be_made_longer_once_it_ran_out(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    await ada.me.tasks.create(team.id, "x")
    first = await ada.me.tasks.claim(team.id, lease_minutes=1)
    world.clock.advance(minutes=2)
    second = await ada.me.tasks.claim(team.id, lease_minutes=1)

    assert first is not None
    assert second is not None
    assert (second.id, second.version) == (first.id, first.version + 1)
