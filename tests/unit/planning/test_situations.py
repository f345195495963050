"""What a team's tasks and people come to in its plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskcore.errors import Conflict, Invalid
from taskcore.planning.making import GivenUp, Making, made
from taskcore.planning.model import PlannedTask, Schedule
from taskcore.planning.pictures.words import quality
from taskcore.planning.situation import situation
from taskcore.scheduling.leveling import Budget
from taskcore.system import heuristic
from taskcore.teams.model import Team
from taskcore.testing.world import Person, World
from taskcore.values import Role


@pytest.fixture
async def ada(world: World) -> Person:
    """The clock stands on Monday, 2 November 2026, 09:30."""
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


async def planned(ada: Person, team: Team, key: str, **options: Any) -> PlannedTask:
    schedule = await ada.me.schedule.plan(team.id, **options)
    return next(task for task in schedule.tasks if task.key == key)


def hours(task: PlannedTask) -> float:
    return (task.finish - task.start) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({}, 5),
        ({"spent_minutes": 120}, 3),
        ({"remaining_minutes": 60}, 1),
        ({"remaining_minutes": 60, "spent_minutes": 270}, 1),
        ({"spent_minutes": 999}, 0),
    ],
)
async def test_what_is_planned_is_what_is_left(
    ada: Person, team: Team, fields: dict[str, Any], left: float
) -> None:
    task = await ada.me.tasks.create(team.id, "task", estimate_minutes=300, **fields)

    found = await planned(ada, team, task.key)

    assert hours(found) == left
    assert found.progress == pytest.approx(1 - left / 5)


async def test_a_task_all_of_whose_parts_are_done_takes_no_more_time(ada: Person, team: Team) -> None:
    whole = await ada.me.tasks.create(team.id, "whole", estimate_minutes=2400)
    part = await ada.me.tasks.create(team.id, "part", parent_id=whole.id, estimate_minutes=60)
    before = (await ada.me.schedule.plan(team.id)).finish
    await ada.me.tasks.complete(part.id)

    after = await ada.me.schedule.plan(team.id)

    assert after.finish <= before
    assert [task.container for task in after.tasks if task.key == whole.key] == [True]


async def test_elapsed_time_passes_by_itself(world: World, ada: Person, team: Team) -> None:
    paint = await ada.me.tasks.create(
        team.id, "dry", estimate_kind="elapsed", estimate_minutes=1440, assignee_id=ada.user.id
    )
    work = await ada.me.tasks.create(team.id, "work", estimate_minutes=60, assignee_id=ada.user.id)
    await ada.me.tasks.start(paint.id)
    begun = world.clock.now

    schedule = await ada.me.schedule.get(team.id)
    at_once = {task.key: task for task in schedule.tasks}
    assert at_once[paint.key].assignments == ()
    assert at_once[work.key].start <= begun.replace(microsecond=0)
    assert {load.minutes for load in schedule.workload} == {60}

    world.clock.advance(hours=20)
    later = await planned(ada, team, paint.key)
    assert later.finish == at_once[paint.key].finish == begun.replace(microsecond=0) + timedelta(days=1)


async def test_who_does_a_task_has_its_skills(world: World, ada: Person, team: Team) -> None:
    bob = await world.member(ada, team)
    await bob.me.calendars.put_member(team.id, bob.user.id, {"skills": ["sql"]})
    both = [ada.user.id, bob.user.id]
    asked = await ada.me.tasks.create(team.id, "asked", candidates=both, required_skills=["sql"])
    anybody = await ada.me.tasks.create(team.id, "anybody", required_skills=["sql"])
    nobody = await ada.me.tasks.create(team.id, "nobody", required_skills=["cobol"])

    schedule = await ada.me.schedule.plan(team.id)

    doers = {task.key: [each.user_id for each in task.assignments] for task in schedule.tasks}
    assert doers == {asked.key: [bob.user.id], anybody.key: [bob.user.id], nobody.key: []}
    assert schedule.unstaffed == (nobody.key,)


async def test_work_of_who_has_left_is_told(world: World, ada: Person, team: Team) -> None:
    bob = await world.member(ada, team)
    task = await ada.me.tasks.create(team.id, "his", candidates=[bob.user.id])
    assert (await ada.me.schedule.plan(team.id)).unstaffed == ()
    await bob.me.members.leave(team.id)

    assert (await ada.me.schedule.plan(team.id)).unstaffed == (task.key,)


async def test_what_is_put_away_takes_nobodys_time(ada: Person, team: Team) -> None:
    project = await ada.me.projects.create(team.id, "old")
    await ada.me.tasks.create(team.id, "old", project_id=project.id, estimate_minutes=2400, priority="urgent")
    task = await ada.me.tasks.create(team.id, "new", estimate_minutes=60)
    await ada.me.projects.edit(project.id, archived=True)

    schedule = await ada.me.schedule.plan(team.id)

    assert [each.key for each in schedule.tasks] == [task.key]


async def test_a_due_day_is_missed_by_whole_minutes(ada: Person, team: Team) -> None:
    await ada.me.calendars.put(team.id, {"hours": {"mon-sun": ["00:00-24:00"]}})
    today = datetime(2026, 11, 2, tzinfo=UTC).date()
    task = await ada.me.tasks.create(team.id, "late", estimate_minutes=1440, due_on=today)

    assert (await planned(ada, team, task.key)).late_minutes == 9 * 60 + 30


async def test_a_priority_can_be_tried_away(ada: Person, team: Team) -> None:
    pressing = await ada.me.tasks.create(team.id, "pressing", estimate_minutes=120, priority="urgent")
    other = await ada.me.tasks.create(team.id, "other", estimate_minutes=60, priority="high")

    trial = await ada.me.schedule.plan(
        team.id, changes=[{"op": "edit", "id": pressing.key, "priority": None}]
    )

    starts = {task.key: task.start for task in trial.tasks}
    assert starts[other.key] < starts[pressing.key]


async def test_a_search_is_for_what_is_planned_anew(ada: Person, team: Team) -> None:
    await ada.me.tasks.create(team.id, "task", estimate_minutes=60)
    await ada.me.schedule.plan(team.id, apply=True)

    assert (await ada.me.schedule.plan(team.id)).schedules == 1
    assert (await ada.me.schedule.plan(team.id, schedules=30)).schedules >= 1
    with pytest.raises(Invalid, match="keep"):
        await ada.me.schedule.plan(team.id, schedules=30, keep=True)


async def test_a_guest_is_told_nothing_of_how_good_the_whole_is(
    world: World, ada: Person, team: Team
) -> None:
    gus = await world.member(ada, team, Role.GUEST, "Gus")
    project = await ada.me.projects.create(team.id, "shared")
    await ada.me.projects.share(project.id, gus.user.id)
    await ada.me.tasks.create(team.id, "shown", project_id=project.id)

    seen = await gus.me.schedule.get(team.id)

    assert (seen.gap, seen.finish_bound, seen.optimal) == (None, None, False)
    assert quality(seen) == "how near to the best plan is not known"


async def test_a_plan_that_nobody_waits_for_is_given_up(world: World, ada: Person, team: Team) -> None:
    for number in range(12):
        await ada.me.tasks.create(team.id, str(number), estimate_minutes=60 * number, due_at=world.clock.now)
    as_it_is = await situation(world.store.rows(), team, world.clock.now)
    told: list[Schedule] = []

    with pytest.raises(GivenUp):
        made(Making(as_it_is, budget=Budget(schedules=10**6)), heuristic, told.append, lambda: bool(told))


async def test_work_without_working_time_is_named_with_whose_calendar_has_none_but_to_no_guest(
    world: World, ada: Person, team: Team
) -> None:
    bob = await world.member(ada, team)
    guest = await world.member(ada, team, Role.GUEST, name="Gus")
    await ada.me.calendars.put_member(team.id, bob.user.id, {"hours": {}})
    anybody = await ada.me.tasks.create(team.id, "anybody's", estimate_minutes=60)

    assert [each.user_id for each in (await planned(ada, team, anybody.key)).assignments] == [ada.user.id]

    his = await ada.me.tasks.create(team.id, "Bob's", estimate_minutes=60, assignee_id=bob.user.id)
    with pytest.raises(Conflict) as refused:
        await ada.me.schedule.get(team.id)
    with pytest.raises(Conflict) as hidden:
        await guest.me.schedule.get(team.id)

    assert refused.value.code == hidden.value.code == "no_working_time"
    assert refused.value.message.startswith(f"{his.key}: no working time")
    assert refused.value.message.endswith("; look at Bob's calendar")
    assert refused.value.data == {"task": his.key}
    assert "Bob" not in hidden.value.message
    assert hidden.value.data == {}


async def test_who_has_begun_work_and_has_no_hours_any_more_is_named(
    world: World, ada: Person, team: Team
) -> None:
    bob = await world.member(ada, team)
    his = await ada.me.tasks.create(team.id, "Bob's", estimate_minutes=60, assignee_id=bob.user.id)
    await ada.me.schedule.plan(team.id, apply=True)
    await ada.me.tasks.start(his.id)
    await ada.me.calendars.put_member(team.id, bob.user.id, {"hours": {}})

    with pytest.raises(Conflict, match=f"^{his.key}: .*; look at Bob's calendar$"):
        await ada.me.schedule.get(team.id)
