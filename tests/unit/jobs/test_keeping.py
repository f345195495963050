"""What cannot be kept of a job ends that job, and no other; and nothing else is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any
from uuid import UUID

import attrs
import pytest

from taskcore.errors import Invalid, Unavailable
from taskcore.jobs import attempts, runner
from taskcore.jobs.attempts import Attempt, extend, told_progress
from taskcore.jobs.keeping import GREATEST, MOST_BYTES, MOST_DEEP, as_json
from taskcore.jobs.model import Job, JobProgress, JobState
from taskcore.jobs.ports import Run
from taskcore.jobs.runner import LEASE, Runner
from taskcore.jobs.states import claimed
from taskcore.ports import Store, Unit
from taskcore.testing import World
from tests.unit.jobs.test_runner import changed, done, now_of, of, queued

HOUR = timezone(timedelta(hours=1))


class Colour(Enum):
    RED = "red"


@attrs.frozen
class Point:
    x: int


def deep(times: int) -> Any:
    value: Any = 1
    for _ in range(times):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"a": [1, 2.5, None, True, "é"]}, {"a": [1, 2.5, None, True, "é"]}),
        ((UUID(int=7), Colour.RED, Point(1)), [str(UUID(int=7)), "red", {"x": 1}]),
        (datetime(2026, 1, 1, 9, tzinfo=HOUR), "2026-01-01T08:00:00.000000Z"),
        (datetime(2026, 1, 1, tzinfo=UTC).date(), "2026-01-01"),
        (-GREATEST, -GREATEST),
        (deep(MOST_DEEP), deep(MOST_DEEP)),
        ("x" * (MOST_BYTES - 2), "x" * (MOST_BYTES - 2)),
    ],
)
def test_what_has_a_json_form_is_kept_in_it(value: object, kept: object) -> None:
    assert as_json(value) == kept


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a": [{1, 2}]}, r"a\[0\] is a set"),
        ({1: 2}, "the name 1: names must be texts"),
        ({"a\x00": 1}, "NUL"),
        ({"a": {"b": float("inf")}}, "a.b is inf"),
        (GREATEST + 1, "more than 64 bits"),
        ("a\x00", "it must not contain a NUL"),
        ("\ud800", "half of a surrogate pair"),
        (deep(MOST_DEEP + 1), "deep"),
        ("é" * (MOST_BYTES // 2), "has 1048578 bytes"),
        (datetime(2026, 1, 1), "needs its zone"),  # noqa: DTZ001  which is what is refused
        (b"bytes", "it is no JSON value"),
    ],
)
def test_what_has_none_is_refused_with_where_it_is(value: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        as_json(value)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ((float("nan"), -3), ["done", "total"]),
        ((True,), ["done"]),
        ((1.0, 2**60), ["done", "total"]),
        ((3, 2), ["done"]),
        ((1, 2, b"x"), ["note"]),
    ],
)
def test_progress_that_is_none_is_refused(said: tuple[Any, ...], fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        told_progress(*said, *(None, "")[len(said) - 1 :])

    assert [each.field for each in refused.value.faults] == fields


def test_a_note_is_mended_and_cut() -> None:
    note = told_progress(1, 2, "a\x00\ud800" + "x" * 1000).note

    assert note[:4] == "a\ufffd?x"
    assert len(note) == attempts.MOST_NOTE_CHARACTERS


async def test_a_handler_that_tells_nonsense_has_failed_that_time(world: World) -> None:
    async def odd(run: Run) -> None:
        await run.progress(float("nan"), -3)  # type: ignore[arg-type]

    world.core.handlers.add("test", odd)
    job = await queued(world)
    await of(world).step()
    found = await now_of(world, job)

    assert (found.state, found.progress) == (JobState.WAITING, None)
    assert (found.last_error or "").startswith("Invalid: done: must be a whole number")


class Fragile:
    """The store behind it, which cannot hold a job of which `is_bad` says so."""

    def __init__(self, store: Store, is_bad: Callable[[Job], bool], error: Exception) -> None:
        self._store, self._is_bad, self._error = store, is_bad, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def transact(self, work: Any, *about: Any) -> Any:
        async def watched(unit: Unit) -> Any:
            return await work(FragileUnit(unit, self._is_bad, self._error))

        return await self._store.transact(watched, *about)


class FragileUnit:
    def __init__(self, unit: Unit, is_bad: Callable[[Job], bool], error: Exception) -> None:
        self._unit, self._is_bad, self._error = unit, is_bad, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    async def save(self, things: Any, **about: Any) -> Any:
        if any(isinstance(each, Job) and self._is_bad(each) for each in things):
            raise self._error
        return await self._unit.save(things, **about)


def fragile(world: World, is_bad: Callable[[Job], bool], error: Exception) -> Any:
    """A runner on such a store, in the place of the world's."""
    store = Fragile(world.core.store, is_bad, error)
    one = of(world)
    one._store = store  # type: ignore[assignment]
    one._outside = attrs.evolve(one._outside, store=store)
    return one


