"""What takes a change of a task back: read from the log's event of it, and done by a use case like any other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import attrs

from taskcore.errors import Conflict
from taskcore.events import Change, Event, plain
from taskcore.tasks.model import Task, TaskDetails, TaskFields
from taskcore.values import DependencyType, LagUnit, UserId

Verb = Literal["edit", "delete", "restore", "link", "unlink", "erase"]
FOLLOWS = frozenset({"started_at", "completed_at"})
"""Fields that no one sets: they follow from the status."""
_SETTABLE = frozenset({"title", *TaskDetails.__annotations__})


@attrs.frozen(slots=True)
class Reversal:
    """A verb of tasks, of dependencies or of comments, and what it is given."""

    verb: Verb
    fields: Mapping[str, Any] = attrs.field(factory=dict)
    subject: UUID | str | None = None
    """The comment that is erased; the key of the predecessor that is linked or unlinked."""


def of_trash(task: Task, caller: UserId) -> Reversal:
    """What takes a task out of the trash, for whoever put it there. Raises: Conflict."""
    if task.deleted_by != caller:
        raise Conflict(f"{task.key} was put in the trash by somebody else: restore takes it out")
    return Reversal("restore")


def reversal(task: Task, event: Event) -> Reversal:
    """
    What takes the change that `event` tells of back, on the task as it is now.

    Raises: Conflict, where it cannot be taken back, or somebody changed the same since.
    """
    try:
        return _reversal(task, event)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:  # a log that was brought in from elsewhere
        raise _refusal(task, f"what is told of {event.kind} cannot be read") from error


def _reversal(task: Task, event: Event) -> Reversal:
    if event.subject_type == "comment":
        return _of_comment(task, event)
    if event.subject_type == "dependency":
        return _of_dependency(event)
    if event.kind in ("task.created", "task.restored"):
        _refuse_changed(task, event)
        return Reversal("delete")
    changes = {name: change for name, change in event.data.items() if _is_change(change)}
    if "followers" in changes:
        raise _refusal(task, "who follows it is not taken back")
    for name, change in changes.items():
        if plain(getattr(task, name)) != change["to"]:
            raise _refusal(task, f"its {name} was changed again since")
    fields = _fields(task, changes)
    if not fields:
        raise _refusal(task, f"{event.kind} changed nothing that can be set")
    return Reversal("edit", fields)


def _of_comment(task: Task, event: Event) -> Reversal:
    if event.kind != "comment.created":
        raise _refusal(task, "a comment that was edited or deleted is not brought back")
    return Reversal("erase", subject=event.subject_id)


def _of_dependency(event: Event) -> Reversal:
    told, predecessor = event.data["dependency"], event.data["dependency"]["predecessor"]
    before = {name: change["from"] for name, change in event.data.items() if _is_change(change)}
    if event.kind == "dependency.added" and not before:
        return Reversal("unlink", subject=predecessor)
    lag = {name: before.get(name, told[name]) for name in ("type", "lag_minutes", "lag_unit")}
    lag |= {"type": DependencyType(lag["type"]), "lag_unit": LagUnit(lag["lag_unit"])}
    return Reversal("link", lag, predecessor)


def _fields(task: Task, changes: Mapping[str, Change]) -> TaskFields:
    """The settable ones as they were. Of the two ways to say when it is due, the one that was meant."""
    before = {name: change["from"] for name, change in changes.items() if name in _SETTABLE}
    if "due_on" in before or "due_at" in before:
        day = before.pop("due_on", plain(task.due_on))
        instant = before.pop("due_at", None)
        if day is None:
            before["due_at"] = instant
        elif day != plain(task.due_on):
            before["due_on"] = day
    return {name: _value(name, value) for name, value in before.items()}  # type: ignore[return-value]


def _value(name: str, value: Any) -> Any:
    """From JSON to what the field holds."""
    if value is None:
        return None
    if name == "constraints":
        return [{**each, "at": _value("at", each["at"])} for each in value]
    if name == "at" or name.endswith("_at"):
        return datetime.fromisoformat(value)
    if name.endswith("_on"):
        return date.fromisoformat(value)
    return UUID(value) if name in ("project_id", "parent_id", "assignee_id") else value


def _is_change(value: object) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"from", "to"}


def _refuse_changed(task: Task, event: Event) -> None:
    if task.version != event.data["task"]["version"]:
        raise _refusal(task, "it was changed since")


def _refusal(task: Task, why: str) -> Conflict:
    return Conflict(f"your last change of {task.key} cannot be undone: {why}")
