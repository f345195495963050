"""Working time: its laws, and what clocks, holidays and parents do to it."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.errors import Conflict, Invalid
from taskcore.scheduling.calendars import (
    ALWAYS,
    UTC_ALWAYS,
    CalendarException,
    PartTime,
    WeeklyHours,
    WorkingCalendar,
)
from taskcore.scheduling.spans import seconds_of

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = ("UTC", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")
HOUR = 3600
OFFICE = WeeklyHours.parse({"mon-fri": ["09:00-12:00", "13:00-18:00"]})
TEAM = WorkingCalendar(BERLIN, OFFICE)
NIGHT = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-sun": ["00:00-06:00", "22:00-24:00"]}))


def at(text: str, zone: tzinfo = BERLIN) -> int:
    """UTC seconds of a local time: 2026-11-27T09:00."""
    return seconds_of(datetime.fromisoformat(text).replace(tzinfo=zone))


def hours(calendar: WorkingCalendar, start: str, end: str, zone: tzinfo = BERLIN) -> float:
    return calendar.between(at(start, zone), at(end, zone)) / HOUR


# Any calendar at all, around the years in which the zones above changed their clocks.

minutes = st.integers(0, 1440)
days = st.lists(minutes, max_size=6, unique=True).map(
    lambda ends: list(zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)
weekly = st.builds(
    lambda parts, sure: WeeklyHours([*parts[:sure], [(540, 1020)], *parts[sure:]]),
    st.lists(days, min_size=6, max_size=6),
    st.integers(0, 6),
)
instants = st.integers(at("2011-12-20T00:00"), at("2013-01-10T00:00"))
moments = st.datetimes(datetime(2011, 12, 1), datetime(2013, 1, 31))  # noqa: DTZ001  local times
exceptions = st.builds(
    lambda start, length, other: CalendarException(start, start + timedelta(minutes=length), other),
    moments.map(lambda each: each.replace(microsecond=0)),
    st.integers(1, 60_000),
    st.none() | weekly,
)
calendars = st.builds(
    WorkingCalendar,
    st.sampled_from(ZONES).map(ZoneInfo),
    weekly,
    st.lists(exceptions, max_size=3),
    st.none() | st.builds(WorkingCalendar, st.just(UTC), weekly, st.lists(exceptions, max_size=2)),
)
works = st.integers(0, 100 * HOUR)
few = settings(max_examples=40, deadline=None)  # each computes whole years


@few
@given(calendars, instants, works)
def test_what_was_added_lies_between(calendar: WorkingCalendar, start: int, work: int) -> None:
    end = calendar.add(start, work)

    assert calendar.between(start, end) == work
    assert work == 0 or calendar.between(start, end - 1) < work


@few
@given(calendars, instants, works)
def test_what_was_subtracted_lies_between(calendar: WorkingCalendar, end: int, work: int) -> None:
    start = calendar.sub(end, work)

    assert calendar.between(start, end) == work
    assert work == 0 or calendar.between(start + 1, end) < work


@few
@given(calendars, instants, works, works)
def test_adding_in_parts_is_adding_at_once(calendar: WorkingCalendar, start: int, one: int, two: int) -> None:
    assert calendar.add(calendar.add(start, one), two) == calendar.add(start, one + two)
    assert calendar.sub(calendar.sub(start, one), two) == calendar.sub(start, one + two)


@few
@given(calendars, instants, instants, works)
def test_who_starts_later_ends_no_earlier(calendar: WorkingCalendar, one: int, two: int, work: int) -> None:
    one, two = sorted((one, two))

    assert calendar.add(one, work) <= calendar.add(two, work)
    assert calendar.sub(one, work) <= calendar.sub(two, work)


@few
@given(calendars, instants)
def test_no_work_takes_no_time(calendar: WorkingCalendar, start: int) -> None:
    assert calendar.add(start, 0) == calendar.sub(start, 0) == start


@few
@given(calendars, instants, instants)
def test_a_start_snaps_to_work_and_an_end_back_to_it(calendar: WorkingCalendar, one: int, two: int) -> None:
    start, end = calendar.next_start(one), calendar.prev_end(two)

    assert start >= one
    assert end <= two
    assert calendar.between(one, start) == calendar.between(end, two) == 0
    assert calendar.between(start, start + 1) == calendar.between(end - 1, end) == 1


@few
@given(calendars, instants, instants)
def test_the_spans_are_what_is_worked(calendar: WorkingCalendar, one: int, two: int) -> None:
    one, two = sorted((one, two))
    spans = calendar.working(one, two)

    assert sum(end - start for start, end in spans) == calendar.between(one, two)
    assert all(one <= start < end <= two for start, end in spans)
    assert spans == sorted(spans)


@settings(max_examples=15, deadline=None)
@given(calendars, st.permutations(["2012-06-01T00:00", "2010-06-01T00:00", "2015-06-01T00:00"]), works)
def test_the_order_of_questions_changes_no_answer(
    calendar: WorkingCalendar, asked: list[str], work: int
) -> None:
    fresh = [attrs.evolve(calendar).add(at(each), work) for each in asked]

    assert [calendar.add(at(each), work) for each in asked] == fresh


@few
@given(weekly, instants, works)
def test_a_week_later_all_is_a_week_later_where_clocks_stand(
    week: WeeklyHours, start: int, work: int
) -> None:
    calendar = WorkingCalendar(ZoneInfo("Asia/Kathmandu"), week)
    shift = 7 * 24 * HOUR

    assert calendar.add(start + shift, work) == calendar.add(start, work) + shift


@few
@given(st.lists(st.booleans(), min_size=56, max_size=56).filter(any), st.integers(0, 55), st.integers(0, 90))
def test_it_agrees_with_counting_slots(worked: list[bool], start: int, work: int) -> None:
    """Of a week in slots of three hours, one by one."""
    days = [[(180 * s, 180 * s + 180) for s in range(8) if worked[8 * d + s]] for d in range(7)]
    calendar = WorkingCalendar(UTC, WeeklyHours(days))
    monday = at("2026-11-23T00:00", UTC)
    slot, left = start, work
    while left:
        left -= worked[slot % 56]
        slot += 1

    assert calendar.add(monday + 3 * HOUR * start, 3 * HOUR * work) == monday + 3 * HOUR * slot


def test_a_finish_is_friday_evening_and_never_monday_morning() -> None:
    finish = TEAM.add(at("2026-11-27T09:00"), 8 * HOUR)

    assert finish == at("2026-11-27T18:00")
    assert TEAM.next_start(finish) == at("2026-11-30T09:00")
    assert TEAM.prev_end(at("2026-11-30T09:00")) == finish


def test_a_lag_of_twelve_hours_from_friday_noon_ends_on_monday_evening() -> None:
    """Working lag, days of eight hours; the successor's start then snaps to Tuesday."""
    calendar = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))
    ends = calendar.add(at("2026-11-27T13:00"), 12 * HOUR)

    assert ends == at("2026-11-30T17:00")
    assert calendar.next_start(ends) == at("2026-12-01T09:00")


