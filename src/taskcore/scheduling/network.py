"""
The critical path: when each task can start at the earliest and must at the latest, whoever may do it.

Durations and lags are whole seconds of working time, or of any unit where there are no calendars. Links are of four types
(Meyer's precedence diagram): FS holds `start ≥ finish + lag`, SS `start ≥ start + lag`, FF and SF the same of the finish.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.elapsed import Dates, ElapsedNetwork
from taskcore.scheduling.order import Cycle, Order
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


@attrs.frozen(slots=True)
class Activity:
    """A task of the network. Without a calendar its time is elapsed time. The deadline moves no date."""

    duration: int
    calendar: WorkingCalendar | None = None
    not_before: int | None = None
    deadline: int | None = None


def critical_path(activities: Sequence[Activity], links: Iterable[Link], start: int = 0) -> Dates:
    """
    Forward and backward pass from the project's start. Raises: Cycle, `no_working_time`.

    Where nothing has a calendar, every link is one number between two starts, and no task costs a call.
    """
    links = list(links)
    if all(each.calendar is None for each in activities):
        weighted = [(link.predecessor, link.successor, _between_starts(link, activities)) for link in links]
        return ElapsedNetwork([each.duration for each in activities], weighted).dates(
            start,
            not_before={p: a.not_before for p, a in enumerate(activities) if a.not_before is not None},
            deadlines={p: a.deadline for p, a in enumerate(activities) if a.deadline is not None},
        )
    return _Passes(activities, links, start).dates()


def _between_starts(link: Link, activities: Sequence[Activity]) -> int:
    """How long after the predecessor's start the successor's may come."""
    weight = link.lag
    if link.type in (FS, FF):
        weight += activities[link.predecessor].duration
    if link.type in (FF, SF):
        weight -= activities[link.successor].duration
    return weight


class _Passes:
    """The same with calendars: bounds of starts and finishes apart, since what lies between depends on where it is."""

    def __init__(self, activities: Sequence[Activity], links: list[Link], start: int) -> None:
        self._activities = activities
        self._order = list(Order(len(activities), [(link.predecessor, link.successor) for link in links]))
        self._out: list[list[Link]] = [[] for _ in activities]
        self._in: list[list[Link]] = [[] for _ in activities]
        for link in links:
            self._out[link.predecessor].append(link)
            self._in[link.successor].append(link)
        self._starts = [
            start if each.not_before is None else max(start, each.not_before) for each in activities
        ]
        self._finishes = [0] * len(activities)

    def dates(self) -> Dates:
        for place in self._order:
            self._begin(place)
        end = max(self._finishes, default=0)
        late_starts, late_finishes = [end] * len(self._order), [end] * len(self._order)
        for place in reversed(self._order):
            late_starts[place], late_finishes[place] = self._latest(place, end, late_starts, late_finishes)
        slack = [self._work(p, self._starts[p], late_starts[p]) for p in range(len(self._order))]
        free = [self._free(place, end) for place in range(len(self._order))]
        return Dates(self._starts, self._finishes, late_starts, late_finishes, slack, free, end)

    def _begin(self, place: int) -> None:
        """The earliest start of a task whose predecessors have theirs; a milestone does not wait for working time."""
        task, at = self._activities[place], self._starts[place]
        for link in self._in[place]:
            begun = link.type in (SS, SF)
            other = (self._starts if begun else self._finishes)[link.predecessor]
            bound = self._later(link, other)
            at = max(at, bound if link.type in (FS, SS) else self._moved(place, bound, -task.duration))
        if task.duration and task.calendar:
            at = task.calendar.next_start(at)
        self._starts[place], self._finishes[place] = at, self._moved(place, at, task.duration)

    def _latest(
        self, place: int, end: int, late_starts: list[int], late_finishes: list[int]
    ) -> tuple[int, int]:
        task = self._activities[place]
        finish = end if task.deadline is None else min(end, task.deadline)
        start: int | None = None
        for link in self._out[place]:
            bound = self._most(link, late_starts, late_finishes)
            if link.type in (FS, FF):
                finish = min(finish, bound)
            else:
                start = bound if start is None else min(start, bound)
        from_finish = self._moved(place, finish, -task.duration)
        latest = from_finish if start is None else min(start, from_finish)
        return latest, self._moved(place, latest, task.duration)

    def _free(self, place: int, end: int) -> int:
        """The least room to any bound that this task gives to another."""
        room = self._work(place, self._finishes[place], end)
        for link in self._out[place]:
            most = self._most(link, self._starts, self._finishes)
            mine = self._finishes if link.type in (FS, FF) else self._starts
            room = min(room, self._work(place, mine[place], most))
        return room

    def _most(self, link: Link, starts: list[int], finishes: list[int]) -> int:
        """The latest end of a link that leaves its successor these dates.

        Free time behind a finish does not move it: the work was done before.
        """
        if link.type in (FS, SS):
            return self._earlier(link, starts[link.successor])
        task, finish = self._activities[link.successor], finishes[link.successor]
        if task.duration and task.calendar:
            finish = task.calendar.next_start(finish)
        return self._earlier(link, finish)

    def _later(self, link: Link, at: int) -> int:
        return self._moved(link.successor, at, link.lag) if link.unit is LagUnit.WORKING else at + link.lag

    def _earlier(self, link: Link, at: int) -> int:
        return self._moved(link.successor, at, -link.lag) if link.unit is LagUnit.WORKING else at - link.lag

    def _moved(self, place: int, at: int, work: int) -> int:
        calendar = self._activities[place].calendar
        return calendar.add(at, work) if calendar else at + work

    def _work(self, place: int, start: int, end: int) -> int:
        calendar = self._activities[place].calendar
        return calendar.between(start, end) if calendar else end - start


__all__ = ["Activity", "Cycle", "Dates", "Link", "critical_path"]
