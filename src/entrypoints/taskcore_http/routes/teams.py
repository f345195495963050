"""Teams. Wherever a team stands, its id, slug or key may stand."""

from __future__ import annotations

from typing import Any, TypedDict

from litestar.params import FromPath

from taskcore.teams.api import TeamFields
from taskcore.teams.model import Team
from taskcore.values import UserId
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


class NewTeam(TeamFields, total=False):
    """A team to be; slug and key default to forms of the name."""

    key: str


class Heir(TypedDict):
    """Who becomes the owner."""

    user_id: UserId


@Operation("GET", "/v1/teams", gives=Team, many=True, query=LISTING, rights=("team.list_own",))
async def list_teams(request: Call) -> Answer:
    """List the teams you are in, the eldest first."""
    return await request.listed(request.me.teams.list)


@Operation(
    "POST",
    "/v1/teams",
    body=NewTeam,
    needs=("name",),
    gives=Team,
    status=201,
    refuses=("already_exists", "quota_exceeded"),
    rights=("team.create",),
)
async def create_team(request: Call) -> Answer:
    """Found a team, of which you are the owner."""
    teams = request.me.teams
    fields: dict[str, Any] = {**await request.sent(NewTeam, lambda _: teams.create(""))}
    team = await teams.create(fields.pop("name", ""), **fields)
    return request.one(team, status=201, location=f"/v1/teams/{team.id}")


@Operation("GET", "/v1/teams/{team:str}", gives=Team, rights=("team.read",))
async def read_team(request: Call, team: FromPath[str]) -> Answer:
    """Read one team."""
    return request.one(await request.me.teams.get(team))


@Operation(
    "PATCH",
    "/v1/teams/{team:str}",
    body=TeamFields,
    gives=Team,
    versioned=True,
    refuses=("already_exists",),
    rights=("team.read", "team.update"),
)
async def edit_team(request: Call, team: FromPath[str]) -> Answer:
    """Change a team's name, slug or time zone."""
    teams = request.me.teams
    fields = await request.sent(TeamFields, lambda _: teams.edit(team, if_version=NEVER))
    return request.one(await teams.edit(team, if_version=request.if_version, **fields))


@Operation("DELETE", "/v1/teams/{team:str}", versioned=True, rights=("team.read", "team.delete"))
async def delete_team(request: Call, team: FromPath[str]) -> Answer:
    """Delete a team, and all that is in it."""
    teams = request.me.teams
    await request.bare(lambda _: teams.delete(team, if_version=NEVER))
    await teams.delete(team, if_version=request.if_version)
    return request.done()


@Operation(
    "POST",
    "/v1/teams/{team:str}/restore",
    gives=Team,
    versioned=True,
    rights=("team.read", "team.delete"),
)
async def restore_team(request: Call, team: FromPath[str]) -> Answer:
    """
    Bring back a team that an owner deleted, with all that was in it.

    For its owners, within 30 days; then it is purged. Of a team that is not deleted nothing changes.
    """
    teams = request.me.teams
    await request.bare(lambda _: teams.restore(team, if_version=NEVER))
    return request.one(await teams.restore(team, if_version=request.if_version))


@Operation(
    "POST",
    "/v1/teams/{team:str}/transfer",
    body=Heir,
    versioned=True,
    refuses=("not_eligible",),
    rights=("team.read", "membership.list", "team.transfer_ownership"),
)
async def transfer_team(request: Call, team: FromPath[str]) -> Answer:
    """
    Make an admin or a member the owner in your place; you stay as an admin.

    `If-Match` names a version of the team.
    """
    me = request.me
    heir = await request.sent(Heir, lambda _: me.members.transfer(team, me.user_id, if_version=NEVER))
    await me.members.transfer(team, heir["user_id"], if_version=request.if_version)
    return request.done()