def test_working_time_is_told_in_datetimes_too() -> None:
    friday = datetime(2026, 11, 27, 16, tzinfo=BERLIN)
    finish = TEAM.add_work(friday, timedelta(hours=4))

    assert finish == datetime(2026, 11, 30, 11, tzinfo=BERLIN)
    assert finish.tzinfo is UTC
    assert TEAM.work_between(friday, finish) == timedelta(hours=4)
    assert TEAM.next_work(friday + timedelta(hours=3)) == datetime(2026, 11, 30, 9, tzinfo=BERLIN)
    assert TEAM.next_work(friday + timedelta(microseconds=7)) == friday + timedelta(microseconds=7)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        TEAM.add_work(datetime(2026, 11, 27), timedelta(hours=1))  # noqa: DTZ001


def test_time_back_is_less_than_none() -> None:
    monday, friday = at("2026-11-23T09:00"), at("2026-11-27T18:00")

    assert TEAM.between(friday, monday) == -TEAM.between(monday, friday) == -40 * HOUR
    assert TEAM.add(friday, -40 * HOUR) == TEAM.sub(friday, 40 * HOUR) == monday
    assert TEAM.sub(monday, -40 * HOUR) == friday
    assert TEAM.working(friday, monday) == []


@pytest.mark.parametrize(
    ("evening", "morning", "worked"),
    [
        ("2026-03-28T22:00", "2026-03-29T06:00", 7),  # clocks go from 02:00 to 03:00
        ("2026-10-24T22:00", "2026-10-25T06:00", 9),
        ("2026-11-24T22:00", "2026-11-25T06:00", 8),
    ],
)
def test_a_night_shift_is_as_long_as_the_night(evening: str, morning: str, worked: int) -> None:
    assert NIGHT.between(at(evening), at(morning)) == worked * HOUR
    assert NIGHT.add(at(evening), worked * HOUR) == at(morning)


