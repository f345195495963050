"""The one instant of each local day: across changes of the clocks, of the zone, and of the time asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

from taskcore.delivery.mornings import Morning, changed_morning, morning, next_morning, to_tell

ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "UTC"),
    *("Asia/Kathmandu", "Africa/Casablanca", "America/Santiago", "Europe/Dublin", "America/Havana"),
    *("America/Nuuk", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Tehran"),
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
times = st.times(time(0), time(23, 59)).map(lambda each: each.replace(second=0, microsecond=0))
instants = st.integers(0, 30 * 366 * 86_400).map(
    lambda each: datetime(2005, 1, 1, tzinfo=UTC) + timedelta(seconds=each)
)
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_time_that_the_clocks_leave_out_is_told_when_they_have_been_put_forward() -> None:
    berlin, havana = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Havana")

    assert morning(date(2026, 3, 29), time(2, 30), berlin) == Morning(
        at("2026-03-29T01:00Z"), date(2026, 3, 29)
    )
    assert morning(date(2026, 3, 8), time(0, 30), havana) == Morning(
        at("2026-03-08T05:00Z"), date(2026, 3, 8)
    )


def test_of_a_time_that_is_shown_twice_the_first_counts() -> None:
    lord_howe = morning(date(2026, 4, 5), time(1, 45), ZoneInfo("Australia/Lord_Howe"))

    assert lord_howe == Morning(at("2026-04-04T14:45Z"), date(2026, 4, 5))


def test_a_day_that_a_zone_leaves_out_has_no_morning() -> None:
    apia = ZoneInfo("Pacific/Apia")

    assert morning(date(2011, 12, 30), time(8), apia) is None
    assert next_morning(at("2011-12-29T18:00Z"), time(8), apia, date(2011, 12, 29)) == at("2011-12-30T18:00Z")


def test_where_the_gap_ends_the_next_day_the_day_is_told_before_it() -> None:
    """Greenland puts its clocks from 23:00 to midnight."""
    told = morning(date(2026, 3, 28), time(23, 30), ZoneInfo("America/Nuuk"))

    assert told == Morning(at("2026-03-29T00:59:59Z"), date(2026, 3, 28))


def test_what_is_late_is_told_the_same_day_and_not_the_next() -> None:
    utc = ZoneInfo("UTC")

    assert to_tell(at("2026-05-05T23:59Z"), time(8), utc, date(2026, 5, 4)) == date(2026, 5, 5)
    assert to_tell(at("2026-05-06T07:59Z"), time(8), utc, date(2026, 5, 4)) is None
    assert to_tell(at("2026-05-05T09:00Z"), time(8), utc, date(2026, 5, 5)) is None


def test_a_morning_that_is_moved_into_the_past_before_it_came_is_told_at_once() -> None:
    utc, now, pending = ZoneInfo("UTC"), at("2026-05-05T07:30Z"), at("2026-05-05T08:00Z")

    assert changed_morning(now, time(7), utc, date(2026, 5, 4), pending) == now
    assert changed_morning(now, time(7), utc, date(2026, 5, 5), pending) == at("2026-05-06T07:00Z")
    assert changed_morning(now, time(7), utc, None, None) == at("2026-05-06T07:00Z")
    assert changed_morning(now, time(9), utc, date(2026, 5, 4), pending) == at("2026-05-05T09:00Z")


@given(zones, times, instants)
@example(ZoneInfo("Pacific/Apia"), time(8), at("2011-12-20T00:00Z"))
@example(ZoneInfo("America/Havana"), time(0, 15), at("2026-03-01T00:00Z"))
@example(ZoneInfo("America/Nuuk"), time(23, 30), at("2026-03-20T00:00Z"))
@example(ZoneInfo("America/St_Johns"), time(0), at("2010-11-01T00:00Z"))
def test_each_local_day_has_one_at_the_time_asked_for(zone: ZoneInfo, when: time, start: datetime) -> None:
    now, told, days = start, None, []
    for _ in range(20):
        now = next_morning(now, when, zone, told)
        told = to_tell(now, when, zone, told)

        assert told is not None
        days.append(told)
        local = now.astimezone(zone)
        in_gap = (
            datetime.combine(told, when, zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
            != datetime.combine(told, when)
        )  # fmt: skip
        assert local.date() == told
        assert in_gap or local.time() == when

    skipped = {date(2011, 12, 30)} if zone.key == "Pacific/Apia" else set()
    there = [days[0] + DAY * place for place in range((days[-1] - days[0]).days + 1)]
    assert days == [day for day in there if day not in skipped]


@attrs.frozen
class Change:
    after: timedelta
    zone: ZoneInfo
    when: time


changes = st.lists(
    st.builds(Change, st.timedeltas(timedelta(minutes=1), timedelta(days=3)), zones, times),
    min_size=1,
    max_size=12,
)


@given(instants, changes)
def test_whatever_is_changed_no_day_is_told_twice_and_it_goes_on(start: datetime, each: list[Change]) -> None:
    now, zone, when = start, ZoneInfo("UTC"), time(8)
    due = next_morning(now, when, zone, None)
    told: list[date] = []

    def run_until(end: datetime) -> None:
        nonlocal due
        while due <= end:
            day = to_tell(due, when, zone, told[-1] if told else None)
            if day is not None:
                told.append(day)
            due = next_morning(due, when, zone, told[-1] if told else None)

    for change in each:
        run_until(now + change.after)
        now += change.after
        zone, when = change.zone, change.when
        due = changed_morning(now, when, zone, told[-1] if told else None, due)
        assert due - now <= timedelta(days=4)
    before = len(told)
    run_until(now + timedelta(days=6))

    assert told == sorted(set(told))
    assert len(told) - before >= 3
