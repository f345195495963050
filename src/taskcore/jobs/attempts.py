"""One attempt at a job: what its handler has of it, what comes of it, and how it is kept while it lasts."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from math import inf
from typing import Any, TypeVar

import attrs

from taskcore.caller import Outside
from taskcore.errors import Conflict, Fault, PreconditionFailed, Unavailable, refuse
from taskcore.jobs.clock import StoreClock
from taskcore.jobs.keeping import MOST_BYTES, as_json
from taskcore.jobs.model import MOST_ERROR_CHARACTERS, Job, JobProgress
from taskcore.jobs.ports import GiveUp, Handler, Later, Stopped
from taskcore.jobs.states import cancelled, completed, extended, failed, is_held, released, wait_after
from taskcore.ports import Unit
from taskcore.values import JobId

log = logging.getLogger(__name__)
R = TypeVar("R")

Settle = Callable[[Job, datetime], Job]
"""What becomes of a job with what came of an attempt."""

MOST_RESULT_BYTES = MOST_BYTES
MOST_PROGRESS = 2**53 - 1
"""What every reader of JSON has exactly (RFC 7493)."""
MOST_NOTE_CHARACTERS = 500
PROGRESS_SECONDS = 0.5
"""How often an attempt's progress is kept at most."""
CONTENDED_SECONDS = 0.02
"""How soon to try again where somebody else is writing to the job this moment."""


class Ending(Enum):
    """Why an attempt is to end before it has come to its own."""

    CANCELLED = auto()
    LOST = auto()
    """The job is another attempt's by now, or gone."""
    RELEASED = auto()
    """Whoever runs it ends, and gives the job back."""
    BROKEN = auto()
    """What it said cannot be kept."""


class Attempt:
    """A `Run`. `lease` is how long the job is this attempt's after it was last heard of."""

    def __init__(self, job: Job, outside: Outside, clock: StoreClock, lease: timedelta) -> None:
        self.job = job
        self.outside = outside
        self.ending: Ending | None = None
        self.task: asyncio.Task[None] | None = None
        self.settle: Settle | None = None
        """What is to become of the job, once that is known; None afterwards too, where nothing is left to do."""
        self.is_over = False
        self._clock = clock
        self._lease = lease
        self._progress: JobProgress | None = None
        self._progress_kept = -inf
        self.is_finishing = False
        self._is_kept = False
        self._broken_by = ""

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self._progress = told_progress(done, total, note)
        if self.ending is None and time.monotonic() - self._progress_kept >= PROGRESS_SECONDS:
            self._progress_kept = time.monotonic()
            try:
                await extend([self], self.outside, self._clock, self._lease)
            except Unavailable:
                log.debug("the progress of job %s is kept later", self.job.id)
        if self.ending is not None:
            raise Stopped

    async def finish(self, work: Callable[[Unit], Awaitable[R]]) -> R:
        self.is_finishing = True
        try:
            while True:
                now = await self._clock.now()
                finished = await self.outside.store.transact(partial(self._finish, work, now))
                if finished:
                    self._is_kept = True
                    return finished[0]
                await asyncio.sleep(CONTENDED_SECONDS)
        finally:
            self.is_finishing = False

    async def _finish(
        self, work: Callable[[Unit], Awaitable[R]], now: datetime, unit: Unit
    ) -> tuple[()] | tuple[R]:
        """What `work` gave; nothing, where somebody else writes to the job, which is locked to the end here."""
        held, busy = await find_held(unit, [self])
        if busy:
            return ()
        if not held:
            self.end(Ending.LOST)
            raise Stopped
        result = await work(unit)
        await unit.save([completed(self.noted(held[0]), now, as_result(result))])
        return (result,)

    def end(self, why: Ending) -> None:
        """Let it end soon, for this reason if there is none yet."""
        self.ending = self.ending or why

    def break_off(self, error: Exception, chance: float) -> None:
        """What it said cannot be kept: let it end, and have failed for that, with nothing else that it said."""
        self._progress, self._broken_by = None, _told(error)
        self.end(Ending.BROKEN)
        wait = wait_after(self.job.attempts, chance=chance)
        if self.is_over:
            self.settle = partial(_failed, error=self._broken_by, wait=wait)

    def is_to_blame_for(self, error: Exception) -> bool:
        """Whether it is for what this one said that it cannot be kept: not, where others only were faster."""
        return self._progress is not None and not isinstance(error, Conflict | PreconditionFailed)

    @property
    def is_broken(self) -> bool:
        return bool(self._broken_by)

    def interrupt(self) -> None:
        """Cancel its task, where it is to end."""
        if self.ending is not None and self.task is not None and not self.is_finishing:
            self.task.cancel()

    def noted(self, job: Job) -> Job:
        """The job as it was found, with the progress that this attempt told of since."""
        return job if self._progress is None else attrs.evolve(job, progress=self._progress)

    async def perform(
        self, find_handler: Callable[[str], Handler | None], timeout_seconds: float | None, chance: float
    ) -> None:
        """Run the handler to its end; `settle` is then what becomes of the job. `chance` spreads retries."""
        settle = await self._performed(find_handler, timeout_seconds, chance)
        if self.is_broken:
            settle = partial(
                _failed, error=self._broken_by, wait=wait_after(self.job.attempts, chance=chance)
            )
        self.settle = None if self._is_kept or self.ending is Ending.LOST else settle
        self.is_over = True

    async def _performed(
        self, find_handler: Callable[[str], Handler | None], timeout_seconds: float | None, chance: float
    ) -> Settle | None:
        wait = wait_after(self.job.attempts, chance=chance)
        limit = asyncio.timeout(timeout_seconds)
        try:
            handler = find_handler(self.job.kind)
            if handler is None:
                return partial(_failed, error="nothing here does jobs of this kind", wait=wait)
            async with limit:
                result = as_result(await handler(self))
            return partial(completed, result=result)
        except GiveUp as error:
            return partial(_failed, error=_said(error) or "given up", wait=None)
        except Later as later:
            return partial(released, wait=timedelta(seconds=max(0.0, later.seconds)))
        except Stopped as error:
            return self._ended() or partial(_failed, error=_told(error), wait=wait)
        except asyncio.CancelledError as error:
            if self.ending is None and (task := asyncio.current_task()) is not None and task.cancelling():
                raise  # whoever runs it is cancelled itself: nothing is noted, and the lease ends
            return self._ended() or partial(_failed, error=_told(error), wait=wait)
        except Exception as error:
            if limit.expired():
                return partial(_failed, error=f"took longer than {timeout_seconds:g} s", wait=wait)
            log.warning("%s job %s failed", self.job.kind, self.job.id, exc_info=True)
            return partial(_failed, error=_told(error), wait=wait)

    def _ended(self) -> Settle | None:
        """What becomes of the job where this attempt was told to end."""
        if self.ending is Ending.CANCELLED:
            return cancelled
        return released if self.ending is Ending.RELEASED else None


