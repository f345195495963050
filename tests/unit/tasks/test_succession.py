"""The next task of a series: made with the end of the one before it, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.tasks.model import Task
from taskcore.tasks.succession import successor_id
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.samples import log_of
from taskcore.testing.world import Person
from taskcore.values import TaskId

MONDAY = date(2026, 11, 2)


async def chore(
    world: World, recurrence: str = "RRULE:FREQ=WEEKLY", **fields: Any
) -> tuple[Person, Team, Task]:
    ada = await world.person(time_zone="Europe/Berlin")
    team = await world.team(ada)
    fields.setdefault("due_on", MONDAY)
    task = await ada.me.tasks.create(
        team.id, "Water", recurrence=recurrence, assignee_id=ada.user.id, **fields
    )
    return ada, team, task


async def open_tasks(person: Person, team: Team) -> list[Task]:
    return (await person.me.tasks.list(team=str(team.id), status="open")).items


async def test_done_it_is_followed_by_the_next_in_one_unit(world: World) -> None:
    ada, team, task = await chore(world, priority="high", estimate_minutes=30, description="All of them.")
    await ada.me.tasks.complete(task.id)

    (following,) = await open_tasks(ada, team)
    assert following.due_on == MONDAY + timedelta(weeks=1)
    assert following.due_at == datetime(2026, 11, 9, 22, 59, 59, 999999, tzinfo=UTC)
    assert (following.title, following.priority, following.estimate_minutes) == ("Water", "high", 30)
    assert following.assignee_id == ada.user.id
    assert following.number == task.number + 1
    done, made = (await log_of(world, team))[-2:]
    assert (done.kind, made.kind) == ("task.completed", "task.created")
    assert made.data["follows"] == {"id": str(task.id), "key": task.key}
    assert made.data["task"]["key"] == following.key


async def test_finished_again_it_is_followed_by_no_other(world: World) -> None:
    ada, team, task = await chore(world)
    for _ in range(3):
        await ada.me.tasks.complete(task.id)
        await ada.me.tasks.edit(task.id, status="done")
        await ada.me.tasks.reopen(task.id)

    assert {each.id for each in await open_tasks(ada, team)} == {task.id, successor_id(task.id)}


async def test_repeated_under_its_key_it_answers_the_same(world: World) -> None:
    ada, team, task = await chore(world)
    answers = [await ada.me.tasks.complete(task.id, idempotency_key="once") for _ in range(2)]

    assert answers[0] == answers[1]
    assert len(await open_tasks(ada, team)) == 1


async def test_an_undo_takes_the_next_away_and_the_task_done_again_brings_it_back(world: World) -> None:
    ada, team, task = await chore(world)
    await ada.me.tasks.complete(task.id)
    (following,) = await open_tasks(ada, team)
    await ada.me.tasks.delete(following.id)
    await ada.me.tasks.reopen(task.id)
    await ada.me.tasks.complete(task.id)

    assert [each.id for each in await open_tasks(ada, team)] == [following.id]


async def test_what_lies_in_the_trash_for_too_long_stays_there(world: World) -> None:
    ada, team, task = await chore(world)
    await ada.me.tasks.complete(task.id)
    await ada.me.tasks.delete(successor_id(task.id))
    await ada.me.tasks.reopen(task.id)
    world.clock.advance(days=31)
    await ada.me.tasks.complete(task.id)

    assert await open_tasks(ada, team) == []


async def test_a_series_goes_on_from_task_to_task_and_ends(world: World) -> None:
    ada, team, _ = await chore(world, "RRULE:FREQ=DAILY;COUNT=3")
    days = []
    while tasks := await open_tasks(ada, team):
        days.append(tasks[0].due_on)
        await ada.me.tasks.complete(tasks[0].id)

    assert days == [MONDAY + timedelta(days=each) for each in range(3)]


async def test_occurrences_that_passed_while_it_was_open_are_skipped(world: World) -> None:
    ada, team, task = await chore(world)
    world.clock.advance(days=30)  # 2 December, a Wednesday
    await ada.me.tasks.complete(task.id)

    (following,) = await open_tasks(ada, team)
    assert following.due_on == date(2026, 12, 7)


async def test_after_completion_it_counts_working_days_of_whoever_does_it(world: World) -> None:
    ada, team, task = await chore(world, "every 2 working days after completion")
    await ada.me.calendars.add_time_off(team.id, ada.user.id, date(2026, 11, 3))
    await ada.me.tasks.complete(task.id)

    (following,) = await open_tasks(ada, team)
    assert following.due_on == date(2026, 11, 5)


@pytest.mark.parametrize("status", ["cancelled", "in_progress"])
async def test_what_is_not_done_is_followed_by_nothing(world: World, status: Any) -> None:
    ada, team, task = await chore(world)
    await ada.me.tasks.edit(task.id, status=status)

    assert [each.id for each in (await ada.me.tasks.list(team=str(team.id))).items] == [task.id]


async def test_what_does_not_recur_is_followed_by_nothing(world: World) -> None:
    ada, team, task = await chore(world)
    await ada.me.tasks.edit(task.id, recurrence=None, status="done")

    assert await open_tasks(ada, team) == []


async def test_whoever_left_gets_no_next_one(world: World) -> None:
    ada, team, task = await chore(world)
    bob = await world.member(ada, team)
    await ada.me.tasks.edit(task.id, assignee_id=bob.user.id)
    await world.core.users.disable(bob.user.email)
    await ada.me.tasks.complete(task.id)

    (following,) = await open_tasks(ada, team)
    assert following.assignee_id is None


async def test_reminders_beside_its_dates_come_along(world: World) -> None:
    ada, team, task = await chore(world)
    await ada.me.reminders.add(task.id, offset_minutes=-90)
    await ada.me.reminders.add(task.id, "absolute", at=datetime(2026, 11, 3, tzinfo=UTC))
    await ada.me.tasks.complete(task.id)

    (following,) = await open_tasks(ada, team)
    (reminder,) = (await ada.me.reminders.list(following.id)).items
    assert (reminder.anchor, reminder.offset_minutes, reminder.version) == ("due", -90, 1)


async def test_a_batch_is_followed_too(world: World) -> None:
    ada, team, task = await chore(world)
    await ada.me.batches.run([{"op": "complete", "id": str(task.id)}], atomic=True)

    assert [each.id for each in await open_tasks(ada, team)] == [successor_id(task.id)]


@given(st.uuids(version=4))
def test_the_id_of_the_next_is_a_uuid7_of_the_same_millisecond(made: Any) -> None:
    following = successor_id(TaskId(made))

    assert following == successor_id(TaskId(made))
    assert following != made
    assert (following.version, following.variant) == (7, made.variant)
    assert following.int >> 80 == made.int >> 80
