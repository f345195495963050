"""Jira's export of issues as CSV, all fields: columns of one name stand beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from taskcore.exchange.foreign.leftovers import labels_of, titled, with_block
from taskcore.exchange.foreign.sheet import cells
from taskcore.exchange.foreign.words import PRIORITIES, day_of, instant_of, said, status_called, straight
from taskcore.tasks.incoming import Incoming, Note, Refusal
from taskcore.values import Priority, Status

SOURCE = "jira"
FIELDS: Mapping[str, str] = {
    "Issue key": "`external_id`",
    "Issue id": "by which Parent names an issue",
    "Summary": "`title`; beyond 500 characters all of it also opens the description",
    "Description": "`description`, in Jira's own markup",
    "Issue Type": "a label",
    "Status, Status Category": "`status`, by name (To Do, In Progress, Done …), else by category",
    "Resolution": "Won't Do, Duplicate and the like make a finished issue cancelled; also the block",
    "Priority": "`priority`: Highest is urgent, Lowest low; the block for any other",
    "Assignee": "`assignee_id`, where somebody in the team has that name or address",
    "Reporter": "`created_by`, likewise; else whoever imports it",
    "Created, Updated, Resolved": "`created_at`, `updated_at`, `completed_at`; in UTC, for Jira tells no zone",
    "Due Date": "`due_on`",
    "Labels": "`labels`, all of the columns",
    "Parent, Parent key, Parent id, Epic Link": "`parent_id`",
    "Original Estimate, Time Spent": "`estimate_minutes`, `spent_minutes`, from seconds",
    "Project name": "`project_id`: the project of that name, made if need be",
    "Comment": "comments, all of the columns: time, author, text",
    "Inward, Outward issue link (Blocks)": "dependencies (finish to start)",
    "any other": "the block",
}
_EPIC = "Custom field (Epic Link)"
_TAKEN = frozenset(
    (
        *("Issue key", "Issue id", "Summary", "Description", "Issue Type", "Status", "Priority", "Assignee"),
        *("Reporter", "Created", "Updated", "Resolved", "Due Date", "Due date", "Labels", "Parent", _EPIC),
        *("Parent id", "Parent key", "Original Estimate", "Original estimate", "Time Spent", "Project name"),
        *("Comment", "Comments", "Inward issue link (Blocks)", "Outward issue link (Blocks)"),
    )
)
_OF_DISPLAY = frozenset({"Status Category", "Project key", "Parent summary", "Last Viewed", "Work Ratio"})
_CATEGORIES = {"to do": Status.OPEN, "in progress": Status.IN_PROGRESS, "done": Status.DONE}
_GIVEN_UP = frozenset({"won't do", "won't fix", "duplicate", "cannot reproduce", "declined", "cancelled"})
Row = dict[str, list[str]]


def parse(lines: Iterable[bytes]) -> Iterator[Incoming | Refusal]:
    """Read whole, since an issue names its parent by a number that only the other's row explains."""
    rows: list[tuple[int, Row]] = []
    for line, found in cells(lines, needs=("Summary", "Issue key")):
        if isinstance(found, Refusal):
            yield found
            continue
        row: Row = {}
        for name, value in found:
            if value.strip():
                row.setdefault(name, []).append(value)
        rows.append((line, row))
    keys = {_first(row, "Issue id"): _first(row, "Issue key") for _, row in rows if "Issue id" in row}
    known = {_first(row, "Issue key") for _, row in rows}
    blocked: dict[str, list[str]] = {}
    for _, row in rows:
        for other in row.get("Outward issue link (Blocks)", ()):
            blocked.setdefault(other.strip(), []).append(_first(row, "Issue key"))
    for line, row in rows:
        try:
            item = _issue(line, row, keys)
        except ValueError as error:
            yield Refusal(line, f"{_first(row, 'Issue key') or _first(row, 'Summary')[:60]!r}: {error}")
            continue
        before = dict.fromkeys([*item.predecessors, *blocked.get(item.external_id, ())])
        yield attrs.evolve(item, predecessors=tuple(before))
        for other in row.get("Outward issue link (Blocks)", ()):
            if other.strip() not in known:
                yield Refusal(
                    line, f"{item.external_id!r}: blocks {other.strip()[:40]}: not in this file; left out"
                )


def _first(row: Row, *names: str) -> str:
    return next((row[name][0].strip() for name in names if name in row), "")


def _issue(line: int, row: Row, keys: Mapping[str, str]) -> Incoming:
    key = _first(row, "Issue key")
    if not key:
        raise ValueError("has no Issue key, by which a second import knows it again")
    left: dict[str, Any] = {
        name: values[0] if len(values) == 1 else values
        for name, values in row.items()
        if name and name not in _TAKEN and name not in _OF_DISPLAY
    }
    status = _status(row)
    labels, strange = labels_of([*row.get("Labels", ()), _first(row, "Issue Type")])
    left |= {"labels": strange} if strange else {}
    priority = PRIORITIES.get(_first(row, "Priority").lower())
    if priority is None and "Priority" in row:
        left["Priority"] = _first(row, "Priority")
    title, description = titled(_first(row, "Summary"), _first(row, "Description"))
    parent = _first(row, "Parent key", "Parent", "Parent id", _EPIC)
    created, updated = _instant(row, "Created"), _instant(row, "Updated")
    due = _first(row, "Due Date", "Due date")
    return Incoming(
        line=line,
        external_source=SOURCE,
        external_id=key,
        title=title,
        description=with_block(description, left, SOURCE),
        status=status,
        priority=priority or Priority.NONE,
        project=_first(row, "Project name") or None,
        labels=labels,
        due_on=_read("Due Date", day_of, due) if due else None,
        estimate_minutes=_minutes(row, "Original Estimate", "Original estimate"),
        spent_minutes=_minutes(row, "Time Spent") or 0,
        created_at=created,
        updated_at=updated or created,
        completed_at=(_instant(row, "Resolved") or updated or created) if status.finished else None,
        notes=tuple(_note(each) for name in ("Comment", "Comments") for each in row.get(name, ())),
        predecessors=tuple(each.strip() for each in row.get("Inward issue link (Blocks)", ())),
        parent=keys.get(parent, parent) or None,
        assignee=_first(row, "Assignee") or None,
        created_by=_first(row, "Reporter") or None,
    )


def _status(row: Row) -> Status:
    name, category = _first(row, "Status"), _first(row, "Status Category").lower()
    status = status_called(name) or _CATEGORIES.get(category, Status.OPEN)
    if status is Status.DONE and straight(_first(row, "Resolution")).lower() in _GIVEN_UP:
        return Status.CANCELLED
    return status


def _note(text: str) -> Note:
    """`02/Nov/26 9:30 AM;author;words`; anything else is the words."""
    at, first, rest = text.partition(";")
    author, second, words = rest.partition(";")
    try:
        return said(instant_of(at), author.strip(), words) if first and second else Note(None, text)
    except ValueError:
        return Note(None, text)


def _instant(row: Row, name: str) -> datetime | None:
    text = _first(row, name)
    return _read(name, instant_of, text) if text else None


def _read(name: str, read: Any, text: str) -> Any:
    try:
        return read(text)
    except ValueError:
        raise ValueError(
            f"{name}: must be a time such as 2026-11-02 09:30 or 02/Nov/26 9:30 AM, not {text[:40]!r}"
        ) from None


def _minutes(row: Row, *names: str) -> int | None:
    text = _first(row, *names)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise ValueError(f"{names[0]}: must be a whole number of seconds, not {text[:40]!r}")
    return -(-int(text) // 60)
