"""For whoever runs the instance. Nothing here shows what is in a team."""

from __future__ import annotations

from functools import partial

from litestar.params import FromPath

from taskcore.identity.instance import AccountFields, TeamSummary
from taskcore.identity.model import AuditEntry, User
from taskcore.teams.model import Team
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


@Operation("GET", "/v1/instance/users", gives=User, many=True, query=LISTING, rights=("instance.user_list",))
async def list_users(request: Call) -> Answer:
    """List everybody on this instance."""
    return await request.listed(request.me.instance.users)


@Operation("GET", "/v1/instance/users/{user:str}", gives=User, rights=("instance.user_list",))
async def read_user(request: Call, user: FromPath[str]) -> Answer:
    """Read one account."""
    return request.one(await request.me.instance.get_user(user))


@Operation(
    "PATCH",
    "/v1/instance/users/{user:str}",
    body=AccountFields,
    gives=User,
    versioned=True,
    refuses=("own_account", "last_admin", "last_owner", "account_deleted"),
    rights=("instance.user_suspend",),
)
async def edit_user(request: Call, user: FromPath[str]) -> Answer:
    """Shut or open an account; let somebody run the instance, or no longer."""
    instance = request.me.instance
    fields = await request.sent(AccountFields, lambda _: instance.edit_user(user, if_version=NEVER))
    return request.one(await instance.edit_user(user, if_version=request.if_version, **fields))


@Operation(
    "POST",
    "/v1/instance/users/{user:str}/logout",
    rights=("instance.user_force_logout",),
)
async def log_user_out(request: Call, user: FromPath[str]) -> Answer:
    """End every session of a user, from the next request on."""
    instance = request.me.instance
    await request.bare(lambda _: instance.get_user(user))
    await instance.log_out(user)
    return request.done()


@Operation(
    "GET", "/v1/instance/teams", gives=TeamSummary, many=True, query=LISTING, rights=("instance.team_list",)
)
async def list_all_teams(request: Call) -> Answer:
    """List every team: its name, its state, and how many are in it."""
    return await request.listed(request.me.instance.teams)


@Operation(
    "GET", "/v1/instance/audit", gives=AuditEntry, many=True, query=LISTING, rights=("instance.audit_read",)
)
async def list_instance_audit(request: Call) -> Answer:
    """List the instance's audit, the newest first."""
    return await request.listed(request.me.instance.audit)


@Operation(
    "POST", "/v1/teams/{team:str}/suspend", gives=Team, versioned=True, rights=("team.read", "team.suspend")
)
async def suspend_team(request: Call, team: FromPath[str]) -> Answer:
    """Let nothing in a team be changed any more; it can still be read. For instance admins."""
    teams = request.me.teams
    await request.bare(lambda _: teams.suspend(team, if_version=NEVER))
    return request.one(await teams.suspend(team, if_version=request.if_version))


@Operation(
    "POST", "/v1/teams/{team:str}/unsuspend", gives=Team, versioned=True, rights=("team.read", "team.suspend")
)
async def unsuspend_team(request: Call, team: FromPath[str]) -> Answer:
    """Let a suspended team go on. For instance admins."""
    teams = request.me.teams
    await request.bare(lambda _: teams.unsuspend(team, if_version=NEVER))
    return request.one(await teams.unsuspend(team, if_version=request.if_version))


@Operation(
    "GET",
    "/v1/teams/{team:str}/audit",
    gives=AuditEntry,
    many=True,
    query=LISTING,
    rights=("team.read", "audit_log.read"),
)
async def list_audit(request: Call, team: FromPath[str]) -> Answer:
    """List a team's audit, the newest first."""
    return await request.listed(partial(request.me.audit.list, team))


@Operation(
    "GET",
    "/v1/teams/{team:str}/audit/export",
    gives=AuditEntry,
    many=True,
    query=LISTING,
    rights=("team.read", "audit_log.export"),
)
async def export_audit(request: Call, team: FromPath[str]) -> Answer:
    """Take a team's audit away, page by page, the eldest first. For owners."""
    return await request.listed(partial(request.me.audit.export, team))
