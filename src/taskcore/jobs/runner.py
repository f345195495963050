"""
Running jobs: claimed for a while, which is made longer while they run, and settled, in one unit of work with the
next claims.

A claim ends by itself, so that what a process had in hand when it died is run by another; `attempts` is the fencing
token by which nothing counts that an attempt says of a job it has no longer (M. Kleppmann, "How to do distributed
locking", 2016). However it dies, no more attempts are wasted than it had slots.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from math import inf
from typing import Any

from taskcore.core import TaskCore
from taskcore.delivery.alarm import POLL_SECONDS, Alarm
from taskcore.delivery.ports import JOBS
from taskcore.errors import Unavailable
from taskcore.jobs.attempts import Attempt, Ending, extend, find_held
from taskcore.jobs.clock import StoreClock
from taskcore.jobs.inline import InlineQueue
from taskcore.jobs.model import Job, JobPriority, JobState
from taskcore.jobs.ports import Queue
from taskcore.jobs.registry import Handlers
from taskcore.jobs.states import claimed, released
from taskcore.ports import Rows, Unit
from taskcore.values import JobId

log = logging.getLogger(__name__)

SLOTS = 10
LEASE = timedelta(seconds=15)
"""How long a job is its worker's after that was last heard of; it is heard of three times as often."""
UNIT_SECONDS = 5.0
"""How long a unit may take: one on a connection that went silent makes room for another."""
FAULT_SECONDS = 0.5
"""How long to rest after something failed."""
TAKING_SECONDS = 1.0
"""How long to wait for a queue that feeds; and how often such a queue is offered what lies in the store."""
OFFERED = 500
"""How many jobs a queue is offered at once."""
STRANDED_AFTER = timedelta(minutes=1)
"""How long a job of a kind that nothing here does is left to those who may know it."""
STRANDED_SECONDS = 10.0
"""How often it is looked for such jobs."""
LAST_SECONDS = 1.0
"""How long an attempt may take to end once it is told to."""
PRIORITIES = (JobPriority.HIGH, JobPriority.NORMAL, JobPriority.LOW)


