"""The contract of `Unit.purge`: nothing of a team is left, and nothing else is touched."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import attrs
import pytest

from taskcore.ports import KEYS, OUTLIVING, EventSearch, Store, Unit
from taskcore.tasks.model import Comment, Task
from taskcore.teams.model import Team
from taskcore.testing.samples import NOW, one_of_each
from taskcore.testing.world import Person, World
from taskcore.values import TeamId

OF_TEAMS = [kind for kind in KEYS if "team_id" in attrs.fields_dict(kind)]
MOST = 7


class Undone(Exception):
    """Raised inside a unit of work, to have it undone."""


class PurgeContract:
    """Behaviours of one store. A subclass gives the fixture `store`: open, and empty or not."""

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    async def test_of_all_that_is_a_team_s_only_what_tells_of_it_is_left(self, world: World) -> None:
        mine, others = await one_of_each(world), await one_of_each(world)
        gone, kept = team_of(mine), team_of(others)
        before = await all_of(world, kept)
        told = await all_of(world, gone)
        await deleted(world, gone)
        removed = await purged(world, gone)

        assert removed[-1] == 0
        assert max(removed) <= MOST
        assert await all_of(world, gone) == {
            kind: found if kind in OUTLIVING else [] for kind, found in told.items()
        }
        assert all(told[kind] for kind in OUTLIVING)
        assert await world.store.rows().find(Team, id=gone) == []
        assert gone not in await world.store.rows().heads()
        assert await world.store.rows().events(EventSearch(gone)) == []
        assert await all_of(world, kept) == before

    async def test_a_team_with_all_that_people_make_goes_and_its_names_are_free(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        bob = await world.member(ada, team)
        await work_of(ada, bob, team)
        await deleted(world, team.id)
        await purged(world, team.id)
        again = await ada.me.teams.create("Again", key=team.key, slug=team.slug)
        task = await ada.me.tasks.create(again.id, "first")

        assert (task.number, (await ada.me.events.list(again.id)).items[0].seq) == (1, 1)
        assert (await ada.me.tasks.list(team=again.id)).items == [task]
        assert (await ada.me.tasks.list(text="needle")).items == []
        assert [each.id for each in (await bob.me.teams.list()).items] == []

    async def test_what_is_undone_was_not_purged(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        await ada.me.tasks.create(team.id, "kept")
        before = await all_of(world, team.id)
        await deleted(world, team.id)

        async def work(unit: Unit) -> None:
            while await unit.purge(team.id, MOST):
                assert len(await unit.find(Task, team_id=team.id)) <= 1
            raise Undone

        with pytest.raises(Undone):
            await world.store.transact(work)

        assert await all_of(world, team.id) == before

    async def test_a_team_that_is_not_there_is_gone(self, world: World) -> None:
        assert await purged(world, TeamId(world.new_id())) == [0]


def team_of(things: list[Any]) -> TeamId:
    team_id: TeamId = next(each for each in things if isinstance(each, Comment)).team_id
    return team_id


async def work_of(ada: Person, bob: Person, team: Team) -> None:
    """Tasks within tasks, of which one waits for another, and what is said of them."""
    above = await ada.me.tasks.create(team.id, "a needle in it")
    first = above
    for level in range(6):
        above = await ada.me.tasks.create(team.id, f"level {level}", parent_id=above.id)
        for _ in range(3):
            await bob.me.comments.create(above.key, "another needle")
    await ada.me.dependencies.link(await _single(ada, team), first.key)
    await ada.me.reminders.add(first.key, "absolute", at=NOW + timedelta(days=1))


async def _single(ada: Person, team: Team) -> str:
    return (await ada.me.tasks.create(team.id, "after that")).key


async def all_of(world: World, team_id: TeamId) -> dict[type[Any], list[Any]]:
    rows = world.store.rows()
    return {kind: await rows.find(kind, team_id=team_id) for kind in OF_TEAMS}


async def deleted(world: World, team_id: TeamId) -> None:
    async def work(unit: Unit) -> None:
        (team,) = await unit.find(Team, id=team_id)
        await unit.save([attrs.evolve(team, deleted_at=NOW, version=team.version + 1)])

    await world.store.transact(work)


async def purged(world: World, team_id: TeamId) -> list[int]:
    """How many went each time, to the end."""
    removed: list[int] = []
    while not removed or removed[-1]:
        removed.append(await world.store.transact(partial(_purge, team_id)))
    return removed


async def _purge(team_id: TeamId, unit: Unit) -> int:
    return await unit.purge(team_id, MOST)
