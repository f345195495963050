"""A saga: what goes on over many units of work, and is to end as a whole or be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

import attrs

from taskcore.values import SagaId, TeamId, UserId


class SagaState(StrEnum):
    RUNNING = "running"
    """Its step is to be done now."""
    WAITING = "waiting"
    """Its step is that its time comes."""
    DONE = "done"
    FAILED = "failed"
    """Its step failed for good: it can be resumed, or cancelled if it still can be."""
    COMPENSATING = "compensating"
    """It was cancelled, and what it did is being taken back."""
    COMPENSATED = "compensated"


if TYPE_CHECKING:
    SagaStateWord = SagaState | Literal["running", "waiting", "done", "failed", "compensating", "compensated"]
else:  # at run time it is its enum, which a word is turned into
    SagaStateWord = SagaState


@attrs.frozen(slots=True)
class SagaStep:
    """What became of a step: done, failed, undone, or that somebody resumed or cancelled there."""

    at: datetime
    step: str
    outcome: str


@attrs.frozen(slots=True)
class Saga:
    """
    One undertaking, of a `kind`, which says what its steps are.

    Each move is a version: a job does one step, and only of the version that it was made for.
    """

    id: SagaId
    kind: str
    created_at: datetime
    step: str
    """What is to be done next; at the end, what was done last. Of one that is cancelled: what is to be undone next."""
    state: SagaState = SagaState.RUNNING
    team_id: TeamId | None = None
    user_id: UserId | None = None
    """Who asked for it."""
    due_at: datetime | None = None
    """While it waits, until when."""
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    last_error: str | None = None
    data: Mapping[str, Any] = attrs.field(factory=dict)
    """What its steps need, as JSON; nothing that is of use once it has ended."""
    log: tuple[SagaStep, ...] = ()
    version: int = 1


@attrs.frozen(slots=True)
class SagaSummary:
    """How far a saga has come: all that is shown of it, and nothing of what it is about but ids."""

    id: SagaId
    kind: str
    created_at: datetime
    step: str
    state: SagaStateWord
    team_id: TeamId | None
    user_id: UserId | None
    due_at: datetime | None
    cancelled_at: datetime | None
    ended_at: datetime | None
    last_error: str | None
    log: tuple[SagaStep, ...]
    version: int


def summary(saga: Saga) -> SagaSummary:
    names = (field.name for field in attrs.fields(SagaSummary))
    return SagaSummary(**{name: getattr(saga, name) for name in names})
