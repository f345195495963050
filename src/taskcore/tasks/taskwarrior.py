"""
Taskwarrior's export, read as tasks to take in: text in, `Incoming` and `Refusal` out.

`task export` prints one object a line inside `[ ]`, so a damaged line costs that line; any other
shape of the same JSON is read too. Nothing is dropped in silence: `FIELDS` says where each field
goes, and what has no place of its own is kept, by name, in a block below the description.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from taskcore.exchange.foreign.leftovers import can_be_label, with_block
from taskcore.tasks.incoming import Incoming, Note, Refusal
from taskcore.values import Priority, Status

SOURCE = "taskwarrior"
FIELDS: Mapping[str, str] = {
    "uuid": "`external_id`, with `external_source` taskwarrior: a second import knows the task again",
    "description": "`title`; beyond 500 characters all of it also opens the description",
    "status": "`status`: pending and waiting are open (in_progress once started), recurring is backlog, "
    "completed is done; deleted is open, in the trash",
    "entry": "`created_at`",
    "modified": "`updated_at`",
    "start": "`started_at`; a pending task that has it is in_progress",
    "end": "`completed_at` of a completed task, `deleted_at` of a deleted one",
    "due": "`due_at`",
    "wait": "`start_at`",
    "scheduled": "`start_at` where there is no wait, else the block",
    "until": "the block",
    "project": "`project_id`: the project of that name, made if need be; sub-projects keep their dots",
    "tags": "`labels`, made if need be; the block for one that no label can be (with a comma, blank, "
    "beyond 100 characters)",
    "priority": "`priority`: H, M, L are high, medium, low; any other value goes to the block",
    "annotations": "comments, each with its own time",
    "depends": "dependencies (finish to start), from a list or from the comma string of old versions",
    "recur": "the block",
    "rtype": "the block",
    "mask": "the block",
    "imask": "the block",
    "parent": "the block",
    "id": "not kept: a number of Taskwarrior's display",
    "urgency": "not kept: Taskwarrior computes it from the other fields",
    "any other (UDA)": "the block",
}
"""Every field of Taskwarrior's export format, and where it goes; the guide prints this table."""

BLOCK = "taskwarrior"
_DERIVED = frozenset({"id", "urgency"})
_MOST_TITLE = 500
_PRIORITY = {"H": Priority.HIGH, "M": Priority.MEDIUM, "L": Priority.LOW}
_STATUS = {
    "pending": Status.OPEN,
    "waiting": Status.OPEN,
    "recurring": Status.BACKLOG,
    "completed": Status.DONE,
    "deleted": Status.OPEN,
}
_ENDED = ("completed", "deleted")
_OLD_NOTE = re.compile(r"annotation_(\d+)")
_COMPACT = re.compile(r"\d{8}T\d{6}Z")
_SECONDS = re.compile(r"[0-9]{9,10}")
"""Seconds since 1970, of very old exports: from 1973 to 2286. Fewer digits, or more, are something else's."""
_ANY_ID, _ANY_TIME = UUID(int=0), datetime(1970, 1, 1, tzinfo=UTC)
_decode = json.JSONDecoder(strict=False).raw_decode


def parse(lines: Iterable[bytes]) -> Iterator[Incoming | Refusal]:
    """
    What an export holds, in its order, read as it is asked for.

    `lines` are those of a file opened for bytes. A line that is no task of Taskwarrior's is a
    `Refusal` with its number.
    """
    numbered = enumerate(lines, start=1)
    for number, line in numbered:
        text = _bare(line) if number > 1 else _bare(line.removeprefix(b"\xef\xbb\xbf"))
        if text is None:
            yield Refusal(number, "is not UTF-8")
        elif text and _goes_on(text):
            yield from _as_document(number, chain([(number, line)], numbered))
        elif text:
            yield _read(number, text)
            yield from _by_line(numbered)


