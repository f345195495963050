"""What a stranger would ask of a team's plan: is that room true, is that the time they work, can it end no sooner."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from taskcore.scheduling.activities import FF, Cause, Constraint, Link, Reason, Rule
from taskcore.scheduling.calendars import WeeklyHours, WorkingCalendar
from taskcore.scheduling.spans import seconds_of
from taskcore.scheduling.staffing import Assigned, EstimateKind, Resource, Work, moves, plan, replan

EFFORT, WORKING, _, _ = EstimateKind
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, DAY = 60, 3600, 86_400
MONDAY = seconds_of(datetime(2026, 11, 23, 9, tzinfo=BERLIN))
THURSDAY, FRIDAY = MONDAY + 3 * DAY, MONDAY + 4 * DAY
OFFICE = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))
DAILY = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-sun": ["09:00-17:00"]}))


def effort(minutes: int, *who: int, **other: Any) -> Work:
    return attrs.evolve(Work(EFFORT, minutes * MINUTE, OFFICE, all_of=who), **other)


def test_who_gives_way_leaves_the_more_pressing_its_room() -> None:
    low = effort(1200, 0, splittable=True)
    urgent = effort(480, 0, priority=4, constraints=(Constraint(Rule.NOT_BEFORE, FRIDAY),))
    made = plan([low, urgent], [], [Resource(OFFICE)], start=THURSDAY)

    assert [each.start for each in made.placed[0].assigned] == [THURSDAY, FRIDAY + 3 * DAY]
    assert made.placed[1].start == FRIDAY
    assert made.total_slack == made.free_slack == [0, 0]


def test_what_gave_way_and_may_be_later_leaves_as_much_room_to_what_it_gave_way_to() -> None:
    low = effort(1200, 0, splittable=True)
    urgent = effort(480, 0, priority=4, constraints=(Constraint(Rule.NOT_BEFORE, FRIDAY),))
    long = effort(480 * 5, 1)
    made = plan([low, urgent, long], [], [Resource(OFFICE)] * 2, start=THURSDAY)

    assert made.total_slack == [12 * HOUR, 12 * HOUR, 0]
    assert made.free_slack == [12 * HOUR, 0, 0]


@pytest.mark.parametrize("limit", [None, 480 * MINUTE])
def test_working_time_is_assigned_while_it_passes(limit: int | None) -> None:
    """Of a person who works at weekends, and a team that does not."""
    ada = Resource(DAILY, max_per_day=limit)
    made = plan([attrs.evolve(effort(960, 0), kind=WORKING)], [], [ada], start=FRIDAY)
    pieces = made.placed[0].assigned

    assert pieces == (
        Assigned(0, FRIDAY, FRIDAY + 8 * HOUR, 1.0),
        Assigned(0, FRIDAY + 3 * DAY, FRIDAY + 3 * DAY + 8 * HOUR, 1.0),
    )
    assert sum(DAILY.between(each.start, each.end) for each in pieces) == 960 * MINUTE


def test_nights_in_which_nobody_works_anyway_are_no_end_of_working_time() -> None:
    late = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["11:00-17:00"]}))
    work = attrs.evolve(effort(720, 0, 1), kind=WORKING)
    made = plan([work], [], [Resource(OFFICE), Resource(late)], start=MONDAY)
    first, second = MONDAY + 2 * HOUR, MONDAY + DAY + 2 * HOUR

    assert made.placed[0].assigned == (
        Assigned(0, first, first + 6 * HOUR, 1.0),
        Assigned(0, second, second + 6 * HOUR, 1.0),
        Assigned(1, first, second + 6 * HOUR, 1.0),
    )


def test_the_teams_hours_are_named_where_the_person_begins_sooner() -> None:
    work = attrs.evolve(effort(60, 0), kind=WORKING)
    made = plan([work], [], [Resource(DAILY)], start=FRIDAY + 9 * HOUR)

    assert made.reasons(0)[0] == Reason(Cause.CALENDAR, FRIDAY + 3 * DAY, resource=None)


@pytest.mark.parametrize(
    "limits", [{"max_per_day": 120 * MINUTE}, {"max_per_week": 300 * MINUTE}, {"max_per_day": 7 * MINUTE}]
)
def test_what_limits_leave_is_in_the_bound(limits: dict[str, int]) -> None:
    ada = Resource(OFFICE, units=0.5, efficiency=1.5, **limits)
    made = plan([effort(240, 0), effort(300, 0), effort(180, 0)], [Link(0, 1)], [ada], start=MONDAY)

    assert made.bound == made.finish
    assert made.gap == 0


def test_who_is_unlimited_helps_who_is_not() -> None:
    work = [attrs.evolve(effort(480), any_of=(0, 1)) for _ in range(3)]
    made = plan(work, [], [Resource(OFFICE), Resource(OFFICE, max_per_day=240 * MINUTE)], start=MONDAY)

    assert made.bound == made.finish == MONDAY + DAY + 8 * HOUR


def test_what_takes_longer_by_a_limit_stays_where_its_end_is_held() -> None:
    """Without the limit it could begin a day later."""
    evening = FRIDAY + 3 * DAY + 8 * HOUR
    work = [effort(0, constraints=(Constraint(Rule.NOT_BEFORE, evening),)), effort(960, 0)]
    people = [Resource(OFFICE, max_per_week=480 * MINUTE)]
    before = [plan([each], [], people, start=THURSDAY).placed[0] for each in work]
    after = replan(work, [Link(0, 1, FF)], people, start=THURSDAY, now=THURSDAY, previous=before)

    assert before[1].finish == evening
    assert moves(before, after) == []
