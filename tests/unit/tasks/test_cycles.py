"""No task waits for itself, by dependencies or through its parents: as the scheduler sees it, so the verbs refuse it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.connect import STORES, resolve
from taskcore.errors import Conflict
from taskcore.scheduling.activities import Activity, Link
from taskcore.scheduling.order import Cycle
from taskcore.scheduling.plan import Plan
from taskcore.tasks.model import Task
from taskcore.testing import World
from taskcore.testing.world import Person

PLACES = st.integers(0, 5)
STEPS = st.lists(st.tuples(st.sampled_from(["link", "move"]), PLACES, PLACES), max_size=14)


def waits_for_itself(parents: dict[int, int], links: list[tuple[int, int]]) -> bool:
    for place in parents:
        above, met = parents.get(place), set[int]()
        while above is not None and above not in met:
            met.add(above)
            above = parents.get(above)
        if place in met:
            return True
    try:
        Plan([Activity(1, parent=parents.get(place)) for place in range(6)], [Link(*each) for each in links])
    except Cycle:
        return True
    return False


@given(STEPS)
def test_what_closes_a_cycle_is_refused_and_nothing_else(steps: list[tuple[str, int, int]]) -> None:
    asyncio.run(_taken(steps))


async def _taken(steps: list[tuple[str, int, int]]) -> None:
    world = World(resolve(STORES, "memory://")("memory://"))
    ada = await world.person()
    team = await world.team(ada)
    tasks = [await ada.me.tasks.create(team.id, str(place)) for place in range(6)]
    parents: dict[int, int] = {}
    links: list[tuple[int, int]] = []
    for kind, one, other in steps:
        after = parents | {one: other} if kind == "move" else parents
        tied = [*links, (other, one)] if kind == "link" else links
        refused = waits_for_itself(after, tied)
        told = await _refusal(ada, kind, tasks[one], tasks[other])
        assert (told is not None) == refused, (kind, one, other, parents, links)
        if told is None:
            parents, links = after, tied
        else:
            assert told.code == "cycle"
            named = told.data["cycle"]
            assert isinstance(named, list)
            assert named[0] == named[-1]


async def _refusal(ada: Person, kind: str, one: Task, other: Task) -> Conflict | None:
    try:
        if kind == "link":
            await ada.me.dependencies.link(one.id, other.id)
        else:
            await ada.me.tasks.edit(one.id, parent_id=other.id)
    except Conflict as error:
        return error
    return None


@pytest.mark.parametrize(
    ("waits", "for_it"),
    [("part", "whole"), ("whole", "part"), ("other", "part")],
    ids=["up", "down", "beside"],
)
async def test_a_part_and_its_whole_never_wait_for_each_other(world: World, waits: str, for_it: str) -> None:
    ada = await world.person()
    team = await world.team(ada)
    whole = await ada.me.tasks.create(team.id, "whole")
    part = await ada.me.tasks.create(team.id, "part", parent_id=whole.id)
    other = await ada.me.tasks.create(team.id, "other")
    named = {"whole": whole, "part": part, "other": other}
    await ada.me.dependencies.link(whole.id, other.id)

    with pytest.raises(Conflict) as refused:
        await ada.me.dependencies.link(named[waits].id, named[for_it].id)

    assert refused.value.code == "cycle"
    assert {named[waits].key, named[for_it].key} <= set(refused.value.data["cycle"])  # type: ignore[call-overload]


async def test_a_task_does_not_become_part_of_what_it_waits_for(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    whole = await ada.me.tasks.create(team.id, "whole")
    task = await ada.me.tasks.create(team.id, "task")
    await ada.me.dependencies.link(task.id, whole.id)

    with pytest.raises(Conflict) as refused:
        await ada.me.tasks.edit(task.id, parent_id=whole.id)

    assert refused.value.code == "cycle"
    assert (await ada.me.tasks.get(task.id)).parent_id is None