def _bare(line: bytes) -> str | None:
    """The line without what holds the objects together; None if it is not UTF-8."""
    try:
        text = line.decode().strip()
    except UnicodeDecodeError:
        return None
    return text.removeprefix("[").removesuffix("]").strip().removesuffix(",")


def _goes_on(text: str) -> bool:
    """Whether the first object ends not on its line, or others follow it there."""
    if text == "{":
        return True
    try:
        _, end = _decode(text)
    except (ValueError, RecursionError):
        return False
    return end < len(text)


def _why(error: Exception) -> str:
    """Beyond faults of grammar there are numbers too long and objects too deep for Python."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, column {error.colno}"
    return "nested too deep" if isinstance(error, RecursionError) else str(error)


def _by_line(numbered: Iterable[tuple[int, bytes]]) -> Iterator[Incoming | Refusal]:
    for number, line in numbered:
        text = _bare(line)
        if text is None:
            yield Refusal(number, "is not UTF-8")
        elif text:
            yield _read(number, text)


def _read(number: int, text: str) -> Incoming | Refusal:
    try:
        value, end = _decode(text)
    except (ValueError, RecursionError) as error:
        return Refusal(number, f"is not JSON: {_why(error)}")
    if end != len(text):
        return Refusal(number, f"is not JSON: something follows the object, from column {end + 1} on")
    return incoming(number, value)


def _as_document(first: int, numbered: Iterable[tuple[int, bytes]]) -> Iterator[Incoming | Refusal]:
    """Objects however they are laid out; after a fault the rest cannot be told apart."""
    try:
        text = b"".join(line for _, line in numbered).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Refusal(first, f"is not UTF-8, at byte {error.start}")
        return
    place, line, counted = _skip(text, 0), first, 0
    while place < len(text):
        line += text.count("\n", counted, place)
        counted = place
        try:
            value, place = _decode(text, place)
        except (ValueError, RecursionError) as error:
            yield Refusal(line, f"is not JSON, and nothing behind it was read: {_why(error)}")
            return
        yield incoming(line, value)
        place = _skip(text, place)


_BETWEEN = re.compile(r"[\s,\[\]]*")


def _skip(text: str, place: int) -> int:
    found = _BETWEEN.match(text, place)
    return found.end() if found else place


def incoming(line: int, value: Any) -> Incoming | Refusal:
    """One task of an export, or why it is none."""
    if not isinstance(value, dict):
        return Refusal(line, f"must be an object, not {json.dumps(value)[:40]}")
    try:
        return _incoming(line, value)
    except ValueError as error:
        return Refusal(line, f"{_called(value)}{error}")


def _called(value: Mapping[str, Any]) -> str:
    name = value.get("description") or value.get("uuid")
    return f"{name[:60]!r}: " if isinstance(name, str) else ""


def _incoming(line: int, given: Mapping[str, Any]) -> Incoming:
    """Takes each field out of a copy of `given`; what is left then, the description keeps."""
    left = {name: value for name, value in given.items() if name not in _DERIVED}
    status = _taken(left, "status", _text) or "pending"
    if status not in _STATUS:
        raise ValueError(f"status: must be one of {', '.join(_STATUS)}, not {status!r}")
    uuid = _uuid("uuid", left.pop("uuid", None))
    title, opening = _title(left.pop("description", None))
    entry, modified = _taken(left, "entry", _instant), _taken(left, "modified", _instant)
    start, wait = _taken(left, "start", _instant), _taken(left, "wait", _instant)
    ended = _taken(left, "end", _instant) if status in _ENDED else None
    return Incoming(
        line=line,
        external_source=SOURCE,
        external_id=uuid,
        title=title,
        status=Status.IN_PROGRESS if start and status in ("pending", "waiting") else _STATUS[status],
        priority=_priority(left),
        project=_taken(left, "project", _text),
        labels=_tags(left),
        start_at=wait or _taken(left, "scheduled", _instant),
        due_at=_taken(left, "due", _instant),
        created_at=entry,
        updated_at=modified or entry,
        started_at=start,
        completed_at=ended or modified or entry if status == "completed" else None,
        deleted_at=ended or modified or entry if status == "deleted" else None,
        notes=_notes(left, entry),
        predecessors=_depends(left.pop("depends", None)),
        description=with_block(opening, left, BLOCK),
    )


def _taken(left: dict[str, Any], name: str, read: Callable[[str, Any], Any]) -> Any:
    value = left.pop(name, None)
    return None if value is None or value == "" else read(name, value)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name}: must be text, not {json.dumps(value)[:40]}")  # noqa: TRY004  told by line
    return value


def _uuid(name: str, value: object) -> str:
    try:
        return str(UUID(_text(name, value)))
    except ValueError:
        raise ValueError(f"{name}: must be a UUID, by which a second import knows the task again") from None


def _instant(name: str, value: object) -> datetime:
    try:
        return _parsed(str(value))
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"{name}: must be a time such as 20261201T090000Z, not {str(value)[:40]!r}"
        ) from None


@lru_cache(maxsize=4096)
def _parsed(text: str) -> datetime:
    """`20261201T090000Z`, as Taskwarrior prints it; also ISO 8601 with a zone, and seconds since 1970."""
    if _COMPACT.fullmatch(text):
        date, time = text[:8], text[9:15]
        return datetime(
            *(int(date[:4]), int(date[4:6]), int(date[6:])),
            *(int(time[:2]), int(time[2:4]), int(time[4:])),
            tzinfo=UTC,
        )
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("no zone")
    return parsed.astimezone(UTC)


def _title(value: object) -> tuple[str, str]:
    """The title, and what the description opens with where the title cannot hold all."""
    text = _text("description", "" if value is None else value)
    if not text.strip():
        raise ValueError("description: must not be blank")
    if len(text) <= _MOST_TITLE:
        return text, ""
    return text[: _MOST_TITLE - 1] + "…", text


def _priority(left: dict[str, Any]) -> Priority:
    known = _PRIORITY.get(str(left.get("priority")))
    if known is not None or left.get("priority") in (None, ""):
        left.pop("priority", None)
    return known or Priority.NONE


def _tags(left: dict[str, Any]) -> tuple[str, ...]:
    """Those that can be labels; the others stay, for the block."""
    value = left.pop("tags", None)
    if isinstance(value, str):
        value = value.split(",")
    if value is not None and not (isinstance(value, list) and all(isinstance(tag, str) for tag in value)):
        raise ValueError("tags: must be a list of words")
    tags = list(dict.fromkeys(tag for tag in value or () if tag))
    strange = [tag for tag in tags if not can_be_label(tag)]
    if strange:
        left["tags"] = strange
    return tuple(tag for tag in tags if tag not in strange)


def _depends(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if value is not None and not isinstance(value, list):
        raise ValueError("depends: must be a list of UUIDs")
    return tuple(dict.fromkeys(_uuid("depends", name) for name in value or ()))


def _notes(left: dict[str, Any], entry: datetime | None) -> tuple[Note, ...]:
    """Annotations in their order; of very old exports too, where each is a field `annotation_SECONDS`."""
    given = left.pop("annotations", None)
    given = [] if given is None else given
    if not isinstance(given, list) or not all(isinstance(note, dict) for note in given):
        raise ValueError("annotations: must be a list of objects")
    for name in [name for name in left if _OLD_NOTE.fullmatch(name)]:
        given = [*given, {"entry": name.rpartition("_")[2], "description": left.pop(name)}]
    return tuple(_note(note, entry) for note in given if note.get("description") not in (None, ""))


def _note(note: dict[str, Any], entry: datetime | None) -> Note:
    at = _instant("annotations", note["entry"]) if note.get("entry") else entry
    if at is None:
        raise ValueError("annotations: one has no entry, nor has its task")
    return Note(at, _text("annotations", note["description"]))