class Runner:
    """
    The loop. It runs at most `slots` jobs at a time, each its own for `lease` after it was last heard of.

    `worker` says in a job who has it. `chance` gives numbers in [0, 1), by which waits are spread.
    """

    def __init__(
        self,
        core: TaskCore,
        queue: Queue | None = None,
        *,
        slots: int = SLOTS,
        lease: timedelta = LEASE,
        handlers: Handlers | None = None,
        worker: str | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = "jobs"
        self.alarm = Alarm()
        self._outside = core._outside  # noqa: SLF001  it acts for nobody, and so has no use case
        self._store = core.store
        self._clock = StoreClock(core.store, self._outside.clock)
        self._queue = queue or core._queue or InlineQueue()  # noqa: SLF001  as above
        self._handlers = handlers or core.handlers
        self._slots = slots
        self._lease = lease
        self._worker = worker or self._outside.ids().hex[-12:]
        self._chance = chance
        self._attempts: dict[JobId, Attempt] = {}
        """What is under way, or not yet settled."""
        self._taken: list[JobId] = []
        """What the queue said is there to be claimed."""
        self._looks = True
        """Whether there may be something due in the store."""
        self._taking: asyncio.Task[Sequence[JobId] | None] | None = None
        self._stranded_from = -inf
        """When, by the steady clock, to look again for what nobody takes."""
        self._takes_from = -inf
        """When, by the steady clock, the queue may be asked again."""
        self._is_stopping = False
        self._is_given_up = False
        self._is_cut_off = False
        self._is_deaf = False
        """Whether the queue did not answer when it was asked last."""
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Until it is stopped. What a failing store keeps from being done is done once it works again."""
        self._stopped.clear()
        stop_hearing = self._outside.bus.hear(JOBS, lambda _: self._look())
        beside = [asyncio.create_task(self._beat_for_ever(), name="jobs: heartbeat")]
        if self._queue.feeds:
            beside.append(asyncio.create_task(self._feed_for_ever(), name="jobs: feed"))
        try:
            while (self._attempts or not self._is_stopping) and not self._is_given_up:
                self._take_in_the_background()
                await self._turn_or_wait()
                await self.alarm.sleep()
        finally:
            stop_hearing()
            under_way = [each.task for each in self._attempts.values() if each.task is not None]
            left = [*beside, *under_way, *([self._taking] if self._taking is not None else [])]
            for task in left:
                task.cancel()
            self._attempts.clear()
            self._taken.clear()
            self._taking = None
            self._stopped.set()
            await asyncio.wait(left, timeout=LAST_SECONDS)

    async def stop(self, grace_seconds: float) -> None:
        """Take no more jobs, let those that run go on for so long, and give back the rest, to be begun elsewhere at
        once. Then `run` ends."""
        self._is_stopping = True
        self.alarm.ring()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self._stopped.wait()
        for attempt in self._attempts.values():
            attempt.end(Ending.RELEASED)
            attempt.interrupt()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await self._stopped.wait()
        for attempt in self._attempts.values():  # they do not end, and what they say is not heard any more
            attempt.settle = attempt.settle or released
            attempt.is_over = True
        self.alarm.ring()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await self._stopped.wait()
        self._is_given_up = True  # the store does not let them be given back: their leases end
        self.alarm.ring()

    async def step(self) -> int:
        """Do what is due at this moment, and what that makes due, to its end; how many attempts were begun.
        Raises: Unavailable."""
        count = 0
        while True:
            self._looks = True
            begun = await self._turn()
            if not begun and not self._attempts:
                return count
            count += begun
            await asyncio.gather(*(each.task for each in self._attempts.values() if each.task is not None))

    def _look(self) -> None:
        self._looks = True
        self.alarm.ring()

    def _free(self) -> int:
        """How many jobs may be begun, once those that are over are settled."""
        if self._is_stopping:
            return 0
        return self._slots - sum(not each.is_over for each in self._attempts.values())

    def _take_in_the_background(self) -> None:
        """Wait for news of the queue, while there is room for what it brings."""
        free = self._free() - len(self._taken)
        if self._taking is None and free > 0 and not self._looks and time.monotonic() >= self._takes_from:
            within = TAKING_SECONDS if self._queue.feeds else POLL_SECONDS
            self._taking = asyncio.create_task(self._queue.take(free, within), name="jobs: take")
            self._taking.add_done_callback(lambda _: self.alarm.ring())

    async def _take(self) -> None:
        """What the queue has this moment; where it does not answer, the store is looked into."""
        free = self._free() - len(self._taken)
        taking, ready = self._taking, self._taking is not None and self._taking.done()
        if not ready and (taking is not None or not self._queue.feeds or free <= 0):
            return
        self._taking = None
        if taking is None and time.monotonic() < self._takes_from:
            self._looks = True
            return
        try:
            ids = await (taking or self._queue.take(free, 0))
        except Unavailable as error:
            if not self._is_deaf:
                log.warning("the queue of jobs fails, and the store is looked into: %s", error)
            self._is_deaf = self._looks = True
            self._takes_from = time.monotonic() + TAKING_SECONDS
            return
        self._is_deaf = False
        self._taken += ids or ()
        self._looks = self._looks or ids is None

    async def _turn_or_wait(self) -> None:
        try:
            async with asyncio.timeout(UNIT_SECONDS):
                await self._turn()
        except (Unavailable, TimeoutError) as error:
            if not self._is_cut_off:
                log.warning("jobs wait for the store: %s", str(error) or "too slow")
            self._is_cut_off = True
            await self._rest()
        except Exception:
            log.exception("jobs could not be claimed or settled")
            await self._rest()
        else:
            self._is_cut_off = False

    async def _rest(self) -> None:
        await asyncio.sleep(FAULT_SECONDS)
        self._look()

    async def _turn(self) -> int:
        """Settle what is over and claim what is due, as far as there are slots, in one; how many were begun."""
        await self._take()
        stranded = time.monotonic() >= self._stranded_from and not self._is_stopping
        self._looks = self._looks or stranded
        over = [each for each in self._attempts.values() if each.is_over]
        settling = [each for each in over if each.settle is not None]
        free, ids = self._free(), tuple(self._taken[: self._free()])
        looks = free > 0 and (self._looks or (bool(over) and not self._queue.feeds))
        if looks and not settling and not ids:
            looks = self._looks = await self._is_something_due(stranded=stranded)
        if free > 0 and stranded:
            self._stranded_from = time.monotonic() + STRANDED_SECONDS
        if not settling and not ids and not looks:
            self._forget(over)
            return 0
        now = await self._clock.now()

        async def work(unit: Unit) -> tuple[list[Job], set[JobId]]:
            held, busy = await find_held(unit, settling)
            settled = [self._settled(job, now) for job in held]
            wanted = self._wanted(now, stranded=stranded) if looks else []
            found = await self._find_free(unit, now, ids, free, wanted)
            taken = [claimed(job, self._worker, now, self._lease) for job in found]
            if settled or taken:
                await unit.save([*settled, *taken])
            return taken, busy

        try:
            taken, busy = await self._store.transact(work)
        except (Unavailable, TimeoutError):
            raise
        except Exception:
            if not settling:
                raise
            log.exception("jobs are settled one by one")
            await self._settle_each(settling)
            return 0
        self._forget([each for each in over if each.job.id not in busy])
        self._taken = [each for each in self._taken if each not in ids]
        if looks:
            self._looks = len(taken) >= free
        return self._begin(taken)

    def _wanted(self, now: datetime, *, stranded: bool = False) -> list[dict[str, Any]]:
        """What to look for in the store, the most urgent first: kinds that are known here, and what nobody takes."""
        wanted: list[dict[str, Any]] = [
            {"due": now, "priority": priority, "kind": self._handlers.kinds} for priority in PRIORITIES
        ]
        return [*wanted, {"due": now - STRANDED_AFTER}] if stranded else wanted

    async def _is_something_due(self, *, stranded: bool) -> bool:
        """A read, so that idle workers keep nobody from writing."""
        rows = self._store.rows()
        for where in self._wanted(await self._clock.now(), stranded=stranded):
            found = await rows.find(Job, limit=self._slots + 1, **where)
            if any(each.id not in self._attempts for each in found):
                return True
        return False

    async def _find_free(
        self, unit: Unit, now: datetime, ids: tuple[JobId, ...], free: int, wanted: Sequence[dict[str, Any]]
    ) -> list[Job]:
        """What is due and nobody's, at most `free`: of `ids`, and of all that is `wanted`."""
        found: dict[JobId, Job] = {}
        searches: list[dict[str, Any]] = (
            [{"due": now, "id": ids, "kind": self._handlers.kinds}] if ids else []
        )
        for where in (*searches, *wanted):
            if len(found) < free:
                more = await unit.find(Job, free=True, limit=free - len(found), **where)
                found |= {each.id: each for each in more if each.id not in self._attempts}
        return [*found.values()]

    async def _settle_each(self, settling: Sequence[Attempt]) -> None:
        """Each in a unit of its own, since one of them cannot be settled so: it has failed for that then, and where
        not even that can be kept, its lease ends."""
        now = await self._clock.now()
        for attempt in settling:

            async def work(unit: Unit, attempt: Attempt = attempt) -> set[JobId]:
                held, busy = await find_held(unit, [attempt])
                await unit.save([self._settled(job, now) for job in held])
                return busy

            try:
                if not await self._store.transact(work):
                    self._forget([attempt])
            except (Unavailable, TimeoutError):
                raise
            except Exception as error:
                log.exception("job %s could not be settled", attempt.job.id)
                if attempt.is_broken:
                    self._forget([attempt])
                else:
                    attempt.break_off(error, self._chance())
        self._look()

    def _settled(self, job: Job, now: datetime) -> Job:
        attempt = self._attempts[job.id]
        assert attempt.settle is not None  # noqa: S101  only such are settled
        return attempt.settle(attempt.noted(job), now)

    def _forget(self, over: Sequence[Attempt]) -> None:
        for attempt in over:
            del self._attempts[attempt.job.id]

    def _begin(self, jobs: Sequence[Job]) -> int:
        begun = [Attempt(job, self._outside, self._clock, self._lease) for job in jobs if _runs(job)]
        for attempt in begun:
            self._attempts[attempt.job.id] = attempt
            name = f"job {attempt.job.kind} {attempt.job.id}"
            attempt.task = asyncio.create_task(self._perform(attempt), name=name)
        return len(begun)

    async def _perform(self, attempt: Attempt) -> None:
        try:
            limit = self._handlers.timeout_seconds(attempt.job.kind)
            await attempt.perform(self._handlers.of, limit, self._chance())
        finally:
            self.alarm.ring()

    async def _beat_for_ever(self) -> None:
        """Before a third of the lease is over each attempt is heard of again, and hears whether it is to end."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            under_way = [each for each in self._attempts.values() if not each.is_finishing]
            if not under_way:
                continue
            try:
                async with asyncio.timeout(UNIT_SECONDS):
                    await extend(under_way, self._outside, self._clock, self._lease)
            except (Unavailable, TimeoutError) as error:
                log.warning("%d jobs could not be extended: %s", len(under_way), str(error) or "too slow")
            except Exception:
                log.exception("%d jobs could not be extended", len(under_way))
            for attempt in under_way:
                attempt.interrupt()

    async def _feed_for_ever(self) -> None:
        while True:
            try:
                async with asyncio.timeout(UNIT_SECONDS):
                    self._queue.offer(await self._unclaimed(self._store.rows(), await self._clock.now()))
            except (Unavailable, TimeoutError) as error:
                log.debug("the queue is offered nothing: %s", error)
            except Exception:
                log.exception("the queue could not be offered what is due")
            await asyncio.sleep(TAKING_SECONDS)

    async def _unclaimed(self, rows: Rows, now: datetime) -> list[Job]:
        """What lies due in the store, the most urgent first."""
        found: list[Job] = []
        for where in self._wanted(now):
            if len(found) < OFFERED:
                found += await rows.find(Job, limit=OFFERED - len(found), **where)
        return [each for each in found if each.id not in self._attempts]


@asynccontextmanager
async def running(runner: Runner, grace_seconds: float) -> AsyncIterator[Runner]:
    """Within, it runs; at the end it is stopped, as `Runner.stop` has it."""
    task = asyncio.create_task(runner.run(), name=runner.name)
    try:
        yield runner
    finally:
        try:
            await runner.stop(grace_seconds)
        finally:
            with suppress(TimeoutError):  # it may wait for a store that does not answer
                await asyncio.wait_for(task, LAST_SECONDS)


def _runs(job: Job) -> bool:
    return job.state is JobState.RUNNING
