"""Labels: a team's tags."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar.params import FromPath

from taskcore.teams.model import Label
from taskcore.teams.projects import LabelFields
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


@Operation(
    "GET",
    "/v1/teams/{team:str}/labels",
    gives=Label,
    many=True,
    query=LISTING,
    rights=("team.read", "project.list"),
)
async def list_labels(request: Call, team: FromPath[str]) -> Answer:
    """List a team's labels."""
    return await request.listed(partial(request.me.labels.list, team))


@Operation(
    "POST",
    "/v1/teams/{team:str}/labels",
    body=LabelFields,
    needs=("name",),
    gives=Label,
    status=201,
    refuses=("already_exists",),
    rights=("team.read", "label.manage"),
)
async def create_label(request: Call, team: FromPath[str]) -> Answer:
    """Make a label."""
    labels = request.me.labels
    fields: dict[str, Any] = {**await request.sent(LabelFields, lambda _: labels.create(team, ""))}
    label = await labels.create(team, fields.pop("name", ""), **fields)
    return request.one(label, status=201, location=f"/v1/labels/{label.id}")


@Operation("GET", "/v1/labels/{label:str}", gives=Label, rights=("project.list",))
async def read_label(request: Call, label: FromPath[str]) -> Answer:
    """Read one label."""
    return request.one(await request.me.labels.get(label))


@Operation(
    "PATCH",
    "/v1/labels/{label:str}",
    body=LabelFields,
    gives=Label,
    versioned=True,
    refuses=("already_exists",),
    rights=("project.list", "label.manage"),
)
async def edit_label(request: Call, label: FromPath[str]) -> Answer:
    """Rename or recolour a label, on all its tasks at once."""
    labels = request.me.labels
    fields = await request.sent(LabelFields, lambda _: labels.edit(label, if_version=NEVER))
    return request.one(await labels.edit(label, if_version=request.if_version, **fields))


@Operation("DELETE", "/v1/labels/{label:str}", versioned=True, rights=("project.list", "label.manage"))
async def delete_label(request: Call, label: FromPath[str]) -> Answer:
    """Delete a label, and take it off its tasks."""
    labels = request.me.labels
    await request.bare(lambda _: labels.delete(label, if_version=NEVER))
    await labels.delete(label, if_version=request.if_version)
    return request.done()
