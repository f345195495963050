"""Instants, days, and the checks that several entities share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.values import (
    Priority,
    Role,
    end_of_day,
    instant,
    integer_faults,
    start_of_day,
    text_faults,
    zone,
    zone_faults,
)

zones = st.sampled_from(sorted(available_timezones() - {"localtime"}))
FIRST, LAST = datetime(2, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001  of any zone
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(value=st.datetimes(timezones=zones.map(ZoneInfo), min_value=FIRST, max_value=LAST))
def test_an_instant_is_in_utc_whatever_its_zone(value: datetime) -> None:
    assert instant(value).tzinfo is UTC
    assert instant(value).timestamp() == value.timestamp()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (datetime(2026, 12, 1), "needs its zone"),  # noqa: DTZ001  that is what is refused
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), "years 1 to 9999"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), "years 1 to 9999"),
    ],
)
def test_what_is_no_instant_is_refused(value: datetime, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        instant(value)


@given(day=days, name=zones)
def test_a_day_lasts_from_its_first_microsecond_to_its_last_wherever_it_is(day: date, name: str) -> None:
    first, last, where = start_of_day(day, name), end_of_day(day, name), ZoneInfo(name)
    moment = timedelta(microseconds=1)

    assert first.astimezone(where).date() == last.astimezone(where).date() == day
    assert (first - moment).astimezone(where).date() < day < (last + moment).astimezone(where).date()


def test_the_last_day_there_is_has_no_end() -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        end_of_day(date.max, "UTC")


@pytest.mark.parametrize(
    "name", ["", "Nowhere/Land", "../etc/passwd", "\x00", "europe", "/etc/localtime", "x" * 5000]
)
def test_a_zone_that_is_not_there_is_a_fault(name: str) -> None:
    (fault,) = zone_faults("time_zone", name)

    assert fault.field == "time_zone"
    with pytest.raises(ValueError, match="no such time zone"):
        zone(name)


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=9))
def test_a_text_is_sound_if_its_length_is_and_it_is_not_blank(text: str) -> None:
    sound = 1 <= len(text) <= 5 and bool(text.strip())

    assert (text_faults("name", text, least=1, most=5) == []) == sound
    assert (text_faults("name", text, most=5) == []) == (len(text) <= 5)


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d", "\udfff"])
def test_characters_that_no_store_can_hold_are_a_fault(text: str) -> None:
    assert len(text_faults("name", text, most=100)) == 1


@given(value=st.none() | st.integers(-5, 15))
def test_a_number_lies_between_its_bounds_or_is_missing(value: int | None) -> None:
    assert (integer_faults("n", value, most=10) == []) == (value is None or 0 <= value <= 10)


def test_ranks_of_roles_and_weights_of_priorities_rise() -> None:
    assert [role for role in Role if Role.ADMIN.outranks(role)] == [Role.MEMBER, Role.GUEST]
    assert [priority.weight for priority in Priority] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Mars/Olympus", "", "../etc"])
def test_what_is_no_place_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        zone(name)
