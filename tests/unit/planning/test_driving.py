"""The driving path: from a task back to what it waits for in the end."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import attrs
import pytest

from taskcore.errors import NotFound
from taskcore.planning.driving import driving_path
from taskcore.planning.model import PlanReason, Schedule
from taskcore.scheduling.activities import Cause
from taskcore.tasks.model import Task
from taskcore.testing import World


async def a_chain(world: World) -> tuple[Schedule, list[Task]]:
    """Three tasks, each of which waits for the one before it."""
    world.clock.now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    ada = await world.person()
    team = await world.team(ada)
    tasks = [
        await ada.me.tasks.create(team.id, title, assignee_id=ada.user.id, estimate_minutes=480)
        for title in ("dig", "lay", "fill")
    ]
    for before, after in pairwise(tasks):
        await ada.me.dependencies.link(after.id, before.id)
    return await ada.me.schedule.plan(team.id), tasks


async def test_it_leads_from_a_task_to_the_one_that_waits_for_none(world: World) -> None:
    schedule, tasks = await a_chain(world)
    path = driving_path(schedule, tasks[-1].key.lower())
    passed = list(dict.fromkeys(task.key for task, _ in path))

    assert passed == [task.key for task in reversed(tasks)]
    assert path[-1][1].task_id is None
    assert path == driving_path(schedule, str(tasks[-1].id).upper())


async def test_a_night_stands_before_what_it_was_added_to(world: World) -> None:
    schedule, tasks = await a_chain(world)
    last = next(task for task in schedule.tasks if task.task_id == tasks[-1].id)
    night, link = (
        PlanReason(Cause.CALENDAR, last.start, "a night"),
        PlanReason(Cause.LINK, last.start, "a link", task_id=tasks[0].id),
    )
    never = PlanReason(Cause.NOW, last.start, "what does not bind")
    changed = attrs.evolve(last, reasons=(night, link, never))
    others = [task for task in schedule.tasks if task is not last]
    path = driving_path(attrs.evolve(schedule, tasks=(*others, changed)), last.key)

    assert [reason for _, reason in path[:2]] == [night, link]
    assert path[2][0].task_id == tasks[0].id
    assert never not in [reason for _, reason in path]


async def test_tasks_that_wait_for_each_other_are_each_passed_once(world: World) -> None:
    schedule, tasks = await a_chain(world)
    reasons = {
        tasks[0].id: PlanReason(Cause.RESOURCE, schedule.tasks[0].start, "x", task_id=tasks[1].id),
        tasks[1].id: PlanReason(Cause.RESOURCE, schedule.tasks[0].start, "y", task_id=tasks[0].id),
    }
    circle = [attrs.evolve(task, reasons=(reasons[task.task_id],)) for task in schedule.tasks[:2]]
    path = driving_path(attrs.evolve(schedule, tasks=tuple(circle)), tasks[0].key)

    assert [task.task_id for task, _ in path] == [tasks[0].id, tasks[1].id]


async def test_it_starts_nowhere_but_in_the_plan(world: World) -> None:
    schedule, _ = await a_chain(world)
    with pytest.raises(NotFound, match="NO-1"):
        driving_path(schedule, "NO-1")
