"""What whom is shown of a job. Nobody but the operator sees all of it: its payload may hold what is mailed to others."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar

import attrs

from taskcore.jobs.model import Job, JobFailure, JobPriority, JobProgress, JobState
from taskcore.jobs.states import ABANDONED
from taskcore.values import JobId, TeamId, UserId

V = TypeVar("V", bound="OwnJob | JobSummary")
UNTOLD = "an error, of which only the operator is told more"
_OURS = (ABANDONED, "nothing here does jobs of this kind", "took longer than ")
"""How errors begin that quote nothing."""
_CLASS = re.compile(r"(\w+\.)*[A-Z]\w*(?=:|$)")


@attrs.frozen(slots=True)
class OwnJob:
    """A job as it is shown to whoever asked for it."""

    id: JobId
    kind: str
    state: JobState
    priority: JobPriority
    created_at: datetime
    team_id: TeamId | None
    due_at: datetime | None
    """While it waits, when it may be begun; while it runs, when it is taken for abandoned; None, once it ended."""
    started_at: datetime | None
    ended_at: datetime | None
    cancel_requested_at: datetime | None
    attempts: int
    max_attempts: int
    progress: JobProgress | None
    result: Any
    """What it gave, as JSON; None, too, where it is of a team that one is in no longer."""
    last_error: str | None
    """Of which sort the last failure was."""
    version: int


@attrs.frozen(slots=True)
class JobSummary:
    """A job as it is shown to whoever runs the instance: nothing of what it is about."""

    id: JobId
    kind: str
    state: JobState
    priority: JobPriority
    created_at: datetime
    user_id: UserId | None
    team_id: TeamId | None
    due_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    cancel_requested_at: datetime | None
    attempts: int
    max_attempts: int
    worker: str | None
    payload_keys: tuple[str, ...]
    """What its payload is made of, and none of what that says."""
    progress: JobProgress | None
    last_error: str | None
    """Of a user's or a team's job only of which sort the error was."""
    failures: tuple[JobFailure, ...]
    version: int


@attrs.frozen(slots=True)
class ScheduleSummary:
    """What comes again and again: when it came last, and comes next."""

    name: str
    kind: str | None
    """Of the jobs that it makes; None, like `cron` and `time_zone`, where this version knows of it no more."""
    cron: str | None
    time_zone: str | None
    due_at: datetime | None
    """None, where no worker has begun with it yet."""
    last_at: datetime | None


@attrs.frozen(slots=True)
class Swept:
    """What became of many jobs at once, and after which of them to go on; None, where there are no more."""

    jobs: int
    after: JobId | None


def as_own(job: Job, *, is_in_team: bool) -> OwnJob:
    """For whoever asked for it, who may be in its team no longer."""
    masked = attrs.evolve(
        job,
        result=job.result if is_in_team else None,
        progress=job.progress if is_in_team else _numbers(job.progress),
        last_error=job.last_error and sort_of(job.last_error),
    )
    return _of(OwnJob, masked)


def as_summary(job: Job) -> JobSummary:
    """For whoever runs the instance."""
    return _of(JobSummary, _masked(job), payload_keys=tuple(sorted(job.payload)))


def _masked(job: Job) -> Job:
    if job.user_id is None and job.team_id is None:
        return job
    failures = tuple(attrs.evolve(each, error=sort_of(each.error)) for each in job.failures)
    return attrs.evolve(
        job,
        progress=_numbers(job.progress),
        last_error=job.last_error and sort_of(job.last_error),
        failures=failures,
    )


def sort_of(error: str) -> str:
    """Of an error as it is kept, which may quote what it is about, what sort of error it is."""
    if error.startswith(_OURS):
        return error
    found = _CLASS.match(error)
    return found[0] if found else UNTOLD


def _numbers(progress: JobProgress | None) -> JobProgress | None:
    return None if progress is None else attrs.evolve(progress, note="")


def _of(kind: type[V], job: Job, **more: Any) -> V:
    same = {field.name: getattr(job, field.name) for field in attrs.fields(kind) if field.name not in more}
    return kind(**same, **more)
