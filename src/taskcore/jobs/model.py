"""Jobs: what is to be done in the background, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

import attrs

from taskcore.values import JobId, TeamId, UserId

MOST_ATTEMPTS = 20
"""How often a job is begun before it is dead, unless it says otherwise: for some two days."""
MOST_FAILURES = 20
MOST_OF_KIND = 200
"""Characters."""
MOST_ERROR_CHARACTERS = 2_000


class JobState(StrEnum):
    WAITING = "waiting"
    """Until its time has come, and somebody takes it."""
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    """It failed for good; it can be retried, or dropped."""
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self not in (JobState.WAITING, JobState.RUNNING)


class JobPriority(StrEnum):
    """Of what is due, the high goes first."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


if TYPE_CHECKING:
    JobStateWord = JobState | Literal["waiting", "running", "done", "dead", "cancelled"]
    JobPriorityWord = JobPriority | Literal["high", "normal", "low"]
else:  # at run time each is its enum, which a word is turned into
    JobStateWord, JobPriorityWord = JobState, JobPriority


@attrs.frozen(slots=True)
class JobFailure:
    """What became of one attempt that did not end well."""

    at: datetime
    attempt: int
    error: str
    worker: str | None = None


@attrs.frozen(slots=True)
class JobProgress:
    """How far a job has come: `done` of `total` (None: of how many is not known), and a word on it."""

    done: int
    total: int | None = None
    note: str = ""


@attrs.frozen(slots=True)
class Job:
    """
    One thing to be done in the background: of a `kind`, which says who can do it, on a `payload`, which is JSON.

    It is saved by the use case that wants it, in its unit of work. Whoever takes it has it until `due_at`, and may
    have it longer; `attempts` counts who took it, and only what the last of them says of it counts.
    """

    id: JobId
    kind: str
    created_at: datetime
    payload: Mapping[str, Any] = attrs.field(factory=dict)
    user_id: UserId | None = None
    """Who asked for it; None, where nobody did."""
    team_id: TeamId | None = None
    priority: JobPriority = JobPriority.NORMAL
    state: JobState = JobState.WAITING
    due_at: datetime | None = None
    """While it waits, when it may be begun; while it runs, when it is taken for abandoned; None, once it ended."""
    attempts: int = 0
    max_attempts: int = MOST_ATTEMPTS
    unique_key: str | None = None
    """No two jobs that have not ended share one."""
    worker: str | None = None
    """Who has it, or had it last."""
    started_at: datetime | None = None
    """When it was last begun."""
    ended_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    progress: JobProgress | None = None
    result: Any = None
    """What it gave, as JSON."""
    last_error: str | None = None
    failures: tuple[JobFailure, ...] = ()
    """The latest of them."""
    version: int = 1


@attrs.frozen(slots=True)
class JobSchedule:
    """When something that comes again and again is next to be begun."""

    name: str
    due_at: datetime
    """The next tick that nobody has queued yet."""
    last_at: datetime | None = None
    version: int = 1
