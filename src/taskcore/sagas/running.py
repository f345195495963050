"""
The job of a saga: one step, done or undone, and the saga moved on in one unit with the job's completion.

H. Garcia-Molina and K. Salem, "Sagas", 1987: a step commits by itself, and is compensated, not rolled back. A job is of
one version of its saga: whatever is done by one that comes late moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from taskcore.jobs.ports import GiveUp, Later, Run, Stopped
from taskcore.ports import Entity, Unit
from taskcore.sagas.acting import SagaKind, kind_of, step_job
from taskcore.sagas.model import Saga, SagaState
from taskcore.sagas.states import done, failed, undone

UNDER_WAY = (SagaState.RUNNING, SagaState.WAITING, SagaState.COMPENSATING)


async def step(run: Run) -> str:
    """Handle a job of kind `saga.step`."""
    found = await run.outside.store.rows().find(Saga, id=_id(run))
    saga = found[0] if found else None
    if saga is None or not _is_of(run, saga):
        return "late"
    kind = kind_of(saga)
    now = await run.outside.store.now() or run.outside.clock()
    try:
        data = await _acted(run, saga, kind)
        moved = await run.finish(partial(_move, run, saga, kind, now, data))
    except (Stopped, Later):
        raise
    except Exception as error:
        if not isinstance(error, GiveUp) and run.job.attempts < run.job.max_attempts:
            raise
        return await run.finish(partial(_fail, run, now, str(error) or type(error).__name__))
    await _clean(run, saga, kind, moved)
    return moved


async def _acted(run: Run, saga: Saga, kind: SagaKind) -> Mapping[str, Any]:
    what = kind.steps[saga.step]
    if saga.state is SagaState.COMPENSATING:
        if what.undo is not None:
            await what.undo(run, saga)
    elif what.do is not None:
        return await what.do(run, saga)
    return {}


async def _move(
    run: Run, saga: Saga, kind: SagaKind, now: datetime, data: Mapping[str, Any], unit: Unit
) -> str:
    current = await _current(run, unit)
    if current is None:
        return "late"
    others: list[Entity] = []
    if current.state is SagaState.COMPENSATING:
        moved = undone(current, kind.plan, now)
    else:
        within = kind.steps[saga.step].within
        others = await within(unit, current, run.outside, now) if within is not None else []
        following = kind.plan.after(saga.step)
        until = kind.steps[following].until if following is not None else None
        moved = done(current, kind.plan, now, data, until(current) if until is not None else None)
    if moved.state in UNDER_WAY:
        others.append(step_job(moved, now, run.outside.ids))
    await unit.save([moved, *others])
    return moved.log[-1].outcome


async def _fail(run: Run, now: datetime, error: str, unit: Unit) -> str:
    current = await _current(run, unit)
    if current is None:
        return "late"
    await unit.save([failed(current, now, error)])
    return "failed"


async def _clean(run: Run, saga: Saga, kind: SagaKind, moved: str) -> None:
    """What was done for nothing, since the saga was cancelled meanwhile, is undone."""
    undo = kind.steps[saga.step].undo
    if moved == "late" and saga.state is not SagaState.COMPENSATING and undo is not None:
        found = await run.outside.store.rows().find(Saga, id=saga.id)
        if found and found[0].cancelled_at is not None:
            await undo(run, saga)


async def _current(run: Run, unit: Unit) -> Saga | None:
    """The saga, if it is still at the version that this job is of."""
    found = await unit.find(Saga, id=_id(run))
    return found[0] if found and _is_of(run, found[0]) else None


def _is_of(run: Run, saga: Saga) -> bool:
    return saga.version == run.job.payload["version"] and saga.state in UNDER_WAY


def _id(run: Run) -> UUID:
    return UUID(run.job.payload["saga_id"])
