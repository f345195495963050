"""Claims and time: a task that is held too long is anybody's again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from taskcore.errors import Malformed
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


@pytest.mark.parametrize("field", ["deleted", "blocked", "team", "limit", "cursor"])
async def test_what_claiming_decides_itself_is_not_asked_for(world: World, field: str) -> None:
    ada = await world.person()
    team = await world.team(ada)
    asked: Any = {field: "true"}
    with pytest.raises((Malformed, TypeError)) as refused:
        await ada.me.tasks.claim(team.id, **asked)

    assert field in str(refused.value)


async def test_a_claim_asks_by_any_field_of_a_query(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    await ada.me.tasks.create(team.id, "pressing", priority="urgent")
    late = await ada.me.tasks.create(team.id, "late", due_on=date(2001, 1, 1))
    claimed = await ada.me.tasks.claim(team.id, due_before="2001-02-01")

    assert claimed is not None
    assert claimed.id == late.id
