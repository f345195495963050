"""A recurrence rule of iCalendar (RFC 5545, 3.3.10): read, checked and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType

import attrs

from taskcore.errors import Fault, Invalid

MAX_CHARACTERS = 2000
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Nth = tuple[int, int]
"""The n-th such weekday (Monday is 0) of a month or year, from its end if negative; 0: each of them."""


class Frequency(StrEnum):
    YEARLY = "YEARLY"
    MONTHLY = "MONTHLY"
    WEEKLY = "WEEKLY"
    DAILY = "DAILY"
    HOURLY = "HOURLY"
    MINUTELY = "MINUTELY"
    SECONDLY = "SECONDLY"

    @property
    def by_the_clock(self) -> bool:
        """Whether it repeats within a day."""
        return self in (Frequency.HOURLY, Frequency.MINUTELY, Frequency.SECONDLY)


@attrs.frozen(kw_only=True)
class Rule:
    """An RRULE. Lists are in order and without repeats; `week_start` counts from Monday, 0.

    `until` is the last instant that may be: in UTC, or local if naive; a date means that whole local day.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | date | None = None
    seconds: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[Nth, ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0

    def __attrs_post_init__(self) -> None:
        faults = list(_misfits(self))
        if faults:
            raise Invalid(faults=faults)

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read `FREQ=MONTHLY;BYDAY=-1FR`, with or without `RRULE:`. Raises: Invalid, naming each part at fault."""
        if len(text) > MAX_CHARACTERS:
            raise Invalid(faults=[Fault("rrule", f"must have at most {MAX_CHARACTERS} characters")])
        read: dict[str, object] = {}
        faults: list[Fault] = []
        for part in re.sub(r"(?i)^RRULE:", "", text.strip()).rstrip(";").split(";"):
            name, _, value = part.partition("=")
            name = name.strip().upper()
            field, reader = _PARTS.get(name, ("", None))
            try:
                if reader is None:
                    raise ValueError(f"no part of a rule; there are {', '.join(_PARTS)}")  # noqa: TRY301
                if field in read:
                    raise ValueError("may be given once")  # noqa: TRY301
                read[field] = reader(value.strip().upper())
            except ValueError as error:
                faults.append(Fault(name or "rrule", str(error)))
        if "frequency" not in read and not any(fault.field == "FREQ" for fault in faults):
            faults.append(Fault("FREQ", "must be given"))
        if faults:
            raise Invalid(faults=faults)
        return cls(**read)  # type: ignore[arg-type]  # each reader gives what its field holds

    def __str__(self) -> str:
        """The rule in its shortest form, which `parse` reads."""
        parts: list[tuple[str, str]] = [("FREQ", self.frequency.value)]
        if self.interval != 1:
            parts.append(("INTERVAL", str(self.interval)))
        if self.count is not None:
            parts.append(("COUNT", str(self.count)))
        if self.until is not None:
            parts.append(("UNTIL", written(self.until)))
        for name, field in _LISTS.items():
            if values := getattr(self, field):
                parts.append((name, ",".join(map(str, values))))
        if self.weekdays:
            days = (f"{n or ''}{WEEKDAYS[day]}" for n, day in self.weekdays)
            parts.append(("BYDAY", ",".join(days)))
        if self.week_start:
            parts.append(("WKST", WEEKDAYS[self.week_start]))
        return ";".join(f"{name}={value}" for name, value in parts)


def _misfits(rule: Rule) -> Iterable[Fault]:
    """Parts that RFC 5545 does not let stand together."""
    yearly, monthly = rule.frequency is Frequency.YEARLY, rule.frequency is Frequency.MONTHLY
    if rule.count is not None and rule.until is not None:
        yield Fault("UNTIL", "must not stand beside COUNT")
    if rule.weeks and not yearly:
        yield Fault("BYWEEKNO", "goes with FREQ=YEARLY only")
    if rule.year_days and rule.frequency in (Frequency.MONTHLY, Frequency.WEEKLY, Frequency.DAILY):
        yield Fault("BYYEARDAY", f"does not go with FREQ={rule.frequency}")
    if rule.month_days and rule.frequency is Frequency.WEEKLY:
        yield Fault("BYMONTHDAY", "does not go with FREQ=WEEKLY")
    if any(n for n, _ in rule.weekdays) and not (monthly or (yearly and not rule.weeks)):
        yield Fault("BYDAY", "counts days, as 2MO, with FREQ=MONTHLY or YEARLY only, and not beside BYWEEKNO")
    others = (rule.seconds, rule.minutes, rule.hours, rule.weekdays, rule.month_days)
    if rule.positions and not any((*others, rule.year_days, rule.weeks, rule.months)):
        yield Fault("BYSETPOS", "must stand beside another BY part")


def moment(text: str) -> datetime | date:
    """A date or time of iCalendar: `20261224`, `20261224T170000`, or `…Z` for UTC. Raises: ValueError."""
    if not re.fullmatch(r"\d{8}(T\d{6}Z?)?", text):
        raise ValueError("must be a date or time, such as 20261224, 20261224T170000 or 20261224T160000Z")
    if len(text) == 8:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    # A leap second is read as the one before it, since no clock of ours shows it.
    second = min(int(text[13:15]), 59)
    read = datetime.strptime(f"{text[:13]}{second:02}", "%Y%m%dT%H%M%S")  # noqa: DTZ007  local unless it ends in Z
    return read.replace(tzinfo=UTC) if text.endswith("Z") else read


def written(value: datetime | date) -> str:
    """As iCalendar has it; what `moment` reads."""
    if not isinstance(value, datetime):
        return f"{value.year:04}{value:%m%d}"
    zone = "Z" if value.tzinfo else ""
    shown = value.astimezone(UTC) if value.tzinfo else value
    return f"{shown.year:04}{shown:%m%dT%H%M%S}{zone}"


def _frequency(text: str) -> Frequency:
    if text not in Frequency.__members__:
        raise ValueError(f"must be one of {', '.join(Frequency)}")
    return Frequency(text)


def _positive(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text) or int(text) == 0:
        raise ValueError("must be a whole number from 1 on")
    return int(text)


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise ValueError(f"must be one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(text)


def _nth(text: str) -> Nth:
    found = re.fullmatch(r"([+-]?\d{1,2})?([A-Z]{2})", text)
    if not found or (found[1] and not 1 <= abs(int(found[1])) <= 53):
        raise ValueError("must be days such as MO, 2TU or -1FR, up to 53 of a year")
    return int(found[1] or 0), _weekday(found[2])


def _nths(text: str) -> tuple[Nth, ...]:
    return tuple(sorted(set(map(_nth, text.split(",")))))


def _numbers(least: int, most: int, *, signed: bool = False) -> Callable[[str], tuple[int, ...]]:
    """A reader of numbers from `least` to `most`; signed ones count from the end, and are never 0."""
    told = f"must be whole numbers from {least} to {most}" + (f", or -{most} to -{least}" if signed else "")

    def read(text: str) -> tuple[int, ...]:
        words = text.split(",")
        if not all(re.fullmatch(r"[+-]?\d{1,3}" if signed else r"\d{1,3}", word) for word in words):
            raise ValueError(told)
        values = tuple(sorted(set(map(int, words))))
        if not all(least <= (abs(value) if signed else value) <= most for value in values):
            raise ValueError(told)
        return values

    return read


_LISTS: Mapping[str, str] = MappingProxyType(
    {
        "BYMONTH": "months",
        "BYWEEKNO": "weeks",
        "BYYEARDAY": "year_days",
        "BYMONTHDAY": "month_days",
        "BYHOUR": "hours",
        "BYMINUTE": "minutes",
        "BYSECOND": "seconds",
        "BYSETPOS": "positions",
    }
)
_PARTS: Mapping[str, tuple[str, Callable[[str], object] | None]] = MappingProxyType(
    {
        "FREQ": ("frequency", _frequency),
        "INTERVAL": ("interval", _positive),
        "COUNT": ("count", _positive),
        "UNTIL": ("until", moment),
        "BYSECOND": ("seconds", _numbers(0, 60)),
        "BYMINUTE": ("minutes", _numbers(0, 59)),
        "BYHOUR": ("hours", _numbers(0, 23)),
        "BYDAY": ("weekdays", _nths),
        "BYMONTHDAY": ("month_days", _numbers(1, 31, signed=True)),
        "BYYEARDAY": ("year_days", _numbers(1, 366, signed=True)),
        "BYWEEKNO": ("weeks", _numbers(1, 53, signed=True)),
        "BYMONTH": ("months", _numbers(1, 12)),
        "BYSETPOS": ("positions", _numbers(1, 366, signed=True)),
        "WKST": ("week_start", _weekday),
    }
)
