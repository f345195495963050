"""What happened: a team's log, a task's activity."""

from __future__ import annotations

from litestar.params import FromPath

from taskcore.events import Event
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.realtime.asking import NAMES, selected
from taskcore_http.realtime.stream import asks_for_stream, streamed
from taskcore_http.wire import LISTING, Call


@Operation(
    "GET",
    "/v1/teams/{team:str}/events",
    gives=Event,
    many=True,
    query=(*NAMES, *LISTING),
    streams=True,
    refuses=("resync_required", "invalid"),
    rights=("team.read", "event.read", "realtime.subscribe_team", "project.read", "task.read"),
)
async def list_events(request: Call, team: FromPath[str]) -> Answer:
    """
    List a team's events beyond the seq `after`, in order, or follow them. A guest sees those of shared tasks.

    With `Accept: text/event-stream` the answer goes on: events beyond `after` (without: from now on) as they come,
    the seq as their id, and a `ready` once all that there was has been told. docs/realtime.md has the whole of it.
    """
    if asks_for_stream(request):
        return await streamed(request, team)
    events = request.me.events
    found = request.query(*NAMES, *LISTING)
    counted = request.flag("count")
    wanted = selected(found)
    page = await events.list(team, **wanted)
    filters = {name: wanted[name] for name in NAMES if name in wanted}
    return request.page(page, total=await events.count(team, **filters) if counted else None)


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
