"""API tokens: one's own, and those that are good in a team."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, TypedDict

from litestar.params import FromPath

from taskcore.identity.model import ApiToken
from taskcore.paging import Page
from taskcore_http.answer import Answer, shown
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, Call


class NewToken(TypedDict, total=False):
    """A token to be. `scopes` are `read` alone, if nothing is said; with `team_id` it is good there only."""

    name: str
    scopes: Sequence[str]
    expires_at: datetime | None
    team_id: str | None


@Operation("GET", "/v1/me/tokens", gives=ApiToken, many=True, query=LISTING, rights=("api_token.list_own",))
async def list_tokens(request: Call) -> Answer:
    """List your API tokens; none shows its text again."""
    return await request.listed(_hashless(request.me.tokens.list))


@Operation(
    "POST",
    "/v1/me/tokens",
    body=NewToken,
    needs=("name",),
    gives=ApiToken,
    adds={"token": "What to send as the bearer; shown here and never again."},
    status=201,
    refuses=("not_found", "insufficient_scope"),
    rights=("team.read", "api_token.create_own"),
)
async def create_token(request: Call) -> Answer:
    """Make an API token. The answer alone has its text, `token`."""
    tokens = request.me.tokens
    fields: dict[str, Any] = {
        **await request.sent(NewToken, lambda raw: tokens.create("", team=_team_of(raw)))
    }
    name, team = fields.pop("name", ""), fields.pop("team_id", None)
    token, text = await tokens.create(name, team=team, **fields)
    return request.secret({**shown(token), "token": text}, status=201, location=f"/v1/me/tokens/{token.id}")


def _team_of(raw: Any) -> str | None:
    team = raw.get("team_id")
    return team if isinstance(team, str) else None


@Operation("DELETE", "/v1/me/tokens/{token:str}", rights=("api_token.revoke_own",))
async def revoke_token(request: Call, token: FromPath[str]) -> Answer:
    """Take an API token of yours back, from the next request on."""
    me = request.me
    await request.bare(lambda _: me.tokens.list(limit=1))
    await me.tokens.revoke(token)
    return request.done()


@Operation(
    "GET",
    "/v1/teams/{team:str}/tokens",
    gives=ApiToken,
    many=True,
    query=LISTING,
    rights=("team.read", "api_token.list_team"),
)
async def list_team_tokens(request: Call, team: FromPath[str]) -> Answer:
    """List everybody's API tokens that are good in this team only."""
    tokens = request.me.tokens

    async def read(**part: Any) -> Page[ApiToken]:
        return await tokens.list_team(team, **part)

    return await request.listed(_hashless(read))


@Operation(
    "DELETE",
    "/v1/teams/{team:str}/tokens/{token:str}",
    rights=("team.read", "api_token.revoke_other"),
)
async def revoke_team_token(request: Call, team: FromPath[str], token: FromPath[str]) -> Answer:
    """Take somebody's API token for this team back, from the next request on."""
    me = request.me
    await request.bare(lambda _: me.tokens.list_team(team, limit=1))
    await me.tokens.revoke_other(team, token)
    return request.done()


def _hashless(
    read: Callable[..., Coroutine[Any, Any, Page[ApiToken]]],
) -> Callable[..., Coroutine[Any, Any, Page[dict[str, Any]]]]:
    """The same list, without what only a store needs."""

    async def listed(**part: Any) -> Page[dict[str, Any]]:
        page = await read(**part)
        return Page([shown(each) for each in page.items], page.next_cursor)

    return listed
