"""
How a calendar is written down, through every door and in every store: as JSON, read with all its faults at once.

    {"hours": {"mon-thu": ["09:00-12:00", "13:00-17:00"], "fri": ["09:00-13:00"]},
     "exceptions": [{"from": "2026-12-24", "to": "2026-12-26", "name": "Christmas"}]}

A fault is named by its place: `exceptions/2/to`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Required, TypedDict, TypeVar

from taskcore.errors import Fault, Invalid, invalid, refuse
from taskcore.events import plain
from taskcore.scheduling.calendars import DAY_MINUTES, WEEKDAYS, Minutes, WeeklyHours
from taskcore.teams.calendars import DayException, MemberCalendar, TeamCalendar
from taskcore.values import line_faults, zone_faults

C = TypeVar("C", bound=TeamCalendar)
Reader = Callable[[Any, str], Any]
"""What reads a value at a place. Raises: Invalid, with every fault."""
Hours = Mapping[str, Sequence[str]]
"""Parts of the local day by weekday: `{"mon-fri": ["09:00-17:00"]}`."""

CalendarEntry = TypedDict(
    "CalendarEntry", {"from": Required[date], "to": date, "hours": Hours | None, "name": str}, total=False
)
CalendarEntry.__doc__ = "Days, both included, that are free, or have other hours. Without `to` it is one day."


class TeamCalendarFields(TypedDict, total=False):
    """A team's weekly hours (null: Monday to Friday, 09:00-17:00), and what is otherwise: the last one holds."""

    hours: Hours | None
    exceptions: Sequence[CalendarEntry]


class MemberCalendarFields(TeamCalendarFields, total=False):
    """A member's own hours and zone (null: the team's), time off, and how much of their time the team gets."""

    time_zone: str | None
    units: float
    efficiency: float
    max_minutes_per_week: int | None
    skills: Sequence[str]


MOST_EXCEPTIONS = 500
MOST_PARTS = 24
"""Parts of a day; a whole day may have no more than a part an hour."""
MOST_SKILLS = 50
MOST_OF_SKILL = 50
LEAST_UNITS = LEAST_EFFICIENCY = 0.01
MOST_EFFICIENCY = 10
WEEK_MINUTES = 7 * DAY_MINUTES
DAYS: Mapping[str, range] = {
    first if first == last else f"{first}-{last}": range(place, until)
    for place, first in enumerate(WEEKDAYS)
    for until, last in enumerate(WEEKDAYS, 1)
    if place < until
}
"""The names of weekdays, and of those from one to another."""
PART = "(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
"""A part of a day, as a regular expression."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def team_calendar(document: Mapping[str, Any] | None) -> TeamCalendar:
    """The calendar that a team's document says; the usual one, if there is none. Raises: Invalid."""
    return TeamCalendar(**_fields(document or {}, "", _OF_TEAM))


def member_calendar(document: Mapping[str, Any] | None) -> MemberCalendar:
    """The calendar that a member's document says; the team's, if there is none. Raises: Invalid."""
    return MemberCalendar(**_fields(document or {}, "", _OF_MEMBER))


def team_document(calendar: TeamCalendar) -> TeamCalendarFields:
    """The document of a team's calendar, every field in it."""
    return {
        "hours": written_hours(calendar.hours) if calendar.hours is not None else None,
        "exceptions": tuple(map(_written, calendar.exceptions)),
    }


def member_document(calendar: MemberCalendar) -> MemberCalendarFields:
    """The document of a member's calendar, every field in it."""
    return {
        **team_document(calendar),
        "time_zone": calendar.time_zone,
        "units": calendar.units,
        "efficiency": calendar.efficiency,
        "max_minutes_per_week": calendar.max_minutes_per_week,
        "skills": calendar.skills,
    }


def in_order(document: Any) -> Any:
    """A document whose fields and weekdays are in the order in which they are written, whatever kept them."""
    if isinstance(document, Mapping):
        names = sorted(document, key=lambda name: _PLACES.get(name, len(_PLACES)))
        return {name: in_order(document[name]) for name in names}
    return tuple(map(in_order, document)) if isinstance(document, list | tuple) else document


