"""The use cases of escalation rules: what a team does about tasks in trouble."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, expect_version
from taskcore.errors import Conflict, Fault, refuse
from taskcore.events import Event, Stamp, difference, plain
from taskcore.fields import sound
from taskcore.paging import Page, slice_page
from taskcore.ports import Unit
from taskcore.teams.model import Membership, Project, Team
from taskcore.values import EscalationId, LagUnitWord, PriorityWord, ProjectId, UserId
from taskcore.watching.model import (
    EscalationActionWord,
    EscalationRule,
    EscalationStep,
    EscalationTargetWord,
    EscalationTroubleWord,
    escalation_faults,
)

MOST_IN_A_TEAM = 50
_UNTOLD = frozenset({"version", "updated_at"})
_GIVEN = ("name", "trouble", "after_minutes", "after_unit", "project_id", "priorities", "steps", "enabled")


class StepOf(TypedDict):
    """What a step does."""

    action: EscalationActionWord


class NewStep(StepOf, total=False):
    """A step as a caller gives it. `user_id` goes with the target `user`."""

    target: EscalationTargetWord | None
    user_id: UserId | None
    after_minutes: int


class EscalationDetails(TypedDict, total=False):
    """What a caller may say of a rule besides its name, its trouble and its steps."""

    after_minutes: int
    after_unit: LagUnitWord
    project_id: ProjectId | None
    priorities: Sequence[PriorityWord]
    enabled: bool


class EscalationFields(EscalationDetails, total=False):
    """What a caller may change of a rule."""

    name: str
    trouble: EscalationTroubleWord
    steps: Sequence[NewStep]


class Escalations(UseCases):
    """`me.escalations`."""

    @command
    async def create(
        self,
        unit: Unit,
        team: UUID | str,
        name: str,
        trouble: EscalationTroubleWord,
        steps: Sequence[NewStep],
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[EscalationDetails],
    ) -> EscalationRule:
        """
        Have something done about tasks that are `unassigned`, `overdue` or `blocked` for so long: those that there
        are, too.

        Raises: NotFound; Forbidden; Invalid, with every fault; Conflict `quota_exceeded`.
        """
        home, _ = await self._allowed(unit, Team, team, "team.read", "workflow.manage")
        stamp = self._caller.stamp()
        given = sound(EscalationFields, {**fields, "name": name, "trouble": trouble, "steps": steps})
        rule = EscalationRule(
            id=EscalationId(stamp.new_id()),
            team_id=home.id,
            created_by=self._caller.user_id,
            created_at=stamp.now,
            updated_at=stamp.now,
            **_values(given),
        )
        refuse(await self._faults(unit, rule))
        await unit.lock(home.id)
        if len(await unit.find(EscalationRule, team_id=home.id)) >= MOST_IN_A_TEAM:
            message = f"a team has at most {MOST_IN_A_TEAM} escalation rules: delete one first"
            raise Conflict(message, code="quota_exceeded")
        told = {field: {"from": None, "to": plain(getattr(rule, field))} for field in _GIVEN}
        saved: list[EscalationRule] = await unit.save(
            [rule], events=[_event("escalation.created", rule, stamp, **told)]
        )
        return saved[0]

    async def list(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[EscalationRule]:
        """A team's rules, the eldest first."""
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "workflow.manage")
        found = await self._rows.find(EscalationRule, team_id=home.id)
        return await slice_page(self._caller, found, limit, cursor, ["escalations", home.id])

    async def get(self, escalation: UUID | str) -> EscalationRule:
        """Read one rule."""
        found, _ = await self._allowed(self._rows, EscalationRule, escalation, "workflow.manage")
        return found

    @command
    async def edit(
        self,
        unit: Unit,
        escalation: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[EscalationFields],
    ) -> EscalationRule:
        """
        Change a rule; `enabled` switches it off and on.

        Steps that were taken for the trouble that a task is in are not taken again for it. Raises: as `create`.
        """
        current, _ = await self._allowed(unit, EscalationRule, escalation, "team.read", "workflow.manage")
        stamp = self._caller.stamp()
        changed = attrs.evolve(current, **_values(sound(EscalationFields, fields)))
        refuse(await self._faults(unit, changed, current))
        expect_version(current, if_version)
        changes = difference(current, changed, _UNTOLD)
        if not changes:
            return current
        changed = attrs.evolve(changed, version=current.version + 1, updated_at=stamp.now)
        saved: list[EscalationRule] = await unit.save(
            [changed], events=[_event("escalation.updated", changed, stamp, **changes)]
        )
        return saved[0]

    @command
    async def delete(
        self,
        unit: Unit,
        escalation: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """End a rule. What it did stays."""
        current, _ = await self._allowed(unit, EscalationRule, escalation, "team.read", "workflow.manage")
        expect_version(current, if_version)
        event = _event("escalation.deleted", current, self._caller.stamp())
        await unit.save([], removed=[current], events=[event])

    async def _faults(
        self, unit: Unit, rule: EscalationRule, before: EscalationRule | None = None
    ) -> Sequence[Fault]:
        """What is wrong with a rule; whom and what it named before may be gone by now."""
        faults = escalation_faults(rule)
        known = {step.user_id for step in before.steps} if before is not None else set()
        named = {step.user_id for step in rule.steps if step.user_id is not None} - known
        found = await unit.find(Membership, team_id=rule.team_id, user_id=tuple(named)) if named else []
        if missing := named - {each.user_id for each in found}:
            faults.append(Fault("steps", f"no such member of the team: {min(missing)}"))
        wanted = rule.project_id
        is_known = before is not None and before.project_id == wanted
        if wanted is None or is_known or await unit.find(Project, team_id=rule.team_id, id=wanted):
            return faults
        return [*faults, Fault("project_id", f"no such project in the team: {wanted}")]


def _values(fields: EscalationFields) -> dict[str, Any]:
    """As the rule has them."""
    given: dict[str, Any] = dict(fields)
    if "priorities" in given:
        given["priorities"] = tuple(dict.fromkeys(given["priorities"]))
    if "steps" in given:
        given["steps"] = tuple(EscalationStep(**step) for step in given["steps"])
    return given


def _event(kind: str, rule: EscalationRule, stamp: Stamp, **changes: Any) -> Event:
    data = {**changes, "escalation": {"name": rule.name, "trouble": rule.trouble.value}}
    return stamp.event(kind, rule.team_id, "escalation", rule.id, data)
