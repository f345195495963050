"""When a team and its members work: hours, holidays, time off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from litestar.params import FromPath

from taskcore.errors import Invalid, Malformed
from taskcore.teams.calendar_documents import MemberCalendarFields, TeamCalendarFields
from taskcore.teams.working_time import MemberWorkingTime, TeamWorkingTime
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import NEVER, Call

WINDOW = ("from", "to")
"""The days, both included, whose working time is wanted."""


@Operation(
    "GET",
    "/v1/teams/{team:str}/calendar",
    gives=TeamWorkingTime,
    query=WINDOW,
    rights=("team.read", "membership.list"),
)
async def read_team_calendar(request: Call, team: FromPath[str]) -> Answer:
    """
    Read a team's calendar.

    With `from` and `to`, two days of the team's zone, `effective` has the working time from the one to the other.
    """
    calendars = request.me.calendars
    return await _of_days(request, partial(calendars.get, team))


@Operation(
    "PUT",
    "/v1/teams/{team:str}/calendar",
    body=TeamCalendarFields,
    gives=TeamWorkingTime,
    versioned=True,
    rights=("team.read", "membership.list", "calendar.manage_team"),
)
async def put_team_calendar(request: Call, team: FromPath[str]) -> Answer:
    """
    Say when a team works: its weekly hours, holidays and other exceptions, all of them.

    What is left out is as if nothing had been said of it. `If-Match` names a version of the team.
    """
    calendars = request.me.calendars
    calendar = await request.sent(TeamCalendarFields, lambda _: calendars.put(team, {}, if_version=NEVER))
    return request.one(await calendars.put(team, calendar, if_version=request.if_version))


@Operation(
    "GET",
    "/v1/teams/{team:str}/members/{user:str}/calendar",
    gives=MemberWorkingTime,
    query=WINDOW,
    rights=("team.read", "membership.list"),
)
async def read_member_calendar(request: Call, team: FromPath[str], user: FromPath[str]) -> Answer:
    """
    Read a member's calendar; guests see their own alone.

    With `from` and `to`, two days of the member's zone, `effective` has the working time from the one to the
    other: in their own hours or else the team's, without the team's holidays and without time off.
    """
    me = request.me
    user_id = await request.user_id(user, lambda _: me.teams.get(team))
    return await _of_days(request, partial(me.calendars.get_member, team, user_id))


@Operation(
    "PUT",
    "/v1/teams/{team:str}/members/{user:str}/calendar",
    body=MemberCalendarFields,
    gives=MemberWorkingTime,
    versioned=True,
    rights=("team.read", "membership.list", "calendar.manage_own", "calendar.manage_team"),
)
async def put_member_calendar(request: Call, team: FromPath[str], user: FromPath[str]) -> Answer:
    """
    Say when a member works: own hours, time off, part time and skills, all of it; your own or, as an admin, another's.

    What is left out is as the team has it. `If-Match` names a version of the membership.
    """
    me = request.me
    user_id = await request.user_id(user, lambda _: me.teams.get(team))
    calendar = await request.sent(
        MemberCalendarFields, lambda _: me.calendars.put_member(team, user_id, {}, if_version=NEVER)
    )
    return request.one(await me.calendars.put_member(team, user_id, calendar, if_version=request.if_version))


async def _of_days(request: Call, read: Callable[..., Awaitable[Any]]) -> Answer:
    """What `read` gives of the days that the query asks for. Raises: Malformed."""
    asked = request.query(*WINDOW)
    try:
        return request.one(await read(first_day=asked.get("from"), last_day=asked.get("to")))
    except Malformed:
        raise
    except Invalid as fault:
        await request.refuse(Malformed(faults=fault.faults), lambda _: read())
