"""What leaves a team, page by page, and what stays."""

from __future__ import annotations

from typing import Any

import pytest

from taskcore.errors import Malformed
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from tests.unit.refusals import refusal


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


async def said(person: Person, team: Team, *, deleted: bool) -> str:
    """All that a team's export says but the log."""
    page = await person.me.exports.page(team.id, deleted=deleted, events=False)
    text = str(page.items)
    while page.next_cursor is not None:
        page = await person.me.exports.page(team.id, deleted=deleted, events=False, cursor=page.next_cursor)
        text += str(page.items)
    return text


async def test_what_is_about_the_trash_stays_with_it_unless_it_is_asked_for(ada: Person, team: Team) -> None:
    first, second = [await ada.me.tasks.create(team.id, title) for title in ("Ship it", "Sail it")]
    await ada.me.dependencies.put(second.id, first.id)
    await ada.me.comments.create(first.id, "Soon")
    await ada.me.comments.create(second.id, "Later")
    await ada.me.tasks.delete(second.id)
    kept, all_of_it = [await said(ada, team, deleted=deleted) for deleted in (False, True)]

    assert "Ship it" in kept
    assert "Soon" in kept
    assert "Sail it" not in kept
    assert "Later" not in kept
    assert str(second.id) not in kept
    assert "Sail it" in all_of_it
    assert "Later" in all_of_it


async def test_a_row_names_what_comes_before_it(ada: Person, team: Team) -> None:
    first, second = [await ada.me.tasks.create(team.id, title) for title in ("Ship it", "Sail it")]
    await ada.me.dependencies.put(second.id, first.id)
    rows = {row["key"]: row["predecessors"] for row in (await ada.me.exports.rows(team.id)).items}

    assert rows == {first.key: "", second.key: first.key}


@pytest.mark.parametrize("limit", [0, 1_000_000, True, "5"])
async def test_a_page_has_a_size(ada: Person, team: Team, limit: Any) -> None:
    assert (await refusal(ada.me.exports.page(team.id, limit=limit)))[0] is Malformed
