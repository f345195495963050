"""What is to happen to a task at its time, and a team's rules for tasks in trouble."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import attrs

from taskcore.errors import Fault
from taskcore.values import (
    EscalationId,
    LagUnit,
    Priority,
    ProjectId,
    TaskId,
    TeamId,
    UserId,
    integer_faults,
    line_faults,
)

MOST_STEPS = 10
MOST_MINUTES = 366 * 24 * 60
"""How long a rule may wait before it begins, and between that and a step."""


@attrs.frozen(slots=True)
class Firing:
    """What was told of a task, and the instant it stood beside, in UTC seconds: told once for each."""

    rule: str
    """A reminder's id; `due` or `overdue`."""
    anchor: int


@attrs.frozen(slots=True)
class Taken:
    """How many steps of a rule were taken for the trouble that began at `since`, in UTC seconds."""

    rule_id: EscalationId
    since: int
    steps: int


@attrs.frozen(slots=True)
class Watch:
    """
    What of a task was done at its time, and when somebody has to look at it again.

    `wakes_at` is never later than what is to happen first; earlier does no harm. A task that nothing is to happen to
    has none.
    """

    team_id: TeamId
    task_id: TaskId
    wakes_at: datetime | None = None
    fired: tuple[Firing, ...] = ()
    """Eldest first."""
    taken: tuple[Taken, ...] = ()
    version: int = 1


class EscalationTrouble(StrEnum):
    """What lasts too long."""

    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    BLOCKED = "blocked"


class EscalationAction(StrEnum):
    """What a step does."""

    NOTIFY = "notify"
    REASSIGN = "reassign"
    RAISE_PRIORITY = "raise_priority"
    """By one, up to urgent."""


class EscalationTarget(StrEnum):
    """To whom a step does it."""

    USER = "user"
    OWNER = "owner"
    """Every owner of the team; where one is to do the task, whoever of them has been in it for longest."""
    ADMIN = "admin"
    LEAD = "lead"
    """Of the task's project."""
    ASSIGNEE = "assignee"


if TYPE_CHECKING:
    EscalationTroubleWord = EscalationTrouble | Literal["unassigned", "overdue", "blocked"]
    EscalationActionWord = EscalationAction | Literal["notify", "reassign", "raise_priority"]
    EscalationTargetWord = EscalationTarget | Literal["user", "owner", "admin", "lead", "assignee"]
else:  # at run time each is its enum, which a word is turned into
    EscalationTroubleWord, EscalationActionWord = EscalationTrouble, EscalationAction
    EscalationTargetWord = EscalationTarget


@attrs.frozen(slots=True)
class EscalationStep:
    """What is done `after_minutes` after a rule began; to whom, for a step that is done to somebody."""

    action: EscalationAction
    target: EscalationTarget | None = None
    user_id: UserId | None = None
    """Who it is, for the target `user`."""
    after_minutes: int = 0


@attrs.frozen(slots=True)
class EscalationRule:
    """
    What is done about a team's tasks that have been in some trouble for `after_minutes`, of time or working time.

    Of those in `project_id` alone, and with one of `priorities`, where these are given. Its steps are taken in order,
    each once as long as the trouble lasts.
    """

    id: EscalationId
    team_id: TeamId
    name: str
    trouble: EscalationTrouble
    steps: tuple[EscalationStep, ...]
    created_by: UserId
    created_at: datetime
    updated_at: datetime
    after_minutes: int = 0
    after_unit: LagUnit = LagUnit.ELAPSED
    """Of all its minutes."""
    project_id: ProjectId | None = None
    priorities: tuple[Priority, ...] = ()
    enabled: bool = True
    version: int = 1


def escalation_faults(rule: EscalationRule) -> list[Fault]:
    faults = line_faults("name", rule.name, least=1, most=200)
    faults += integer_faults("after_minutes", rule.after_minutes, most=MOST_MINUTES)
    if not 1 <= len(rule.steps) <= MOST_STEPS:
        faults.append(Fault("steps", f"must be 1 to {MOST_STEPS}, not {len(rule.steps)}"))
    minutes = [step.after_minutes for step in rule.steps]
    if any(not 0 <= each <= MOST_MINUTES for each in minutes):
        faults.append(Fault("steps", f"after_minutes must lie between 0 and {MOST_MINUTES}"))
    if minutes != sorted(minutes):
        faults.append(Fault("steps", "must be in the order in which they are taken"))
    return faults + [Fault("steps", reason) for step in rule.steps for reason in _step_faults(step)]


def _step_faults(step: EscalationStep) -> list[str]:
    faults = []
    raising = step.action is EscalationAction.RAISE_PRIORITY
    if raising and step.target is not None:
        faults.append("raise_priority takes no target")
    if not raising and step.target is None:
        faults.append(f"{step.action} needs a target")
    if step.action is EscalationAction.REASSIGN and step.target is EscalationTarget.ASSIGNEE:
        faults.append("a task cannot be reassigned to its assignee")
    if (step.target is EscalationTarget.USER) != (step.user_id is not None):
        faults.append("user_id goes with the target user, and is needed there")
    return faults
