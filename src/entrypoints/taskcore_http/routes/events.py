"""What happened: a team's log, a task's activity."""

from __future__ import annotations

from litestar.params import FromPath

from taskcore.events import Event
from taskcore_http.answer import Answer
from taskcore_http.operation import PAGING, Operation
from taskcore_http.wire import Call


@Operation(
    "GET",
    "/v1/teams/{team:str}/events",
    gives=Event,
    many=True,
    query=("after", *PAGING),
    rights=("team.read", "event.read"),
)
async def list_events(request: Call, team: FromPath[str]) -> Answer:
    """List a team's events beyond the seq `after`, in order. A guest sees those of shared tasks."""
    return request.page(await request.me.events.list(team, **request.query("after", *PAGING)))


@Operation(
    "GET",
    "/v1/tasks/{task:str}/activity",
    gives=Event,
    many=True,
    query=PAGING,
    rights=("task.read", "event.read"),
)
async def list_activity(request: Call, task: FromPath[str]) -> Answer:
    """List what happened to a task, the newest first."""
    return request.page(await request.me.events.activity(task, **request.query(*PAGING)))
