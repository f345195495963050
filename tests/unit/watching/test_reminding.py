"""What people are told of a task at its time: each once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from taskcore.errors import Invalid
from taskcore.testing import World
from taskcore.testing.samples import log_of
from taskcore.values import Role
from taskcore.watching.loops import arming, waking
from tests.unit.watching.places import START, place


async def test_a_reminder_is_told_at_its_time_once(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=START + timedelta(hours=3))
    reminder = await there.owner.me.reminders.add(task.id, offset_minutes=-60)
    await there.pass_by(hours=2, seconds=-1)
    early = await there.told(None, "reminder")
    await there.pass_by(seconds=1)
    await there.pass_by(days=1)

    assert early == []
    assert await there.told(None, "reminder") == [
        f"reminder: {task.key} Ship it: your reminder, due 2026-11-02 12:30 (UTC)"
    ]
    (event,) = [each for each in await log_of(world, there.team) if each.kind == "reminder.fired"]
    assert (event.subject_id, event.task_id, event.actor_id) == (reminder.id, task.id, None)
    assert event.data["reminder"] == {"anchor": "due"}


async def test_whoever_wants_to_be_reminded_of_what_has_passed_is_told_at_once(world: World) -> None:
    there = await place(world)
    task = await there.task()
    await there.owner.me.reminders.add(task.id, "absolute", at=START - timedelta(hours=1))
    await there.settle()

    assert len(await there.told(None, "reminder")) == 1


async def test_what_is_a_week_late_is_no_news(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=START - timedelta(days=8))
    await there.owner.me.reminders.add(task.id)
    await there.settle()
    await there.pass_by(days=1)

    assert await there.told() == []


async def test_nobody_is_told_of_a_reminder_that_was_taken_back(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=START + timedelta(hours=3))
    reminder = await there.owner.me.reminders.add(task.id)
    await there.settle()
    await there.owner.me.reminders.remove(task.id, reminder.id)
    await there.pass_by(hours=4)

    assert await there.told(None, "reminder") == []


async def test_a_date_that_moved_is_told_anew_and_one_that_came_back_is_not(world: World) -> None:
    there = await place(world)
    first, second = START + timedelta(hours=1), START + timedelta(hours=3)
    task = await there.task(due_at=first)
    await there.owner.me.reminders.add(task.id)
    await there.pass_by(hours=1)
    await there.owner.me.tasks.edit(task.id, due_at=second)
    await there.settle()
    counts = [len(await there.told(None, "reminder"))]
    await there.pass_by(hours=2)
    counts.append(len(await there.told(None, "reminder")))
    await there.owner.me.tasks.edit(task.id, due_at=first)
    await there.settle()
    counts.append(len(await there.told(None, "reminder")))

    assert counts == [1, 2, 2]


async def test_a_date_that_moved_away_in_time_is_not_told(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=START + timedelta(hours=1))
    await there.owner.me.reminders.add(task.id)
    await there.pass_by(minutes=59)
    await there.owner.me.tasks.edit(task.id, due_at=START + timedelta(hours=5))
    await there.pass_by(hours=1)

    assert await there.told(None, "reminder", "overdue") == []


async def test_it_is_told_a_day_ahead_and_once_when_it_is_overdue(world: World) -> None:
    there = await place(world)
    bob = await world.member(there.owner, there.team)
    due = START + timedelta(days=2)
    task = await there.task(due_at=due, assignee_id=bob.user.id)
    told = []
    for step in (
        timedelta(days=1, seconds=-1),
        timedelta(seconds=1),
        timedelta(days=1, seconds=1),
        timedelta(days=3),
    ):
        await there.pass_by(seconds=step.total_seconds())
        told.append(await there.told(bob, "due", "overdue"))

    ahead = f"due: {task.key} Ship it is due 2026-11-04 09:30 (UTC)"
    late = f"overdue: {task.key} Ship it was due 2026-11-04 09:30 (UTC)"
    assert told[0] == []
    assert told[1] == [ahead]
    assert sorted(told[2]) == sorted(told[3]) == [ahead, late]
    assert await there.told(None, "due", "overdue") == []


async def test_what_is_overdue_is_not_told_to_be_due_too(world: World) -> None:
    there = await place(world)
    await there.task(due_at=START - timedelta(hours=1))
    await there.settle()

    assert [each.partition(":")[0] for each in await there.told(None, "due", "overdue")] == ["overdue"]


async def test_of_nobodys_task_whoever_made_it_is_told(world: World) -> None:
    there = await place(world)
    await there.task(due_at=START + timedelta(hours=1))
    await there.settle()
    await there.pass_by(hours=2)

    assert [each.partition(":")[0] for each in await there.told(None, "due", "overdue")] == ["due", "overdue"]


@pytest.mark.parametrize(
    ("zone", "day", "morning"),
    [
        (
            "Europe/Berlin",
            date(2026, 10, 25),
            datetime(2026, 10, 25, 7, tzinfo=UTC),
        ),  # clocks went back at 3:00
        ("Europe/Berlin", date(2027, 3, 28), datetime(2027, 3, 28, 6, tzinfo=UTC)),  # and on, at 2:00
        ("Australia/Lord_Howe", date(2027, 4, 4), datetime(2027, 4, 3, 21, 30, tzinfo=UTC)),
        ("Pacific/Apia", date(2026, 12, 30), datetime(2026, 12, 29, 19, tzinfo=UTC)),
        ("Africa/Cairo", date(2027, 4, 30), datetime(2027, 4, 30, 5, tzinfo=UTC)),  # on, at midnight
        ("America/Los_Angeles", date(2026, 11, 1), datetime(2026, 11, 1, 16, tzinfo=UTC)),
    ],
)
async def test_a_day_is_told_on_its_morning_where_the_assignee_lives(
    world: World, zone: str, day: date, morning: datetime
) -> None:
    world.clock.now = datetime(2026, 9, 1, tzinfo=UTC)
    there = await place(world, time_zone=zone)
    task = await there.task(due_on=day, assignee_id=there.owner.user.id)
    await there.settle()
    world.clock.now = morning - timedelta(seconds=1)
    await there.settle()
    early = await there.told(None, "due")
    await there.pass_by(seconds=1)
    on_time = await there.told(None, "due")
    assert task.due_at is not None
    world.clock.now = task.due_at
    await there.settle()
    not_yet = await there.told(None, "overdue")
    await there.pass_by(seconds=1)

    assert (early, not_yet) == ([], [])
    assert on_time == [f"due: {task.key} Ship it is due {day}"]
    assert await there.told(None, "overdue") == [f"overdue: {task.key} Ship it was due {day}"]


async def test_working_time_is_that_of_whoever_is_reminded_and_follows_their_calendar(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=datetime(2026, 11, 5, 10, tzinfo=UTC))
    await there.owner.me.reminders.add(
        task.id, offset_minutes=-120, offset_unit="working"
    )  # Wednesday, 16:00
    await there.settle()
    user = there.owner.user.id
    await there.owner.me.calendars.add_time_off(there.team.id, user, date(2026, 11, 4))  # now Tuesday, 16:00
    await there.settle()
    world.clock.now = datetime(2026, 11, 3, 15, 59, 59, tzinfo=UTC)
    await there.settle()
    early = await there.told(None, "reminder")
    await there.pass_by(seconds=1)

    assert early == []
    assert len(await there.told(None, "reminder")) == 1


@pytest.mark.parametrize("end", ["finished", "trashed", "suspended", "deleted", "left"])
async def test_nobody_is_told_of_what_has_ended(world: World, end: str) -> None:
    root = await world.admin()
    there = await place(world)
    bob = await world.member(there.owner, there.team)
    task = await there.task(due_at=START + timedelta(hours=2), assignee_id=bob.user.id)
    await bob.me.reminders.add(task.id)
    await there.settle()
    told = await there.told(bob)
    match end:
        case "finished":
            await bob.me.tasks.complete(task.id)
        case "trashed":
            await there.owner.me.tasks.delete(task.id)
        case "suspended":
            await root.me.teams.suspend(there.team.id)
        case "deleted":
            await there.owner.me.teams.delete(there.team.id)
        case "left":
            await bob.me.teams.get(there.team.id)
            await there.owner.me.members.remove(there.team.id, bob.user.id)
    await there.pass_by(hours=3)

    assert {*await there.told(bob)} <= {*told}  # with who has left goes what they were told


async def test_even_where_nothing_said_so_in_time_nobody_is_told_of_what_is_done(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=START + timedelta(hours=2))
    await there.owner.me.reminders.add(task.id)
    await there.settle()
    before = await there.told()
    await there.owner.me.tasks.complete(task.id)
    world.clock.advance(hours=3)
    await waking(world.core).step()
    watch = await there.watch(task.id)

    assert await there.told() == before
    assert watch is not None
    assert watch.wakes_at is None


@pytest.mark.parametrize("way", ["reopened", "restored", "unsuspended"])
async def test_what_was_missed_meanwhile_is_told_when_it_comes_back(world: World, way: str) -> None:
    root = await world.admin()
    there = await place(world)
    task = await there.task(due_at=START + timedelta(hours=30))
    await there.owner.me.reminders.add(task.id, offset_minutes=-24 * 60 - 60)
    me = there.owner.me
    leave: dict[str, Callable[[], Awaitable[Any]]] = {
        "reopened": lambda: me.tasks.complete(task.id),
        "restored": lambda: me.tasks.delete(task.id),
        "unsuspended": lambda: root.me.teams.suspend(there.team.id),
    }
    come_back: dict[str, Callable[[], Awaitable[Any]]] = {
        "reopened": lambda: me.tasks.reopen(task.id),
        "restored": lambda: me.tasks.restore(task.id),
        "unsuspended": lambda: root.me.teams.unsuspend(there.team.id),
    }
    await leave[way]()
    await there.pass_by(hours=12)
    away = await there.told()
    await come_back[way]()
    await there.settle()

    assert away == []
    assert sorted(each.partition(":")[0] for each in await there.told()) == ["due", "reminder"]


async def test_a_guest_is_not_told_of_what_is_not_shared_with_them_any_more(world: World) -> None:
    there = await place(world)
    guest = await world.member(there.owner, there.team, Role.GUEST)
    project = await there.owner.me.projects.create(there.team.id, "Shared")
    await there.owner.me.projects.share(project.id, guest.user.id)
    task = await there.task(project_id=project.id)
    for minutes in (10, 20):
        await guest.me.reminders.add(task.id, "absolute", at=START + timedelta(minutes=minutes))
    await there.pass_by(minutes=15)
    seen = await there.told(guest)
    await there.owner.me.projects.unshare(project.id, guest.user.id)
    await there.pass_by(minutes=15)

    assert len(seen) == 1
    assert await there.told(guest) == seen


async def test_the_next_of_a_series_is_watched_too(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=START + timedelta(hours=1), recurrence="RRULE:FREQ=DAILY")
    await there.owner.me.reminders.add(task.id, offset_minutes=-10)
    await there.pass_by(minutes=50)
    await there.owner.me.tasks.complete(task.id)
    await there.pass_by(days=1)

    assert len(await there.told(None, "reminder")) == 2


async def test_a_task_that_nothing_is_to_happen_to_has_no_watch(world: World) -> None:
    there = await place(world)
    task = await there.task()
    await there.settle()

    assert await there.watch(task.id) is None


async def test_what_was_there_before_anybody_watched_is_watched_from_its_log(world: World) -> None:
    there = await place(world)
    tasks = [await there.task(str(place), due_at=START + timedelta(hours=1)) for place in range(5)]
    await there.owner.me.tasks.complete(tasks[0].id)
    await arming(world.core).step()
    watched = [await there.watch(task.id) for task in tasks]

    assert [watch is not None for watch in watched] == [False, True, True, True, True]


async def test_with_a_task_goes_its_watch(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=START + timedelta(hours=1))
    await there.settle()
    await there.owner.me.tasks.delete(task.id)
    await there.owner.me.tasks.purge(task.id)
    await there.settle()

    assert await there.watch(task.id) is None


async def test_a_watch_of_no_task_rests(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=START + timedelta(hours=1))
    await there.settle()

    async def drop(unit: Any) -> None:
        await unit.save([], removed=[task])

    await world.store.transact(drop)
    await there.pass_by(hours=2)
    watch = await there.watch(task.id)

    assert watch is not None
    assert watch.wakes_at is None


async def test_an_instant_more_than_a_week_past_is_refused_and_one_less_past_is_told_at_once(
    world: World,
) -> None:
    there = await place(world)
    task = await there.task()
    now = world.clock.now
    with pytest.raises(Invalid) as refused:
        await there.owner.me.reminders.add(task.id, "absolute", at=now - timedelta(days=7, seconds=1))
    await there.owner.me.reminders.add(task.id, "absolute", at=now - timedelta(days=6, hours=23))
    await there.settle()

    assert [each.field for each in refused.value.faults] == ["at"]
    assert len(await there.told(None, "reminder")) == 1


async def test_whoever_moves_to_another_zone_is_told_on_their_mornings_from_then_on(world: World) -> None:
    there = await place(world, time_zone="America/Los_Angeles")
    task = await there.task(due_on=date(2026, 11, 5), assignee_id=there.owner.user.id)
    await there.settle()
    await there.owner.me.me.edit(time_zone="Europe/Berlin")
    await there.settle()
    watch = await there.watch(task.id)

    assert watch is not None
    assert watch.wakes_at == datetime(2026, 11, 5, 7, tzinfo=UTC)
