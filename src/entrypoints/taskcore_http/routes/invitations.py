"""Asking people into a team."""

from __future__ import annotations

from typing import Any, TypedDict

from litestar.params import FromPath

from taskcore.paging import Page
from taskcore.teams.model import Invitation, Team
from taskcore.values import Role
from taskcore_http.answer import Answer, shown
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, Call


class Asked(TypedDict, total=False):
    """Who is asked to join, and as what (as a member, if nothing is said)."""

    email: str
    role: Role


class Ticket(TypedDict):
    """What came with the invitation."""

    token: str


@Operation(
    "GET",
    "/v1/teams/{team:str}/invitations",
    gives=Invitation,
    many=True,
    query=LISTING,
    rights=("team.read", "invitation.list"),
)
async def list_invitations(request: Call, team: FromPath[str]) -> Answer:
    """List the invitations that can still be accepted."""
    invitations = request.me.invitations

    async def read(**part: Any) -> Page[dict[str, Any]]:
        page = await invitations.list(team, **part)
        return Page([shown(each) for each in page.items], page.next_cursor)

    return await request.listed(read)


@Operation(
    "POST",
    "/v1/teams/{team:str}/invitations",
    body=Asked,
    needs=("email",),
    gives=Invitation,
    adds={"token": "What accepts it; shown here and never again."},
    status=201,
    refuses=("already_exists",),
    rights=("team.read", "invitation.create"),
)
async def invite(request: Call, team: FromPath[str]) -> Answer:
    """Ask an e-mail address to join. The answer alone has the `token` that accepts."""
    invitations = request.me.invitations
    asked: dict[str, Any] = {**await request.sent(Asked, lambda _: invitations.create(team, ""))}
    invitation, token = await invitations.create(team, asked.pop("email", ""), **asked)
    place = f"/v1/teams/{invitation.team_id}/invitations/{invitation.id}"
    return request.secret({**shown(invitation), "token": token}, status=201, location=place)


@Operation(
    "DELETE",
    "/v1/teams/{team:str}/invitations/{invitation:str}",
    rights=("team.read", "invitation.list", "invitation.revoke"),
)
async def revoke_invitation(request: Call, team: FromPath[str], invitation: FromPath[str]) -> Answer:
    """Take an invitation back."""
    me = request.me
    await request.bare(lambda _: me.invitations.list(team, limit=1))
    await me.invitations.revoke(team, invitation)
    return request.done()


@Operation(
    "POST",
    "/v1/teams/{team:str}/invitations/{invitation:str}/resend",
    gives=Invitation,
    adds={"token": "What accepts it; the one before is good for nothing now."},
    guarded=True,
    rights=("team.read", "invitation.list", "invitation.resend"),
)
async def resend_invitation(request: Call, team: FromPath[str], invitation: FromPath[str]) -> Answer:
    """Mail an invitation anew, with a new token, for another week."""
    me = request.me
    await request.bare(lambda _: me.invitations.list(team, limit=1))
    renewed, token = await me.invitations.resend(team, invitation)
    return request.secret({**shown(renewed), "token": token}, status=200)


@Operation(
    "POST",
    "/v1/invitations/decline",
    body=Ticket,
    refuses=("not_found", "email_unverified"),
    rights=("invitation.decline",),
)
async def decline_invitation(request: Call) -> Answer:
    """Turn an invitation down."""
    me = request.me
    ticket = await request.sent(Ticket, lambda _: me.me.get())
    await me.invitations.decline(ticket["token"])
    return request.done()


@Operation(
    "POST",
    "/v1/invitations/accept",
    body=Ticket,
    gives=Team,
    refuses=("not_found", "email_unverified", "already_exists"),
    rights=("invitation.accept",),
)
async def accept_invitation(request: Call) -> Answer:
    """Join the team that a token invites you to."""
    me = request.me
    ticket = await request.sent(Ticket, lambda _: me.me.get())
    return request.one(await me.invitations.accept(ticket["token"]))
