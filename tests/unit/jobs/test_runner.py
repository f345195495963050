"""Jobs are run, tried again, given back and given up; and nothing counts that an attempt says too late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import attrs
import pytest

from taskcore.core import TaskCore
from taskcore.errors import Unavailable
from taskcore.identity.model import User
from taskcore.jobs import attempts, runner
from taskcore.jobs.attempts import MOST_RESULT_BYTES, Attempt, Ending, extend
from taskcore.jobs.inline import InlineQueue
from taskcore.jobs.model import Job, JobPriority, JobProgress, JobState
from taskcore.jobs.ports import GiveUp, Later, Run, Stopped
from taskcore.jobs.registry import Handlers
from taskcore.jobs.runner import LEASE, SLOTS, STRANDED_AFTER, Runner
from taskcore.jobs.states import ABANDONED, cancelling, claimed, new_job, wait_after
from taskcore.ports import Store, Unit
from taskcore.testing import World
from taskcore.values import JobId
from taskcore_memory import open_store
from tests.unit.delivery.failing import Failing

PATIENCE_SECONDS = 30


async def queued(world: World, kind: str = "test", **about: Any) -> Job:
    job = new_job(world.new_id(), kind, world.clock.now, **about)

    async def work(unit: Unit) -> None:
        await unit.save([job])

    await world.core.store.transact(work)
    return job


async def now_of(world: World, job: Job) -> Job:
    (found,) = await world.store.rows().find(Job, id=job.id)
    return found


async def changed(world: World, job: Job, change: Callable[[Job], Job]) -> None:
    """As somebody else changes it meanwhile."""

    async def work(unit: Unit) -> None:
        (found,) = await unit.find(Job, id=job.id)
        await unit.save([change(found)])

    await world.core.store.transact(work)


async def done(run: Run) -> dict[str, int]:
    return {"attempt": run.job.attempts}


def of(world: World, **about: Any) -> Runner:
    return Runner(world.core, **{"chance": lambda: 1.0, "worker": "w1", **about})


@asynccontextmanager
async def running(one: Runner) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(one.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        yield task
        await one.stop(PATIENCE_SECONDS)
        await task


async def test_a_job_is_done_once_and_keeps_what_it_gave(world: World) -> None:
    world.core.handlers.add("test", done)
    job = await queued(world, payload={"a": 1})
    steps = [await of(world).step() for _ in range(2)]
    found = await now_of(world, job)

    assert steps == [1, 0]
    assert (found.state, found.result, found.due_at, found.worker) == (
        JobState.DONE,
        {"attempt": 1},
        None,
        "w1",
    )
    assert (found.started_at, found.ended_at) == (world.clock.now, world.clock.now)


async def test_a_job_waits_for_its_time(world: World) -> None:
    world.core.handlers.add("test", done)
    job = await queued(world, at=world.clock.now + timedelta(seconds=10))
    early = await of(world).step()
    world.clock.advance(seconds=10)

    assert (early, await of(world).step()) == (0, 1)
    assert (await now_of(world, job)).state is JobState.DONE


async def test_the_urgent_go_first_and_then_what_was_due_first(world: World) -> None:
    order: list[str] = []

    async def note(run: Run) -> None:
        order.append(run.job.payload["name"])

    world.core.handlers.add("test", note)
    for name, priority in (("c", "low"), ("b", "normal"), ("a", "high")):
        await queued(world, payload={"name": name}, priority=JobPriority(priority))
    await queued(
        world, payload={"name": "a0"}, priority=JobPriority.HIGH, at=world.clock.now - timedelta(seconds=1)
    )
    await of(world, slots=1).step()

    assert order == ["a0", "a", "b", "c"]


async def test_what_fails_is_tried_again_ever_later_and_then_dead(world: World) -> None:
    async def fail(run: Run) -> None:
        raise RuntimeError(f"try {run.job.attempts}\x00")

    world.core.handlers.add("test", fail)
    job = await queued(world, max_attempts=3)
    for attempt in (1, 2):
        assert await of(world).step() == 1
        assert (await now_of(world, job)).due_at == world.clock.now + wait_after(attempt, chance=1.0)
        world.clock.advance(seconds=2**attempt)
    assert await of(world).step() == 1
    found = await now_of(world, job)

    assert (found.state, found.attempts, found.due_at) == (JobState.DEAD, 3, None)
    assert [each.error for each in found.failures] == [f"RuntimeError: try {n}\ufffd" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("error", "told"), [(GiveUp("no such user"), "no such user"), (GiveUp(), "given up")]
)
async def test_what_is_given_up_is_dead_at_once(world: World, error: GiveUp, told: str) -> None:
    async def give_up(_run: Run) -> None:
        raise error

    world.core.handlers.add("test", give_up)
    job = await queued(world)
    await of(world).step()
    found = await now_of(world, job)

    assert (found.state, found.last_error) == (JobState.DEAD, told)


async def test_what_is_put_off_waits_and_that_is_no_failure(world: World) -> None:
    async def later(run: Run) -> None:
        if run.job.attempts == 1:
            raise Later(90)

    world.core.handlers.add("test", later)
    job = await queued(world, max_attempts=1)
    await of(world).step()
    put_off = await now_of(world, job)
    world.clock.advance(seconds=90)
    await of(world).step()

    assert (put_off.state, put_off.due_at, put_off.failures) == (JobState.WAITING, world.clock.now, ())
    assert (await now_of(world, job)).state is JobState.DONE


async def test_a_kind_is_left_to_those_who_know_it(world: World) -> None:
    job = await queued(world, "of tomorrow")
    here = await of(world).step()
    knows = Handlers({})
    knows.add("of tomorrow", done)

    assert here == 0
    assert await of(world, handlers=knows).step() == 1
    assert (await now_of(world, job)).state is JobState.DONE


async def test_a_kind_that_nobody_knows_fails_in_the_end_and_is_tried_again(world: World) -> None:
    job = await queued(world, "of tomorrow")
    world.clock.advance(seconds=STRANDED_AFTER.total_seconds())
    await of(world).step()
    found = await now_of(world, job)

    assert (found.state, found.last_error) == (JobState.WAITING, "nothing here does jobs of this kind")


async def test_a_handler_that_cannot_be_imported_is_a_failure(world: World) -> None:
    handlers = Handlers({"test": "no_such_module:run"})
    job = await queued(world)
    await of(world, handlers=handlers).step()

    assert "no_such_module" in str((await now_of(world, job)).last_error)


async def test_a_job_that_takes_too_long_has_failed(world: World) -> None:
    async def for_ever(_run: Run) -> None:
        await asyncio.Event().wait()

    world.core.handlers.add("test", for_ever, timeout_seconds=0.01)
    job = await queued(world)
    await of(world).step()

    assert (await now_of(world, job)).last_error == "took longer than 0.01 s"


async def test_a_handlers_own_timeout_is_a_failure_of_its_own(world: World) -> None:
    async def time_out(_run: Run) -> None:
        raise TimeoutError("the far side")

    world.core.handlers.add("test", time_out, timeout_seconds=60)
    job = await queued(world)
    await of(world).step()

    assert (await now_of(world, job)).last_error == "TimeoutError: the far side"


@pytest.mark.parametrize(
    "wrong",
    [object(), float("nan"), "a\x00b", "\ud800", "x" * MOST_RESULT_BYTES],
    ids=["object", "nan", "nul", "surrogate", "large"],
)
async def test_what_cannot_be_kept_ends_its_job_and_holds_no_other_up(world: World, wrong: object) -> None:
    async def odd(_run: Run) -> object:
        return wrong

    world.core.handlers.add("odd", odd)
    world.core.handlers.add("test", done)
    bad, good = await queued(world, "odd"), await queued(world)
    await of(world).step()

    assert (await now_of(world, bad)).state is JobState.DEAD
    assert (await now_of(world, good)).state is JobState.DONE


async def test_finish_does_the_work_with_the_completion_or_not_at_all(world: World) -> None:
    person = await world.person()

    async def rename(unit: Unit) -> str:
        (user,) = await unit.find(User, id=person.user.id)
        await unit.save([attrs.evolve(user, name=user.name + "!", version=user.version + 1)])
        return "renamed"

    async def handler(run: Run) -> None:
        assert await run.finish(rename) == "renamed"
        raise RuntimeError("afterwards")

    world.core.handlers.add("test", handler)
    job = await queued(world)
    await of(world).step()
    found, (user,) = await now_of(world, job), await world.store.rows().find(User, id=person.user.id)

    assert (found.state, found.result, user.name) == (JobState.DONE, "renamed", "Ada!")


async def test_who_was_taken_for_dead_does_nothing_more(world: World) -> None:
    """The first attempt goes on after its lease is over, and another has the job."""
    go_on, worked = asyncio.Event(), []

    async def handler(run: Run) -> str:
        if run.job.attempts == 1:
            await go_on.wait()

            async def work(unit: Unit) -> None:
                worked.append(unit)

            await run.finish(work)
        return "by the second"

    world.core.handlers.add("test", handler)
    job = await queued(world)
    first = of(world)
    stale = asyncio.create_task(first.step())
    await begun(first)
    world.clock.advance(seconds=LEASE.total_seconds())
    assert await of(world, worker="w2").step() == 1
    go_on.set()
    await stale
    found = await now_of(world, job)

    assert (found.state, found.result, found.worker, worked) == (JobState.DONE, "by the second", "w2", [])
    assert [(each.attempt, each.error, each.worker) for each in found.failures] == [(1, ABANDONED, "w1")]


@pytest.mark.parametrize("says", ["done", "fails", "gives up", "later"])
async def test_what_comes_of_a_stale_attempt_is_not_heard(world: World, says: str) -> None:
    go_on = asyncio.Event()

    async def handler(run: Run) -> str:
        if run.job.attempts == 1:
            await go_on.wait()
            if says != "done":
                raise (
                    {"fails": RuntimeError, "gives up": GiveUp}.get(says, RuntimeError)("x")
                    if says != "later"
                    else Later(1)
                )
        else:
            raise Later(1000)
        return "stale"

    world.core.handlers.add("test", handler)
    job = await queued(world)
    first = of(world)
    stale = asyncio.create_task(first.step())
    await begun(first)
    world.clock.advance(seconds=LEASE.total_seconds())
    await of(world).step()
    second = await now_of(world, job)
    go_on.set()
    await stale

    assert await now_of(world, job) == second


async def begun(one: Runner) -> None:
    """Once it has a job in hand."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not one._attempts:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_who_is_heard_of_keeps_its_job(world: World) -> None:
    go_on = asyncio.Event()

    async def handler(_run: Run) -> None:
        await go_on.wait()

    world.core.handlers.add("test", handler)
    job = await queued(world)
    first = of(world)
    stepping = asyncio.create_task(first.step())
    await begun(first)
    world.clock.advance(seconds=10)
    await extend([*first._attempts.values()], first._outside, first._clock, LEASE)
    world.clock.advance(seconds=10)
    others = await of(world).step()
    go_on.set()
    await stepping

    assert others == 0
    assert (await now_of(world, job)).attempts == 1


