"""Pages of any list, and the cursor that continues one."""

from __future__ import annotations

import pytest

from taskcore.errors import Malformed
from taskcore.paging import slice_page
from taskcore.testing import World
from tests.unit.refusals import refusal

REFUSED = (Malformed, "malformed")


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 200])
async def test_pages_put_together_are_the_whole_list(world: World, limit: int) -> None:
    ada = await world.person()
    teams = [await world.team(ada) for _ in range(4)]
    items, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = await ada.me.teams.list(limit=limit, cursor=cursor)
        items += page.items
        cursor, pages = page.next_cursor, pages + 1

    assert items == teams
    assert pages == -(-4 // limit)


async def test_a_cursor_continues_its_own_list_for_its_own_reader(world: World) -> None:
    ada, bob = await world.person(), await world.person("Bob")
    for person in (ada, bob):
        for _ in range(2):
            await world.team(person)
    cursor = (await ada.me.teams.list(limit=1)).next_cursor
    team = (await bob.me.teams.list()).items[0]

    assert await refusal(bob.me.teams.list(cursor=cursor)) == REFUSED
    assert await refusal(bob.me.labels.list(team.id, cursor=cursor)) == REFUSED
    assert await refusal(ada.me.teams.list(cursor="")) == REFUSED


@pytest.mark.parametrize("limit", [0, 201, "x", None, 1.5])
async def test_a_page_has_one_to_two_hundred_items(world: World, limit: object) -> None:
    ada = await world.person()

    assert await refusal(ada.me.teams.list(limit=limit)) == REFUSED
    assert await refusal(ada.me.events.list((await world.team(ada)).id, limit=limit)) == REFUSED


async def test_a_short_list_is_in_the_order_of_its_key_however_it_comes(world: World) -> None:
    ada = await world.person()
    teams = [await world.team(ada) for _ in range(3)]

    assert (await slice_page(ada.me.teams._caller, teams[::-1], 9, None, "teams")).items == teams


@pytest.mark.parametrize("after", [-1, "x", "1.0", "9" * 16, "²"])
async def test_a_log_is_read_on_from_a_seq(world: World, after: object) -> None:
    ada = await world.person()
    team = await world.team(ada)
    first = await ada.me.events.list(team.id, limit=1)

    assert first.next_cursor == "1"
    assert (await ada.me.events.list(team.id, cursor=first.next_cursor)).items[0].seq == 2
    assert (await ada.me.events.list(team.id, after=1)).items[0].seq == 2
    assert await refusal(ada.me.events.list(team.id, after=after)) == REFUSED
