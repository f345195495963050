"""What a plan is made of: tasks as their durations, links between them, and what else binds their dates."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import attrs

from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.values import DependencyType, LagUnit

FS, SS, FF, SF = DependencyType


@attrs.frozen(slots=True)
class Link:
    """`successor` waits for `predecessor`, by their places; a negative lag lets them overlap."""

    predecessor: int
    successor: int
    type: DependencyType = FS
    lag: int = 0
    unit: LagUnit = LagUnit.WORKING
    """Working lag is counted by the successor's calendar."""


class Rule(StrEnum):
    """What a constraint asks of a start or a finish."""

    NOT_BEFORE = "not_before"
    FINISH_NOT_BEFORE = "finish_not_before"
    START_BY = "start_by"
    MUST_FINISH_BY = "must_finish_by"
    MUST_START_ON = "must_start_on"
    MUST_FINISH_ON = "must_finish_on"

    @property
    def of_start(self) -> bool:
        return self in (Rule.NOT_BEFORE, Rule.START_BY, Rule.MUST_START_ON)

    @property
    def least(self) -> bool:
        """Whether it holds a date back."""
        return self not in (Rule.START_BY, Rule.MUST_FINISH_BY)

    @property
    def most(self) -> bool:
        """Whether a later date breaks it."""
        return self not in (Rule.NOT_BEFORE, Rule.FINISH_NOT_BEFORE)


@attrs.frozen(slots=True)
class Constraint:
    """Weaker than links and than what has happened: where it loses, it is told as broken."""

    rule: Rule
    at: int


class Pace(Protocol):
    """How work gets done as time goes by: a calendar, or people at theirs."""

    def next_start(self, at: int, /) -> int:
        """The first instant from `at` on at which something is done. Raises: Conflict `no_working_time`, as below."""
        ...

    def add(self, at: int, work: int, /) -> int:
        """The earliest instant at which so much is done since `at`; with negative work, the latest from which it is
        done until `at`."""
        ...


def start_for(pace: Pace, finish: int, work: int) -> int:
    """The first instant from which so much work ends at `finish` or later.

    Where `finish` is in free time, work that fits before it ends before it too: then its last second is done after.
    """
    at = pace.add(finish, -work)
    return at if pace.add(at, work) >= finish else at + 1


@attrs.frozen(slots=True)
class Activity:
    """A task of the network. Without a calendar its time is elapsed time. The deadline moves no date.

    A task that others name as `parent` is a container: it reaches from the first start to the last finish of its
    children, and its own duration and progress say nothing.
    """

    duration: int
    calendar: WorkingCalendar | None = None
    not_before: int | None = None
    deadline: int | None = None
    constraints: tuple[Constraint, ...] = ()
    parent: int | None = None
    started: int | None = None
    """When it has begun; from then on links bind only what remains."""
    finished: int | None = None
    """When it was done; with `started` both dates stand."""
    remaining: int | None = None
    """What is left to do of a task that has begun; the whole duration where nobody said."""
    pace: Pace | None = None
    """By which the duration passes, where that is not the calendar; lag and slack are the calendar's all the same."""

    @property
    def work(self) -> int:
        """What is still to be planned."""
        if self.finished is not None:
            return 0
        return self.duration if self.started is None or self.remaining is None else self.remaining

    @property
    def plain(self) -> bool:
        """Whether elapsed time, links, a first start and a deadline are all there is to it."""
        extras = (self.calendar, self.parent, self.started, self.finished, self.pace)
        return not self.constraints and all(each is None for each in extras)


class Cause(StrEnum):
    PROJECT_START = "project_start"
    NOW = "now"
    ACTUAL = "actual"
    LINK = "link"
    CONSTRAINT = "constraint"
    CALENDAR = "calendar"
    """Nobody works from the date that the next reason gives until `at`."""
    CHILD = "child"
    """A container is where its children are."""
    RESOURCE = "resource"
    """Who does it works on another task until then."""
    LIMIT = "limit"
    """Who does it has done all that a day or a week allows."""
    POLICY = "policy"
    """It stays where it was, keeps its distance, or is put as late as possible."""
    ESTIMATE = "estimate"
    """It takes longer or shorter than it did."""
    LEFT = "left"
    """Who does it was on another task right before it, and is no longer; it has come forward."""


@attrs.frozen(slots=True)
class Reason:
    """Why a task does not start before `at`."""

    cause: Cause
    at: int
    by: int | None = None
    """The task that is waited for, the child, or what the resource works on until `at`."""
    link: int | None = None
    """The link's place among those the plan was made of."""
    constraint: Constraint | None = None
    resource: int | None = None
    """Who is waited for, or whose calendar it is, by their place."""


@attrs.frozen(slots=True)
class Broken:
    """A constraint that lost. The plan came out all the same."""

    place: int
    constraint: Constraint | None
    """None of a task that stands where it was put, though something would have it later."""
    amount: int
    """By how much, in working time of the task's calendar: none, where the date is missed in free time."""
    by: Reason
    """What was stronger, or would be."""
    elapsed: int
    """By how much in time; never 0."""
