"""The contract of `Unit` where it does more than load and save once."""

from __future__ import annotations

import attrs
import pytest

from taskcore.errors import Conflict
from taskcore.permissions import Actor
from taskcore.ports import Store, Unit
from taskcore.tasks.model import Task
from taskcore.teams.model import Label, Team
from taskcore.testing.samples import a_label, a_task, an_event, log_of
from taskcore.testing.world import World


class Undone(Exception):
    """Raised by a test inside a unit of work, to have it undone."""


class UnitContract:
    """Behaviours of one unit. A subclass gives the fixture `store`: open, and empty or not."""

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    async def test_a_unit_reads_what_it_saved(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        label = await ada.me.labels.create(team.id, "old")
        old = await ada.me.tasks.create(team.id, "old", labels=["old"])

        async def work(unit: Unit) -> tuple[Task, Task]:
            saved: list[Task] = await unit.save(
                [a_task(team, ada, "first")], events=[an_event(team, "task.created")]
            )
            assert await unit.find(Task, id=saved[0].id) == saved
            second = attrs.evolve(a_task(team, ada, "second"), parent_id=saved[0].id)
            again: list[Task] = await unit.save([second], events=[an_event(team, "task.created")])
            seen = await unit.see(Task, again[0].key, Actor(ada.user.id))
            assert seen.thing == again[0]
            renamed = attrs.evolve(label, name="new", version=2)
            await unit.save([renamed])
            assert (await unit.find(Task, id=old.id))[0].labels == ("new",)
            return saved[0], again[0]

        first, second = await world.store.transact(work)

        assert [first.number, second.number] == [old.number + 1, old.number + 2]
        assert (await ada.me.tasks.get(second.key)).parent_id == first.id
        events = await log_of(world, team)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))

    async def test_what_a_unit_saved_in_steps_is_undone_as_one(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)

        async def work(unit: Unit) -> None:
            await unit.save([a_task(team, ada)])
            assert len(await unit.find(Task, team_id=team.id)) == 1
            await unit.save([a_label(team)])
            raise Undone

        with pytest.raises(Undone):
            await world.store.transact(work)

        assert await world.store.rows().find(Task, team_id=team.id) == []
        assert await world.store.rows().find(Label, team_id=team.id) == []
        assert (await ada.me.tasks.create(team.id, "x")).number == 1

    async def test_a_name_is_held_to_the_end_of_the_unit_and_free_then(self, world: World) -> None:
        async def work(unit: Unit) -> bool:
            return await unit.hold("a name") and await unit.hold("another")

        assert await world.store.transact(work)
        assert await world.store.transact(work)

    async def test_a_unit_that_writes_nothing_tells_of_the_newest_team(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)

        async def read(unit: Unit) -> int:
            seen = await unit.see(Team, team.key, Actor(ada.user.id))
            return seen.thing.version if seen.thing is not None else 0

        async def refuse(unit: Unit) -> int:
            raise Conflict(str(await read(unit)))

        for version, work in enumerate((read, refuse, read, refuse), 1):
            try:
                told = await world.store.transact(work, Actor(ada.user.id))
            except Conflict as refused:
                told = int(refused.message)
            await ada.me.teams.edit(team.id, name=f"Name {version}")

            assert told == version
