"""What does the steps of sagas: of each kind a table of them, and the jobs by which they are done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

import attrs

from taskcore.caller import Outside
from taskcore.events import Event, Stamp
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.ports import Run
from taskcore.jobs.states import cancelling, new_job
from taskcore.ports import Entity, Unit
from taskcore.sagas.model import Saga
from taskcore.sagas.states import Plan, cancelled
from taskcore.values import Ids

JOB = "saga.step"
MOST_ATTEMPTS = 10
"""How often a step is tried before its saga has failed: for some twenty minutes."""
KINDS: dict[str, str] = {"team.delete": "taskcore.sagas.team_deletion:TEAM_DELETION"}
"""What does the steps of each kind, as "module:name"."""


@attrs.frozen
class TakenBack:
    """What to save so that something is as it was."""

    changed: list[Entity] = attrs.field(factory=list)
    events: list[Event] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Step:
    """What does a step, and what takes it back. All of it may be done again, or after a part of it was done."""

    do: Callable[[Run, Saga], Awaitable[Mapping[str, Any]]] | None = None
    """What is done outside of the unit that moves the saga on; what it gives joins the saga's data."""
    within: Callable[[Unit, Saga, Outside, datetime], Awaitable[list[Entity]]] | None = None
    """What that unit is to save besides."""
    until: Callable[[Saga], datetime] | None = None
    """Of a step that is to wait: until when."""
    undo: Callable[[Run, Saga], Awaitable[None]] | None = None
    """What takes back that which `do` did, by a job of its own."""
    take_back: Callable[[Unit, Saga, Stamp], Awaitable[TakenBack]] | None = None
    """What takes back that which a unit saved: done at once, when the saga is cancelled."""


@attrs.frozen
class SagaKind:
    plan: Plan
    steps: Mapping[str, Step]


def kind_of(saga: Saga) -> SagaKind:
    module, _, name = KINDS[saga.kind].partition(":")
    kind: SagaKind = getattr(import_module(module), name)
    return kind


def step_job(saga: Saga, now: datetime, new_id: Ids) -> Job:
    """The job that moves the saga on from this version, and from no other. It is of no team: it may be what ends it."""
    payload = {"saga_id": str(saga.id), "version": saga.version}
    return new_job(
        new_id(),
        JOB,
        now,
        payload,
        at=saga.due_at,
        unique_key=_key(saga),
        max_attempts=MOST_ATTEMPTS,
    )


async def without_job(unit: Unit, saga: Saga, now: datetime) -> list[Entity]:
    """The job of this version as it is no longer wanted, if it is there and waits."""
    found = await unit.find(Job, unique_key=_key(saga), state=JobState.WAITING)
    return [cancelling(each, now) for each in found]


async def taking_back(unit: Unit, saga: Saga, stamp: Stamp) -> TakenBack:
    """
    All to save so that a saga is cancelled: what units saved is taken back at once, the rest by jobs.

    Raises: Conflict (`saga_ended`, `point_of_no_return`).
    """
    kind = kind_of(saga)
    moved = cancelled(saga, kind.plan, stamp.now)
    changed = [moved, step_job(moved, stamp.now, stamp.new_id), *await without_job(unit, saga, stamp.now)]
    events: list[Event] = []
    for name in reversed(kind.plan.steps[: kind.plan.steps.index(saga.step) + 1]):
        take_back = kind.steps[name].take_back
        if take_back is not None:
            taken = await take_back(unit, saga, stamp)
            changed += taken.changed
            events += taken.events
    return TakenBack(changed, events)


def _key(saga: Saga) -> str:
    return f"saga {saga.id} {saga.version}"