def test_half_an_hour_is_lost_and_gained_on_lord_howe() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    calendar = WorkingCalendar(zone, WeeklyHours.parse({"sun": ["00:00-06:00"]}))

    assert hours(calendar, "2026-04-05T00:00", "2026-04-05T12:00", zone) == 6.5
    assert hours(calendar, "2026-10-04T00:00", "2026-10-04T12:00", zone) == 5.5


def test_work_from_a_midnight_that_is_skipped_begins_an_hour_later() -> None:
    zone = ZoneInfo("America/Santiago")  # 8 September 2024 begins at 01:00
    calendar = WorkingCalendar(zone, WeeklyHours.parse({"sat-sun": ["00:00-24:00"]}))

    assert hours(calendar, "2024-09-07T00:00", "2024-09-09T00:00", zone) == 47
    assert calendar.add(at("2024-09-07T00:00", zone), 24 * HOUR) == at("2024-09-08T01:00", zone)


def test_a_part_of_the_day_within_the_gap_is_shifted_and_not_counted_twice() -> None:
    """02:15 to 02:45 does not exist on that day; it is read as 03:15 to 03:45."""
    calendar = WorkingCalendar(BERLIN, WeeklyHours.parse({"sun": ["02:15-02:45", "03:00-04:00"]}))

    assert hours(calendar, "2026-03-29T00:00", "2026-03-29T12:00") == 1


def test_a_boundary_that_exists_twice_means_the_first() -> None:
    calendar = WorkingCalendar(BERLIN, WeeklyHours.parse({"sun": ["00:00-02:30"]}))

    assert hours(calendar, "2026-10-25T00:00", "2026-10-25T12:00") == 2.5


def test_the_day_that_samoa_left_out_holds_no_work_of_its_own() -> None:
    zone = ZoneInfo("Pacific/Apia")  # after 29 December 2011 came the 31st
    calendar = WorkingCalendar(zone, WeeklyHours.parse({"mon-sun": ["09:00-17:00"]}))

    assert hours(calendar, "2011-12-29T00:00", "2012-01-01T00:00", zone) == 16
    assert calendar.add(at("2011-12-29T09:00", zone), 9 * HOUR) == at("2011-12-31T10:00", zone)


def test_always_is_elapsed_time_whatever_the_clocks_do() -> None:
    calendar = WorkingCalendar(BERLIN, ALWAYS)
    start = at("2026-03-28T12:00")

    assert calendar.add(start, 48 * HOUR) == start + 48 * HOUR == UTC_ALWAYS.add(start, 48 * HOUR)
    assert len(calendar.working(start, start + 48 * HOUR)) == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York", "Pacific/Pago_Pago", "UTC"])
@pytest.mark.parametrize("year", [2026, 2027])
def test_nothing_is_lost_where_one_year_ends_and_another_begins(zone: str, year: int) -> None:
    """Which years are computed is a matter of UTC, days begin and end elsewhere."""
    calendar = WorkingCalendar(ZoneInfo(zone), ALWAYS)
    calendar.next_start(at(f"{year}-06-01T00:00", UTC))
    start, end = at(f"{year}-01-01T00:00", UTC), at(f"{year + 2}-01-01T00:00", UTC)

    assert calendar._time._built.low == start
    assert calendar._time._built.high == end
    assert calendar.working(start, end - 1) == [(start, end - 1)]


def test_the_exception_added_last_holds() -> None:
    short = WeeklyHours.parse({"mon-fri": ["09:00-12:00"]})
    week = CalendarException.days(date(2026, 12, 21), date(2026, 12, 27), hours=short)
    christmas = CalendarException.days(date(2026, 12, 24), date(2026, 12, 26), name="Christmas")
    one, other = (
        attrs.evolve(TEAM, exceptions=[week, christmas]),
        attrs.evolve(TEAM, exceptions=[christmas, week]),
    )

    assert hours(one, "2026-12-21T00:00", "2026-12-28T00:00") == 9
    assert hours(other, "2026-12-21T00:00", "2026-12-28T00:00") == 15