async def test_a_running_job_that_is_cancelled_ends(world: World) -> None:
    async def for_ever(_run: Run) -> None:
        await asyncio.Event().wait()

    world.core.handlers.add("test", for_ever)
    job = await queued(world)
    first = of(world, lease=timedelta(seconds=0.03))
    async with running(first):
        await begun(first)
        await changed(world, job, lambda found: cancelling(found, world.clock.now))
        await settled(first)

    assert (await now_of(world, job)).state is JobState.CANCELLED


async def settled(one: Runner) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while one._attempts:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.001)


async def test_progress_is_kept_and_sees_that_the_job_is_to_be_cancelled(world: World) -> None:
    seen: list[JobProgress | None] = []

    async def handler(run: Run) -> None:
        await run.progress(1, 3, "one\x00")
        seen.append((await now_of(world, run.job)).progress)
        await run.progress(2, 3)
        seen.append((await now_of(world, run.job)).progress)
        await changed(world, run.job, lambda found: cancelling(found, world.clock.now))
        cast("Attempt", run)._progress_kept = 0
        await run.progress(3, 3)
        raise AssertionError("it went on")

    world.core.handlers.add("test", handler)
    job = await queued(world)
    await of(world).step()
    found = await now_of(world, job)

    assert seen == [JobProgress(1, 3, "one\ufffd")] * 2
    assert (found.state, found.progress) == (JobState.CANCELLED, JobProgress(3, 3))


