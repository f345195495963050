"""When a member works: own hours or the team's, without holidays, without time off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore.scheduling.calendars import WeeklyHours, WorkingCalendar
from taskcore.teams.calendar_documents import (
    changes,
    day_exception,
    days,
    kept,
    member_calendar,
    member_document,
    team_calendar,
    team_document,
)
from taskcore.teams.calendars import (
    FIRST_DAY,
    LAST_DAY,
    DayException,
    MemberCalendar,
    TeamCalendar,
    Window,
    member_working,
    team_working,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "Asia/Tokyo", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe")
FIRST = date(2026, 3, 23)  # the week in which Berlin changes its clocks
SPAN = 14

some_days = st.integers(0, SPAN - 1).map(lambda number: FIRST + timedelta(days=number))
ticks = st.lists(st.integers(0, 48), unique=True, max_size=6).map(
    lambda found: sorted(found)[: len(found) // 2 * 2]
)
parts = ticks.map(lambda found: [(30 * a, 30 * b) for a, b in zip(found[::2], found[1::2], strict=True)])
weeks = st.lists(parts, min_size=7, max_size=7).map(WeeklyHours)


@st.composite
def exceptions(draw: st.DrawFn) -> DayException:
    first, last = sorted((draw(some_days), draw(some_days)))
    return DayException(first, last, draw(st.none() | weeks), draw(st.sampled_from(("", "Ferien"))))


several = st.lists(exceptions(), max_size=3).map(tuple)
team_calendars = st.builds(TeamCalendar, st.none() | weeks, several)
member_calendars = st.builds(
    MemberCalendar,
    hours=st.none() | weeks,
    exceptions=several,
    time_zone=st.none() | st.sampled_from(ZONES),
    units=st.sampled_from((1.0, 0.5, 0.01)),
    efficiency=st.sampled_from((1.0, 10.0)),
    max_minutes_per_week=st.none() | st.integers(0, 10_080),
    skills=st.sampled_from(((), ("python", "Übersetzen"))),
)


def working(team: TeamCalendar, member: MemberCalendar) -> WorkingCalendar:
    return member_working(member, team_working(team, "Europe/Berlin"))


def minutes_of(calendar: WorkingCalendar) -> set[datetime]:
    """The local half hours of the days above in which there is work."""
    zone = calendar.local_zone
    found = set()
    for span in Window(FIRST, FIRST + timedelta(days=SPAN - 1)).worked(calendar):
        at = span.start
        while at < span.end:
            found.add(at.astimezone(zone).replace(tzinfo=None))
            at += timedelta(minutes=30)
    return found


def expected(team: TeamCalendar, member: MemberCalendar) -> set[datetime]:
    """The same by asking for each half hour which rule decides it."""
    found = set()
    for number in range(48 * SPAN):
        at = datetime.combine(FIRST, datetime.min.time()) + timedelta(minutes=30 * number)
        usual = team.usual_hours if member.hours is None else member.hours
        rule = next(
            (each for each in reversed(member.exceptions) if each.first <= at.date() <= each.last), None
        )
        works = _works(usual, at)
        if rule is not None:
            works = rule.hours is not None and _works(rule.hours, at)
        else:
            rule = next(
                (each for each in reversed(team.exceptions) if each.first <= at.date() <= each.last), None
            )
            if rule is not None:
                other = rule.hours is not None and _works(rule.hours, at)
                works = other and (works or member.hours is None)
        if works:
            found.add(at)
    return found


def _works(hours: WeeklyHours, at: datetime) -> bool:
    minute = at.hour * 60 + at.minute
    return any(start <= minute < end for start, end in hours.days[at.weekday()])


@settings(max_examples=40)
@given(team_calendars, member_calendars)
def test_each_half_hour_is_decided_by_the_strongest_rule(team: TeamCalendar, member: MemberCalendar) -> None:
    member = attrs.evolve(member, time_zone="Asia/Tokyo")  # where clocks stay as they are

    assert minutes_of(working(team, member)) == expected(team, member)


@settings(max_examples=40)
@given(team_calendars, member_calendars, some_days, some_days)
def test_nobody_works_on_a_holiday_unless_they_said_so(
    team: TeamCalendar, member: MemberCalendar, one: date, other: date
) -> None:
    first, last = sorted((one, other))
    holiday = team.with_exception(DayException(first, last))
    said = [each for each in member.exceptions if each.hours is not None]
    assume(not any(each.first <= last and first <= each.last for each in said))

    assert Window(first, last).worked(working(holiday, member)) == ()


@settings(max_examples=40)
@given(team_calendars, member_calendars, some_days, some_days)
def test_nobody_works_in_time_off_added_last_and_as_before_around_it(
    team: TeamCalendar, member: MemberCalendar, one: date, other: date
) -> None:
    first, last = sorted((one, other))
    before, after = working(team, member), working(team, member.with_exception(DayException(first, last)))
    outside = {at for at in minutes_of(before) if not first <= at.date() <= last}

    assert Window(first, last).worked(after) == ()
    assert minutes_of(after) == outside


@settings(max_examples=40)
@given(team_calendars, some_days, some_days)
def test_days_without_exceptions_are_usual_and_others_as_before(
    team: TeamCalendar, one: date, other: date
) -> None:
    first, last = sorted((one, other))
    after = team.without_exceptions(first, last)

    assert all(each.first <= each.last for each in after.exceptions)
    for number in range(SPAN):
        day = FIRST + timedelta(days=number)
        before = [each for each in team.exceptions if each.first <= day <= each.last]
        found = [(each.hours, each.name) for each in after.exceptions if each.first <= day <= each.last]
        assert found == ([] if first <= day <= last else [(each.hours, each.name) for each in before])


@settings(max_examples=40)
@given(member_calendars)
def test_a_calendar_is_its_document(calendar: MemberCalendar) -> None:
    team = TeamCalendar(calendar.hours, calendar.exceptions)

    assert member_calendar(member_document(calendar)) == calendar
    assert member_calendar(kept(calendar)) == calendar
    assert team_calendar(team_document(team)) == team
    assert team_calendar(kept(team)) == team


@settings(max_examples=40)
@given(member_calendars, member_calendars)
def test_changes_are_told_where_calendars_differ(old: MemberCalendar, new: MemberCalendar) -> None:
    told = changes(old, new)

    assert bool(told) == (old != new)
    assert all(each["from"] != each["to"] for each in told.values())


def test_of_exceptions_those_that_went_and_came_are_told() -> None:
    stays, goes, comes = (DayException(day, day) for day in (FIRST, date(2026, 5, 1), date(2026, 6, 1)))
    told = changes(TeamCalendar(None, (stays, goes)), TeamCalendar(None, (stays, comes)))

    assert [each["from"] for each in told["exceptions"]["from"]] == ["2026-05-01"]
    assert [each["from"] for each in told["exceptions"]["to"]] == ["2026-06-01"]


def test_of_exceptions_in_another_order_all_are_told() -> None:
    one, other = DayException(FIRST, FIRST), DayException(FIRST, FIRST, WeeklyHours([()] * 7), "x")
    told = changes(TeamCalendar(None, (one, other)), TeamCalendar(None, (other, one)))["exceptions"]

    assert told["from"] == [*reversed(told["to"])]
    assert len(told["to"]) == 2


def test_what_says_nothing_is_not_kept() -> None:
    assert kept(TeamCalendar()) is None
    assert kept(MemberCalendar()) is None
    assert kept(MemberCalendar(units=0.5)) is not None
    assert kept(TeamCalendar(WeeklyHours([()] * 7))) is not None


def test_a_team_that_says_nothing_works_from_monday_to_friday() -> None:
    calendar = team_working(team_calendar(None), "Europe/Berlin")
    worked = Window(date(2026, 3, 27), date(2026, 3, 30)).worked(calendar)

    assert [(each.start, each.end) for each in worked] == [
        (datetime(2026, 3, 27, 8, tzinfo=UTC), datetime(2026, 3, 27, 16, tzinfo=UTC)),
        (datetime(2026, 3, 30, 7, tzinfo=UTC), datetime(2026, 3, 30, 15, tzinfo=UTC)),
    ]


def test_who_never_works_is_not_as_who_says_nothing() -> None:
    team = team_calendar({"hours": {}})
    member = member_calendar({"hours": {}})

    assert Window(FIRST, FIRST).worked(working(team, MemberCalendar())) == ()
    assert Window(FIRST, FIRST).worked(working(TeamCalendar(), member)) == ()
    assert team_document(team)["hours"] == {}


def test_days_and_parts_are_said_in_one_way() -> None:
    tuesday = ["13:00-24:00", "12:00-13:00", "09:00-12:00"]
    team = team_calendar({"hours": {"tue": tuesday, "mon": [*reversed(tuesday)], "wed": []}})

    assert team_document(team)["hours"] == {"mon-tue": ("09:00-12:00", "12:00-13:00", "13:00-24:00")}


@pytest.mark.parametrize("last", [FIRST_DAY, date(2011, 12, 31), LAST_DAY])
@pytest.mark.parametrize("zone", ["Pacific/Apia", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_every_day_that_may_be_asked_for_is_told(last: date, zone: str) -> None:
    first = max(FIRST_DAY, last - timedelta(days=365))
    spans = Window(first, last).worked(team_working(team_calendar(None), zone))

    assert all(first <= each.start.astimezone(ZoneInfo(zone)).date() <= last for each in spans)
    assert spans or first.weekday() > 4


FAULTS: list[tuple[Any, list[str]]] = [
    (3, [""]),
    ({"hour": {}}, ["hour"]),
    ({"hours": []}, ["hours"]),
    ({"hours": {"monday": []}}, ["hours/monday"]),
    ({"hours": {"MON": [], "fri-mon": [], "a/b~": []}}, ["hours/MON", "hours/fri-mon", "hours/a~1b~0"]),
    ({"hours": {"mon": "09:00-17:00"}}, ["hours/mon"]),
    (
        {"hours": {"mon": ["9:00-17:00", "09:00", 3, "17:00-09:00", "09:00-09:00", "00:00-24:01"]}},
        [f"hours/mon/{n}" for n in range(6)],
    ),
    ({"hours": {"mon-fri": ["09:00-12:00", "11:59-13:00"]}}, ["hours/mon-fri/1"]),
    ({"hours": {"mon-fri": ["09:00-12:00"], "wed": ["12:00-13:00", "08:00-09:01"]}}, ["hours/wed/1"]),
    ({"hours": {"mon": ["00:00-00:01"] * 25}}, ["hours/mon"]),
    ({"exceptions": {}}, ["exceptions"]),
    (
        {"exceptions": [{}, {"from": "2026-02-30"}, {"from": "20261224"}, 3]},
        ["exceptions/0/from", "exceptions/1/from", "exceptions/2/from", "exceptions/3"],
    ),
    ({"exceptions": [{"from": "2026-12-26", "to": "2026-12-24"}]}, ["exceptions/0/to"]),
    ({"exceptions": [{"from": "2026-12-26", "to": None, "x": 1}]}, ["exceptions/0/to", "exceptions/0/x"]),
    ({"exceptions": [{"from": datetime(2026, 12, 24, tzinfo=UTC)}]}, ["exceptions/0/from"]),
    (
        {"exceptions": [{"from": "2026-12-26", "hours": {"mon": ["1"]}, "name": "a\nb"}]},
        ["exceptions/0/hours/mon/0", "exceptions/0/name"],
    ),
    ({"exceptions": [{"from": "2026-12-26"}] * 501}, ["exceptions"]),
    ({"units": 0}, ["units"]),
    ({"units": 1.01, "efficiency": 10.01}, ["units", "efficiency"]),
    ({"units": True, "efficiency": float("nan")}, ["units", "efficiency"]),
    ({"units": "1", "efficiency": None}, ["units", "efficiency"]),
    ({"max_minutes_per_week": 10_081}, ["max_minutes_per_week"]),
    ({"max_minutes_per_week": 1.5}, ["max_minutes_per_week"]),
    ({"time_zone": "Nowhere"}, ["time_zone"]),
    ({"time_zone": 3}, ["time_zone"]),
    ({"skills": "python"}, ["skills"]),
    ({"skills": ["a", "", "a", "b,c", 3, "x" * 51]}, [f"skills/{number}" for number in range(1, 6)]),
    ({"skills": [str(number) for number in range(51)]}, ["skills"]),
]


@pytest.mark.parametrize(("document", "places"), FAULTS)
def test_every_fault_is_told_at_its_place(document: Any, places: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        member_calendar(document)

    assert [fault.field for fault in refused.value.faults] == places


@pytest.mark.parametrize("name", ["time_zone", "units", "efficiency", "max_minutes_per_week", "skills"])
def test_what_is_a_members_is_no_teams(name: str) -> None:
    with pytest.raises(Invalid, match=f"{name}: is no field here"):
        team_calendar({name: None})


def test_a_window_is_of_days_in_their_order_and_not_too_many() -> None:
    for first, last, field in (
        (FIRST, FIRST - timedelta(days=1), "to"),
        (FIRST, FIRST + timedelta(days=366), "to"),
        (date(1899, 12, 31), FIRST_DAY, "from"),
        (LAST_DAY, date(9999, 1, 1), "to"),
    ):
        with pytest.raises(Invalid) as refused:
            Window(first, last)
        assert [fault.field for fault in refused.value.faults] == [field]

    with pytest.raises(Invalid, match="from: must be a day such as"):
        days({"from": "today", "to": FIRST})
    with pytest.raises(Invalid, match="to: must not be before 2026-03-23"):
        day_exception({"from": FIRST, "to": FIRST - timedelta(days=1)})
