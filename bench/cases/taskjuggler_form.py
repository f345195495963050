"""The form of a case for `bench/cases/taskjuggler.py`: what a file may say, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
import cattrs

from taskcore.errors import Fault, Invalid
from taskcore.scheduling.activities import FS
from taskcore.scheduling.slots import Kind
from taskcore.values import DependencyType

Hours = dict[str, list[tuple[str, str]]]
"""By weekday, `{"mon": [["09:00", "17:00"]]}`; other days are free."""
Span = tuple[datetime, datetime]

DESCRIBING = frozenset({"title", "semantics", "inspired_by", "note", "expected_by"})


@attrs.frozen
class CaseProject:
    start: datetime
    end: datetime
    tz: ZoneInfo
    slot_minutes: int = attrs.field(default=60, validator=attrs.validators.gt(0))
    now: datetime | None = None


@attrs.frozen
class CaseCalendar:
    hours: Hours
    holidays: list[Span] = attrs.field(factory=list)


@attrs.frozen
class CaseShift:
    """Other hours from `start` until `end`, in the place of holidays and leave too."""

    start: datetime
    end: datetime
    hours: Hours


@attrs.frozen
class CaseLimits:
    """In hours; weeks are those of ISO 8601."""

    dailymax: float | None = None
    weeklymax: float | None = None
    monthlymax: float | None = None


@attrs.frozen
class CaseResource:
    id: str
    hours: Hours | None = None
    """Local to `tz`; dates are local to the project all the same."""
    leaves: list[Span] = attrs.field(factory=list)
    shift: CaseShift | None = None
    efficiency: float = attrs.field(default=1.0, validator=attrs.validators.ge(0))
    tz: ZoneInfo | None = None
    limits: CaseLimits = attrs.field(factory=CaseLimits)


@attrs.frozen
class CaseAllocation:
    """Either one resource, or any of several."""

    resource: str | None = None
    any_of: list[str] = attrs.field(factory=list)
    persistent: bool = False

    def __attrs_post_init__(self) -> None:
        if bool(self.any_of) is (self.resource is not None):
            raise ValueError("must name a resource, or any_of several")


@attrs.frozen
class CaseLink:
    on: str
    type: DependencyType = FS
    lag_working_hours: float = 0
    lag_elapsed_hours: float = 0


@attrs.frozen
class CaseTask:
    id: str
    kind: Kind
    hours: float = attrs.field(default=0, validator=attrs.validators.ge(0))
    parent: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    direction: str | None = attrs.field(default=None, validator=attrs.validators.in_((None, "asap", "alap")))
    """Where nothing is said: `alap`, if the task has an `end` or `precedes` and neither a `start` nor `depends`."""
    priority: int | None = None
    allocate: list[CaseAllocation] = attrs.field(factory=list)
    depends: list[CaseLink] = attrs.field(factory=list)
    precedes: list[CaseLink] = attrs.field(factory=list)
    limits: CaseLimits = attrs.field(factory=CaseLimits)
    booking: list[Span] = attrs.field(factory=list)
    """Of who is allocated first."""
    deadline: datetime | None = None

    @property
    def alap(self) -> bool | None:
        if self.direction is not None:
            return self.direction == "alap"
        backwards = self.end is not None or bool(self.precedes)
        return True if backwards and self.start is None and not self.depends else None


@attrs.frozen
class Case:
    project: CaseProject
    calendar: CaseCalendar
    tasks: list[CaseTask]
    resources: list[CaseResource] = attrs.field(factory=list)
    id: str = ""
    expected: dict[str, dict[str, str]] | None = None


def read(path: Path) -> tuple[Case, list[str]]:
    """The case of a file, and the names of what is in it that nobody reads. Raises: Invalid, naming each field."""
    try:
        data = json.loads(path.read_bytes(), object_pairs_hook=_given)
    except ValueError as error:
        raise Invalid(f"is not JSON: {error}") from error
    try:
        case = _CONVERTER.structure(data, Case)
    except Exception as error:
        faults = [_fault(each) for each in cattrs.transform_error(error)]
        raise Invalid(faults=faults) from error
    return attrs.evolve(case, id=case.id or path.stem), list(_unread(data, Case))


def _given(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """What is null is not given."""
    return {name: value for name, value in pairs if value is not None}


def _fault(written: str) -> Fault:
    """cattrs says the reason first, then `@ $.field`."""
    reason, _, field = written.rpartition(" @ $")
    return Fault(field.lstrip("."), reason)


def _instant(value: object, _: object) -> datetime:
    if not isinstance(value, str):
        raise TypeError("must be a local time")
    read = datetime.fromisoformat(value)
    if read.tzinfo is not None:
        raise ValueError("must be a local time without a zone")
    return read


def _zone(value: object, _: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {value}") from error


def _number(value: object, _: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise TypeError("must be a number")
    return float(value)


def _unread(data: object, form: Any, where: str = "") -> Iterator[str]:
    """The names of keys of which the form has no field."""
    if isinstance(data, list):
        for place, each in enumerate(data):
            yield from _unread(each, form, f"{where}[{place}]")
    elif isinstance(data, Mapping):
        fields = attrs.fields_dict(form)
        for name, value in data.items():
            if name in fields:
                inner = [each for each in (fields[name].type, *_nested(fields[name].type)) if attrs.has(each)]
                if inner:
                    yield from _unread(value, inner[0], f"{where}.{name}".lstrip("."))
            elif name not in DESCRIBING:
                yield f"{where}.{name}".lstrip(".")


def _nested(form: object) -> Iterator[Any]:
    for each in get_args(form):
        yield each
        yield from _nested(each)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_structure_hook(datetime, _instant)
    converter.register_structure_hook(ZoneInfo, _zone)
    converter.register_structure_hook(float, _number)
    for form in (
        CaseShift,
        CaseLimits,
        CaseResource,
        CaseAllocation,
        CaseLink,
        CaseTask,
        CaseProject,
        CaseCalendar,
    ):
        attrs.resolve_types(form)
    attrs.resolve_types(Case)
    return converter


_CONVERTER = _converter()