async def test_a_job_that_fails_and_is_not_wanted_any_more_is_not_tried_again(world: World) -> None:
    async def handler(run: Run) -> None:
        await changed(world, run.job, lambda found: cancelling(found, world.clock.now))
        raise RuntimeError

    world.core.handlers.add("test", handler)
    job = await queued(world)
    await of(world).step()
    found = await now_of(world, job)

    assert (found.state, found.last_error) == (JobState.CANCELLED, "RuntimeError")


async def test_a_job_that_was_dropped_meanwhile_is_let_go(world: World) -> None:
    async def handler(run: Run) -> None:
        async def drop(unit: Unit) -> None:
            await unit.save([], removed=await unit.find(Job, id=run.job.id))

        await world.core.store.transact(drop)
        cast("Attempt", run)._progress_kept = 0
        with pytest.raises(Stopped):
            await run.progress(1)
        raise Stopped

    world.core.handlers.add("test", handler)
    await queued(world)

    assert await of(world).step() == 1
    assert await world.store.rows().find(Job) == []


async def test_who_stops_of_themselves_has_failed(world: World) -> None:
    async def stop(_run: Run) -> None:
        raise Stopped("for no reason")

    async def cancel(_run: Run) -> None:
        raise asyncio.CancelledError

    world.core.handlers.add("test", stop)
    world.core.handlers.add("cancelled", cancel)
    jobs = [await queued(world), await queued(world, "cancelled")]
    await of(world).step()

    assert [(await now_of(world, job)).last_error for job in jobs] == [
        "Stopped: for no reason",
        "CancelledError",
    ]


