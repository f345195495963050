"""What is due is done once, by whoever looks, and what fails holds nothing up."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, cast

import attrs
import pytest

from taskcore.errors import Unavailable
from taskcore.jobs import timing
from taskcore.jobs.clock import StoreClock
from taskcore.jobs.model import JobSchedule
from taskcore.jobs.timing import BATCH, Timed
from taskcore.ports import Store, Unit
from taskcore.testing import World
from taskcore_memory import open_store
from tests.unit.delivery.failing import Failing

PATIENCE_SECONDS = 30


async def due(world: World, *names: str, at: datetime | None = None) -> None:
    async def work(unit: Unit) -> None:
        await unit.save([JobSchedule(name, at or world.clock.now) for name in names])

    await world.core.store.transact(work)


class Doing:
    """Moves what is due on by an hour, and fails for what it is told to."""

    def __init__(self) -> None:
        self.done: list[tuple[str, datetime]] = []
        self.failures: dict[str, Exception] = {}

    async def __call__(self, unit: Unit, thing: JobSchedule, now: datetime) -> None:
        if thing.name in self.failures:
            raise self.failures[thing.name]
        self.done.append((thing.name, now))
        later = attrs.evolve(thing, due_at=now + timedelta(hours=1), version=thing.version + 1)
        await unit.save([later])


async def test_what_is_due_is_done_once_and_again_when_it_is_due_again(world: World) -> None:
    doing, now = Doing(), world.clock.now
    await due(world, "a", "b")
    await due(world, "c", at=now + timedelta(seconds=1))
    timed = Timed(world.core, JobSchedule, doing, "test")
    steps = [await timed.step() for _ in range(2)]
    world.clock.advance(hours=1)
    again = await timed.step()

    assert (steps, again) == ([2, 0], 3)
    assert sorted(doing.done)[:2] == [("a", now), ("a", world.clock.now)]


async def test_two_who_look_do_it_once(world: World) -> None:
    doing = Doing()
    names = [f"{number:02}" for number in range(20)]
    await due(world, *names)
    both = [Timed(world.core, JobSchedule, doing, "test") for _ in range(2)]
    counts = await asyncio.gather(*(each.step() for each in both))

    assert sum(counts) == 20
    assert sorted(name for name, _ in doing.done) == names


async def test_who_comes_second_to_what_was_due_leaves_it(world: World) -> None:
    """As where another has done it between the look and the unit of work."""
    doing, now = Doing(), world.clock.now
    await due(world, "a")
    timed = Timed(world.core, JobSchedule, doing, "test")

    assert [await timed._do(("a",), now) for _ in range(2)] == [True, False]
    assert doing.done == [("a", now)]


async def test_only_what_is_meant_is_looked_at(world: World) -> None:
    doing = Doing()
    await due(world, "a", "b")
    await Timed(world.core, JobSchedule, doing, "test", where={"name": ("b", "c")}).step()

    assert [name for name, _ in doing.done] == ["b"]


async def test_what_fails_rests_and_holds_nothing_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    doing = Doing()
    doing.failures = {f"bad {number:03}": RuntimeError("odd") for number in range(BATCH)}
    await due(world, *doing.failures, at=world.clock.now - timedelta(seconds=1))
    await due(world, "good")
    timed = Timed(world.core, JobSchedule, doing, "test")
    steps = [await timed.step() for _ in range(3)]
    doing.failures.clear()
    resting = await timed.step()
    monkeypatch.setattr("taskcore.jobs.timing.time.monotonic", lambda: 10.0**9)
    rested = await timed.step()

    assert (steps, resting, rested) == ([0, 1, 0], 0, BATCH)


async def test_the_loop_goes_on_once_the_store_works_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(timing, "LOOK_SECONDS", 0.001)
    failing = Failing(open_store("memory://"))
    world, doing, came = World(cast("Store", failing)), Doing(), asyncio.Event()

    async def act(unit: Unit, thing: JobSchedule, now: datetime) -> None:
        await doing(unit, thing, now)
        came.set()

    await due(world, "a")
    failing.reads += [Unavailable("gone"), TimeoutError(), RuntimeError("a fault"), Unavailable("gone")]
    failing.units += [Unavailable("gone")]
    loop = asyncio.create_task(Timed(world.core, JobSchedule, act, "test").run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await came.wait()
    loop.cancel()

    assert [name for name, _ in doing.done] == ["a"]
    assert caplog.text.count("test waits for the store") == 1
    assert caplog.text.count("test failed, and begins anew") == 1


async def test_what_takes_too_long_lets_others_go_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "UNIT_SECONDS", 0.01)
    done: list[str] = []

    async def act(unit: Unit, thing: JobSchedule, now: datetime) -> None:
        if thing.name == "slow":
            await asyncio.Event().wait()
        await unit.save([attrs.evolve(thing, due_at=now + timedelta(hours=1), version=2)])
        done.append(thing.name)

    await due(world, "slow", at=world.clock.now - timedelta(seconds=1))
    await due(world, "other")
    timed = Timed(world.core, JobSchedule, act, "test")
    with pytest.raises(TimeoutError):
        await timed.step()
    monkeypatch.setattr(timing, "UNIT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(timed, "_resting", dict.fromkeys(timed._resting, 10.0**9))

    assert (await timed.step(), done) == (1, ["other"])


class Telling:
    """A store with a clock of its own."""

    def __init__(self, now: datetime) -> None:
        self.now_there = now
        self.asked = 0

    async def now(self) -> datetime:
        self.asked += 1
        return self.now_there


async def test_a_stores_clock_is_asked_now_and_then_and_goes_on_in_between(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = [100.0]
    monkeypatch.setattr("taskcore.jobs.clock.time.monotonic", lambda: steady[0])
    start = world.clock.now
    there = Telling(start)
    told = StoreClock(cast("Any", there), world.clock)
    first = await told.now()
    steady[0] += 9
    second = await told.now()
    steady[0] += 2
    there.now_there = start + timedelta(seconds=60)
    third = await told.now()

    assert [each - start for each in (first, second, third)] == [timedelta(seconds=s) for s in (0, 9, 60)]
    assert there.asked == 2


async def test_without_a_clock_of_the_stores_the_process_has_its_own(world: World) -> None:
    assert await StoreClock(world.store, world.clock).now() == world.clock.now
