"""A team's tasks as a table that a spreadsheet opens, and back: what a row of texts can hold of a task."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from taskcore.errors import Invalid
from taskcore.events import plain
from taskcore.exchange.foreign.leftovers import with_block
from taskcore.exchange.foreign.sheet import Sheet, sheet
from taskcore.exchange.records import Person
from taskcore.tasks.incoming import Incoming, Refusal
from taskcore.tasks.model import Task
from taskcore.tasks.planning import TaskConstraint, constraint_in, constraints_of, written_constraint
from taskcore.tasks.recurring import recurrence_faults
from taskcore.values import EstimateKind, Priority, Status, instant

SOURCE = "csv"
COLUMNS = (
    *("key", "title", "description", "status", "priority", "project", "parent", "assignee", "labels"),
    *("predecessors", "start_at", "due_at", "due_on", "estimate_minutes", "spent_minutes", "recurrence"),
    *("estimate_kind", "estimate_optimistic_minutes", "estimate_pessimistic_minutes", "remaining_minutes"),
    *("candidates", "required_skills", "splittable", "constraints"),
    *("created_by", "created_at", "updated_at", "started_at", "completed_at", "deleted_at"),
    *("external_source", "external_id"),
)
Row = dict[str, str]
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: `'` before what could begin one."""
    return f"'{text}" if _FORMULA.match(text) else text


def bare(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def row_of(
    task: Task,
    projects: Mapping[Any, str],
    people: Mapping[Any, Person],
    keys: Mapping[Any, str],
    predecessors: Sequence[str],
) -> Row:
    """A task as a row; people by their addresses, or their names where they have none."""
    told = {name: _text(getattr(task, name)) for name in COLUMNS if hasattr(task, name)}
    named: dict[str, str | None] = {
        "project": projects.get(task.project_id),
        "parent": keys.get(task.parent_id),
        "assignee": _called(people.get(task.assignee_id)),
        "created_by": _called(people.get(task.created_by)),
        "predecessors": ",".join(sorted(predecessors)),
        "labels": ",".join(task.labels),
        "candidates": ",".join(filter(None, (_called(people.get(each)) for each in task.candidates))),
        "required_skills": ",".join(task.required_skills),
        "splittable": "true" if task.splittable else "",
        "constraints": ",".join(map(written_constraint, task.constraints)),
    }
    return {name: (named[name] or "") if name in named else told.get(name, "") for name in COLUMNS}


def _called(person: Person | None) -> str | None:
    return None if person is None else person.email or person.name


def _text(value: object) -> str:
    return "" if value is None else str(plain(value))


def tasks_in(lines: Iterable[bytes]) -> Iterator[Incoming | Refusal]:
    """The tasks of a table; of the columns only `title` is needed. A task is known again by its `key`,
    or else by its `id`; a row without either by all that it says, in whichever file and at whichever line."""
    alike = Counter[str]()
    for place, row in sheet(lines, needs=("title",)):
        if isinstance(row, Refusal):
            yield row
            continue
        try:
            yield _task(place, row, alike)
        except ValueError as error:
            title = row.get("title", "")[:60]
            yield Refusal(place, f"{title!r}: {error}")


def _named(row: Sheet, alike: Counter[str]) -> str:
    """What a row without a key is known by: its content, and how many of the same were above it."""
    said = {name: value for name, value in row.items() if value}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
    alike[digest] += 1
    return f"{digest} {alike[digest]}"


def _task(line: int, row: Sheet, alike: Counter[str]) -> Incoming:
    left = {name: bare(value) for name, value in row.items()}
    own = {name: left.pop(name, "") for name in COLUMNS}
    key = own["key"] or left.pop("id", "")
    recurrence = own["recurrence"] or None
    if recurrence_faults(recurrence) if recurrence else ():
        left["recurrence"], recurrence = own["recurrence"], None
    if own["external_source"]:
        left["external"] = f"{own['external_source']} {own['external_id']}"
    instants: dict[str, Any] = {name: _instant(name, own[name]) for name in _INSTANTS}
    minutes: dict[str, Any] = {name: _number(name, own[name]) for name in _MINUTES}
    return Incoming(
        line=line,
        external_source=SOURCE,
        external_id=key or _named(row, alike),
        title=own["title"],
        description=with_block(own["description"], {k: v for k, v in left.items() if v}, "csv"),
        status=_word(Status, "status", own["status"] or "open"),
        priority=_word(Priority, "priority", own["priority"] or "none"),
        project=own["project"] or None,
        parent=own["parent"] or None,
        assignee=own["assignee"] or None,
        created_by=own["created_by"] or None,
        labels=_names(own["labels"]),
        predecessors=_names(own["predecessors"]),
        recurrence=recurrence,
        due_on=_day("due_on", own["due_on"]),
        spent_minutes=_number("spent_minutes", own["spent_minutes"]) or 0,
        estimate_kind=_word(EstimateKind, "estimate_kind", own["estimate_kind"] or "effort"),
        **minutes,
        candidates=_names(own["candidates"]),
        required_skills=tuple(sorted(_names(own["required_skills"]))),
        splittable=_truth("splittable", own["splittable"]),
        constraints=_constraints(own["constraints"]),
        **instants,
    )


_INSTANTS = ("start_at", "due_at", "created_at", "updated_at", "started_at", "completed_at", "deleted_at")
_MINUTES = (
    "estimate_minutes",
    "estimate_optimistic_minutes",
    "estimate_pessimistic_minutes",
    "remaining_minutes",
)


def _truth(name: str, text: str) -> bool:
    if text.strip().lower() not in ("", "true", "false"):
        raise ValueError(f"{name}: must be true or false, not {text[:40]!r}")
    return text.strip().lower() == "true"


def _constraints(text: str) -> tuple[TaskConstraint, ...]:
    try:
        return constraints_of(constraint_in(each) for each in _names(text))
    except (ValueError, Invalid) as error:
        raise ValueError(f"constraints: {error}") from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))


def _word(kind: Any, name: str, text: str) -> Any:
    try:
        return kind(text.strip().lower())
    except ValueError:
        raise ValueError(f"{name}: must be one of {', '.join(kind)}, not {text[:40]!r}") from None


def _number(name: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise ValueError(f"{name}: must be a whole number of minutes, not {text[:40]!r}")
    return int(text)


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{name}: must be a day such as 2026-12-01, not {text[:40]!r}") from None


def _instant(name: str, text: str) -> datetime | None:
    try:
        return instant(datetime.fromisoformat(text)) if text else None
    except ValueError:
        raise ValueError(f"{name}: must be a time such as 2026-12-01T09:00:00Z, not {text[:40]!r}") from None
