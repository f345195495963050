"""A team's plan over every store: planned on what is there, and written as one change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskcore.errors import Conflict
from taskcore.planning.model import Schedule
from taskcore.ports import Store
from taskcore.scheduling.leveling import Budget, HeuristicSolver, Problem, Solution
from taskcore.scheduling.leveling.ports import OnProgress
from taskcore.tasks.model import Task
from taskcore.teams.model import Team
from taskcore.testing.world import Person, World
from taskcore.values import Role


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def dates(schedule: Schedule) -> dict[str, tuple[datetime, datetime]]:
    return {task.key: (task.start, task.finish) for task in schedule.tasks}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026, whose 2nd is a Monday; the clock stands at 09:30."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


async def three(ada: Person, team: Team) -> list[Task]:
    """Two days of one person: the second after the first, the third whenever."""
    first = await ada.me.tasks.create(team.id, "first", estimate_minutes=240, assignee_id=ada.user.id)
    second = await ada.me.tasks.create(team.id, "second", estimate_minutes=240, assignee_id=ada.user.id)
    third = await ada.me.tasks.create(team.id, "third", estimate_minutes=480, assignee_id=ada.user.id)
    await ada.me.dependencies.link(second.id, first.id)
    return [first, second, third]


async def test_a_plan_is_applied_as_one_change(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    first, second, third = await three(ada, team)
    before = (await ada.me.events.list(team.id, limit=200)).items[-1].seq

    preview = await ada.me.schedule.plan(team.id)
    assert not preview.applied
    assert (await ada.me.events.list(team.id, after=str(before))).items == []

    applied = await ada.me.schedule.plan(team.id, apply=True)
    assert applied.applied
    assert dates(applied) == dates(preview)
    tasks = [await ada.me.tasks.get(each.id) for each in (first, second, third)]
    assert [(task.planned_start, task.planned_finish) for task in tasks] == [
        dates(applied)[task.key] for task in tasks
    ]
    assert all(task.planned_for == (ada.user.id,) and task.version == 2 for task in tasks)
    told = (await ada.me.events.list(team.id, after=str(before))).items
    assert [event.kind for event in told] == ["task.updated"] * 3 + ["schedule.planned"]
    assert {name for event in told[:3] for name in event.data} == {
        *("planned_start", "planned_finish", "planned_for", "task")
    }
    assert told[3].data["schedule"]["moved"] == [task.key for task in tasks]


async def test_what_is_in_force_stays_where_it_can(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    first, _, _ = await three(ada, team)
    plan = await ada.me.schedule.plan(team.id, apply=True)

    assert (await ada.me.schedule.get(team.id)).moves == ()
    assert (await ada.me.schedule.plan(team.id, apply=True)).moves == ()

    urgent = await ada.me.tasks.create(team.id, "new", estimate_minutes=60, assignee_id=ada.user.id)
    kept = await ada.me.schedule.get(team.id)
    assert [move.key for move in kept.moves] == [urgent.key]
    assert {key: when for key, when in dates(kept).items() if key != urgent.key} == dates(plan)

    await ada.me.tasks.edit(first.id, estimate_minutes=300)
    slipped = await ada.me.schedule.get(team.id)
    moved = {move.key: move for move in slipped.moves}
    assert moved[first.key].start == moved[first.key].start_before
    assert moved[first.key].reason.cause == "estimate"
    assert all(move.reason.text for move in slipped.moves)


async def test_a_what_if_writes_nothing_and_compares(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    first, second, third = await three(ada, team)
    log = await ada.me.events.list(team.id, limit=200)

    trial = await ada.me.schedule.plan(
        team.id,
        changes=[
            {"op": "delay", "id": first.key, "minutes": 120},
            {"op": "drop", "id": third.key},
            {"op": "add_member", "name": "Zoe"},
            {"op": "edit", "id": str(second.id), "assignee_id": None},
        ],
    )

    assert trial.comparison is not None
    assert set(dates(trial)) == {first.key, second.key}
    before = (await ada.me.schedule.get(team.id)).finish
    assert trial.comparison.finish_before == before
    assert trial.comparison.finish_delta_minutes == (trial.finish - before) / timedelta(minutes=1)
    assert [person.name for person in trial.people if person.tried] == ["Zoe"]
    assert (await ada.me.events.list(team.id, limit=200)).items == log.items
    assert (await ada.me.tasks.get(first.id)).planned_start is None


async def test_a_guest_sees_what_is_shared_and_of_the_rest_that_it_is_there(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    gus = await world.member(ada, team, Role.GUEST, "Gus")
    project = await ada.me.projects.create(team.id, "shared")
    await ada.me.projects.share(project.id, gus.user.id)
    hidden = await ada.me.tasks.create(team.id, "hidden", estimate_minutes=60, assignee_id=ada.user.id)
    shown = await ada.me.tasks.create(
        team.id, "shown", estimate_minutes=60, assignee_id=ada.user.id, project_id=project.id
    )
    await ada.me.dependencies.link(shown.id, hidden.id)

    seen = await gus.me.schedule.get(team.id)

    assert [task.key for task in seen.tasks] == [shown.key]
    assert hidden.key not in repr(seen)
    assert "hidden" not in repr(seen)
    assert str(hidden.id) not in repr(seen)
    assert seen.tasks[0].reasons[0].text == "waits for another task"
    assert dates(seen)[shown.key] == dates(await ada.me.schedule.get(team.id))[shown.key]


class Meddling:
    """A solver during whose work somebody else changes a task."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.meddle: Any = None
        self.times = 0

    def solve(
        self,
        problem: Problem,
        budget: Budget,
        incumbent: Sequence[int] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Solution:
        if self.times:
            self.times -= 1
            asyncio.run_coroutine_threadsafe(self.meddle(self.times), self.loop).result()
        return HeuristicSolver().solve(problem, budget, incumbent, on_progress)


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("times", [2, 3])
async def test_dates_are_written_only_of_what_they_were_planned_on(store: Store, times: int) -> None:
    solver = Meddling(asyncio.get_running_loop())
    world = World(store, solver=lambda: solver)
    ada = await world.person()
    team = await world.team(ada)
    first, *_ = await three(ada, team)

    async def meddle(left: int) -> None:
        await ada.me.tasks.edit(first.id, estimate_minutes=120 + left)

    solver.meddle, solver.times = meddle, times
    if times == 3:
        with pytest.raises(Conflict, match="plan again") as refused:
            await ada.me.schedule.plan(team.id, keep=False, apply=True)
        assert refused.value.code == "plan_overtaken"
        assert (await ada.me.tasks.get(first.id)).planned_start is None
        return
    applied = await ada.me.schedule.plan(team.id, keep=False, apply=True)
    [planned] = [task for task in applied.tasks if task.key == first.key]
    assert planned.finish - planned.start == timedelta(minutes=120)