async def extend(attempts: Sequence[Attempt], outside: Outside, clock: StoreClock, lease: timedelta) -> None:
    """
    Say of all these that they go on, in one unit of work; their jobs are theirs for another `lease`.

    Those whose jobs are to be cancelled, or are not theirs any more, are told to end. Where the store cannot hold what
    one of them says, that one is broken off, and the others go on. Raises: Unavailable; TimeoutError.
    """
    try:
        await _extend(attempts, outside, clock, lease)
    except (Unavailable, TimeoutError):
        raise
    except Exception as error:
        if len(attempts) > 1:
            for each in attempts:
                try:
                    await extend([each], outside, clock, lease)
                except (Unavailable, TimeoutError):
                    raise
                except Exception:
                    log.exception("job %s could not be extended", each.job.id)
        elif attempts and attempts[0].is_to_blame_for(error):
            log.warning("job %s says what cannot be kept", attempts[0].job.id, exc_info=True)
            attempts[0].break_off(error, chance=1.0)
        else:
            raise


async def _extend(attempts: Sequence[Attempt], outside: Outside, clock: StoreClock, lease: timedelta) -> None:
    now = await clock.now()

    async def work(unit: Unit) -> tuple[list[Job], set[JobId]]:
        held, busy = await find_held(unit, attempts)
        mine = {each.job.id: each for each in attempts}
        if held:
            await unit.save([extended(mine[job.id].noted(job), now, lease) for job in held])
        return held, busy

    held, busy = await outside.store.transact(work)
    found = {job.id: job for job in held}
    for attempt in attempts:
        job = found.get(attempt.job.id)
        if job is None and attempt.job.id not in busy and not attempt.is_finishing:
            attempt.end(Ending.LOST)
        elif job is not None and job.cancel_requested_at is not None:
            attempt.end(Ending.CANCELLED)


async def find_held(unit: Unit, attempts: Sequence[Attempt]) -> tuple[list[Job], set[JobId]]:
    """The jobs that are still these attempts', locked; and the ids of those that somebody else has locked."""
    mine = {each.job.id: each.job for each in attempts}
    if not mine:
        return [], set()
    found = await unit.find(Job, id=tuple(mine), free=True)
    held = [job for job in found if is_held(job, mine[job.id])]
    missing = tuple(mine.keys() - {job.id for job in found})
    others = await unit.find(Job, id=missing) if missing else []
    return held, {job.id for job in others if is_held(job, mine[job.id])}


def as_result(value: object) -> Any:
    """A handler's result as the JSON that is kept of it. Raises: GiveUp, where it has none that can be kept."""
    try:
        return as_json(value)
    except ValueError as error:
        raise GiveUp(f"what it gave cannot be kept: {error}") from error


def told_progress(done: Any, total: Any, note: Any) -> JobProgress:
    """How far a job has come, as it is kept: a note's characters that no store can hold are mended, and it is cut.
    Raises: Invalid, for what is no whole number from 0 up, for more done than there is, and a note that is no text."""
    faults = _count_faults("done", done)
    if total is not None:
        faults += _count_faults("total", total)
    if not isinstance(note, str):
        faults.append(Fault("note", f"must be a text, not {note!r:.80}"))
    if not faults and total is not None and done > total:
        faults.append(Fault("done", f"must not be more than the total, {total}, but is {done}"))
    refuse(faults)
    return JobProgress(done, total, _cleaned(note)[:MOST_NOTE_CHARACTERS])


def _count_faults(field: str, value: object) -> list[Fault]:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_PROGRESS:
        return []
    return [Fault(field, f"must be a whole number from 0 to {MOST_PROGRESS}, not {value!r:.80}")]


def _failed(job: Job, now: datetime, *, error: str, wait: timedelta | None) -> Job:
    if job.cancel_requested_at is not None:  # it failed, and is not wanted any more
        ended = cancelled(failed(job, error, now, wait=timedelta()), now)
        return attrs.evolve(ended, version=job.version + 1)
    return failed(job, error, now, wait=wait)


def _told(error: BaseException) -> str:
    said = _said(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _said(error: BaseException) -> str:
    return _cleaned(str(error))[:MOST_ERROR_CHARACTERS]


def _cleaned(text: str) -> str:
    """A text with nothing that a store cannot hold."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
