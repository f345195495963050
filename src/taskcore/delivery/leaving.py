"""Mail of a process that runs no jobs, such as a command: it is delivered before that ends, or left in the store."""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import attrs

from taskcore.caller import Outside
from taskcore.delivery.posting import send
from taskcore.errors import Unavailable
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.ports import GiveUp, Stopped
from taskcore.jobs.states import claimed, completed, failed, is_held, wait_after
from taskcore.ports import Unit
from taskcore.values import JobId

log = logging.getLogger("taskcore.mail")
R = TypeVar("R")

LEASE = timedelta(minutes=2)
SECONDS_TO_LEAVE = 10.0
"""After which no other mail is begun."""


async def deliver_left(outside: Outside, posted: deque[JobId]) -> None:
    """
    Deliver the mail that these jobs are for, as far as nobody else has, each tried once; they are taken off `posted`.

    What is not taken stays in the store, for a service or `taskcore worker` to deliver. Raises nothing. It waits on no
    event loop, where the store and the mailer do not.
    """
    until = time.monotonic() + SECONDS_TO_LEAVE
    try:
        while posted and time.monotonic() < until:
            job = await outside.store.transact(partial(_claim, posted.popleft(), outside))
            if job is not None:
                await _deliver(_Attempt(job, outside))
    except Unavailable as error:
        log.warning("mail waits for a service or taskcore worker: %s", error)
    except Exception:
        log.exception("mail waits for a service or taskcore worker")


async def _claim(job_id: JobId, outside: Outside, unit: Unit) -> Job | None:
    now = outside.clock()
    for job in await unit.find(Job, id=job_id, state=JobState.WAITING, due=now, free=True):
        mine = claimed(job, "who wrote it", now, LEASE)
        await unit.save([mine])
        return mine
    return None


@attrs.define
class _Attempt:
    """A `Run` whose job nobody else is told of meanwhile: it takes no longer than a lease."""

    job: Job
    outside: Outside
    is_kept: bool = False

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """There is nobody to see it."""

    async def finish(self, work: Callable[[Unit], Awaitable[R]]) -> R:
        async def kept(unit: Unit) -> R:
            result = await work(unit)
            await self._settle(unit, partial(completed, result=result))
            return result

        result = await self.outside.store.transact(kept)
        self.is_kept = True
        return result

    async def settle(self, become: Callable[..., Job]) -> None:
        if not self.is_kept:
            await self.outside.store.transact(partial(self._settle, become=become))

    async def _settle(self, unit: Unit, become: Callable[..., Job]) -> None:
        for job in await unit.find(Job, id=self.job.id):
            if is_held(job, self.job):
                await unit.save([become(job, now=self.outside.clock())])
                return
        raise Stopped


async def _deliver(run: _Attempt) -> None:
    to: Any = run.job.payload.get("to")
    try:
        result = await send(run)
        await run.settle(partial(completed, result=result))
    except Unavailable as error:
        log.warning("a mail to %s waits for a service or taskcore worker: %s", to, error)
        wait = wait_after(run.job.attempts, chance=random.random())  # noqa: S311  chance, not a secret
        await run.settle(partial(failed, error=str(error), wait=wait))
    except GiveUp as error:
        log.error("a mail to %s is lost: %s", to, error)  # noqa: TRY400  what happened is said
        await run.settle(partial(failed, error=str(error), wait=None))
    except (KeyError, TypeError, ValueError) as error:
        log.exception("a mail to %s is lost: it cannot be read", to)
        await run.settle(partial(failed, error=f"{type(error).__name__}: {error}", wait=None))
    except Stopped:
        log.debug("a mail to %s is somebody else's by now", to)
