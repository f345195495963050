"""What becomes of a saga with each thing that happens to it: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from taskcore.errors import Conflict
from taskcore.sagas.model import Saga, SagaState, SagaStep

MOST_ERROR_CHARACTERS = 500
ENDED = frozenset({SagaState.DONE, SagaState.COMPENSATED})


@attrs.frozen(slots=True)
class Plan:
    """The steps of a kind of saga, in their order."""

    steps: tuple[str, ...]
    no_return: str
    """The first of them that cannot be taken back: once it is to be done, nothing is cancelled."""

    def after(self, step: str) -> str | None:
        return next(iter(self.steps[self.steps.index(step) + 1 :]), None)

    def before(self, step: str) -> str | None:
        return next(reversed(self.steps[: self.steps.index(step)]), None)

    def may_return(self, saga: Saga) -> bool:
        return self.steps.index(saga.step) < self.steps.index(self.no_return)


def done(
    saga: Saga, plan: Plan, now: datetime, data: Mapping[str, Any], until: datetime | None = None
) -> Saga:
    """After its step: at the next one, which waits `until` then; or at its end, where it forgets what it needed."""
    following = plan.after(saga.step)
    moved = _logged(saga, now, "done")
    if following is None:
        return attrs.evolve(moved, state=SagaState.DONE, due_at=None, ended_at=now, last_error=None, data={})
    return attrs.evolve(
        moved,
        step=following,
        state=SagaState.RUNNING if until is None else SagaState.WAITING,
        due_at=until,
        last_error=None,
        data={**saga.data, **data},
    )


def undone(saga: Saga, plan: Plan, now: datetime) -> Saga:
    """After its step was taken back: at the one before it, or at its end."""
    before = plan.before(saga.step)
    moved = _logged(saga, now, "undone")
    if before is None:
        return attrs.evolve(moved, state=SagaState.COMPENSATED, ended_at=now, last_error=None, data={})
    return attrs.evolve(moved, step=before, last_error=None)


def failed(saga: Saga, now: datetime, error: str) -> Saga:
    """Stopped at its step, until somebody resumes or cancels it."""
    error = error[:MOST_ERROR_CHARACTERS]
    return attrs.evolve(_logged(saga, now, "failed"), state=SagaState.FAILED, due_at=None, last_error=error)


def resumed(saga: Saga, now: datetime) -> Saga:
    """Going on with its step, in the direction in which it went; one that waits, before its time."""
    refuse_ended(saga)
    direction = SagaState.RUNNING if saga.cancelled_at is None else SagaState.COMPENSATING
    return attrs.evolve(_logged(saga, now, "resumed"), state=direction, due_at=None, last_error=None)


def cancelled(saga: Saga, plan: Plan, now: datetime) -> Saga:
    """To be taken back from its step on, of which a part may be done. Raises: Conflict."""
    refuse_ended(saga)
    if saga.cancelled_at is not None:
        raise Conflict(f"saga {saga.id} is cancelled already", code="saga_ended")
    if not plan.may_return(saga):
        raise Conflict(
            f"saga {saga.id} is beyond where it can be taken back: at {saga.step}", code="point_of_no_return"
        )
    return attrs.evolve(
        _logged(saga, now, "cancelled"),
        state=SagaState.COMPENSATING,
        due_at=None,
        cancelled_at=now,
        last_error=None,
    )


def refuse_ended(saga: Saga) -> None:
    """Raise `Conflict` (`saga_ended`) where nothing is left to do."""
    if saga.state in ENDED:
        raise Conflict(f"saga {saga.id} has ended: it is {saga.state}", code="saga_ended")


def _logged(saga: Saga, now: datetime, outcome: str) -> Saga:
    step = SagaStep(now, saga.step, outcome)
    return attrs.evolve(saga, log=(*saga.log, step), version=saga.version + 1)
