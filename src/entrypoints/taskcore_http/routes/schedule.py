"""A team's plan: shown, tried out, applied; as values, as a picture, as a table and as a calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from litestar.params import FromPath

from taskcore.errors import Fault, Invalid
from taskcore.planning.changes import ChangeFields
from taskcore.planning.ical import plan_ics
from taskcore.planning.model import Schedule
from taskcore.planning.pictures.gantt import gantt_svg
from taskcore.planning.pictures.page import gantt_html, page_policy
from taskcore.planning.table import plan_csv
from taskcore_http.answer import OF_DATA, UNSTORED, Answer
from taskcore_http.description.bounds import MOST_SECONDS
from taskcore_http.operation import Operation
from taskcore_http.wire import Call

STYLED = "default-src 'none'; style-src 'unsafe-inline'"
"""A picture brings its style with it, and nothing else."""


class PlanFields(TypedDict, total=False):
    """How to plan: from when, whether to keep what is in force, what to try out, how long to search."""

    start: datetime | None
    keep: bool | None
    changes: Sequence[Mapping[str, Any]]
    apply: bool
    seconds: float | None
    schedules: int | None
    estimate_minutes: int


@Operation(
    "GET",
    "/v1/teams/{team:str}/schedule",
    gives=Schedule,
    refuses=("cycle", "no_working_time"),
    rights=("team.read", "schedule.read"),
)
async def read_schedule(request: Call, team: FromPath[str]) -> Answer:
    """
    Read a team's plan: dates, slack, who works when, and why; a guest's has the tasks of projects shared with them.

    Dates in force are kept where they can be. Nothing is written.
    """
    return request.one(await request.me.schedule.get(team))


@Operation(
    "POST",
    "/v1/teams/{team:str}/schedule/plan",
    body=PlanFields,
    inside={"changes": ChangeFields},
    body_optional=True,
    gives=Schedule,
    refuses=("cycle", "no_working_time", "plan_overtaken"),
    rights=("team.read", "schedule.plan", "schedule.apply"),
)
async def plan_schedule(request: Call, team: FromPath[str]) -> Answer:
    """
    Plan a team's unfinished work; with `apply` the dates are written.

    With `keep` few tasks move: what is in force stays where it can. Without it all is planned anew, for so many
    `seconds`, or by so many `schedules`, which find the same each time; giving one of these says so. `changes` are tried out (`op`: edit, drop, delay,
    link, unlink, add_member, remove_member), and the answer compares; they cannot be applied.
    """
    schedule = request.me.schedule
    fields: dict[str, Any] = {**await request.sent(PlanFields, lambda _: schedule.plan(team), optional=True)}
    if (fields.get("seconds") or 0) > MOST_SECONDS:
        fault = Fault("seconds", f"must be at most {MOST_SECONDS}; more is for the command line")
        await request.refuse(Invalid(faults=[fault]), lambda _: schedule.plan(team, seconds=-1))
    return request.one(await schedule.plan(team, **fields))


async def _file(
    request: Call,
    team: str,
    media: str,
    write: Callable[[Schedule], str],
    form: str,
    policy: str = STYLED,
) -> Answer:
    await request.bare(lambda _: request.me.schedule.get(team))
    schedule = await request.me.schedule.get(team)
    body = write(schedule).encode()
    name = f'inline; filename="{schedule.team_key}.{form}"'
    headers = [each for each in request.common if each != OF_DATA]
    headers += [(b"content-type", media.encode()), (b"content-disposition", name.encode()), UNSTORED]
    headers.append((b"content-security-policy", f"{policy}; frame-ancestors 'none'".encode()))
    headers.append((b"content-length", str(len(body)).encode()))
    return Answer(200, headers, body)


@Operation(
    "GET",
    "/v1/teams/{team:str}/schedule.svg",
    media=("image/svg+xml",),
    refuses=("cycle", "no_working_time"),
    rights=("team.read", "schedule.read"),
)
async def draw_schedule(request: Call, team: FromPath[str]) -> Answer:
    """Draw a team's plan as a Gantt chart (SVG)."""
    return await _file(request, team, "image/svg+xml", gantt_svg, "svg")


@Operation(
    "GET",
    "/v1/teams/{team:str}/schedule.html",
    media=("text/html; charset=utf-8",),
    refuses=("cycle", "no_working_time"),
    rights=("team.read", "schedule.read"),
)
async def show_schedule(request: Call, team: FromPath[str]) -> Answer:
    """Show a team's plan as a page of its own: the chart, workload, what conflicts."""
    return await _file(request, team, "text/html; charset=utf-8", gantt_html, "html", page_policy())


@Operation(
    "GET",
    "/v1/teams/{team:str}/schedule.csv",
    media=("text/csv; charset=utf-8; header=present",),
    refuses=("cycle", "no_working_time"),
    rights=("team.read", "schedule.read"),
)
async def tabulate_schedule(request: Call, team: FromPath[str]) -> Answer:
    """Give a team's plan as a table, a row a task."""
    return await _file(request, team, "text/csv; charset=utf-8; header=present", plan_csv, "csv")


@Operation(
    "GET",
    "/v1/teams/{team:str}/schedule.ics",
    media=("text/calendar; charset=utf-8",),
    refuses=("cycle", "no_working_time"),
    rights=("team.read", "schedule.read"),
)
async def feed_schedule(request: Call, team: FromPath[str]) -> Answer:
    """Give a team's plan as a calendar (RFC 5545)."""
    return await _file(request, team, "text/calendar; charset=utf-8", plan_ics, "ics")