def kept(calendar: TeamCalendar) -> dict[str, Any] | None:
    """What a store keeps of a calendar: nothing, where it says nothing."""
    return None if calendar == type(calendar)() else _told(calendar)


def changes(old: TeamCalendar, new: TeamCalendar) -> dict[str, Any]:
    """The fields in which two calendars differ, as an event tells them; of exceptions, those that went and came."""
    before, after = _told(old), _told(new)
    changed = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if "exceptions" in changed:
        changed["exceptions"] = _exchanged(*changed["exceptions"])
    return {name: {"from": gone, "to": come} for name, (gone, come) in changed.items()}


def _told(calendar: TeamCalendar) -> dict[str, Any]:
    """The document of a calendar as JSON values."""
    document = member_document(calendar) if isinstance(calendar, MemberCalendar) else team_document(calendar)
    found: dict[str, Any] = plain(document)
    return found


def _exchanged(before: list[Any], after: list[Any]) -> tuple[list[Any], list[Any]]:
    """What is in one list only; all of both, where they differ by their order alone."""
    gone = [each for each in before if each not in after]
    come = [each for each in after if each not in before]
    return (gone, come) if gone or come else (before, after)


def written_hours(hours: WeeklyHours) -> dict[str, tuple[str, ...]]:
    """Weekly hours as a document has them; days that follow each other and are alike are said at once."""
    found = {}
    for parts, group in groupby(zip(WEEKDAYS, hours.days, strict=True), key=lambda each: each[1]):
        days = [name for name, _ in group]
        if parts:
            name = days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"
            found[name] = tuple(f"{_clock(start)}-{_clock(end)}" for start, end in parts)
    return found


