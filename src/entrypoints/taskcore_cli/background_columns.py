"""Of what goes on in the background: the columns that are printed."""

from __future__ import annotations

import json
from typing import Any

from taskcore.events import plain
from taskcore_cli.columns import when
from taskcore_cli.render import Columns

SAGA: Columns = {
    "id": lambda saga: saga.id,
    "kind": lambda saga: saga.kind,
    "team": lambda saga: saga.team_id,
    "state": lambda saga: saga.state,
    "step": lambda saga: saga.step,
    "begun": lambda saga: when(saga.created_at),
    "due": lambda saga: when(saga.due_at),
    "ended": lambda saga: when(saga.ended_at),
    "error": lambda saga: saga.last_error,
}
SAGA_STEP: Columns = {
    "at": lambda step: when(step.at),
    "step": lambda step: step.step,
    "outcome": lambda step: step.outcome,
}
JOB: Columns = {
    "kind": lambda job: job.kind,
    "state": lambda job: "cancelling" if job.cancel_requested_at and not job.ended_at else job.state,
    "priority": lambda job: "" if job.priority == "normal" else job.priority,
    "attempts": lambda job: f"{job.attempts}/{job.max_attempts}",
    "progress": lambda job: _progress(job.progress),
    "created": lambda job: when(job.created_at),
    "due": lambda job: when(job.due_at) if job.state == "waiting" else "",
    "ended": lambda job: when(job.ended_at),
    "error": lambda job: job.last_error,
    "id": lambda job: job.id,
}
JOB_DETAILS: Columns = {
    **JOB,
    "started": lambda job: when(job.started_at),
    "worker": lambda job: getattr(job, "worker", None),
    "payload": lambda job: getattr(job, "payload_keys", None),
    "result": lambda job: _json(getattr(job, "result", None)),
    "failures": lambda job: [
        f"{each.attempt}: {when(each.at)} {each.error}" for each in getattr(job, "failures", ())
    ],
    "user": lambda job: getattr(job, "user_id", None),
    "team": lambda job: job.team_id,
}
WHOLE_JOB: Columns = {
    **JOB_DETAILS,
    "payload": lambda job: _json(job.payload),
    "key": lambda job: job.unique_key,
}
JOB_SCHEDULE: Columns = {
    "name": lambda schedule: schedule.name,
    "cron": lambda schedule: schedule.cron,
    "time zone": lambda schedule: schedule.time_zone,
    "kind": lambda schedule: schedule.kind,
    "next": lambda schedule: when(schedule.due_at),
    "last": lambda schedule: when(schedule.last_at),
}


def _progress(progress: Any) -> str:
    """How far, and a word on it."""
    if progress is None:
        return ""
    done = f"{progress.done}" if progress.total is None else f"{progress.done}/{progress.total}"
    return f"{done} {progress.note}".rstrip()


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(plain(value), ensure_ascii=False)
