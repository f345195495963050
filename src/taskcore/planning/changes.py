"""
What-if: the team as it would be, were something changed. Nothing of it is written.

A change is a mapping with `op`, one of `VERBS`, as in a batch of tasks: what it names by `id` is a task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import attrs

from taskcore.errors import Fault, Invalid, invalid, refuse
from taskcore.fields import in_utc, sound
from taskcore.planning.situation import Person, Situation
from taskcore.tasks.model import Dependency, Task, task_faults
from taskcore.teams.model import Membership
from taskcore.values import DependencyType, Ids, LagUnit, Priority, PriorityWord, Role, TaskId, UserId

Change = Mapping[str, Any]
MOST_CHANGES = 100
MOST_DELAY_MINUTES = 10 * 366 * 1440


class Edited(TypedDict, total=False):
    """What a task may be planned with instead."""

    estimate_minutes: int | None
    priority: PriorityWord | None
    assignee_id: UserId | None
    start_at: datetime | None
    due_at: datetime | None


class Tie(TypedDict, total=False):
    type: DependencyType
    lag_minutes: int
    lag_unit: LagUnit


class Newcomer(TypedDict, total=False):
    name: str
    capacity_minutes_per_day: int | None


class ChangeFields(Edited, Tie, Newcomer, total=False):
    """A change: `op`, the task by `id`, and what that takes."""

    op: str
    id: str
    minutes: int
    predecessor: str
    user_id: UserId


@attrs.define
class Trial:
    """A team in which changes are tried, one after the other."""

    team: Situation
    new_id: Ids
    held_back: dict[TaskId, int] = attrs.field(factory=dict)
    """By how many working minutes a task is delayed."""

    def make(self, change: Change) -> None:
        given = dict(change)
        op = given.pop("op", None)
        verb = VERBS.get(op) if isinstance(op, str) else None
        if verb is None:
            raise invalid("op", f"must be one of {', '.join(VERBS)}")
        verb(self, given)

    def edit(self, given: dict[str, Any]) -> None:
        task = self._task(given)
        fields: dict[str, Any] = dict(sound(Edited, given))
        if (who := fields.get("assignee_id")) is not None:
            self._person(who, "assignee_id")
        for name in ("start_at", "due_at"):
            if fields.get(name) is not None:
                fields[name] = in_utc(name, fields[name])
        if "due_at" in fields:
            fields["due_on"] = None
        if fields.get("priority", "") is None:
            fields["priority"] = Priority.NONE
        changed = attrs.evolve(task, **fields)
        refuse(task_faults(changed))
        self._put(changed)

    def drop(self, given: dict[str, Any]) -> None:
        """The task, its parts, and what ties them are not there."""
        task = self._task(given)
        _nothing_else(given)
        gone = {task.id}
        while more := {each.id for each in self.team.tasks if each.parent_id in gone} - gone:
            gone |= more
        self.team = attrs.evolve(
            self.team,
            tasks=tuple(each for each in self.team.tasks if each.id not in gone),
            links=tuple(
                link for link in self.team.links if not {link.predecessor_id, link.successor_id} & gone
            ),
        )

    def delay(self, given: dict[str, Any]) -> None:
        """It starts so much later than it would; once begun, it takes so much longer."""
        task = self._task(given)
        minutes = given.pop("minutes", None)
        _nothing_else(given)
        if (
            isinstance(minutes, bool)
            or not isinstance(minutes, int)
            or not 0 <= minutes <= MOST_DELAY_MINUTES
        ):
            raise invalid("minutes", f"must be whole working minutes, from 0 to {MOST_DELAY_MINUTES}")
        self.held_back[task.id] = self.held_back.get(task.id, 0) + minutes

    def link(self, given: dict[str, Any]) -> None:
        task, other = self._task(given), self._task(given, "predecessor")
        tie = sound(Tie, given)
        if task.id == other.id:
            raise invalid("predecessor", "must be another task")
        self._unlink(task, other)
        added = Dependency(task.team_id, other.id, task.id, self.team.now, **tie)
        self.team = attrs.evolve(self.team, links=(*self.team.links, added))

    def unlink(self, given: dict[str, Any]) -> None:
        task, other = self._task(given), self._task(given, "predecessor")
        _nothing_else(given)
        if not self._unlink(task, other):
            raise invalid("predecessor", f"{task.key} does not wait for {other.key}")

    def _unlink(self, task: Task, other: Task) -> bool:
        kept = tuple(
            link
            for link in self.team.links
            if (link.predecessor_id, link.successor_id) != (other.id, task.id)
        )
        there = len(kept) < len(self.team.links)
        self.team = attrs.evolve(self.team, links=kept)
        return there

    def add_member(self, given: dict[str, Any]) -> None:
        fields: dict[str, Any] = dict(sound(Newcomer, given))
        name = fields.pop("name", "")
        if not isinstance(name, str) or not 0 < len(name) <= 200:
            raise invalid("name", "is required: 1 to 200 characters")
        who = UserId(self.new_id())
        member = Membership(self.team.team.id, who, Role.MEMBER, self.team.now, **fields)
        person = Person(who, name, member, tried=True)
        self.team = attrs.evolve(self.team, people=(*self.team.people, person))

    def remove_member(self, given: dict[str, Any]) -> None:
        """Their tasks that have not begun are for whoever can."""
        person = self._person(given.pop("user_id", None), "user_id")
        _nothing_else(given)
        self.team = attrs.evolve(
            self.team,
            people=tuple(each for each in self.team.people if each.user_id != person.user_id),
            tasks=tuple(
                attrs.evolve(task, assignee_id=None) if task.assignee_id == person.user_id else task
                for task in self.team.tasks
            ),
        )

    def _put(self, changed: Task) -> None:
        tasks = tuple(changed if task.id == changed.id else task for task in self.team.tasks)
        self.team = attrs.evolve(self.team, tasks=tasks)

    def _task(self, given: dict[str, Any], field: str = "id") -> Task:
        ref = given.pop(field, None)
        if not isinstance(ref, str | UUID):
            raise invalid(field, "is required: a task's id or key")
        for task in self.team.tasks:
            if str(ref) == str(task.id) or str(ref).upper() == task.key:
                return task
        raise invalid(field, f"no unfinished task of this team: {ref!s:.80}")

    def _person(self, ref: Any, field: str) -> Person:
        for person in self.team.people:
            if str(ref) == str(person.user_id):
                return person
        raise invalid(field, "must be an active owner, admin or member of the team")


VERBS: dict[str, Callable[[Trial, dict[str, Any]], None]] = {
    "edit": Trial.edit,
    "drop": Trial.drop,
    "delay": Trial.delay,
    "link": Trial.link,
    "unlink": Trial.unlink,
    "add_member": Trial.add_member,
    "remove_member": Trial.remove_member,
}


def tried(team: Situation, changes: Sequence[Change], new_id: Ids) -> Trial:
    """The team with every change made, in order. Raises: Invalid, whose fields begin with the change's place."""
    if len(changes) > MOST_CHANGES:
        raise invalid("changes", f"must be at most {MOST_CHANGES}")
    trial = Trial(team, new_id)
    for place, change in enumerate(changes):
        try:
            if not isinstance(change, Mapping):
                raise invalid("", "must be an object with op")
            trial.make(change)
        except Invalid as error:
            where = f"changes/{place}"
            faults = [Fault(f"{where}/{each.field}".rstrip("/"), each.reason) for each in error.faults]
            raise Invalid(faults=faults) from error
    return trial


def _nothing_else(given: Mapping[str, Any]) -> None:
    refuse([Fault(name, "is nothing that this change takes") for name in given])
