"""What others call a status or a priority, and how they say when and who."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from taskcore.tasks.incoming import Note
from taskcore.values import Priority, Status, zone

STATUSES: Mapping[str, Status] = {
    **dict.fromkeys(("backlog", "ideas", "icebox", "someday", "later", "inbox"), Status.BACKLOG),
    **dict.fromkeys(
        ("to do", "todo", "open", "new", "next", "reopened", "selected for development", "ready"), Status.OPEN
    ),
    **dict.fromkeys(("doing", "in progress", "wip", "in development", "started"), Status.IN_PROGRESS),
    **dict.fromkeys(
        ("review", "in review", "code review", "testing", "in testing", "qa", "verify"), Status.IN_REVIEW
    ),
    **dict.fromkeys(
        ("done", "complete", "completed", "closed", "resolved", "finished", "shipped"), Status.DONE
    ),
    **dict.fromkeys(
        ("cancelled", "canceled", "rejected", "won't do", "won't fix", "abandoned", "duplicate"),
        Status.CANCELLED,
    ),
}
"""Names of columns and statuses, in lower case."""
PRIORITIES: Mapping[str, Priority] = {
    **dict.fromkeys(("highest", "blocker", "critical", "urgent"), Priority.URGENT),
    **dict.fromkeys(("high", "major"), Priority.HIGH),
    **dict.fromkeys(("medium", "normal"), Priority.MEDIUM),
    **dict.fromkeys(("low", "lowest", "minor", "trivial"), Priority.LOW),
    "none": Priority.NONE,
}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_NAMED_MONTH = re.compile(
    r"(\d{1,2})[/ -]([A-Za-z]{3})[a-z]*[/ -](\d{2}|\d{4})(?:[ ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])[Mm])?)?"
)


def status_called(name: str) -> Status | None:
    return STATUSES.get(" ".join(re.sub(r"[^\w' ]", " ", straight(name)).lower().split()))


def straight(text: str) -> str:
    """With the apostrophe of typewriters."""
    return text.replace("\u2019", "'")


def instant_of(text: str, zone_name: str = "UTC") -> datetime:
    """
    ISO 8601, with a blank for its T too, and `02/Nov/26 9:30 AM`; without a zone it is `zone_name`'s.

    Raises: ValueError.
    """
    text = text.strip()
    found = _NAMED_MONTH.fullmatch(text)
    value = _with_named_month(found) if found else datetime.fromisoformat(text)
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone(zone_name))
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies outside the years 1 to 9999") from error


def _with_named_month(found: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, half = found.groups()
    if month.lower() not in _MONTHS:
        raise ValueError(f"no such month: {month}")
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    whole_year = int(year) + (2000 if len(year) == 2 else 0)
    return datetime(  # noqa: DTZ001  the caller knows the zone
        *(whole_year, _MONTHS.index(month.lower()) + 1, int(day)), hours, int(minute or 0), int(second or 0)
    )


def day_of(text: str) -> date:
    """The day alone of what `instant_of` reads. Raises: ValueError."""
    return instant_of(text).date()


def is_day(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()) is not None


def said(at: datetime | None, author: str, text: str) -> Note:
    """What somebody said there, who need not be anybody here."""
    return Note(at, f"**{author}** wrote:\n\n{text}" if author else text)
