"""What the steps of rules come to: who is told of a task, and how it changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from taskcore.errors import Invalid
from taskcore.events import Event, Stamp
from taskcore.identity.model import User
from taskcore.tasks import lifecycle
from taskcore.tasks.lifecycle import Surroundings
from taskcore.tasks.model import Task, TaskFields
from taskcore.teams.model import Membership, Team
from taskcore.values import WORKERS, Priority, Role, UserId
from taskcore.watching.looking import Due
from taskcore.watching.model import EscalationAction, EscalationStep, EscalationTarget

_HIGHER = dict(zip(Priority, [*Priority][1:], strict=False))


@attrs.frozen
class People:
    """Whom a step may be about: members of a team whose accounts are open, the project's lead among them."""

    memberships: Mapping[UserId, Membership]
    users: Mapping[UserId, User]
    lead_id: UserId | None = None
    guests: frozenset[UserId] = frozenset()
    """With whom the project of the task is shared."""
    names: Mapping[UserId, str] = attrs.field(factory=dict)
    """Of whoever a step may name, be they gone or disabled."""

    def holding(self, role: Role) -> list[UserId]:
        """Those who have been in the team for longest come first."""
        held = [each for each in self.memberships.values() if each.role is role]
        held.sort(key=lambda each: (each.created_at, each.user_id))
        return [each.user_id for each in held if each.user_id in self.users]

    def meant(self, step: EscalationStep, task: Task) -> list[UserId]:
        """Whom of them a step names."""
        if step.target is EscalationTarget.OWNER:
            return self.holding(Role.OWNER)
        if step.target is EscalationTarget.ADMIN:
            return self.holding(Role.ADMIN)
        one = self.named(step, task)
        return [one] if one is not None and one in self.memberships and one in self.users else []

    def named(self, step: EscalationStep, task: Task) -> UserId | None:
        """Whom a step for one person is for, whether they are there or not."""
        match step.target:
            case EscalationTarget.USER:
                return step.user_id
            case EscalationTarget.LEAD:
                return self.lead_id
            case EscalationTarget.ASSIGNEE:
                return task.assignee_id
            case _:
                return None

    def seeing(self, users: Sequence[UserId]) -> list[UserId]:
        """Those of them who see the task: a guest, what is shared with them."""
        return [
            each for each in users if self.memberships[each].role is not Role.GUEST or each in self.guests
        ]

    def worker(self, step: EscalationStep, task: Task) -> UserId | None:
        """The first of these who can be given a task."""
        meant = self.meant(step, task)
        return next((each for each in meant if self.memberships[each].role in WORKERS), None)


@attrs.frozen
class Telling:
    """Who is to be told of a step, which could not be taken if so, and whether they stand in for whom it names."""

    user_id: UserId
    due: Due
    failed: bool = False
    missed: str | None = None
    """Whom the owners are told instead of, who cannot be told."""


@attrs.frozen
class Effects:
    task: Task
    events: Sequence[Event]
    """None, or the one of the change."""
    tellings: Sequence[Telling]


def taken(steps: Sequence[Due], task: Task, team: Team, people: People, stamp: Stamp) -> Effects:
    """The task after these steps, changed by nobody, and with one event, however many they are.

    Where a step names nobody who is there and sees the task, or who can be given it, the owners are told of it instead.
    """
    fields: dict[str, Any] = {}
    tellings: list[Telling] = []
    changing: list[Due] = []
    for due in steps:
        match due.step.action:
            case EscalationAction.NOTIFY:
                meant = people.seeing(people.meant(due.step, task))
                tellings += [Telling(each, due) for each in meant] or _missed(due, task, people)
                continue
            case EscalationAction.RAISE_PRIORITY:
                current = fields.get("priority", task.priority)
                fields["priority"] = _HIGHER.get(current, current)
            case EscalationAction.REASSIGN:
                worker = people.worker(due.step, task)
                if worker is None:
                    tellings += _failed(due, people)
                    continue
                fields["assignee_id"] = worker
        changing.append(due)
    try:
        changed, events = _changed(task, fields, team, people, stamp)
    except Invalid:  # it holds what was allowed once
        return Effects(task, (), [*tellings, *(each for due in changing for each in _failed(due, people))])
    return Effects(changed, [_by_rules(event, changing) for event in events], tellings)


def _missed(due: Due, task: Task, people: People) -> list[Telling]:
    named = people.named(due.step, task)
    missed = people.names.get(named) if named is not None else None
    missed = missed or f"the {due.step.target}"
    return [Telling(owner, due, missed=missed) for owner in people.holding(Role.OWNER)]


def _failed(due: Due, people: People) -> list[Telling]:
    return [Telling(owner, due, failed=True) for owner in people.holding(Role.OWNER)]


def _changed(
    task: Task, fields: dict[str, Any], team: Team, people: People, stamp: Stamp
) -> tuple[Task, list[Event]]:
    if not fields:
        return task, []
    assignee_id: UserId | None = fields.get("assignee_id")
    around = Surroundings(team=team)
    if assignee_id is not None:
        around = Surroundings(
            team=team, assignee=people.users[assignee_id], assignee_membership=people.memberships[assignee_id]
        )
    wanted: TaskFields = fields  # type: ignore[assignment]  # made above
    return lifecycle.edit(task, wanted, around, stamp)


def _by_rules(event: Event, steps: Sequence[Due]) -> Event:
    """An event of nobody's doing, which names the rules."""
    rules = {each.rule.id: each.rule.name for each in steps}
    told = [{"id": str(rule_id), "name": name} for rule_id, name in rules.items()]
    return attrs.evolve(event, actor_id=None, data={**event.data, "escalations": told})