def test_half_a_day_off_ends_within_a_part_of_the_day() -> None:
    off = CalendarException(datetime(2026, 11, 27, 11, 30), datetime(2026, 11, 27, 14))  # noqa: DTZ001  local

    assert hours(attrs.evolve(TEAM, exceptions=[off]), "2026-11-27T00:00", "2026-11-28T00:00") == 6.5


def test_hours_and_zone_come_from_the_parent_and_holidays_too() -> None:
    holiday = CalendarException.days(date(2026, 11, 26))
    team = attrs.evolve(TEAM, exceptions=[holiday])
    member = WorkingCalendar(parent=team, exceptions=[CalendarException.days(date(2026, 11, 27))])
    task = WorkingCalendar(parent=member)

    assert hours(task, "2026-11-23T00:00", "2026-11-30T00:00") == 24
    assert task.local_zone is BERLIN


def test_a_holiday_is_a_date_wherever_the_member_lives() -> None:
    team = attrs.evolve(TEAM, exceptions=[CalendarException.days(date(2026, 11, 26))])
    member = WorkingCalendar(NEW_YORK, parent=team)

    assert hours(member, "2026-11-26T00:00", "2026-11-27T00:00", NEW_YORK) == 0
    assert hours(member, "2026-11-25T00:00", "2026-11-26T00:00", NEW_YORK) == 8


def test_who_has_hours_of_their_own_never_works_more_by_an_exception_of_the_parent() -> None:
    overtime = WeeklyHours.parse({"fri-sat": ["08:00-20:00"]})
    team = attrs.evolve(
        TEAM, exceptions=[CalendarException.days(date(2026, 11, 27), date(2026, 11, 28), hours=overtime)]
    )
    mornings = WorkingCalendar(hours=WeeklyHours.parse({"mon-fri": ["07:00-12:00"]}), parent=team)

    assert hours(team, "2026-11-27T00:00", "2026-11-30T00:00") == 24
    assert hours(mornings, "2026-11-27T00:00", "2026-11-30T00:00") == 4


def test_ones_own_exception_is_stronger_than_the_parents() -> None:
    team = attrs.evolve(TEAM, exceptions=[CalendarException.days(date(2026, 12, 25))])
    shift = WeeklyHours.parse({"fri": ["10:00-14:00"]})
    member = WorkingCalendar(
        parent=team, exceptions=[CalendarException.days(date(2026, 12, 25), hours=shift)]
    )

    assert hours(member, "2026-12-25T00:00", "2026-12-26T00:00") == 4


def test_the_leap_day_is_worked() -> None:
    assert hours(TEAM, "2028-02-29T00:00", "2028-03-01T00:00") == 8
    assert TEAM.works_on(date(2028, 2, 29))
    assert not TEAM.works_on(date(2026, 11, 28))


@pytest.mark.parametrize("call", ["next_start", "prev_end"])
def test_a_calendar_without_hours_has_no_working_time(call: str) -> None:
    nobody = WorkingCalendar(BERLIN, WeeklyHours([()] * 7))

    with pytest.raises(Conflict, match="within 50 years") as refused:
        getattr(nobody, call)(at("2026-11-27T00:00"))
    assert refused.value.code == "no_working_time"


@pytest.mark.parametrize("call", ["add", "sub"])
def test_more_work_than_there_is_time_is_an_error(call: str) -> None:
    with pytest.raises(Conflict, match="no working time") as refused:
        getattr(TEAM, call)(at("2026-11-27T00:00"), 60 * 2200 * HOUR)
    assert refused.value.code == "no_working_time"


def test_time_runs_to_the_end_of_the_year_9999_and_no_further() -> None:
    evening = at("9999-12-31T18:00")

    assert TEAM.add(at("9999-12-31T09:00"), 8 * HOUR) == evening
    with pytest.raises(Conflict, match="no working time"):
        TEAM.next_start(evening)
    with pytest.raises(Conflict, match="outside the years"):
        TEAM.next_start(evening + 24 * HOUR)
    with pytest.raises(Conflict, match="no working time"):
        UTC_ALWAYS.prev_end(at("0001-01-01T00:00", UTC))


