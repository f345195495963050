"""
Todoist's export of a project as CSV: sections, tasks by their indent, and notes.

It tells no ids, so a task is known again by the file that it is in and its line there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import attrs

from taskcore.exchange.foreign.leftovers import labels_of, titled, with_block
from taskcore.exchange.foreign.sheet import Sheet, sheet
from taskcore.exchange.foreign.words import instant_of, is_day, said
from taskcore.tasks.incoming import Incoming, Note, Refusal
from taskcore.values import Priority

SOURCE = "todoist"
FIELDS: Mapping[str, str] = {
    "TYPE": "task, section or note; `meta`, how Todoist shows the project, is not kept; any other is told",
    "CONTENT": "`title`, with its `@words` as labels; of a section a label, of a note a comment on the task above it",
    "DESCRIPTION": "`description`",
    "PRIORITY": "`priority`: 1 to 4 are urgent, high, medium, none",
    "INDENT": "`parent_id`: the nearest task above with a smaller one",
    "AUTHOR": "the block; of a note it stands in the comment",
    "RESPONSIBLE": "`assignee_id`, where somebody in the team has that name or address",
    "DATE": "`due_on` or `due_at`; the block for other words, such as `every friday`",
    "TIMEZONE": "the zone of DATE",
    "DURATION": "`estimate_minutes`, where DURATION_UNIT is minute",
    "DEADLINE": "the block",
}
_PRIORITY = {
    "1": Priority.URGENT,
    "2": Priority.HIGH,
    "3": Priority.MEDIUM,
    "4": Priority.NONE,
    "": Priority.NONE,
}
_LABEL = re.compile(r"(?:^|(?<=\s))@([^\s@]+)")
_ID = re.compile(r"\s*\(\d+\)\s*$")
_LEFT = ("AUTHOR", "DEADLINE")
_TOLD_ELSEWHERE = frozenset({"DATE_LANG", "DEADLINE_LANG", "TIMEZONE", "DURATION_UNIT"})


@attrs.define
class _Open:
    """A task whose notes may follow."""

    item: Incoming
    indent: int
    notes: list[Note] = attrs.field(factory=list)

    def closed(self) -> Incoming:
        return attrs.evolve(self.item, notes=tuple(self.notes))


def parse(lines: Iterable[bytes]) -> Iterator[Incoming | Refusal]:
    whole = list(lines)
    outline = _Outline(hashlib.sha256(b"".join(whole)).hexdigest()[:16])
    for line, row in sheet(whole, needs=("TYPE", "CONTENT")):
        if isinstance(row, Refusal):
            yield row
            continue
        try:
            yield from outline.take(line, row)
        except ValueError as error:
            yield Refusal(line, f"{row['CONTENT'][:60]!r}: {error}")
    yield from outline.close()


@attrs.define
class _Outline:
    """How far a file is read: the section, the tasks that the next can be a part of, and the last of them."""

    file: str
    section: str = ""
    above: list[_Open] = attrs.field(factory=list)
    last: _Open | None = None

    def take(self, line: int, row: Sheet) -> Iterator[Incoming]:
        """A row; gives the task before it, once nothing more can be said of that. Raises: ValueError."""
        kind = row["TYPE"].strip().lower()
        if kind == "section":
            self.section = row["CONTENT"].strip()
        elif kind == "note":
            if self.last is None:
                raise ValueError("is a note on no task")
            self.last.notes.append(_note(row))
        elif kind == "task":
            yield from self.close()
            indent = _indent(row)
            self.above = [each for each in self.above if each.indent < indent]
            self.last = _Open(_task(line, row, self.file, self.section, self.above), indent)
            self.above.append(self.last)
        elif kind != "meta":
            raise ValueError(f"is of type {kind[:40]!r}, which is no task, section or note: left out")

    def close(self) -> Iterator[Incoming]:
        """No note follows on the last task."""
        if self.last is not None:
            yield self.last.closed()
        self.last = None


def _note(row: Sheet) -> Note:
    date_text = row.get("DATE", "").strip()
    return said(instant_of(date_text) if date_text else None, _name(row.get("AUTHOR", "")), row["CONTENT"])


def _indent(row: Sheet) -> int:
    text = row.get("INDENT", "").strip() or "1"
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise ValueError(f"INDENT: must be a small number, not {text[:20]!r}")
    return int(text)


def _name(text: str) -> str:
    """A person without the number that Todoist adds."""
    return _ID.sub("", text).strip()


def _task(line: int, row: Sheet, file: str, section: str, above: list[_Open]) -> Incoming:
    content = row["CONTENT"].strip().removeprefix("* ")
    found = _LABEL.findall(content)
    title, description = titled(_LABEL.sub("", content).strip() or content, row.get("DESCRIPTION", ""))
    labels, strange = labels_of([*found, section])
    left: dict[str, Any] = {column.lower(): row[column] for column in _LEFT if row.get(column)}
    left |= {"labels": strange} if strange else {}
    due = _due(row, left)
    priority = row.get("PRIORITY", "").strip()
    if priority not in _PRIORITY:
        left["priority"] = priority
    unit, duration = row.get("DURATION_UNIT", "").strip().lower(), row.get("DURATION", "").strip()
    in_minutes = duration.isdigit() and len(duration) < 10 and unit in ("", "minute", "minutes")
    if duration and not in_minutes:
        left["duration"] = f"{duration} {unit}"
    left |= {
        name: value
        for name, value in row.items()
        if value and name and name not in FIELDS and name not in _TOLD_ELSEWHERE
    }
    return Incoming(
        line=line,
        external_source=SOURCE,
        external_id=f"{file} {line}",
        title=title,
        description=with_block(description, left, SOURCE),
        priority=_PRIORITY.get(priority, Priority.NONE),
        labels=labels,
        parent=above[-1].item.external_id if above else None,
        assignee=_name(row.get("RESPONSIBLE", "")) or None,
        estimate_minutes=int(duration) if in_minutes else None,
        **due,
    )


def _due(row: Sheet, left: dict[str, Any]) -> dict[str, Any]:
    """What DATE says of when it is due; other words than dates go to what is `left`."""
    text = row.get("DATE", "").strip()
    if not text:
        return {}
    try:
        if is_day(text):
            return {"due_on": date.fromisoformat(text)}
        found: datetime = instant_of(text, row.get("TIMEZONE", "").strip() or "UTC")
    except ValueError:
        left["date"] = text
        return {}
    return {"due_at": found}
