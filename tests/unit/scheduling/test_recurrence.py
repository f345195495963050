"""Recurrence beyond the standard's examples: clocks, years of weeks, endless rules, completion; and an oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore.scheduling import expansion
from taskcore.scheduling.calendars import CalendarException, WeeklyHours, WorkingCalendar
from taskcore.scheduling.expansion import expand
from taskcore.scheduling.recurrence import Fixed, Missed, Recurrence, Unit, following
from taskcore.scheduling.rrule import WEEKDAYS, Rule, moment

BERLIN = ZoneInfo("Europe/Berlin")
SAMOA = ZoneInfo("Pacific/Apia")
OFFICE = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}Z")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(recurrence: Fixed, count: int = 20) -> list[str]:
    return [
        each.replace(tzinfo=None).isoformat(timespec="minutes")
        for each in islice(recurrence.instants(), count)
    ]


def fixed(dtstart: str, rule: str, zone: str = "Europe/Berlin", **more: object) -> Fixed:
    return Recurrence.fixed(local(dtstart), ZoneInfo(zone), rule, **more)  # type: ignore[arg-type]  # as it declares


# Clocks.


def test_the_local_time_stays_when_the_clocks_change() -> None:
    weekly = fixed("2026-10-18T09:00", "FREQ=WEEKLY;COUNT=3")

    assert told(weekly) == ["2026-10-18T07:00", "2026-10-25T08:00", "2026-11-01T08:00"]


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        ("shift", ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]),
        ("skip", ["2026-03-28T01:30", "2026-03-30T00:30"]),
    ],
)
def test_a_time_in_the_gap_moves_forward_or_is_left_out(gap: str, expected: list[str]) -> None:
    assert told(fixed("2026-03-28T02:30", "FREQ=DAILY;COUNT=3", gap=gap)) == expected


def test_a_time_that_exists_twice_is_the_first() -> None:
    assert told(fixed("2026-10-25T02:30", "FREQ=DAILY;COUNT=2")) == ["2026-10-25T00:30", "2026-10-26T01:30"]


def test_half_an_hour_of_gap_shifts_by_half_an_hour() -> None:
    daily = fixed("2026-10-03T02:10", "FREQ=DAILY;COUNT=2", "Australia/Lord_Howe")

    assert told(daily) == ["2026-10-02T15:40", "2026-10-03T15:40"]


def test_a_midnight_that_is_skipped_is_an_hour_later() -> None:
    daily = fixed("2024-09-07T00:00", "FREQ=DAILY;COUNT=3", "America/Santiago")

    assert told(daily) == ["2024-09-07T04:00", "2024-09-08T04:00", "2024-09-09T03:00"]


def test_a_day_that_was_left_out_is_the_one_after_and_given_once() -> None:
    daily = fixed("2011-12-29T12:00", "FREQ=DAILY", "Pacific/Apia")
    skipping = fixed("2011-12-29T12:00", "FREQ=DAILY;COUNT=3", "Pacific/Apia", gap="skip")

    assert told(daily, 3) == ["2011-12-29T22:00", "2011-12-30T22:00", "2011-12-31T22:00"]
    assert told(skipping) == ["2011-12-29T22:00", "2011-12-30T22:00"]


def test_what_a_gap_shifts_behind_others_still_comes_in_order_and_once() -> None:
    """02:00 and 02:30 become 03:00 and 03:30, which come anyway."""
    halves = fixed("2026-03-29T01:30", "FREQ=MINUTELY;INTERVAL=30;COUNT=6")
    forty = fixed("2026-03-29T01:40", "FREQ=MINUTELY;INTERVAL=20;COUNT=6")

    assert told(halves) == ["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T02:00"]
    assert told(forty) == ["2026-03-29T00:40", "2026-03-29T01:00", "2026-03-29T01:20", "2026-03-29T01:40"]


def test_a_rule_that_ends_in_the_gap_ends_there() -> None:
    assert told(fixed("2026-03-29T01:30", "FREQ=MINUTELY;INTERVAL=30;COUNT=3")) == [
        "2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30",
    ]  # fmt: skip
    until = fixed("2026-03-29T01:30", "FREQ=MINUTELY;INTERVAL=30;UNTIL=20260329T010000Z")
    assert told(until) == ["2026-03-29T00:30", "2026-03-29T01:00"]


@given(
    st.sampled_from(["Europe/Berlin", "Pacific/Apia", "America/Santiago", "Australia/Lord_Howe"]),
    st.datetimes(local("2011-12-25T00:00"), local("2011-12-31T00:00"))
    | st.datetimes(local("2012-03-24T00:00"), local("2012-04-30T00:00")),
    st.sampled_from(["DAILY", "HOURLY", "MINUTELY;INTERVAL=7", "HOURLY;BYMINUTE=0,10,40"]),
    st.integers(0, 400),
)
def test_occurrences_rise_and_begin_anywhere(zone: str, start: datetime, rule: str, place: int) -> None:
    recurrence = Recurrence.fixed(start.replace(microsecond=0), ZoneInfo(zone), f"FREQ={rule}")
    found = list(islice(recurrence.instants(), place + 3))

    assert all(one < other for one, other in pairwise(found))
    assert list(islice(recurrence.instants(found[place]), 3)) == found[place:]
    assert recurrence.next_after(found[place]) == found[place + 1]


# Bounds, additions, exceptions.


def test_count_counts_before_exceptions_take_away() -> None:
    daily = fixed(
        "2026-11-02T09:00",
        "FREQ=DAILY;COUNT=5",
        exdates=[local("2026-11-03T09:00"), local("2026-11-05T09:00")],
    )

    assert told(daily) == ["2026-11-02T08:00", "2026-11-04T08:00", "2026-11-06T08:00"]


def test_count_counts_from_the_first_whenever_it_is_asked() -> None:
    weekly = fixed("2026-11-02T09:00", "FREQ=WEEKLY;COUNT=4")
    third, fourth = utc("2026-11-16T08:00:00"), utc("2026-11-23T08:00:00")

    assert list(weekly.instants(third)) == [third, fourth]
    assert weekly.next_after(fourth) is None


def test_additions_come_in_order_once_and_can_be_excluded() -> None:
    some = fixed(
        "2026-11-02T09:00",
        "FREQ=DAILY;COUNT=2",
        rdates=[
            local("2026-11-09T10:00"),
            local("2026-11-01T10:00"),
            local("2026-11-03T09:00"),
            local("2026-11-08T10:00"),
        ],
        exdates=[local("2026-11-08T10:00")],
    )

    assert told(some) == ["2026-11-01T09:00", "2026-11-02T08:00", "2026-11-03T08:00", "2026-11-09T09:00"]
    assert told(Recurrence.fixed(local("2026-11-02T09:00"), BERLIN)) == ["2026-11-02T08:00"]


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20260105T080000Z", 5),  # nine in Berlin
        ("20260105T075959Z", 4),
        ("20260105T090000", 5),
        ("20260105T085959", 4),
        ("20260105", 5),
        ("20260104", 4),
    ],
)
def test_until_is_included_in_utc_or_local_or_as_a_whole_day(until: str, count: int) -> None:
    assert len(told(fixed("2026-01-01T09:00", f"FREQ=DAILY;UNTIL={until}"))) == count


def test_all_day_occurrences_are_dates_and_know_no_time_of_day() -> None:
    days = Recurrence.fixed(
        date(2024, 9, 7), ZoneInfo("America/Santiago"), "FREQ=DAILY;BYMINUTE=1,2;COUNT=3", gap="skip"
    )

    assert list(days.days()) == [date(2024, 9, 7), date(2024, 9, 8), date(2024, 9, 9)]
    assert list(days.days(date(2024, 9, 8))) == [date(2024, 9, 8), date(2024, 9, 9)]
    until = Recurrence.fixed(date(2024, 1, 1), BERLIN, "FREQ=DAILY;UNTIL=20240103T000000Z")
    assert len(list(until.days())) == 3


def test_a_dtstart_that_no_working_time_is_no_occurrence() -> None:
    mondays = fixed("2026-11-27T09:00", "FREQ=WEEKLY;BYDAY=MO;COUNT=2")

    assert not mondays.fits_dtstart
    assert told(mondays) == ["2026-11-30T08:00", "2026-12-07T08:00"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Recurrence.fixed(utc("2026-01-01T00:00:00"), BERLIN, "FREQ=DAILY"),
        lambda: Recurrence.fixed(date(2026, 1, 1), BERLIN, "FREQ=DAILY", exdates=[local("2026-01-01T00:00")]),
        lambda: Recurrence.fixed(local("2026-01-01T00:00"), BERLIN, "FREQ=DAILY", rdates=[date(2026, 1, 1)]),
        lambda: Recurrence.fixed(date(2026, 1, 1), BERLIN, "FREQ=HOURLY"),
        lambda: Recurrence.after_completion(0, Unit.DAY, time(9), BERLIN),
        lambda: Recurrence.after_completion(1, Unit.DAY, time(9, tzinfo=UTC), BERLIN),
        lambda: Recurrence.after_completion(1, Unit.WORKING_DAY, time(9), BERLIN),
        lambda: Recurrence.after_completion(1, Unit.DAY, time(9), BERLIN, snap=True),
    ],
)
def test_a_recurrence_that_makes_no_sense_is_refused(make: type[Recurrence]) -> None:
    with pytest.raises(Invalid):
        make()


# Where implementations go apart.


@pytest.mark.parametrize(
    ("dtstart", "rule", "expected"),
    [
        # Weeks without weekdays: the weekday of DTSTART, in the years to which the weeks belong.
        ("20251230", "FREQ=YEARLY;BYWEEKNO=1;COUNT=3", ["20251230", "20270105", "20280104"]),
        ("20210102", "FREQ=YEARLY;BYWEEKNO=-1;COUNT=3", ["20210102", "20220101", "20221231"]),
        ("20251229", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;INTERVAL=2;COUNT=3", ["20251229", "20280103", "20291231"]),
        ("20260101", "FREQ=YEARLY;BYWEEKNO=53;COUNT=2", ["20261231", "20321230"]),
        ("20260105", "FREQ=YEARLY;BYWEEKNO=1,2;WKST=TH;COUNT=3", ["20260105", "20260112", "20270104"]),
        # Positions within a week count from its start, also in the week of DTSTART.
        ("20261125", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3;COUNT=3", ["20261125", "20261130", "20261202"]),
        ("20261124", "FREQ=WEEKLY;BYDAY=SU,MO,TU;BYSETPOS=-1;WKST=SU;COUNT=2", ["20261124", "20261201"]),
        ("20240131", "FREQ=MONTHLY;COUNT=3", ["20240131", "20240331", "20240531"]),
        ("20240229", "FREQ=YEARLY;COUNT=2", ["20240229", "20280229"]),
        ("20960229", "FREQ=YEARLY;COUNT=2", ["20960229", "21040229"]),
        ("20261102", "FREQ=MONTHLY;BYDAY=1MO,TU;COUNT=4", ["20261102", "20261103", "20261110", "20261117"]),
        ("20260130", "FREQ=MONTHLY;BYMONTHDAY=-1,30;BYSETPOS=-1;COUNT=3", ["20260131", "20260228", "20260331"]),
    ],
)  # fmt: skip
def test_a_choice_that_the_standard_leaves(dtstart: str, rule: str, expected: list[str]) -> None:
    days = Recurrence.fixed(moment(dtstart), UTC, rule).days()

    assert [f"{each:%Y%m%d}" for each in days] == expected


# Rules that never come, or come for ever.


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3",
        "FREQ=HOURLY;INTERVAL=2;BYHOUR=1",
        "FREQ=SECONDLY;BYSECOND=60",
        "FREQ=DAILY;BYSECOND=60",
        "FREQ=WEEKLY;BYMONTH=1;BYDAY=MO;BYSETPOS=7",
        "FREQ=DAILY;INTERVAL=999999999",
    ],
)
def test_an_impossible_rule_ends(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "MOST_STEPS", 20_000)

    assert list(expand(Rule.parse(rule), datetime(2026, 1, 1, 4), datetime(2026, 1, 2))) == []  # noqa: DTZ001


def test_a_rule_runs_to_the_end_of_the_year_9999() -> None:
    yearly = Recurrence.fixed(date(9998, 12, 31), UTC, "FREQ=YEARLY;BYWEEKNO=52,53;BYDAY=FR")
    daily = fixed("9999-12-30T23:00", "FREQ=DAILY", "Asia/Tokyo")
    weekly = Recurrence.fixed(date(9999, 12, 30), UTC, "FREQ=WEEKLY;BYDAY=TH,FR,SU")

    assert list(yearly.days()) == [date(9999, 1, 1), date(9999, 12, 31)]
    assert told(daily) == ["9999-12-30T14:00", "9999-12-31T14:00"]
    assert list(weekly.days()) == [date(9999, 12, 30), date(9999, 12, 31)]
    assert daily.next_after(utc("9999-12-31T14:00:00")) is None


def test_the_next_after_many_years_needs_no_walk_through_them(monkeypatch: pytest.MonkeyPatch) -> None:
    walked = []
    once = expansion._picked

    def counted(*args: object) -> object:
        walked.append(args)
        return once(*args)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(expansion, "_picked", counted)
    minutely = fixed("2000-01-01T00:00", "FREQ=MINUTELY")

    assert minutely.next_after(utc("2026-11-26T12:00:00")) == utc("2026-11-26T12:01:00")
    assert len(walked) < 10


def test_sparse_rules_are_not_taken_for_impossible() -> None:
    leap_mondays = Recurrence.fixed(date(2026, 1, 1), UTC, "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO")

    assert list(islice(leap_mondays.days(), 3)) == [date(2044, 2, 29), date(2072, 2, 29), date(2112, 2, 29)]


# Against dateutil, which walks to the year 9999 at worst: so that begins shortly before it.

YEARS_BEFORE_THE_END = {
    "YEARLY": 60,
    "MONTHLY": 20,
    "WEEKLY": 8,
    "DAILY": 4,
    "HOURLY": 1,
    "MINUTELY": 0,
    "SECONDLY": 0,
}


@st.composite
def rules(draw: st.DrawFn) -> tuple[str, datetime]:
    """A rule that means the same to everyone, and its DTSTART."""
    frequency = draw(st.sampled_from(sorted(YEARS_BEFORE_THE_END)))
    by_clock = frequency in ("HOURLY", "MINUTELY", "SECONDLY")
    counts = frequency in ("MONTHLY", "YEARLY")
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 9))}"]

    def some(name: str, values: st.SearchStrategy[object], chance: int = 3) -> bool:
        if draw(st.integers(0, chance)):
            return False
        parts.append(
            f"{name}={','.join(map(str, draw(st.lists(values, min_size=1, max_size=5, unique=True))))}"
        )
        return True

    def signed(most: int) -> st.SearchStrategy[object]:
        return st.integers(1, most) | st.integers(-most, -1)

    weekday: st.SearchStrategy[object] = st.sampled_from(WEEKDAYS)
    nth = st.builds("{}{}".format, signed(5), weekday)
    chosen = some("BYMONTH", st.integers(1, 12))
    if frequency == "YEARLY" or by_clock:
        chosen |= some("BYYEARDAY", signed(366), 6)
    if frequency != "WEEKLY":
        chosen |= some("BYMONTHDAY", signed(31))
    # Of MO,1TU together dateutil wants both at once.
    chosen |= some("BYDAY", nth if counts and draw(st.booleans()) else weekday, 1)
    for name, most in (("BYHOUR", 23), ("BYMINUTE", 59), ("BYSECOND", 59)):
        chosen |= some(name, st.integers(0, most), 5)
    if chosen and frequency != "WEEKLY":  # there dateutil counts positions from DTSTART
        some("BYSETPOS", signed(6), 3)
    parts += [f"WKST={draw(weekday)}", *draw(st.sampled_from([[], ["COUNT=4"]]))]
    year = 9999 - YEARS_BEFORE_THE_END[frequency]
    first = datetime(year, 12, 30 if frequency == "SECONDLY" else 1)  # noqa: DTZ001  local
    return ";".join(parts), first + timedelta(seconds=draw(st.integers(0, 86_400)))


@settings(deadline=None)  # dateutil walks for seconds
@given(rules())
def test_rules_mean_what_they_mean_to_dateutil(case: tuple[str, datetime]) -> None:
    text, start = case
    try:
        expected = list(islice(rrulestr(text, dtstart=start), 12))
    except ValueError:  # it sees that some of the rules never come
        expected = []

    assert list(islice(expand(Rule.parse(text), start), 12)) == expected


# After completion.


@pytest.mark.parametrize(
    ("every", "unit", "finished", "expected"),
    [
        (3, Unit.DAY, "2026-03-27T20:00:00", "2026-03-30T07:00:00"),
        (1, Unit.DAY, "2026-11-26T23:30:00", "2026-11-28T08:00:00"),  # already the 27th in Berlin
        (2, Unit.WEEK, "2026-11-26T08:00:00", "2026-12-10T08:00:00"),
        (1, Unit.MONTH, "2027-01-31T08:00:00", "2027-02-28T08:00:00"),
        (13, Unit.MONTH, "2026-12-31T08:00:00", "2028-01-31T08:00:00"),
        (1, Unit.YEAR, "2028-02-29T08:00:00", "2029-02-28T08:00:00"),
        (3, Unit.WORKING_DAY, "2026-11-26T08:00:00", "2026-12-01T08:00:00"),
    ],
)
def test_the_next_is_so_long_after_the_local_day_of_completion(
    every: int, unit: Unit, finished: str, expected: str
) -> None:
    recurrence = Recurrence.after_completion(every, unit, time(9), BERLIN, calendar=OFFICE)

    assert recurrence.next_after(utc(finished)) == utc(expected)
    assert following(recurrence, utc("2020-01-01T00:00:00"), utc(finished)) == utc(expected)


def test_it_waits_for_working_time_if_asked() -> None:
    weekend = Recurrence.after_completion(2, Unit.DAY, time(7, 30), BERLIN, calendar=OFFICE, snap=True)

    assert weekend.next_after(utc("2026-11-26T08:00:00")) == utc("2026-11-30T08:00:00")


def test_a_time_in_the_gap_comes_after_it() -> None:
    nightly = Recurrence.after_completion(1, Unit.DAY, time(2, 30), BERLIN)

    assert nightly.next_after(utc("2026-03-28T12:00:00")) == utc("2026-03-29T01:30:00")


def test_nothing_follows_the_end_of_time_or_of_work() -> None:
    gone = WorkingCalendar(
        parent=OFFICE, exceptions=[CalendarException.days(date(2026, 11, 27), date(2036, 1, 1))]
    )

    for unit in (Unit.MONTH, Unit.DAY):
        late = Recurrence.after_completion(1000, unit, time(9), BERLIN)
        assert late.next_after(utc("9999-01-01T00:00:00")) is None
    working = Recurrence.after_completion(1, Unit.WORKING_DAY, time(9), BERLIN, calendar=gone)
    assert working.next_after(utc("2026-11-26T08:00:00")) is None


# Occurrences that were missed.

MONDAYS = fixed("2026-11-02T09:00", "FREQ=WEEKLY")
OPEN = utc("2026-11-02T08:00:00")


@pytest.mark.parametrize(
    ("finished", "missed", "expected"),
    [
        ("2026-10-30T08:00:00", Missed.SKIP_TO_NEXT, "2026-11-09T08:00:00"),  # early
        ("2026-10-30T08:00:00", Missed.ALL, "2026-11-09T08:00:00"),
        ("2026-10-30T08:00:00", Missed.ONE_CATCH_UP, "2026-11-09T08:00:00"),
        ("2026-11-26T08:00:00", Missed.SKIP_TO_NEXT, "2026-11-30T08:00:00"),  # three missed
        ("2026-11-26T08:00:00", Missed.ALL, "2026-11-09T08:00:00"),
        ("2026-11-26T08:00:00", Missed.ONE_CATCH_UP, "2026-11-23T08:00:00"),
        ("2026-11-09T08:00:00", Missed.SKIP_TO_NEXT, "2026-11-16T08:00:00"),  # on the instant
        ("2026-11-09T08:00:00", Missed.ONE_CATCH_UP, "2026-11-09T08:00:00"),
    ],
)
def test_what_was_missed_is_skipped_done_each_or_once(finished: str, missed: Missed, expected: str) -> None:
    assert following(MONDAYS, OPEN, utc(finished), missed) == utc(expected)


@given(st.integers(0, 40), st.integers(0, 40 * 7 * 86_400))
def test_catching_up_gives_the_last_that_was_missed(place: int, late: int) -> None:
    current = OPEN + timedelta(weeks=place)
    finished = current + timedelta(seconds=late)
    passed = [each for each in islice(MONDAYS.instants(), 100) if current < each <= finished]
    caught_up = following(MONDAYS, current, finished, Missed.ONE_CATCH_UP)

    assert caught_up == (passed[-1] if passed else MONDAYS.next_after(finished))


def test_the_last_occurrence_is_followed_by_none() -> None:
    twice = fixed("2026-11-02T09:00", "FREQ=WEEKLY;COUNT=2")
    second = utc("2026-11-09T08:00:00")

    assert [following(twice, second, second, each) for each in Missed] == [None, None, None]
    assert following(twice, OPEN, utc("2027-01-01T00:00:00"), Missed.ONE_CATCH_UP) == second
