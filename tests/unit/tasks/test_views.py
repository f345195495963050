"""Saved views: a query with a name, one's own or the team's."""

from __future__ import annotations

import pytest

from taskcore.errors import Forbidden, Invalid, NotFound, PreconditionFailed
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from tests.unit.refusals import refusal

MISSING = (NotFound, "not_found")


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


async def test_a_view_keeps_what_is_asked_in_one_spelling(ada: Person, team: Team) -> None:
    view = await ada.me.views.create(
        team.id, "Mine", query={"assignee": "me,none", "limit": 5, "status": ["open"]}
    )

    assert view.query == {"assignee": ["me", "none"], "status": ["open"]}
    assert await ada.me.views.get(view.id) == view
    assert (await ada.me.views.create(team.id, "All")).query == {}
    assert await refusal(ada.me.views.create(team.id, "Odd", query={"colour": "red"})) == (Invalid, "invalid")
    assert await refusal(ada.me.views.create(team.id, " ")) == (Invalid, "invalid")


async def test_a_private_view_is_not_there_for_others(world: World, ada: Person, team: Team) -> None:
    bob = await world.member(ada, team, name="Bob")
    private = await bob.me.views.create(team.id, "Mine")
    shared = await bob.me.views.create(team.id, "Ours", shared=True)

    assert (await ada.me.views.list(team.id)).items == [shared]
    assert (await bob.me.views.list(team.id)).items == [private, shared]
    for attempt in (
        ada.me.views.get(private.id),
        ada.me.views.edit(private.id, name="x"),
        ada.me.views.delete(private.id),
    ):
        assert await refusal(attempt) == MISSING


async def test_the_log_tells_the_name_of_a_shared_view_alone(ada: Person, team: Team) -> None:
    private = await ada.me.views.create(team.id, "Whom I want to fire", query={"text": "secret"})
    await ada.me.views.edit(private.id, name="Whom else", query={})
    await ada.me.views.edit(private.id, name="Ours", shared=True)
    told = [event.data for event in (await ada.me.events.list(team.id)).items if event.subject_type == "view"]

    assert told[:2] == [{"view": {}}, {"view": {}}]
    assert told[2]["view"] == {"name": "Ours"}


async def test_a_shared_view_is_changed_by_its_owner_or_an_admin(
    world: World, ada: Person, team: Team
) -> None:
    bob, cyd = [await world.member(ada, team, name=name) for name in ("Bob", "Cyd")]
    view = await bob.me.views.create(team.id, "Ours", shared=True)
    changed = await ada.me.views.edit(view.id, query={"overdue": True}, if_version=1)

    assert (changed.query, changed.version) == ({"overdue": True}, 2)
    assert await bob.me.views.edit(view.id, query={"overdue": "true"}) == changed
    assert await refusal(cyd.me.views.edit(view.id, name="Mine")) == (Forbidden, "forbidden")
    assert await refusal(bob.me.views.delete(view.id, if_version=1)) == (
        PreconditionFailed,
        "version_conflict",
    )
    await bob.me.views.delete(view.id)
    assert await refusal(bob.me.views.get(view.id)) == MISSING


async def test_ones_own_views_are_found_in_whichever_team_they_are(
    world: World, ada: Person, team: Team
) -> None:
    bob = await world.member(ada, team, name="Bob")
    gone = await world.team(ada)
    mine = [await ada.me.views.create(home.id, "Mine") for home in (team, await world.team(ada))]
    await ada.me.views.create(gone.id, "Mine")
    await bob.me.views.create(team.id, "His", shared=True)
    await ada.me.teams.delete(gone.id)

    assert (await ada.me.views.mine()).items == mine
