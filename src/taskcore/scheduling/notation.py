"""
How a recurrence is written: one of two forms, each read into a value whose text reads as the same value again.

    RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR
    every 3 months after completion at 09:00 in Europe/Berlin

The first is iCalendar (RFC 5545, 3.8.5): one RRULE, and where wanted DTSTART, RDATE and EXDATE on lines of their own.
The second is

    every [NUMBER] UNIT after completion [at HH:MM] [in ZONE] [within working time]

with a unit of `day`, `week`, `month`, `year` or `working day`, or its plural. Capitals and further spaces do not
matter. What a text leaves open, the thing that recurs says: where it starts, at what time, in which zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time

import attrs

from taskcore.errors import Fault, Invalid, invalid
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.recurrence import AfterCompletion, Fixed, Recurrence, Unit
from taskcore.scheduling.rrule import Rule, moment, written
from taskcore.values import zone

Moment = datetime | date
"""A local time without a zone, or a whole day."""
UTC_ZONE = "UTC"


@attrs.frozen
class RuleText:
    """A rule of iCalendar. Without a DTSTART it has no RDATE and no EXDATE, and starts where it is told to."""

    rule: Rule
    dtstart: Moment | None = None
    zone: str | None = None
    """Whose local times these are; None: not said. Days have none."""
    rdates: tuple[Moment, ...] = ()
    exdates: tuple[Moment, ...] = ()

    def recurrence(self, dtstart: Moment, zone_name: str) -> Fixed:
        """With what the text leaves open. Raises: Invalid."""
        return Recurrence.fixed(
            dtstart if self.dtstart is None else self.dtstart,
            zone(self.zone or zone_name),
            self.rule,
            rdates=self.rdates,
            exdates=self.exdates,
        )

    def __str__(self) -> str:
        lines = [f"RRULE:{self.rule}"]
        if self.dtstart is not None:
            lines.insert(0, self._line("DTSTART", self.dtstart))
        lines += [self._line("RDATE", each) for each in self.rdates]
        lines += [self._line("EXDATE", each) for each in self.exdates]
        return "\n".join(lines)

    def _line(self, name: str, value: Moment) -> str:
        if not isinstance(value, datetime):
            return f"{name};VALUE=DATE:{written(value)}"
        if self.zone == UTC_ZONE:
            return f"{name}:{written(value)}Z"
        return f"{name};TZID={self.zone}:{written(value)}" if self.zone else f"{name}:{written(value)}"


@attrs.frozen
class IntervalText:
    """So long after completion."""

    every: int
    unit: Unit
    at: time | None = None
    zone: str | None = None
    snap: bool = False

    def recurrence(self, at: time, zone_name: str, calendar: WorkingCalendar | None) -> AfterCompletion:
        """With what the text leaves open. Raises: Invalid, for working days without a calendar."""
        return Recurrence.after_completion(
            self.every,
            self.unit,
            at if self.at is None else self.at,
            zone(self.zone or zone_name),
            calendar=calendar,
            snap=self.snap,
        )

    def __str__(self) -> str:
        unit = self.unit.replace("_", " ")
        parts = [f"every {unit}" if self.every == 1 else f"every {self.every} {unit}s", "after completion"]
        parts += [f"at {self.at:%H:%M}"] if self.at is not None else []
        parts += [f"in {self.zone}"] if self.zone is not None else []
        return " ".join([*parts, "within working time"] if self.snap else parts)


RecurrenceText = RuleText | IntervalText
_INTERVAL = re.compile(
    r"every(?: ([0-9]{1,5}))? (day|week|month|year|working day)s? after completion"
    r"(?: at ([0-9]{2}:[0-9]{2}))?(?: in (\S+))?( within working time)?",
    re.IGNORECASE,
)
_LINE = re.compile(r"([A-Za-z]+)((?:;[^:;]*)*):(.*)")
_FORMS = (
    "must be a rule such as RRULE:FREQ=WEEKLY;BYDAY=MO,"
    " or an interval such as every 3 days after completion at 09:00"
)


def parsed(text: str) -> RecurrenceText:
    """What a text says. Raises: Invalid, naming each part at fault."""
    words = " ".join(text.split())
    if re.match("every ", words, re.IGNORECASE):
        return _interval(words)
    return _rule([line.strip() for line in re.split(r"\r?\n", text.strip())])


def _interval(words: str) -> IntervalText:
    found = _INTERVAL.fullmatch(words)
    if found is None:
        told = "must be: every [NUMBER] UNIT after completion [at HH:MM] [in ZONE] [within working time]"
        raise invalid("", f"{told}, with a unit of day, week, month, year or working day")
    number, unit, at, zone_name, snap = found.groups()
    text = IntervalText(
        int(number or 1),
        Unit(unit.lower().replace(" ", "_")),
        _time(at) if at else None,
        _zone(zone_name) if zone_name else None,
        snap is not None,
    )
    if not 1 <= text.every <= MOST_EVERY:
        raise invalid("every", f"must be from 1 to {MOST_EVERY}")
    return text


MOST_EVERY = 10_000


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise invalid("at", f"must be a time of day such as 09:00, not {text}") from error


def _zone(name: str) -> str:
    try:
        return zone(name).key
    except ValueError as error:
        raise invalid("in", str(error)) from error


def _rule(lines: list[str]) -> RuleText:
    read = [_property(line) for line in lines if line]
    names = [name for name, _, _ in read]
    if "RRULE" not in names:
        raise invalid("", _FORMS)
    faults = [Fault(name, "may be given once") for name in ("RRULE", "DTSTART") if names.count(name) > 1]
    if "DTSTART" not in names and len(names) > names.count("RRULE"):
        faults.append(Fault("DTSTART", "is needed beside RDATE and EXDATE"))
    if faults:
        raise Invalid(faults=faults)
    rule = next(Rule.parse(value) for name, _, value in read if name == "RRULE")
    times = {name: list(_moments(read, name)) for name in ("DTSTART", "RDATE", "EXDATE")}
    zones = {zone_name for each in times.values() for zone_name, _ in each}
    if len(zones) > 1:
        raise invalid("DTSTART", "must be of the same zone as every RDATE and EXDATE")
    starts, rdates, exdates = (tuple(value for _, value in times[name]) for name in times)
    if len(starts) > 1:
        raise invalid("DTSTART", "must be one date or time")
    text = RuleText(rule, next(iter(starts), None), next(iter(zones), None), rdates, exdates)
    if text.dtstart is not None:
        text.recurrence(text.dtstart, UTC_ZONE)  # which refuses days among times
    return text


Property = tuple[str, Mapping[str, str], str]


def _property(line: str) -> Property:
    found = _LINE.fullmatch(line)
    name = found[1].upper() if found else ""
    if found is None or name not in ("RRULE", "DTSTART", "RDATE", "EXDATE"):
        raise invalid("", _FORMS)
    given = {
        parameter.upper(): value
        for parameter, _, value in (part.partition("=") for part in found[2].split(";")[1:])
    }
    if name == "RRULE" and given:
        raise invalid(name, "takes no parameters")
    if not given.keys() <= {"TZID", "VALUE"} or given.get("VALUE", "DATE").upper() not in (
        "DATE",
        "DATE-TIME",
    ):
        raise invalid(name, "takes the parameters TZID, VALUE=DATE and VALUE=DATE-TIME")
    return name, given, found[3]


def _moments(read: list[Property], wanted: str) -> Iterator[tuple[str | None, Moment]]:
    """The zone and value of each date or time of the properties called so."""
    for name, parameters, values in read:
        if name != wanted:
            continue
        for text in values.split(","):
            yield _located(name, parameters, text.strip())


def _located(name: str, parameters: Mapping[str, str], text: str) -> tuple[str | None, Moment]:
    try:
        value = moment(text.upper())
        zone_name = zone(parameters["TZID"]).key if "TZID" in parameters else None
    except ValueError as error:
        raise invalid(name, str(error)) from error
    if not isinstance(value, datetime):
        return None, value
    if value.tzinfo is not None:
        if zone_name is not None:
            raise invalid(name, "must be a local time where TZID says its zone")
        return UTC_ZONE, value.replace(tzinfo=None)
    return zone_name, value