def _written(exception: DayException) -> CalendarEntry:
    hours = written_hours(exception.hours) if exception.hours is not None else None
    return {"from": exception.first, "to": exception.last, "hours": hours, "name": exception.name}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _fields(
    document: object, place: str, readers: Mapping[str, Reader], needed: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The fields of an object, each read by its reader. Raises: Invalid, with the faults of all of them."""
    if not isinstance(document, Mapping):
        raise invalid(place, "must be an object")
    found: dict[str, Any] = {}
    faults = [Fault(_at(place, name), "is required") for name in needed if name not in document]
    for name, value in document.items():
        here = _at(place, name)
        if name not in readers:
            faults.append(Fault(here, f"is no field here; there are {', '.join(readers)}"))
            continue
        try:
            found[name] = readers[name](value, here)
        except Invalid as error:
            faults += error.faults
    refuse(faults)
    return found


def _at(place: str, step: object) -> str:
    """A place within another: a JSON pointer (RFC 6901) without its first slash."""
    name = str(step).replace("~", "~0").replace("/", "~1")
    return f"{place}/{name}" if place else name


def _list(value: object, place: str, most: int, of: str) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise invalid(place, f"must be a list of {of}")
    if len(value) > most:
        raise invalid(place, f"must have at most {most} {of}, not {len(value)}")
    return value


def _hours(value: object, place: str) -> WeeklyHours | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise invalid(place, 'must be an object such as {"mon-fri": ["09:00-17:00"]}')
    days: list[list[Minutes]] = [[] for _ in WEEKDAYS]
    faults: list[Fault] = []
    for name, parts in value.items():
        try:
            _hours_of(name, parts, _at(place, name), days)
        except Invalid as error:
            faults += error.faults
    refuse(faults)
    return WeeklyHours(days)


def _hours_of(name: object, parts: object, place: str, days: list[list[Minutes]]) -> None:
    """Add the parts of one or several weekdays. Raises: Invalid, also where two are at the same time."""
    if name not in DAYS:
        raise invalid(place, f"is no weekday: days are {', '.join(WEEKDAYS)}, or several of them as mon-fri")
    faults = []
    for number, part in enumerate(_list(parts, place, MOST_PARTS, "parts of a day")):
        here = _at(place, number)
        if not isinstance(part, str) or not re.fullmatch(PART, part):
            faults.append(Fault(here, f"must be two times such as 09:00-17:00, not {part!r:.80}"))
            continue
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in part.split("-"))
        taken = {
            other for each in DAYS[str(name)] for other in days[each] if other[0] < end and start < other[1]
        }
        if start >= end:
            faults.append(
                Fault(
                    here, "must end after it begins; a night shift is one part until 24:00 and one from 00:00"
                )
            )
        elif taken:
            other = min(taken)
            faults.append(Fault(here, f"overlaps {_clock(other[0])}-{_clock(other[1])} of the same day"))
        else:
            for each in DAYS[str(name)]:
                days[each].append((start, end))
    refuse(faults)


def _exceptions(value: object, place: str) -> tuple[DayException, ...]:
    found: list[DayException] = []
    faults: list[Fault] = []
    for number, entry in enumerate(_list(value, place, MOST_EXCEPTIONS, "exceptions")):
        try:
            found.append(day_exception(entry, _at(place, number)))
        except Invalid as error:
            faults += error.faults
    refuse(faults)
    return tuple(found)


def day_exception(entry: object, place: str = "") -> DayException:
    """An entry of a calendar's exceptions. Raises: Invalid, with every fault."""
    fields = _fields(entry, place, _OF_EXCEPTION, needed=("from",))
    first, last = fields["from"], fields.get("to", fields["from"])
    if last < first:
        raise invalid(_at(place, "to"), f"must not be before {first}")
    return DayException(first, last, fields.get("hours"), fields.get("name", ""))


def days(given: Mapping[str, object]) -> tuple[date, date]:
    """`from` and `to`, days given as such or written as 2026-12-24. Raises: Invalid."""
    read = _fields(given, "", {"from": _day, "to": _day}, needed=("from", "to"))
    return read["from"], read["to"]


def _day(value: object, place: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError as error:
        raise invalid(place, "must be a day that is in the calendar") from error
    raise invalid(place, f"must be a day such as 2026-12-24, not {value!r:.80}")


def _name(value: Any, place: str) -> str:
    refuse(line_faults(place, value, least=0, most=200))
    return str(value)


def _zone(value: object, place: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(place, "must be the name of a time zone, such as Europe/Berlin")
    refuse(zone_faults(place, value))
    return value


def _number(least: float, most: float) -> Reader:
    def read(value: object, place: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise invalid(place, f"must be a number from {least} to {most}, not {value!r:.80}")
        return float(value)

    return read


def _minutes(value: object, place: str) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= WEEK_MINUTES:
        raise invalid(place, f"must be a whole number from 0 to {WEEK_MINUTES}, not {value!r:.80}")
    return value


def _skills(value: object, place: str) -> tuple[str, ...]:
    faults: list[Fault] = []
    skills = _list(value, place, MOST_SKILLS, "skills")
    for number, skill in enumerate(skills):
        here = _at(place, number)
        faults += line_faults(here, skill, least=1, most=MOST_OF_SKILL)
        if skill in skills[:number]:
            faults.append(Fault(here, "is there already"))
        if isinstance(skill, str) and "," in skill:
            faults.append(Fault(here, "must not contain a comma, which separates skills in lists"))
    refuse(faults)
    return tuple(skills)


_OF_TEAM: Mapping[str, Reader] = {"hours": _hours, "exceptions": _exceptions}
_OF_MEMBER: Mapping[str, Reader] = {
    **_OF_TEAM,
    "time_zone": _zone,
    "units": _number(LEAST_UNITS, 1),
    "efficiency": _number(LEAST_EFFICIENCY, MOST_EFFICIENCY),
    "max_minutes_per_week": _minutes,
    "skills": _skills,
}
_OF_EXCEPTION: Mapping[str, Reader] = {"from": _day, "to": _day, "hours": _hours, "name": _name}
_PLACES = {name: place for place, name in enumerate((*_OF_EXCEPTION, *_OF_MEMBER, *DAYS))}
