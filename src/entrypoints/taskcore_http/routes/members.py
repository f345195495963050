"""Who is in a team, and as what."""

from __future__ import annotations

from functools import partial

from litestar.params import FromPath

from taskcore.core import Acting
from taskcore.teams.members import MemberFields
from taskcore.teams.model import Member
from taskcore.values import Role, UserId
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call, Raw


@Operation(
    "GET",
    "/v1/teams/{team:str}/members",
    gives=Member,
    many=True,
    query=LISTING,
    rights=("team.read", "membership.list"),
)
async def list_members(request: Call, team: FromPath[str]) -> Answer:
    """List the members with their roles; guests see no e-mail addresses."""
    return await request.listed(partial(request.me.members.list, team))


@Operation(
    "PATCH",
    "/v1/teams/{team:str}/members/{user:str}",
    body=MemberFields,
    gives=Member,
    versioned=True,
    refuses=("own_role", "last_owner"),
    rights=(
        "team.read",
        "membership.list",
        "membership.set_role_below_admin",
        "membership.set_role_admin",
        "membership.set_role_owner",
        "membership.set_own_role",
        "calendar.manage_own",
        "calendar.manage_team",
    ),
)
async def edit_member(request: Call, team: FromPath[str], user: FromPath[str]) -> Answer:
    """Change a member's role, or how many minutes a day they have."""
    me = request.me
    user_id = await request.user_id(user, lambda _: me.teams.get(team))
    fields = await request.sent(MemberFields, lambda raw: _refuse_edit(me, team, user_id, raw))
    return request.one(await me.members.edit(team, user_id, if_version=request.if_version, **fields))


async def _refuse_edit(me: Acting, team: str, user: UserId, raw: Raw) -> None:
    """Ask for the right that is wanted, whatever the fault: a role is another than a capacity."""
    wanted: MemberFields = {"role": Role.GUEST} if "role" in raw else {}
    await me.members.edit(team, user, if_version=NEVER, **wanted)


@Operation(
    "DELETE",
    "/v1/teams/{team:str}/members/{user:str}",
    versioned=True,
    refuses=("last_owner",),
    rights=("team.read", "membership.list", "membership.remove_other", "membership.leave"),
)
async def remove_member(request: Call, team: FromPath[str], user: FromPath[str]) -> Answer:
    """Take somebody out of a team; `me` leaves it."""
    me = request.me
    user_id = await request.user_id(user, lambda _: me.teams.get(team))
    await request.bare(lambda _: me.members.remove(team, user_id, if_version=NEVER))
    await me.members.remove(team, user_id, if_version=request.if_version)
    return request.done()