def test_what_lies_in_another_age_is_computed_there_and_not_from_here() -> None:
    calendar = attrs.evolve(TEAM)
    calendar.add(at("2026-11-27T09:00"), HOUR)

    assert calendar.add(at("9000-06-02T09:00"), HOUR) == at("9000-06-02T10:00")
    assert calendar._time._built.first >= 8999
    assert calendar.between(at("2026-11-27T09:00"), at("2026-11-27T10:00")) == HOUR
    with pytest.raises(Conflict, match="more than 200 years apart"):
        calendar.between(at("2026-11-27T09:00"), at("9000-06-01T09:00"))


def test_a_leave_without_end_lasts_to_the_end_of_time() -> None:
    gone = attrs.evolve(TEAM, exceptions=[CalendarException.days(date(2026, 11, 27), date.max)])

    with pytest.raises(Conflict, match="no working time"):
        gone.next_start(at("2026-11-27T09:00"))


def test_half_the_units_take_twice_the_time() -> None:
    half = PartTime(TEAM, Fraction(1, 2))
    start = at("2026-11-27T09:00")

    assert half.add(start, 4 * HOUR) == at("2026-11-27T18:00")
    assert half.sub(at("2026-11-27T18:00"), 4 * HOUR) == start
    assert half.between(start, at("2026-11-27T18:00")) == 4 * HOUR
    assert half.between(at("2026-11-27T18:00"), start) == -4 * HOUR


@few
@given(calendars, st.fractions(0, 1).filter(bool), instants, st.integers(0, 100 * HOUR))
def test_part_time_does_what_was_asked_in_whole_seconds(
    calendar: WorkingCalendar, units: Fraction, start: int, work: int
) -> None:
    share = PartTime(calendar, max(units, Fraction(1, 5)))

    assert share.between(start, share.add(start, work)) == work


@pytest.mark.parametrize("units", [0, -1, 2])
def test_units_are_a_share(units: int) -> None:
    with pytest.raises(Invalid, match="above 0"):
        PartTime(TEAM, units)


@pytest.mark.parametrize(
    ("days", "faults"),
    [
        ({"mon": ["09:00-09:00"]}, {"mon"}),
        ({"mon": ["17:00-09:00"]}, {"mon"}),
        ({"mon": ["09:00-12:00", "11:00-13:00"]}, {"mon"}),
        (
            {"monday": ["09:00-12:00"], "fri-mon": [], "tue": ["9-12"], "wed": ["12:00"]},
            {"monday", "fri-mon", "tue", "wed"},
        ),
        ({"mon": [["09:00:30", "12:00"]], "tue": ["24:30-25:00"]}, {"mon", "tue"}),
    ],
)
def test_hours_that_cannot_be_are_refused_each_by_name(days: dict[str, list[str]], faults: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        WeeklyHours.parse(days)

    assert {fault.field for fault in refused.value.faults} == faults


def test_a_week_has_seven_days() -> None:
    with pytest.raises(Invalid, match="seven days"):
        WeeklyHours([[(0, 60)]] * 6)


def test_an_exception_has_a_length_and_no_zone() -> None:
    noon = datetime(2026, 11, 27, 12)  # noqa: DTZ001  local
    with pytest.raises(Invalid, match="after its start"):
        CalendarException(noon, noon)
    with pytest.raises(Invalid, match="without a zone"):
        CalendarException(noon.replace(tzinfo=UTC), noon)


def test_a_calendar_names_all_that_it_lacks() -> None:
    with pytest.raises(Invalid) as refused:
        WorkingCalendar(parent=None)

    assert {fault.field for fault in refused.value.faults} == {"zone", "hours"}


def test_many_threads_get_one_answer() -> None:
    starts = [at(f"{year}-06-01T00:00") for year in range(1990, 2060, 14)]
    expected = [attrs.evolve(TEAM).add(start, 1000 * HOUR) for start in starts] * 8
    shared = attrs.evolve(TEAM)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda start: shared.add(start, 1000 * HOUR), starts * 8))
    finally:
        sys.setswitchinterval(interval)

    assert found == expected


def test_only_what_is_asked_for_is_computed() -> None:
    calendar = attrs.evolve(TEAM)
    calendar.add(at("2026-11-27T09:00"), HOUR)

    assert len(calendar._time._built.starts) < 3 * 53 * 10


def test_times_of_day_are_those_of_the_wall() -> None:
    assert WeeklyHours.parse({"MON": ["09:00-24:00"]}).days[0] == ((540, 1440),)
