"""What a team does about tasks in trouble."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar.params import FromPath

from taskcore.watching.escalations import EscalationFields
from taskcore.watching.model import EscalationRule
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call

_RIGHTS = ("team.read", "workflow.manage")


@Operation(
    "GET",
    "/v1/teams/{team:str}/escalations",
    gives=EscalationRule,
    many=True,
    query=LISTING,
    rights=_RIGHTS,
)
async def list_escalations(request: Call, team: FromPath[str]) -> Answer:
    """List a team's escalation rules, the eldest first."""
    return await request.listed(partial(request.me.escalations.list, team))


@Operation(
    "POST",
    "/v1/teams/{team:str}/escalations",
    body=EscalationFields,
    needs=("name", "trouble", "steps"),
    gives=EscalationRule,
    status=201,
    refuses=("quota_exceeded",),
    rights=_RIGHTS,
)
async def create_escalation(request: Call, team: FromPath[str]) -> Answer:
    """
    Have something done about tasks that are `unassigned`, `overdue` or `blocked` for `after_minutes`.

    A step's `target` is an `owner` (all of them), an `admin`, the `lead` of the task's project, its `assignee`, or the
    `user` that `user_id` names.
    """
    escalations = request.me.escalations
    fields: dict[str, Any] = {
        **await request.sent(EscalationFields, lambda _: escalations.create(team, "", "overdue", []))
    }
    name, trouble = (fields.pop(field, "") for field in ("name", "trouble"))
    steps = fields.pop("steps", [])
    rule = await escalations.create(team, name, trouble, steps, **fields)
    return request.one(rule, status=201, location=f"/v1/escalations/{rule.id}")


@Operation("GET", "/v1/escalations/{escalation:str}", gives=EscalationRule, rights=("workflow.manage",))
async def read_escalation(request: Call, escalation: FromPath[str]) -> Answer:
    """Read one escalation rule."""
    return request.one(await request.me.escalations.get(escalation))


@Operation(
    "PATCH",
    "/v1/escalations/{escalation:str}",
    body=EscalationFields,
    gives=EscalationRule,
    versioned=True,
    rights=_RIGHTS,
)
async def edit_escalation(request: Call, escalation: FromPath[str]) -> Answer:
    """Change an escalation rule; `enabled` switches it off and on. `steps` are given whole."""
    escalations = request.me.escalations
    fields = await request.sent(EscalationFields, lambda _: escalations.edit(escalation, if_version=NEVER))
    return request.one(await escalations.edit(escalation, if_version=request.if_version, **fields))


@Operation("DELETE", "/v1/escalations/{escalation:str}", versioned=True, rights=_RIGHTS)
async def delete_escalation(request: Call, escalation: FromPath[str]) -> Answer:
    """End an escalation rule. What it did stays."""
    escalations = request.me.escalations
    await request.bare(lambda _: escalations.delete(escalation, if_version=NEVER))
    await escalations.delete(escalation, if_version=request.if_version)
    return request.done()
