"""What becomes of a job with each thing that happens to it: pure, as whoever runs jobs applies it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import attrs

from taskcore.jobs.model import (
    MOST_ATTEMPTS,
    MOST_ERROR_CHARACTERS,
    MOST_FAILURES,
    Job,
    JobFailure,
    JobPriority,
    JobState,
)
from taskcore.values import JobId, TeamId, UserId

LONGEST_WAIT = timedelta(hours=6)
ABANDONED = "whoever ran it was not heard of any more"


def new_job(
    job_id: UUID,
    kind: str,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    *,
    user_id: UserId | None = None,
    team_id: TeamId | None = None,
    at: datetime | None = None,
    unique_key: str | None = None,
    priority: JobPriority = JobPriority.NORMAL,
    max_attempts: int = MOST_ATTEMPTS,
) -> Job:
    """A job to save with what it is for; to be begun at once, or at an instant that is to come."""
    return Job(
        JobId(job_id),
        kind,
        now,
        payload or {},
        user_id=user_id,
        team_id=team_id,
        priority=priority,
        due_at=at or now,
        unique_key=unique_key,
        max_attempts=max_attempts,
    )


def wait_after(attempts: int, *, chance: float) -> timedelta:
    """How long until a job that failed `attempts` times is tried again: twice as long each time, up to
    `LONGEST_WAIT`, of which a half is left to `chance` (0 to 1), so that what failed at once is not tried at once.

    Exponential backoff with equal jitter; M. Brooker, "Exponential Backoff And Jitter", 2015.
    """
    seconds = min(2.0 ** min(attempts, 30), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=seconds * (0.5 + chance / 2))


def is_free(job: Job, now: datetime) -> bool:
    """Whether it may be taken: its time has come, or whoever ran it is not heard of any more."""
    return job.due_at is not None and job.due_at <= now


def claimed(job: Job, worker: str, now: datetime, lease: timedelta) -> Job:
    """A free job as `worker` has it; or as it ends instead: it was abandoned too often, or is not wanted any more."""
    free = failed(job, ABANDONED, now, wait=timedelta()) if job.state is JobState.RUNNING else job
    if free.due_at is None:
        return free
    if job.cancel_requested_at is not None:
        return attrs.evolve(cancelled(free, now), version=_next(job))
    return attrs.evolve(
        free,
        state=JobState.RUNNING,
        attempts=job.attempts + 1,
        worker=worker,
        started_at=now,
        due_at=now + lease,
        progress=None,
        version=_next(job),
    )


def is_held(found: Job | None, mine: Job) -> bool:
    """Whether a job as it was `found` is still in the attempt that is `mine`: these are counted, and never back."""
    return found is not None and found.state is JobState.RUNNING and found.attempts == mine.attempts


def extended(job: Job, now: datetime, lease: timedelta) -> Job:
    return attrs.evolve(job, due_at=now + lease, version=_next(job))


def completed(job: Job, now: datetime, result: Any = None) -> Job:
    """A job that is done. What its payload has as `content`, such as a letter, is kept for doing it alone."""
    payload = {name: value for name, value in job.payload.items() if name != "content"}
    return _ended(job, JobState.DONE, now, result=result, payload=payload)


def cancelled(job: Job, now: datetime) -> Job:
    requested = job.cancel_requested_at or now
    return _ended(job, JobState.CANCELLED, now, cancel_requested_at=requested)


def cancelling(job: Job, now: datetime) -> Job:
    """As somebody wants it to stop: at once, if it waits; else whoever runs it sees it."""
    if job.state is JobState.WAITING:
        return cancelled(job, now)
    if job.state is JobState.RUNNING and job.cancel_requested_at is None:
        return attrs.evolve(job, cancel_requested_at=now, version=_next(job))
    return job


def failed(job: Job, error: str, now: datetime, *, wait: timedelta | None) -> Job:
    """After an attempt that failed: to be tried again after `wait`, unless that was the last (None: it was)."""
    error = error[:MOST_ERROR_CHARACTERS]
    failure = JobFailure(now, job.attempts, error, job.worker)
    noted = attrs.evolve(
        job, last_error=error, failures=(*job.failures, failure)[-MOST_FAILURES:], version=_next(job)
    )
    if wait is None or job.attempts >= job.max_attempts:
        return attrs.evolve(_ended(noted, JobState.DEAD, now), version=noted.version)
    return attrs.evolve(noted, state=JobState.WAITING, due_at=now + wait)


def released(job: Job, now: datetime, *, wait: timedelta = timedelta()) -> Job:
    """Given back by whoever had it and did not finish it, to be begun again after `wait`: it may be tried once more
    for that."""
    return attrs.evolve(
        job, state=JobState.WAITING, due_at=now + wait, max_attempts=job.max_attempts + 1, version=_next(job)
    )


def retried(job: Job, now: datetime) -> Job:
    """A job that ended, to be tried as often again as at first; what failed before is kept."""
    return attrs.evolve(
        job,
        state=JobState.WAITING,
        due_at=now,
        max_attempts=job.attempts + MOST_ATTEMPTS,
        ended_at=None,
        cancel_requested_at=None,
        progress=None,
        result=None,
        version=_next(job),
    )


def _ended(job: Job, state: JobState, now: datetime, **changes: Any) -> Job:
    return attrs.evolve(
        job, state=state, due_at=None, ended_at=now, unique_key=None, version=_next(job), **changes
    )


def _next(job: Job) -> int:
    return job.version + 1
