"""What a team's plan is made of: work by what it takes and who may do it, people by their time, and where work is put."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import attrs

from taskcore.errors import Fault, refuse
from taskcore.scheduling.activities import Constraint, Reason
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.values import EstimateKind, SchedulePolicy

Policy = SchedulePolicy
MICRO = 1_000_000
"""Rates are whole millionths, so that sums are exact whatever their order."""


@attrs.frozen
class Resource:
    """A person, or anything else that does one task at a time, in the hours of a calendar.

    Raises: Invalid, for units not from 0 to 1, or another negative number.
    """

    calendar: WorkingCalendar
    units: float = 1.0
    """The part of each working second that goes into the plan's work."""
    efficiency: float = 1.0
    """What is done in a second of work, in person-seconds."""
    max_per_day: int | None = None
    """Seconds of work (working time times units) in a local day of the calendar's zone."""
    max_per_week: int | None = None
    """The same from Monday to Sunday."""
    rank: int = 0
    """Among those who would finish at the same instant the lowest does it, then who comes first in the list."""

    def __attrs_post_init__(self) -> None:
        names = ("efficiency", "max_per_day", "max_per_week")
        faults = [Fault(name, "must not be negative") for name in names if (getattr(self, name) or 0) < 0]
        if not 0 <= self.units <= 1:
            faults.append(Fault("units", "must be from 0 to 1"))
        refuse(faults)

    @property
    def rate(self) -> float:
        """Person-seconds done in a second of working time."""
        return 0.0 if 0 in (self.max_per_day, self.max_per_week) else self.units * self.efficiency

    @property
    def limited(self) -> bool:
        return self.max_per_day is not None or self.max_per_week is not None


@attrs.frozen
class Assigned:
    """A resource works on a task from `start` until `end`, at every moment at which its calendar works. Who has no time
    for it does from its start until its start."""

    resource: int
    start: int
    end: int
    rate: float
    """Person-seconds done in a second of that."""


@attrs.frozen
class Placed:
    """Where a plan has a task, and who does it when; of a container and of finished work, nobody."""

    start: int
    finish: int
    assigned: tuple[Assigned, ...] = ()


@attrs.frozen
class Work:
    """
    A task of a team. `amount` is in seconds: of people's work for an effort, else of time; a milestone has none.

    An effort is done by all that work at a moment, each at their rate. Working time passes while the calendar and
    everybody on the task works; elapsed time passes anyway, from the first moment at which everybody works. Without
    anybody, an effort takes as long as working time would. Others name it as `parent` where it is a container: then it
    reaches over its children, and says nothing itself but priority, deadline and constraints.
    Raises: Invalid.
    """

    kind: EstimateKind
    amount: int
    calendar: WorkingCalendar | None = None
    """The team's: for working time, lags, and slack. Without one, those are elapsed time."""
    all_of: tuple[int, ...] = ()
    """Places of resources that do it together. Each does nothing else meanwhile."""
    any_of: tuple[int, ...] = ()
    """Of these, one does it (with all of the others): who finishes first, or who began it."""
    priority: int = 0
    """The highest first, whatever that does to the others. What it waits for is as pressing, and so are children."""
    deadline: int | None = None
    """Moves no date; pressing where priorities are equal."""
    constraints: tuple[Constraint, ...] = ()
    as_late_as_possible: bool = False
    """As late as delays nothing else, no deadline and not the end."""
    parent: int | None = None
    started: int | None = None
    finished: int | None = None
    remaining: int | None = None
    """Of the amount, what is left of a task that has begun; all of it where nobody said."""
    splittable: bool = False
    """May be put aside for other tasks of its people; others pause for free time alone."""
    policy: Policy = Policy.PULL_AND_PUSH
    planned: Placed | None = None
    """Where the plan in force has it. The policy means this; and who began it is told by this."""
    rank: int = 0
    """Of equally pressing tasks the lowest goes first, then which comes first in the list."""

    def __attrs_post_init__(self) -> None:
        faults = []
        if self.amount < 0 or (self.remaining or 0) < 0:
            faults.append(Fault("amount", "must not be negative, as what remains"))
        if self.finished is not None and self.started is None:
            faults.append(Fault("finished", "needs a start"))
        refuse(faults)

    @property
    def left(self) -> int:
        """What is still to be planned of its amount."""
        if self.finished is not None or self.kind is EstimateKind.MILESTONE:
            return 0
        return self.amount if self.started is None or self.remaining is None else self.remaining

    @property
    def pinned(self) -> bool:
        """Whether it stands where it was planned."""
        return self.policy is Policy.MANUAL and self.planned is not None and self.started is None

    def teams(self) -> Iterator[tuple[int, ...]]:
        """Who may do it together: one team, or one for each candidate; of nobody, none.

        Work that has begun is done by the candidate who began it.
        """
        candidates = self.any_of
        if self.started is not None and self.planned is not None:
            began = {each.resource for each in self.planned.assigned}
            of_these = sorted(
                began.intersection(self.any_of), key=self.all_of.__contains__
            )  # who is in it anyway last
            candidates = tuple(of_these[:1]) or self.any_of
        for each in candidates:
            yield tuple(dict.fromkeys(chain(self.all_of, (each,))))
        if not self.any_of and self.all_of:
            yield tuple(dict.fromkeys(self.all_of))


@attrs.frozen
class Move:
    """A task that another plan has elsewhere."""

    place: int
    before: Placed | None
    """None, where there was no such task."""
    after: Placed
    cause: Reason