REFUSED = Invalid("Token NaN is invalid")


async def begun_with(world: World, one: Any, *told: JobProgress) -> list[Attempt]:
    """Attempts that are under way and told so much of themselves."""
    found = []
    for each in told:
        job = await queued(world)
        await changed(world, job, lambda waiting: claimed(waiting, "w1", world.clock.now, LEASE))
        attempt = Attempt(await now_of(world, job), one._outside, one._clock, LEASE)
        attempt._progress = each
        found.append(attempt)
    return found


async def test_a_heartbeat_is_told_of_each_where_one_cannot_be_kept(world: World) -> None:
    one = fragile(world, lambda job: job.progress == JobProgress(13), REFUSED)
    good, bad, other = await begun_with(world, one, JobProgress(1), JobProgress(13), JobProgress(2))
    world.clock.advance(seconds=5)
    await extend([good, bad, other], one._outside, one._clock, LEASE)
    kept = [await now_of(world, each.job) for each in (good, other)]

    assert [job.due_at for job in kept] == [world.clock.now + LEASE] * 2
    assert [each.is_broken for each in (good, bad, other)] == [False, True, False]


async def test_a_heartbeat_goes_on_past_one_that_is_not_to_blame(world: World) -> None:
    jobs: set[Any] = set()
    one = fragile(world, lambda job: job.id in jobs, RuntimeError("a fault"))
    bad, good = await begun_with(world, one, JobProgress(1), JobProgress(2))
    jobs.add(bad.job.id)
    bad._progress = None
    world.clock.advance(seconds=5)
    await extend([bad, good], one._outside, one._clock, LEASE)

    assert not bad.is_broken
    assert (await now_of(world, good.job)).due_at == world.clock.now + LEASE


async def test_a_heartbeat_of_a_store_that_is_away_blames_nobody(world: World) -> None:
    one = fragile(world, lambda _: True, Unavailable("gone"))
    first, second = await begun_with(world, one, JobProgress(1), JobProgress(2))
    with pytest.raises(Unavailable):
        await extend([first, second], one._outside, one._clock, LEASE)
    nobody_s = fragile(world, lambda _: True, RuntimeError("a fault"))
    first._progress, first.outside = None, nobody_s._outside
    with pytest.raises(RuntimeError):
        await extend([first], nobody_s._outside, one._clock, LEASE)

    assert not first.is_broken
    assert not second.is_broken


async def test_an_attempt_that_was_broken_off_has_failed_for_it(world: World) -> None:
    one = fragile(world, lambda _: False, REFUSED)

    async def goes_on(run: Run) -> None:
        assert isinstance(run, Attempt)
        run.break_off(REFUSED, 1.0)
        run.interrupt()
        await asyncio.Event().wait()

    world.core.handlers.add("test", goes_on)
    job = await queued(world)
    await one.step()

    assert (await now_of(world, job)).last_error == "Invalid: Token NaN is invalid"


async def test_what_cannot_be_settled_has_failed_and_holds_no_other_up(world: World) -> None:
    async def odd(_run: Run) -> str:
        return "odd"

    world.core.handlers.add("odd", odd)
    world.core.handlers.add("test", done)
    bad, good = await queued(world, "odd"), await queued(world)
    one = fragile(world, lambda job: job.result == "odd", REFUSED)
    await asyncio.wait_for(one.step(), 10)

    found = await now_of(world, bad)
    assert (found.state, found.last_error) == (JobState.WAITING, "Invalid: Token NaN is invalid")
    assert (await now_of(world, good)).state is JobState.DONE


async def test_what_cannot_even_have_failed_is_let_go(world: World) -> None:
    world.core.handlers.add("test", done)
    await queued(world)
    one = fragile(world, lambda job: job.state is not JobState.RUNNING, REFUSED)
    await asyncio.wait_for(one.step(), 10)

    assert one._attempts == {}


async def test_the_end_comes_though_the_store_takes_nothing_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LAST_SECONDS", 0.01)
    monkeypatch.setattr(runner, "FAULT_SECONDS", 0.001)
    begun = asyncio.Event()

    async def for_ever(_run: Run) -> None:
        begun.set()
        await asyncio.Event().wait()

    world.core.handlers.add("test", for_ever)
    await queued(world)
    one: Runner = fragile(world, lambda job: job.state is not JobState.RUNNING, Unavailable("gone"))
    async with asyncio.timeout(30):
        async with runner.running(one, 0.01):
            await begun.wait()

    assert one._attempts == {}
