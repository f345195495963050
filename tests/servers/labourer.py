"""
A process that runs jobs, to be killed and stopped: `python -m tests.servers.labourer STORE QUEUE FOLDER SLOTS LEASE TICK`.

What it does for each job it writes to `FOLDER/effects`, a line each, in one write, so that what was executed is known
whatever became of the process: the job's id, the attempt, what happened, the process. With TICK
seconds it queues a job as often, as all do together who share a store. On SIGTERM it gives back what it has in hand.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from taskcore.connect import assemble
from taskcore.core import TaskCore
from taskcore.identity.model import AuditEntry
from taskcore.jobs.ports import Run, Stopped
from taskcore.jobs.registry import Schedule
from taskcore.jobs.runner import Runner
from taskcore.jobs.schedules import Ticks, Timetable
from taskcore.ports import Unit
from taskcore.values import AuditId
from tests.servers import die_with_parent

ROOT = Path(__file__).parents[2]
EFFECT = "effect"
BEGAN, READY = "began", "ready"
GRACE_SECONDS = 10.0
LOOK_SECONDS = 0.01


class Told:
    """The file into which labourers say what they do."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "effects"
        self.gate = folder / "gate"
        """There once the first attempts may go on."""
        self._seen = 0
        self._counts = Counter[str]()
        self.ready: set[int] = set()
        """The processes that are at work."""

    def say(self, what: str, run: Run | None = None) -> None:
        of = f"{run.job.id} {run.job.attempts}" if run is not None else "- 0"
        line = f"{of} {what} {os.getpid()}\n"
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, line.encode())
        os.close(file)

    def count(self, what: str) -> int:
        """How often that was said by now."""
        if self.path.exists():
            with self.path.open() as file:
                file.seek(self._seen)
                new = file.read()
                self._seen = file.tell()
            for _, _, said, process in map(str.split, new.splitlines()):
                self._counts[said] += 1
                if said == READY:
                    self.ready.add(int(process))
        return self._counts[what]

    def lines(self) -> list[list[str]]:
        return [line.split() for line in self.path.read_text().splitlines()] if self.path.exists() else []


def open_core(store_url: str, queue_url: str) -> TaskCore:
    return assemble(store_url, hasher_url="scrypt://", queue_url=queue_url)


def teach(core: TaskCore, told: Told) -> None:
    """What a labourer can do."""

    async def effect(run: Run) -> None:
        """Seen outside at once, and in the store with the completion; `seconds` pass between."""
        told.say(BEGAN, run)
        await asyncio.sleep(run.job.payload.get("seconds", 0))
        await _leave_effect(run)

    async def held(run: Run) -> None:
        """As `effect`, but the first attempt waits for the gate, and does as if it never heard that it is to end."""
        told.say(BEGAN, run)
        while run.job.attempts == 1 and not told.gate.exists():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(LOOK_SECONDS)
        try:
            await _leave_effect(run)
        except Stopped:
            told.say("refused", run)
            raise
        told.say("finished", run)

    async def nothing(run: Run) -> None:
        """Done at once."""

    for kind, handler in ((EFFECT, effect), ("held", held), ("nothing", nothing)):
        core.handlers.add(kind, handler)


async def _leave_effect(run: Run) -> None:
    outside = run.outside

    async def work(unit: Unit) -> int:
        entry = AuditEntry(
            id=AuditId(outside.ids()),
            action=EFFECT,
            subject_type="job",
            at=outside.clock(),
            allowed=True,
            subject_id=run.job.id,
            data={"attempt": run.job.attempts},
        )
        await unit.save([entry])
        return run.job.attempts

    await run.finish(work)


@attrs.frozen
class Every:
    """In the place of a cron, which no test can wait for: each whole multiple of so many seconds."""

    seconds: float

    def next_after(self, instant: datetime, _zone: tzinfo) -> datetime:
        return datetime.fromtimestamp((instant.timestamp() // self.seconds + 1) * self.seconds, UTC)


def ticking(core: TaskCore, seconds: float) -> Ticks:
    """Each tick is made up for."""
    schedule = Schedule("tick", "* * * * *", "UTC", EFFECT, catch_up=True)
    ticks = Ticks(core, [schedule])
    ticks._timetables = {"tick": Timetable(schedule, Every(seconds), ZoneInfo("UTC"))}  # type: ignore[arg-type]  # a cron
    return ticks


@attrs.define
class Labourer:
    """One process."""

    process: subprocess.Popen[bytes]

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait()


def start(
    store_url: str,
    queue_url: str,
    folder: Path,
    *,
    slots: int = 4,
    lease_seconds: float = 15,
    tick_seconds: float = 0,
) -> Labourer:
    numbers = [str(slots), str(lease_seconds), str(tick_seconds)]
    program = ["-m", "tests.servers.labourer", store_url, queue_url, str(folder), *numbers]
    as_our_own = [sys.executable, "-IS", die_with_parent.__file__, str(os.getpid()), "", sys.executable]
    return Labourer(subprocess.Popen([*as_our_own, *program], cwd=ROOT))


@contextmanager
def crew(size: int, hire: Callable[[], Labourer]) -> Iterator[list[Labourer]]:
    """So many at once; whoever is in the list at the end is killed."""
    there = [hire() for _ in range(size)]
    try:
        yield there
    finally:
        for each in there:
            each.kill()


async def main(arguments: Sequence[str]) -> None:
    store_url, queue_url, folder, slots, lease_seconds, tick_seconds = arguments
    core = open_core(store_url, queue_url)
    told = Told(Path(folder))
    teach(core, told)
    async with core:
        runner = Runner(core, slots=int(slots), lease=timedelta(seconds=float(lease_seconds)))
        running = asyncio.create_task(runner.run())
        ticks = asyncio.create_task(ticking(core, float(tick_seconds)).run()) if float(tick_seconds) else None
        told_to_end = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_end.set)
        told.say(READY)
        await told_to_end.wait()
        await runner.stop(GRACE_SECONDS)
        await running
        if ticks is not None:
            ticks.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
