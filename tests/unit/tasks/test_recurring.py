"""When a recurring task comes again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore.scheduling.calendars import WeeklyHours, WorkingCalendar
from taskcore.scheduling.notation import parsed
from taskcore.scheduling.recurrence import Missed
from taskcore.tasks.model import Task
from taskcore.tasks.recurring import Occurrence, next_occurrence
from taskcore.values import end_of_day
from tests.unit.examples import task

BERLIN = "Europe/Berlin"


def at(*parts: int) -> datetime:
    """A time in Berlin, in UTC."""
    return datetime(*parts, tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)  # type: ignore[arg-type,misc]  # parts of a time


def recurring(recurrence: str | None, **fields: Any) -> Task:
    if "due_on" in fields:
        fields["due_at"] = end_of_day(fields["due_on"], BERLIN)
    return task(recurrence=recurrence, **{"created_at": at(2026, 10, 1, 12), **fields})


def after(told: Task, completed_at: datetime, **more: Any) -> Occurrence:
    found = next_occurrence(told, completed_at, time_zone=BERLIN, **more)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("recurrence", "fields", "completed", "due"),
    [
        ("RRULE:FREQ=DAILY", {"due_on": date(2026, 10, 5)}, at(2026, 10, 5, 9), date(2026, 10, 6)),
        ("RRULE:FREQ=DAILY", {"due_on": date(2026, 10, 5)}, at(2026, 10, 3, 9), date(2026, 10, 6)),
        ("RRULE:FREQ=DAILY", {"due_on": date(2026, 10, 5)}, at(2026, 10, 9, 9), date(2026, 10, 10)),
        ("RRULE:FREQ=WEEKLY", {"due_at": at(2026, 10, 19, 9)}, at(2026, 10, 19, 8), at(2026, 10, 26, 9)),
        ("RRULE:FREQ=WEEKLY", {"start_at": at(2026, 10, 19, 9)}, at(2026, 10, 19, 10), None),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO", {}, at(2026, 10, 1, 13), date(2026, 10, 5)),
        ("RRULE:FREQ=HOURLY", {"due_on": date(2026, 10, 5)}, at(2026, 10, 5, 9, 30), at(2026, 10, 5, 10)),
        (
            "DTSTART;TZID=America/New_York:20261005T090000\nRRULE:FREQ=DAILY",
            {"due_on": date(2026, 10, 5)},
            at(2026, 10, 5, 12),
            at(2026, 10, 6, 15),
        ),
        (
            "every 3 days after completion",
            {"due_on": date(2026, 10, 5)},
            at(2026, 10, 9, 23),
            date(2026, 10, 12),
        ),
        (
            "every month after completion",
            {"due_at": at(2026, 1, 9, 7)},
            at(2026, 1, 31, 9),
            at(2026, 2, 28, 7),
        ),
        ("every week after completion at 08:30", {}, at(2026, 10, 20, 9), at(2026, 10, 27, 8, 30)),
        (
            "every day after completion at 09:00 in Asia/Tokyo",
            {},
            datetime(2026, 10, 20, 16, tzinfo=UTC),
            datetime(2026, 10, 22, 0, tzinfo=UTC),
        ),
    ],
)
def test_the_next_one_is_due(
    recurrence: str, fields: dict[str, Any], completed: datetime, due: datetime | date | None
) -> None:
    found = after(recurring(recurrence, **fields), completed)

    assert (found.due_at or found.due_on) == due


def test_one_that_has_only_a_start_starts_again() -> None:
    told = recurring("RRULE:FREQ=WEEKLY", start_at=at(2026, 10, 19, 9))

    assert after(told, at(2026, 10, 19, 12)).start_at == at(2026, 10, 26, 9)


def test_the_start_stays_as_many_days_before_and_at_its_time() -> None:
    told = recurring("RRULE:FREQ=WEEKLY", start_at=at(2026, 10, 17, 8), due_on=date(2026, 10, 20))
    found = after(told, at(2026, 10, 20, 9))

    assert (found.start_at, found.due_on) == (at(2026, 10, 24, 8), date(2026, 10, 27))
    # The clocks changed on the 25th.
    assert after(attrs.evolve(told, **dates(found)), at(2026, 10, 27, 9)).start_at == at(2026, 10, 31, 8)


def dates(found: Occurrence) -> dict[str, Any]:
    due_at = found.due_at if found.due_on is None else end_of_day(found.due_on, BERLIN)
    return {
        "recurrence": found.recurrence,
        "start_at": found.start_at,
        "due_at": due_at,
        "due_on": found.due_on,
    }


def series(told: Task, completed: datetime, **more: Any) -> list[Occurrence]:
    """Every occurrence that follows, each finished at once."""
    found = []
    while (one := next_occurrence(told, completed, time_zone=BERLIN, **more)) is not None:
        found.append(one)
        told = attrs.evolve(told, **dates(one))
    return found


def test_a_series_counts_from_its_first_task() -> None:
    told = recurring("RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4", due_on=date(2026, 10, 5))
    found = series(told, at(2026, 10, 5, 9))

    assert [each.due_on for each in found] == [date(2026, 10, 19), date(2026, 11, 2), date(2026, 11, 16)]
    assert {each.recurrence for each in found} == {
        "DTSTART;VALUE=DATE:20261005\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4"
    }


def test_those_that_were_missed_come_or_do_not() -> None:
    told = recurring("RRULE:FREQ=DAILY", due_on=date(2026, 10, 5))
    late = at(2026, 10, 9, 9)
    found = {missed: after(told, late, missed=missed).due_on for missed in Missed}

    assert found == {
        Missed.SKIP_TO_NEXT: date(2026, 10, 10),
        Missed.ALL: date(2026, 10, 6),
        Missed.ONE_CATCH_UP: date(2026, 10, 9),
    }


def test_working_days_are_those_of_the_calendar() -> None:
    told = recurring("every 2 working days after completion", due_on=date(2026, 10, 9))
    calendar = WorkingCalendar(ZoneInfo(BERLIN), WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))

    assert after(told, at(2026, 10, 9, 9), calendar=calendar).due_on == date(2026, 10, 13)
    with pytest.raises(Invalid, match="calendar"):
        next_occurrence(told, at(2026, 10, 9, 9), time_zone=BERLIN)


@pytest.mark.parametrize("recurrence", [None, "", "every monday", "RRULE:FREQ=DAILY;UNTIL=20261006"])
def test_what_does_not_recur_comes_never(recurrence: str | None) -> None:
    told = recurring(recurrence, due_on=date(2026, 10, 6))

    assert next_occurrence(told, at(2026, 10, 6, 9), time_zone=BERLIN) is None


@given(
    st.sampled_from(
        [
            "RRULE:FREQ=DAILY",
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=31",
            "every 2 days after completion",
            "RRULE:FREQ=HOURLY",
        ]
    ),
    st.sampled_from(["due_on", "due_at", "start_at", None]),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_the_next_one_comes_after_completion_and_after_this_one(
    recurrence: str, field: str | None, day: date, completed: datetime
) -> None:
    value = day if field == "due_on" else datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    told = recurring(recurrence, **({field: value} if field else {}))
    found = after(told, completed)
    moment = found.due_at or found.start_at
    parsed(found.recurrence)

    if moment is None:
        assert found.due_on is not None
        assert found.due_on > completed.astimezone(ZoneInfo(BERLIN)).date()
        assert recurrence.startswith("every") or field != "due_on" or found.due_on > day
    else:
        assert moment > completed