async def test_no_more_run_at_a_time_than_there_are_slots(world: World) -> None:
    at_once, most = 0, 0

    async def handler(_run: Run) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1

    world.core.handlers.add("test", handler)
    for _ in range(3 * SLOTS):
        await queued(world)
    one = of(world, slots=4)
    async with running(one):
        while await world.store.rows().find(Job, state=JobState.WAITING, limit=1):
            claimed_now = await world.store.rows().find(Job, state=JobState.RUNNING)
            assert len(claimed_now) <= 4
            await asyncio.sleep(0)
        await settled(one)

    assert most == 4
    assert len(await world.store.rows().find(Job, state=JobState.DONE)) == 3 * SLOTS


async def test_at_the_end_jobs_have_their_time_and_are_given_back_then(world: World) -> None:
    async def for_ever(_run: Run) -> None:
        await asyncio.Event().wait()

    world.core.handlers.add("test", for_ever)
    job = await queued(world, max_attempts=1)
    first = of(world)
    task = asyncio.create_task(first.run())
    await begun(first)
    await first.stop(0.01)
    await task
    given_back = await now_of(world, job)
    world.core.handlers.add("test", done)
    await of(world).step()

    assert (given_back.state, given_back.due_at, given_back.failures) == (
        JobState.WAITING,
        world.clock.now,
        (),
    )
    assert (await now_of(world, job)).state is JobState.DONE


async def test_what_does_not_end_is_given_back_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LAST_SECONDS", 0.01)
    release = asyncio.Event()

    async def stubborn(_run: Run) -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    world.core.handlers.add("test", stubborn)
    job = await queued(world)
    first = of(world)
    task = asyncio.create_task(first.run())
    await begun(first)
    await first.stop(0.01)
    await task
    found = await now_of(world, job)
    release.set()

    assert found.state is JobState.WAITING


async def test_who_is_cancelled_outright_notes_nothing(world: World) -> None:
    async def for_ever(_run: Run) -> None:
        await asyncio.Event().wait()

    world.core.handlers.add("test", for_ever)
    job = await queued(world)
    first = of(world)
    task = asyncio.create_task(first.run())
    await begun(first)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await now_of(world, job)).state is JobState.RUNNING


@pytest.fixture
def failing() -> Failing:
    return Failing(open_store("memory://"))


@pytest.mark.parametrize("error", [Unavailable("gone"), TimeoutError(), RuntimeError("a fault")])
async def test_it_goes_on_once_the_store_works_again(
    failing: Failing, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "FAULT_SECONDS", 0.001)
    world = World(cast("Store", failing))
    world.core.handlers.add("test", done)
    job = await queued(world)
    failing.reads += [error] * 3
    failing.units += [error] * 3
    one = of(world)
    async with running(one):
        while (await failing._store.rows().find(Job, id=job.id))[0].state is not JobState.DONE:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.001)

    assert (failing.reads, failing.units) == ([], [])


