"""
Plans slot by slot: `python bench/conformance.py taskjuggler FOLDER`.

Each `*.json` of FOLDER is a case, of a form that `bench/cases/taskjuggler_form.py` says; times are local to its project's
zone. An answer is `{id, tasks: {id: [start, end]}}`, as `2026-12-01T09:00`, or `{id, error}`, which names file and field.
Where a case has `expected`, the summary says what is different. It also says which links and deadlines do not hold, and
what a file has that nobody reads.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from math import floor
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.cases.taskjuggler_form import (
    Case,
    CaseLimits,
    CaseLink,
    CaseResource,
    CaseTask,
    Hours,
    Span,
    read,
)
from taskcore.errors import Conflict, Fault, Invalid, TaskCoreError
from taskcore.scheduling.calendars import CalendarException, WeeklyHours, WorkingCalendar
from taskcore.scheduling.slots import (
    Allocation,
    Booking,
    Grid,
    Limits,
    Resource,
    Schedule,
    SlotLink,
    SlotTask,
    schedule,
)
from taskcore.scheduling.spans import local_seconds

Answer = dict[str, tuple[str, str]]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="conformance.py taskjuggler")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    files = sorted(folder.glob("*.json"))
    if not files:
        parser.error(f"there is no *.json in {folder}")
    compared, wrong, remarks = 0, 0, []
    for path in files:
        told: list[str] = []
        try:
            case, unread = read(path)
            answer, broken = answered(case)
        except (TaskCoreError, OverflowError) as error:
            told.append(f"refused: {error}")
            line: dict[str, object] = {"id": path.stem, "error": f"{path.name}: {error}"}
            wrong += 1
        else:
            different = list(_different(answer, case.expected or {}))
            told += [*different, *broken, *(f"not read: {name}" for name in unread)]
            line = {"id": case.id, "tasks": answer}
            compared += case.expected is not None
            wrong += bool(different)
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        remarks += [f"  {path.name}: {each}\n" for each in told]
    sys.stderr.write(
        f"{len(files)} cases, {compared} with an expected answer; {wrong} different or refused\n{''.join(remarks)}"
    )
    return int(bool(wrong))


def answered(case: Case) -> tuple[Answer, list[str]]:
    """The dates of each task, and in words what does not hold. Raises: TaskCoreError, naming the field."""
    reader = Reader(case)
    resources, tasks = reader.resources(), reader.tasks()
    try:
        plan = schedule(reader.grid, resources, tasks, reader.now())
    except Conflict as error:
        places: list[int] = error.data.get("cycle") or error.data.get("tasks") or []  # type: ignore[assignment]
        names = " → ".join(case.tasks[place].id for place in places) or str(error)
        raise Conflict(f"tasks: {error.code}: {names}", code=error.code) from error
    dates = zip(case.tasks, plan.starts, plan.ends, strict=True)
    answer = {task.id: (reader.written(start), reader.written(end)) for task, start, end in dates}
    return answer, list(_broken(case, plan))


class Reader:
    """A case in slots. Raises: Invalid, naming fields as they are in the file."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._zone = case.project.tz
        self._seconds = case.project.slot_minutes * 60
        self._resources = _places("resources", [each.id for each in case.resources])
        self._tasks = _places("tasks", [each.id for each in case.tasks])
        calendar = self._calendar("calendar", case.calendar.hours, self._zone, [])
        start, end = (local_seconds(self._zone, each) for each in (case.project.start, case.project.end))
        with _in("project"):
            self.grid = Grid(start, end, calendar, self._seconds)

    def resources(self) -> list[Resource]:
        return [
            self._resource(f"resources[{place}]", each) for place, each in enumerate(self._case.resources)
        ]

    def tasks(self) -> list[SlotTask]:
        return [self._task(f"tasks[{place}]", each) for place, each in enumerate(self._case.tasks)]

    def now(self) -> int | None:
        """The first slot that has not begun."""
        now = self._case.project.now
        return None if now is None else max(0, -self._begun(now, -1))

    def written(self, slot: int) -> str:
        return f"{datetime.fromtimestamp(self.grid.instant(slot), self._zone):%Y-%m-%dT%H:%M}"

    def _resource(self, field: str, case: CaseResource) -> Resource:
        zone = case.tz or self._zone
        exceptions = [self._exception(f"{field}.leaves", each, zone) for each in case.leaves]
        if case.shift:
            with _in(f"{field}.shift"):
                hours = WeeklyHours.parse(case.shift.hours)
            span = case.shift.start, case.shift.end
            exceptions.append(self._exception(f"{field}.shift", span, zone, hours))
        hours_of = self._case.calendar.hours if case.hours is None else case.hours
        calendar = self._calendar(field, hours_of, zone, exceptions)
        return Resource(self.grid.worked(calendar), case.efficiency, self._limits(case.limits))

    def _calendar(
        self, field: str, hours: Hours, zone: ZoneInfo, exceptions: Sequence[CalendarException]
    ) -> WorkingCalendar:
        holidays = [self._exception("calendar.holidays", each, zone) for each in self._case.calendar.holidays]
        with _in(f"{field}.hours"):
            return WorkingCalendar(zone, WeeklyHours.parse(hours), [*holidays, *exceptions])

    def _exception(
        self, field: str, span: Span, zone: ZoneInfo, hours: WeeklyHours | None = None
    ) -> CalendarException:
        """A span that is local to the project, in a zone of somebody else."""
        start, end = (each.replace(tzinfo=self._zone).astimezone(zone).replace(tzinfo=None) for each in span)
        with _in(field):
            return CalendarException(start, end, hours)

    def _task(self, field: str, case: CaseTask) -> SlotTask:
        allocations = tuple(
            Allocation(
                [
                    self._place(f"{field}.allocate[{number}]", self._resources, name)
                    for name in each.any_of or [each.resource or ""]
                ],
                each.persistent,
            )
            for number, each in enumerate(case.allocate)
        )
        if case.booking and not allocations:
            raise Invalid(faults=[Fault(f"{field}.booking", "must be of somebody who is allocated")])
        return SlotTask(
            kind=case.kind,
            slots=self._count(case.hours),
            parent=None if case.parent is None else self._place(f"{field}.parent", self._tasks, case.parent),
            start=None if case.start is None else self._slot(f"{field}.start", case.start),
            end=None if case.end is None else self._slot(f"{field}.end", case.end),
            alap=case.alap,
            priority=case.priority,
            allocations=allocations,
            depends=self._links(f"{field}.depends", case.depends),
            precedes=self._links(f"{field}.precedes", case.precedes),
            limits=self._limits(case.limits),
            booked=tuple(
                Booking(
                    allocations[0].candidates[0], *(self._slot(f"{field}.booking", each) for each in span)
                )
                for span in case.booking
            ),
            deadline=None if case.deadline is None else self._begun(case.deadline),
        )

    def _links(self, field: str, links: Iterable[CaseLink]) -> tuple[SlotLink, ...]:
        return tuple(
            SlotLink(
                self._place(f"{field}[{number}].on", self._tasks, each.on),
                each.type,
                self._count(each.lag_working_hours),
                self._count(each.lag_elapsed_hours),
            )
            for number, each in enumerate(links)
        )

    def _limits(self, limits: CaseLimits) -> Limits:
        hours = limits.dailymax, limits.weeklymax, limits.monthlymax
        return Limits(*(None if each is None else self._count(each) for each in hours))

    def _count(self, hours: float) -> int:
        """Whole slots, the half rounded up."""
        return floor(hours * 3600 / self._seconds + 0.5)

    def _slot(self, field: str, wall: datetime) -> int:
        try:
            return self.grid.slot(local_seconds(self._zone, wall))
        except ValueError as error:
            raise Invalid(faults=[Fault(field, str(error))]) from error

    def _begun(self, wall: datetime, sign: int = 1) -> int:
        """How many slots have ended until then; with a sign of -1, less how many have begun."""
        return sign * (local_seconds(self._zone, wall) - self.grid.start) // self._seconds

    def _place(self, field: str, places: Mapping[str, int], name: str) -> int:
        if name not in places:
            raise Invalid(faults=[Fault(field, f"there is no {name!r}")])
        return places[name]


def _places(field: str, names: Sequence[str]) -> dict[str, int]:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Invalid(faults=[Fault(f"{field}[{place}].id", f"must be there once: {name}")])
    return {name: place for place, name in enumerate(names)}


@contextmanager
def _in(field: str) -> Iterator[None]:
    """Faults of what is made here lie below that field."""
    try:
        yield
    except Invalid as error:
        raise Invalid(
            faults=[Fault(f"{field}.{each.field}", each.reason) for each in error.faults]
        ) from error


def _different(answer: Answer, expected: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for name, dates in expected.items():
        theirs, ours = (dates["start"], dates["end"]), answer.get(name)
        if ours != theirs:
            yield f"{name} is {' to '.join(ours) if ours else 'not there'}, expected {' to '.join(theirs)}"


def _broken(case: Case, plan: Schedule) -> Iterator[str]:
    for each in plan.broken:
        other = "" if each.other is None else f" on {case.tasks[each.other].id}"
        yield f"{case.tasks[each.place].id} misses its {each.rule}{other} by {each.slots} slots"
