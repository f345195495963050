"""Reminders: when they are to be told, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore import blocking
from taskcore.errors import Invalid, NotFound
from taskcore.scheduling.calendars import WeeklyHours, WorkingCalendar
from taskcore.scheduling.spans import instant_of, seconds_at
from taskcore.tasks.reminding import Reminder, armed
from taskcore.values import LagUnit, ReminderAnchor, ReminderId, Status, end_of_day
from tests.unit.examples import ADA, NOW, TEAM, new_id, task

MONDAY = datetime(2026, 11, 9, 10, tzinfo=UTC)
CALENDAR = WorkingCalendar(ZoneInfo("UTC"), WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))
NEVER = WorkingCalendar(ZoneInfo("UTC"), WeeklyHours.parse({}))


def reminder(anchor: ReminderAnchor = ReminderAnchor.DUE, **fields: Any) -> Reminder:
    about = task()
    plain = Reminder(ReminderId(new_id()), TEAM.id, about.id, ADA.id, anchor, NOW)
    return attrs.evolve(plain, **fields)


@pytest.mark.parametrize(
    ("told", "fields", "fires_at"),
    [
        (reminder(), {"due_at": MONDAY}, MONDAY),
        (reminder(offset_minutes=-90), {"due_at": MONDAY}, MONDAY - timedelta(minutes=90)),
        (
            reminder(offset_minutes=-120, offset_unit=LagUnit.WORKING),
            {"due_at": MONDAY},
            datetime(2026, 11, 6, 16, tzinfo=UTC),
        ),
        (reminder(ReminderAnchor.PLANNED_START), {"planned_start": MONDAY, "due_at": NOW}, MONDAY),
        (reminder(ReminderAnchor.PLANNED_FINISH, offset_minutes=1), {"planned_finish": MONDAY}, MONDAY + timedelta(minutes=1)),
        (reminder(ReminderAnchor.ABSOLUTE, at=MONDAY), {}, MONDAY),
        (reminder(), {}, None),
        (reminder(), {"due_at": MONDAY, "status": Status.DONE}, None),
        (reminder(offset_minutes=1), {"due_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}, None),
    ],
)  # fmt: skip
def test_it_is_told_beside_its_date(
    told: Reminder, fields: dict[str, Any], fires_at: datetime | None
) -> None:
    assert armed(told, task(**fields), CALENDAR).fires_at == fires_at


def test_where_nobody_works_it_is_never_told() -> None:
    told = reminder(offset_minutes=60, offset_unit=LagUnit.WORKING)

    assert armed(told, task(due_at=MONDAY), NEVER).fires_at is None


@given(
    st.dates(date(1990, 1, 1), date(2037, 12, 31)),
    st.sampled_from(
        ["America/Santiago", "America/Havana", "Pacific/Apia", "Europe/Berlin", "Asia/Kathmandu"]
    ),
)
def test_a_day_ends_where_calendars_say(day: date, zone: str) -> None:
    midnight = instant_of(seconds_at(ZoneInfo(zone), day.toordinal() + 1, 0))

    assert end_of_day(day, zone) == midnight - timedelta(microseconds=1)


@pytest.fixture
def people() -> Iterator[tuple[Any, Any]]:
    """Ada, who owns a team with one task, and Bob, a member."""
    with blocking.open("memory://", hasher="scrypt://?n=2") as core:
        ada, bob = (
            core.acting_as(core.users.register(f"{name}@example.org", name=name, password="correct horse battery").id)
            for name in ("ada", "bob")
        )  # fmt: skip
        ada.teams.create("Platform", key="PLAT")
        bob.invitations.accept(ada.invitations.create("PLAT", "bob@example.org", "member")[1])
        ada.tasks.create("PLAT", "Ship it", due_at=MONDAY)
        yield ada, bob


def test_a_reminder_is_ones_own(people: tuple[Any, Any]) -> None:
    ada, bob = people
    mine = ada.reminders.add("PLAT-1", offset_minutes=-60)

    assert ada.reminders.list("PLAT-1").items == [mine]
    assert bob.reminders.list("PLAT-1").items == []
    with pytest.raises(NotFound):
        bob.reminders.remove("PLAT-1", mine.id)
    ada.reminders.remove("PLAT-1", mine.id)
    assert ada.reminders.list("PLAT-1").items == []


def test_it_goes_with_the_date(people: tuple[Any, Any]) -> None:
    ada, _ = people
    assert ada.reminders.add("PLAT-1", offset_minutes=-60).fires_at == MONDAY - timedelta(hours=1)
    ada.tasks.edit("PLAT-1", due_at=MONDAY + timedelta(days=1))

    assert ada.reminders.list("PLAT-1").items[0].fires_at == MONDAY + timedelta(hours=23)


def test_it_goes_with_its_task_and_with_its_user(people: tuple[Any, Any]) -> None:
    ada, bob = people
    for acting in people:
        acting.reminders.add("PLAT-1")
    bob.members.leave("PLAT")
    bob.invitations.accept(ada.invitations.create("PLAT", "bob@example.org", "member")[1])
    assert bob.reminders.list("PLAT-1").items == []
    assert len(ada.reminders.list("PLAT-1").items) == 1

    ada.tasks.delete("PLAT-1")
    with pytest.raises(NotFound):
        ada.reminders.list("PLAT-1")
    ada.tasks.purge("PLAT-1")
    assert ada.tasks.count(team="PLAT", deleted=True) == 0


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        ({"anchor": "absolute"}, ["at"]),
        ({"anchor": "due", "at": MONDAY}, ["at"]),
        ({"anchor": "absolute", "at": MONDAY.replace(tzinfo=None)}, ["at"]),
        ({"anchor": "occurrence"}, ["anchor"]),
        ({"offset_unit": "weeks"}, ["offset_unit"]),
        ({"offset_minutes": 6_000_000}, ["offset_minutes"]),
        ({"offset_minutes": 1.5}, ["offset_minutes"]),
    ],
)
def test_what_is_no_reminder_is_refused(
    people: tuple[Any, Any], given: dict[str, Any], faulty: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        people[0].reminders.add("PLAT-1", **given)

    assert [fault.field for fault in refused.value.faults] == faulty
