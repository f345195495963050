"""Saved views: a query with a name."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar.params import FromPath

from taskcore.tasks.model import SavedView
from taskcore.tasks.views import ViewFields
from taskcore_http.answer import Answer
from taskcore_http.filters import ViewQuery
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


@Operation(
    "GET", "/v1/me/views", gives=SavedView, many=True, query=LISTING, rights=("team.list_own", "task.list")
)
async def list_own_views(request: Call) -> Answer:
    """List your own views, in whichever of your teams."""
    return await request.listed(request.me.views.mine)


@Operation(
    "GET",
    "/v1/teams/{team:str}/views",
    gives=SavedView,
    many=True,
    query=LISTING,
    rights=("team.read", "task.list"),
)
async def list_views(request: Call, team: FromPath[str]) -> Answer:
    """List your own views in a team, and the shared ones."""
    return await request.listed(partial(request.me.views.list, team))


@Operation(
    "POST",
    "/v1/teams/{team:str}/views",
    body=ViewFields,
    inside={"query": ViewQuery},
    needs=("name",),
    gives=SavedView,
    status=201,
    rights=("team.read", "view.manage_own"),
)
async def create_view(request: Call, team: FromPath[str]) -> Answer:
    """Save a query under a name. `query` has the names of the query parameters of `GET /v1/tasks`."""
    views = request.me.views
    fields: dict[str, Any] = {**await request.sent(ViewFields, lambda _: views.create(team, ""))}
    view = await views.create(team, fields.pop("name", ""), **fields)
    return request.one(view, status=201, location=f"/v1/views/{view.id}")


@Operation("GET", "/v1/views/{view:str}", gives=SavedView, rights=("task.list",))
async def read_view(request: Call, view: FromPath[str]) -> Answer:
    """Read one view."""
    return request.one(await request.me.views.get(view))


@Operation(
    "PATCH",
    "/v1/views/{view:str}",
    body=ViewFields,
    inside={"query": ViewQuery},
    gives=SavedView,
    versioned=True,
    rights=("task.list", "view.manage_own"),
)
async def edit_view(request: Call, view: FromPath[str]) -> Answer:
    """Change your own view or, as an admin, a shared one."""
    views = request.me.views
    fields = await request.sent(ViewFields, lambda _: views.edit(view, if_version=NEVER))
    return request.one(await views.edit(view, if_version=request.if_version, **fields))


@Operation("DELETE", "/v1/views/{view:str}", versioned=True, rights=("task.list", "view.manage_own"))
async def delete_view(request: Call, view: FromPath[str]) -> Answer:
    """Forget a view."""
    views = request.me.views
    await request.bare(lambda _: views.delete(view, if_version=NEVER))
    await views.delete(view, if_version=request.if_version)
    return request.done()
