"""What is kept for a while goes: in batches that hold nobody up, and from where the last one ended if it dies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import attrs

from taskcore.events import Stamp
from taskcore.idempotency import KEPT as KEYS_KEPT
from taskcore.idempotency import IdempotencyRecord
from taskcore.identity.model import EmailToken, RefreshToken
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.ports import Run
from taskcore.ports import Unit
from taskcore.tasks.model import TRASH_DAYS, Task
from taskcore.tasks.purging import purged

BATCH = 200
JOBS_KEPT = timedelta(days=7)
"""How long it can be read what became of a job. Those that are dead stay until somebody drops them."""
TOKENS_KEPT = timedelta(days=1)
"""How long after its end a token is known as one that has ended."""


async def forget_keys(run: Run) -> dict[str, int]:
    """Remove what commands answered longer ago than it can be asked for again."""
    return {"removed": await _remove_due(run, IdempotencyRecord, _now(run) - KEYS_KEPT)}


async def forget_tokens(run: Run) -> dict[str, int]:
    """Remove tokens of mails and of sessions that ended."""
    kinds: tuple[type[Any], ...] = (EmailToken, RefreshToken)
    return {"removed": sum([await _remove_due(run, kind, _now(run) - TOKENS_KEPT) for kind in kinds])}


async def forget_jobs(run: Run) -> dict[str, int]:
    """Remove jobs that were done, or cancelled, long ago."""
    before, count = _now(run) - JOBS_KEPT, 0
    for state in (JobState.DONE, JobState.CANCELLED):
        after = None
        while jobs := await run.outside.store.rows().find(Job, state=state, after=after, limit=BATCH):
            after = jobs[-1].id
            old = tuple(job.id for job in jobs if job.ended_at is not None and job.ended_at < before)
            if old:
                count += await run.outside.store.transact(partial(_remove, Job, {"id": old, "state": state}))
                await run.progress(count)
            if jobs[0].created_at >= before:  # by their ids they are in the order in which they were made
                break
    return {"removed": count}


async def empty_trash(run: Run) -> dict[str, int]:
    """End what has lain in the trash for its time, with all that hangs on it, each tree in a unit of its own."""
    now, store, count = _now(run), run.outside.store, 0
    before = now - timedelta(days=TRASH_DAYS)
    while tasks := await store.rows().find(Task, due=before, limit=BATCH):
        for task in tasks:
            count += await store.transact(partial(_purge, task, before, now, run.outside.ids))
        await run.progress(count)
    return {"removed": count}


async def _purge(task: Task, before: datetime, now: datetime, new_id: Callable[[], Any], unit: Unit) -> int:
    """How many tasks went: none, where it went with another, or was restored meanwhile."""
    await unit.lock(task.team_id)
    found = await unit.find(Task, team_id=task.team_id, id=task.id, due=before)
    if not found:
        return 0
    removed, events, entry = await purged(unit, found[0], Stamp(task.created_by, now, new_id))
    nobodys = [attrs.evolve(event, actor_id=None) for event in events]
    await unit.save([attrs.evolve(entry, actor_id=None)], removed=removed, events=nobodys)
    return len(events)


async def _remove_due(run: Run, kind: type[Any], before: datetime) -> int:
    count = 0
    while removed := await run.outside.store.transact(
        partial(_remove, kind, {"due": before, "limit": BATCH})
    ):
        count += removed
        await run.progress(count)
    return count


async def _remove(kind: type[Any], where: dict[str, Any], unit: Unit) -> int:
    old = await unit.find(kind, free=True, **where)
    if old:
        await unit.save([], removed=old)
    return len(old)


def _now(run: Run) -> datetime:
    """When this attempt began, by the clock that all share."""
    return run.job.started_at or run.job.created_at
