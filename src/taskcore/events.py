"""The team's log: what happened, in commit order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import attrs

from taskcore.identity.model import AuditEntry
from taskcore.values import AuditId, EventId, ProjectId, TaskId, TeamId, UserId

Change = dict[str, Any]
"""A field's change, `{"from": x, "to": y}`, both as JSON values."""


@attrs.frozen(slots=True)
class Event:
    """
    One thing that happened in a team.

    `seq` is given by the store at commit: 1, 2, 3 … per team, no gap, in commit order. `data` maps
    each changed field to `{"from": x, "to": y}`, and holds what a reader needs to show the line
    without another read, under the noun it describes (`{"task": {"key": …, "title": …}}`).
    """

    id: EventId
    team_id: TeamId
    kind: str
    subject_type: str
    subject_id: UUID
    at: datetime
    actor_id: UserId | None = None
    task_id: TaskId | None = None
    """The task it is about, where it is about one."""
    data: Mapping[str, Any] = attrs.field(factory=dict)
    seq: int = 0


@attrs.frozen(slots=True)
class CaughtUp:
    """Between the events that were there and those that come: all up to `seq` have been told."""

    seq: int


@attrs.frozen(slots=True)
class Stamp:
    """Who acts, when, and where new ids come from: all that a pure verb needs from outside."""

    actor_id: UserId
    now: datetime
    new_id: Callable[[], UUID]
    origin: str | None = None

    def audit(
        self,
        action: str,
        subject_type: str,
        subject_id: UUID | None = None,
        *,
        team_id: UUID | None = None,
        allowed: bool = True,
        data: Mapping[str, object] | None = None,
    ) -> AuditEntry:
        """An entry of security's record: what this actor did, or was refused."""
        return AuditEntry(
            id=AuditId(self.new_id()),
            action=action,
            subject_type=subject_type,
            at=self.now,
            allowed=allowed,
            subject_id=subject_id,
            actor_id=self.actor_id,
            team_id=TeamId(team_id) if team_id else None,
            origin=self.origin,
            data=plain(data or {}),
        )

    def event(
        self,
        kind: str,
        team_id: TeamId,
        subject_type: str,
        subject_id: UUID,
        data: Mapping[str, Any],
        *,
        task_id: TaskId | None = None,
    ) -> Event:
        return Event(
            id=EventId(self.new_id()),
            team_id=team_id,
            kind=kind,
            subject_type=subject_type,
            subject_id=subject_id,
            at=self.now,
            actor_id=self.actor_id,
            task_id=task_id,
            data=data,
        )


def is_of_kinds(event: Event, kinds: Collection[str]) -> bool:
    """Whether it is of one of these kinds, of which `task.*` is every kind of a noun; none: of any."""
    return not kinds or event.kind in kinds or f"{event.kind.partition('.')[0]}.*" in kinds


def is_of_project(event: Event, project_id: ProjectId) -> bool:
    """Whether it is of the project: of itself, of a task that was in it, or of one that came or went."""
    task, moved, wanted = event.data.get("task"), event.data.get("project_id"), str(project_id)
    return (
        event.subject_id == project_id
        or (isinstance(task, Mapping) and task.get("project_id") == wanted)
        or (isinstance(moved, Mapping) and wanted in (moved.get("from"), moved.get("to")))
    )


def instant_text(value: datetime) -> str:
    """RFC 3339 in UTC with six fraction digits: the one spelling of an instant in JSON."""
    return value.isoformat(timespec="microseconds")[:26] + "Z"


def plain(value: object) -> Any:
    """`value` as JSON values; sets become sorted lists."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(plain(item) for item in value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    kind = type(value)
    if attrs.has(kind):
        return {field.name: plain(getattr(value, field.name)) for field in attrs.fields(kind)}
    raise TypeError(f"{kind.__name__} has no JSON form")


def difference(
    old: attrs.AttrsInstance, new: attrs.AttrsInstance, ignore: frozenset[str] = frozenset()
) -> dict[str, Change]:
    """The fields in which two values of one class differ, as an event's `data` has them."""
    changes = {}
    for field in attrs.fields(type(new)):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after and field.name not in ignore:
            changes[field.name] = {"from": plain(before), "to": plain(after)}
    return changes