async def test_a_heartbeat_that_fails_ends_nothing(failing: Failing) -> None:
    world, beaten = World(cast("Store", failing)), asyncio.Event()

    async def handler(_run: Run) -> str:
        failing.units += [Unavailable("gone"), RuntimeError("a fault")]
        while failing.units:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.001)
        beaten.set()
        return "done"

    world.core.handlers.add("test", handler)
    job = await queued(world)
    async with running(of(world, lease=timedelta(seconds=0.01))):
        await beaten.wait()

    assert (await now_of(world, job)).result == "done"


class Feeding(InlineQueue):
    """A queue that hands out ids, and loses what it is told to."""

    feeds = True

    def __init__(self) -> None:
        super().__init__(in_service=False)
        self.ids: list[JobId] = []
        self.loses = 0
        self.failures: list[Exception] = []

    def offer(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if self.loses:
                self.loses -= 1
            elif job.id not in self.ids:
                self.ids.append(job.id)
        super().offer(jobs)

    async def take(self, most: int, within: float) -> Sequence[JobId] | None:
        if self.failures:
            raise self.failures.pop()
        if not self.ids and within:
            await super().take(most, within)
        taken, self.ids[:] = self.ids[:most], self.ids[most:]
        return taken


def fed(queue: Feeding, store: Store | None = None) -> World:
    world = World(store or open_store("memory://"))
    world.core = TaskCore(
        store=world.store,
        hasher=world.core._outside.hasher,
        clock=world.clock,
        ids=world.new_id,
        new_token=world.core._outside.new_token,
        mail=world.mailbox,
        queue=queue,
    )
    world.core.handlers.add("test", done)
    return world


async def all_done(world: World, count: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(await world.store.rows().find(Job, state=JobState.DONE)) < count:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.001)


async def test_a_queue_that_feeds_hands_out_what_is_run(world: World) -> None:
    queue = Feeding()
    world = fed(queue)
    async with running(of(world)):
        for _ in range(25):
            await queued(world)
        await all_done(world, 25)


async def test_what_such_a_queue_loses_is_found_in_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "TAKING_SECONDS", 0.01)
    queue = Feeding()
    queue.loses = 20
    world = fed(queue)
    for _ in range(20):
        await queued(world)
    async with running(of(world)):
        await all_done(world, 20)


async def test_while_the_queue_fails_the_store_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FAULT_SECONDS", 0.001)
    queue = Feeding()
    queue.failures += [Unavailable("gone")] * 2 + [RuntimeError("a fault")]
    world = fed(queue)
    queue.loses = 3
    for _ in range(3):
        await queued(world)
    async with running(of(world)):
        await all_done(world, 3)


async def test_an_attempt_at_which_somebody_writes_waits_a_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a row that another unit has locked is not found free."""
    job = claimed(await queued(world), "w1", world.clock.now, LEASE)
    await changed(world, job, lambda _: job)
    attempt = Attempt(job, world.core._outside, of(world)._clock, LEASE)
    answers = [([], {job.id}), ([job], set())]

    async def found(_unit: Unit, _tried: object) -> tuple[list[Job], set[JobId]]:
        return answers.pop(0)

    monkeypatch.setattr(attempts, "find_held", found)

    async def work(_unit: Unit) -> str:
        return "once"

    assert await attempt.finish(work) == "once"
    assert (await now_of(world, job)).state is JobState.DONE


async def test_whose_job_is_another_s_is_told_to_end_before_it_ends(world: World) -> None:
    job = claimed(await queued(world), "w1", world.clock.now, LEASE)
    await changed(world, job, lambda _: job)
    attempt = Attempt(job, world.core._outside, of(world)._clock, LEASE)
    world.clock.advance(seconds=20)
    await changed(world, job, lambda found: claimed(found, "w2", world.clock.now, LEASE))
    await extend([attempt], world.core._outside, of(world)._clock, LEASE)

    assert attempt.ending is Ending.LOST
    with pytest.raises(Stopped):
        await attempt.finish(cast("Callable[[Unit], Awaitable[None]]", done))


def test_a_text_that_no_store_can_hold_is_mended() -> None:
    assert attempts._told(RuntimeError("a\x00b\ud800")) == "RuntimeError: a\ufffdb?"
    assert attempts._told(RuntimeError()) == "RuntimeError"
