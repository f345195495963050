"""What becomes of some records of an export: what is to be saved of them, and what is to be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import attrs

from taskcore.errors import Fault, Invalid
from taskcore.events import Event
from taskcore.exchange.records import Person, Record
from taskcore.identity.model import email_faults
from taskcore.tasks.incoming import Outcome, Refusal
from taskcore.tasks.model import (
    Comment,
    Dependency,
    SavedView,
    Task,
    comment_faults,
    dependency_faults,
    task_faults,
    view_faults,
)
from taskcore.teams.calendar_documents import member_calendar
from taskcore.teams.model import Label, Project, label_faults, project_faults
from taskcore.values import UserId, integer_faults, text_faults

MOST = 1_000_000_000
"""Of a number or a version: what follows it has to fit into 32 bits."""
MOST_OF_EVENT = 1_000_000
_EVENT_KIND = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}")


@attrs.define(slots=True)
class Returned:
    """What is to be saved of some records, and what is to be told."""

    saved: list[Any] = attrs.field(factory=list)
    changed: list[Any] = attrs.field(factory=list)
    """Of what is here, what is to be changed; `saved` is new."""
    events: list[Event] = attrs.field(factory=list)
    made: int = 0
    known: int = 0
    people: dict[UUID, UserId] = attrs.field(factory=dict)
    elsewhere: dict[UUID, UUID] = attrs.field(factory=dict)
    waiting: list[Record] = attrs.field(factory=list)
    """Subtasks whose parents are still to come."""
    seen_until: int = 0
    beyond: bool = False
    labels: set[str] = attrs.field(factory=set)
    outcomes: list[Outcome] = attrs.field(factory=list)
    refused: list[Refusal] = attrs.field(factory=list)

    def make(self, each: Read, *things: Any) -> None:
        self.saved += things
        self.made += 1
        self.outcomes.append(Outcome(each.line, "created", each.name))

    def know(self, each: Read) -> None:
        self.known += 1
        self.outcomes.append(Outcome(each.line, "known", each.name))

    def refuse(self, each: Read, reason: str) -> None:
        self.refused.append(Refusal(each.line, f"{each.name}: {reason}"))
        self.outcomes.append(Outcome(each.line, "refused", each.name, reason))

    def lose(self, each: Read, reason: str) -> None:
        """Tell what is left out of something that is taken."""
        self.refused.append(Refusal(each.line, f"{each.name}: {reason}; left out"))


@attrs.frozen(slots=True)
class Read:
    """A record that could be read."""

    line: int
    thing: Any
    record: Record
    name: str
    """What reports call it."""


def called(kind: str, data: object) -> str:
    """What reports call a record."""
    told = data if isinstance(data, dict) else {}
    name = next(
        (told[field] for field in ("key", "name", "kind", "id") if isinstance(told.get(field), str)), ""
    )
    return f"{kind} {name[:60]!r}" if name else kind


def faults_of(thing: Any) -> list[Fault]:
    faults = _checked(thing)
    for name in ("version", "number"):
        if not (name == "version") <= getattr(thing, name, 1) <= MOST:
            faults.append(Fault(name, f"must be {int(name == 'version')} to {MOST}"))
    return faults


def _checked(thing: Any) -> list[Fault]:
    match thing:
        case Person():
            faults = text_faults("name", thing.name, least=1, most=200)
            most = 24 * 60
            if thing.email is not None:
                faults += email_faults(thing.email)
            faults += calendar_faults(member_calendar, thing.calendar)
            return faults + integer_faults(
                "capacity_minutes_per_day", thing.capacity_minutes_per_day, most=most
            )
        case Project():
            return project_faults(thing)
        case Label():
            return label_faults(thing)
        case Task():
            return task_faults(thing)
        case Dependency():
            return dependency_faults(thing)
        case Comment():
            return [] if thing.deleted_at is not None else comment_faults(thing)
        case SavedView():
            return view_faults(thing)
        case _:
            sound = _EVENT_KIND.fullmatch(thing.kind) and len(thing.subject_type) <= 40
            faults = [] if sound else [Fault("kind", "must be such as task.created")]
            if len(str(thing.data)) > MOST_OF_EVENT:
                faults.append(Fault("data", f"must have at most {MOST_OF_EVENT} characters"))
            return faults


def calendar_faults(read: Callable[[Any], object], document: object) -> list[Fault]:
    """What is wrong with the document of a calendar, by its place in it."""
    try:
        read(document)
    except Invalid as error:
        return [Fault(f"calendar/{fault.field}", fault.reason) for fault in error.faults]
    return []
