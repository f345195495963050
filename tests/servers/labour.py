"""Jobs that are run while those who run them are killed, stopped or cut off: what came of it."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random

import attrs

from taskcore.core import TaskCore
from taskcore.identity.model import AuditEntry
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.states import new_job
from taskcore.ports import Unit
from tests.servers.faulty_proxy import FaultyProxy
from tests.servers.labourer import BEGAN, EFFECT, READY, Labourer, Told, crew, open_core, start

LOOK_SECONDS = 0.005
AT_ONCE = 100
"""Jobs that are queued in one unit."""


@attrs.frozen
class Outcome:
    """What became of the jobs."""

    jobs: int
    lost: int
    """Not done in the end."""
    effects: int
    """Rows that were written through `Run.finish`."""
    twice: int
    """Jobs with more than one effect."""
    executions: int
    """As those who ran them told outside."""
    hidden: int
    """Executions of which a job does not tell: more than its attempts, or one that did not end and is no failure."""
    signals: int
    badly_ended: int
    """Of those who were told to end: who did not in time, or not with 0."""

    @property
    def extra(self) -> int:
        return self.executions - self.jobs

    def __str__(self) -> str:
        return (
            f"{self.jobs} jobs, {self.signals} signals: {self.lost} lost, {self.effects} effects ({self.twice} twice),"
            f" {self.extra} extra executions of which {self.hidden} hidden, {self.badly_ended} ended badly"
        )

    def is_good(self, most_extra: int) -> bool:
        return (
            not (self.lost or self.twice or self.hidden or self.badly_ended)
            and self.effects == self.jobs
            and 0 <= self.extra <= most_extra
        )


async def enqueue(
    core: TaskCore, count: int, kind: str = EFFECT, payload: dict[str, object] | None = None
) -> list[Job]:
    """In units of a hundred."""
    outside, made = core._outside, []
    for begin in range(0, count, AT_ONCE):
        now = await core.store.now() or outside.clock()
        jobs = [new_job(outside.ids(), kind, now, payload) for _ in range(min(AT_ONCE, count - begin))]

        async def work(unit: Unit, jobs: Sequence[Job] = tuple(jobs)) -> None:
            await unit.save(jobs)

        await core.store.transact(work)
        made += jobs
    return made


async def all_ended(core: TaskCore, patience_seconds: float) -> bool:
    """Once no job waits or runs any more; False, where that takes too long."""
    ended = False
    try:
        async with asyncio.timeout(patience_seconds):
            while not ended:
                left = await core.store.rows().find(Job, state=(JobState.WAITING, JobState.RUNNING), limit=1)
                ended = not left
                await asyncio.sleep(0 if ended else LOOK_SECONDS * 10)
    except TimeoutError:
        return False
    return ended


async def outcome(core: TaskCore, told: Told, signals: int, badly_ended: int = 0) -> Outcome:
    rows = core.store.rows()
    jobs = {str(job.id): job for job in await rows.find(Job)}
    effects = Counter(str(entry.subject_id) for entry in await rows.find(AuditEntry, action=EFFECT))
    begun: dict[str, set[int]] = {}
    lines = [line for line in told.lines() if line[2] == BEGAN]
    for job_id, attempt, *_ in lines:
        begun.setdefault(job_id, set()).add(int(attempt))
    return Outcome(
        jobs=len(jobs),
        lost=sum(job.state is not JobState.DONE for job in jobs.values()),
        effects=sum(effects.values()),
        twice=sum(count > 1 for count in effects.values()),
        executions=len(lines),
        hidden=sum(_hidden(jobs[job_id], attempts) for job_id, attempts in begun.items()),
        signals=signals,
        badly_ended=badly_ended,
    )


def _hidden(job: Job, begun: set[int]) -> int:
    """Attempts that began and neither were the last nor are among the failures; those given back are but counted."""
    known = {failure.attempt for failure in job.failures} | {job.attempts}
    given_back = job.attempts - len(known)
    return max(0, len(begun - known) - given_back) + sum(attempt > job.attempts for attempt in begun)


async def kept_on(
    store_url: str,
    queue_url: str,
    folder: Path,
    *,
    jobs: int,
    signals: int,
    number: signal.Signals = signal.SIGKILL,
    workers: int = 4,
    slots: int = 4,
    lease_seconds: float = 3,
    seed: int = 7,
    patience_seconds: float = 600,
    meanwhile: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """
    Jobs come in as many portions as there are signals, and in each portion a worker is sent one at a random moment,
    while there is work in hand, and is replaced. `meanwhile` is called with each portion's place.
    """
    chance, told = Random(seed), Told(folder)  # noqa: S311  of moments, not of secrets
    hire = partial(start, store_url, queue_url, folder, slots=slots, lease_seconds=lease_seconds)
    ending: list[asyncio.Task[bool]] = []
    async with open_core(store_url, queue_url) as core:
        with crew(workers, hire) as there:
            portion = jobs // signals
            for place in range(signals):
                await enqueue(core, portion, payload={"seconds": 0.02})
                await until_said(told, BEGAN, place * portion + chance.randrange(portion // 2))
                await asyncio.sleep(chance.uniform(0, 0.02))
                meanwhile(place)
                one = await _one_at_work(there, told, chance)
                one.signal(number)
                ending.append(asyncio.create_task(asyncio.to_thread(_ended_well, one, number)))
                there.append(hire())
            await all_ended(core, patience_seconds)
            badly_ended = sum(not well for well in await asyncio.gather(*ending))
            return await outcome(core, told, signals, badly_ended)


def _ended_well(one: Labourer, number: signal.Signals) -> bool:
    code = one.process.wait()
    return code == (0 if number is signal.SIGTERM else -number)


async def _one_at_work(there: list[Labourer], told: Told, chance: Random) -> Labourer:
    """Taken out of those who are there."""
    while not (ready := [each for each in there if each.process.pid in told.ready]):
        told.count(READY)
        await asyncio.sleep(LOOK_SECONDS)
    one = chance.choice(ready)
    there.remove(one)
    return one


async def until_said(told: Told, what: str, count: int = 1) -> None:
    """Once it was said so often."""
    while told.count(what) < count:  # noqa: ASYNC110  by other processes, which set no event
        await asyncio.sleep(LOOK_SECONDS)


@attrs.frozen
class Ticked:
    """What became of a schedule while those who tick are killed."""

    ticks: int
    missing: int
    twice: int
    kills: int

    def __str__(self) -> str:
        return f"{self.ticks} ticks, {self.kills} kills: {self.missing} missing, {self.twice} twice"


async def ticked_on(
    store_url: str, queue_url: str, folder: Path, *, kills: int, tick_seconds: float, workers: int = 3
) -> Ticked:
    """Of several who tick, whoever has run the latest tick is killed, again and again, and replaced."""
    told = Told(folder)
    hire = partial(start, store_url, queue_url, folder, lease_seconds=3, tick_seconds=tick_seconds)
    async with open_core(store_url, queue_url) as core:
        with crew(workers, hire) as there:
            killed = 0
            while killed < kills:
                await until_said(told, BEGAN, told.count(BEGAN) + 2)
                latest = [int(line[3]) for line in told.lines() if line[2] == BEGAN][-1]
                for one in [each for each in there if each.process.pid == latest]:
                    there.remove(one)
                    one.kill()
                    killed += 1
                    there.append(hire())
            await until_said(told, BEGAN, told.count(BEGAN) + 3)
        jobs = await core.store.rows().find(Job)
    ticks = sorted(datetime.fromisoformat(str(job.payload["tick"])) for job in jobs)
    wanted = round((ticks[-1] - ticks[0]).total_seconds() / tick_seconds) + 1
    return Ticked(len(ticks), wanted - len({*ticks}), len(ticks) - len({*ticks}), killed)


@attrs.frozen
class Stale:
    """What became of a job whose worker stood still for longer than its lease."""

    effects: int
    attempt: int
    """Whose result is kept."""
    said: tuple[str, ...]
    """By the worker that had stood still."""


async def stood_still(store_url: str, queue_url: str, folder: Path, *, lease_seconds: float) -> Stale:
    """It is stopped (SIGSTOP) with the job in hand, and goes on once another has done it."""
    told = Told(folder)
    hire = partial(start, store_url, queue_url, folder, lease_seconds=lease_seconds)
    async with open_core(store_url, queue_url) as core:
        with crew(1, hire) as there:
            await until_said(told, READY)
            (job,) = await enqueue(core, 1, "held")
            await until_said(told, BEGAN)
            there[0].signal(signal.SIGSTOP)
            there.append(hire())
            await until_said(told, "finished")
            told.gate.touch()
            there[0].signal(signal.SIGCONT)
            await until_said(told, "refused")
            effects = await core.store.rows().find(AuditEntry, action=EFFECT)
            (job,) = await core.store.rows().find(Job, id=job.id)
            said = [line[2] for line in told.lines() if line[3] == str(there[0].process.pid)]
            return Stale(len(effects), int(job.result), tuple(said))


async def cut_off(
    store_url: str,
    proxied_url: str,
    folder: Path,
    proxy: FaultyProxy,
    *,
    seconds: float,
    jobs: int = 300,
    workers: int = 2,
) -> tuple[float, Outcome]:
    """How many seconds after the way to the store is free again something is begun; and what became of all."""
    told = Told(folder)
    hire = partial(start, proxied_url, proxied_url, folder, lease_seconds=3)
    async with open_core(store_url, store_url) as core:
        with crew(workers, hire):
            await until_said(told, READY, workers)
            await enqueue(core, jobs, payload={"seconds": 0.05})
            await until_said(told, BEGAN, jobs // 15)
            proxy.cut("blackhole")
            over = time.monotonic() + seconds
            while time.monotonic() < over:
                proxy.cut("rst")
                await asyncio.sleep(LOOK_SECONDS)
            proxy.heal()
            await until_said(told, BEGAN, told.count(BEGAN) + 1)
            late = time.monotonic() - over
            await all_ended(core, 120)
            return late, await outcome(core, told, 1)
