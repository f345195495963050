"""What happened: a team's log, a task's activity."""

from __future__ import annotations

from litestar.params import FromPath

from taskcore.events import Event
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, Call


@Operation(
    "GET",
    "/v1/teams/{team:str}/events",
    gives=Event,
    many=True,
    query=("after", *LISTING),
    rights=("team.read", "event.read"),
)
async def list_events(request: Call, team: FromPath[str]) -> Answer:
    """List a team's events beyond the seq `after`, in order. A guest sees those of shared tasks."""
    events = request.me.events
    asked = request.query("after", *LISTING)
    counted = request.flag("count")
    page = await events.list(team, **asked)
    return request.page(page, total=await events.count(team, after=asked.get("after")) if counted else None)


@Operation(
    "GET",
    "/v1/tasks/{task:str}/activity",
    gives=Event,
    many=True,
    query=LISTING,
    rights=("task.read", "event.read"),
)
async def list_activity(request: Call, task: FromPath[str]) -> Answer:
    """List what happened to a task, the newest first."""
    events = request.me.events
    asked = request.query(*LISTING)
    counted = request.flag("count")
    page = await events.activity(task, **asked)
    return request.page(page, total=await events.count_activity(task) if counted else None)
