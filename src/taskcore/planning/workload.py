"""What people have to do, week by week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta, tzinfo
from itertools import pairwise

from taskcore.planning.model import Workload
from taskcore.planning.problem import MINUTE, Problem
from taskcore.scheduling.spans import instant_of, seconds_at
from taskcore.scheduling.staffing import Assigned, Placed, Resource

_MOST_WEEKS = 260


def workload(posed: Problem, placed: Sequence[Placed], zone: tzinfo) -> Iterator[Workload]:
    """
    For each person with work, each week of it from Monday in the team's zone: the working minutes that go into it,
    and those there are.
    """
    given: dict[int, list[Assigned]] = {}
    for each in placed:
        for one in each.assigned:
            given.setdefault(one.resource, []).append(one)
    for place in sorted(given):
        yield from _of_person(posed, place, given[place], zone)


def _of_person(posed: Problem, place: int, given: Sequence[Assigned], zone: tzinfo) -> Iterator[Workload]:
    resource, who = posed.resources[place], posed.people[place].user_id
    first = instant_of(min(each.start for each in given)).astimezone(zone).date()
    monday = first - timedelta(days=first.weekday())
    end = max(each.end for each in given)
    for _ in range(_MOST_WEEKS):
        start = seconds_at(zone, monday.toordinal(), 0)
        if start >= end:
            return
        until = seconds_at(zone, monday.toordinal() + 7, 0)
        busy = sum(
            resource.calendar.between(max(each.start, start), min(each.end, until))
            for each in given
            if each.start < until and each.end > start
        )
        can = _capacity(resource, monday.toordinal(), zone)
        yield Workload(who, monday, round(busy * resource.units / MINUTE), round(can / MINUTE))
        monday += timedelta(days=7)


def _capacity(resource: Resource, monday: int, zone: tzinfo) -> float:
    """Seconds of work that a person can do in the week of that Monday, by their hours, part time and limits."""
    days = [seconds_at(zone, monday + day, 0) for day in range(8)]
    can = 0.0
    for since, to in pairwise(days):
        worked = resource.calendar.between(since, to) * resource.units
        can += worked if resource.max_per_day is None else min(worked, resource.max_per_day)
    return can if resource.max_per_week is None else min(can, resource.max_per_week)
