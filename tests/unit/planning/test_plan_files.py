"""A plan as a table and as calendar events: read with what others read them with."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.planning.ical import plan_ics
from taskcore.planning.model import PlanAssignment, PlanReason, Schedule
from taskcore.planning.table import COLUMNS, plan_csv
from taskcore.scheduling.activities import Cause
from taskcore.values import Priority
from tests.unit.planning.demo import NOW, PEOPLE, TASKS, at, demo, planned

ADA, GRACE = (person.user_id for person in PEOPLE[:2])


def only(**changes: Any) -> Schedule:
    return demo(tasks=(attrs.evolve(planned(1, "Billing", 0, at(1), 24), **changes),), links=())


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def events(text: str) -> list[Any]:
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def test_a_row_has_what_there_is_to_know_of_a_task() -> None:
    found = {row["key"]: row for row in rows(plan_csv(demo()))}

    assert len(found) == len(TASKS)
    assert found["ORB-6"] == {
        "key": "ORB-6",
        "title": "Billing",
        "assignee": "Katherine Johnson",
        "start": "2026-12-01T12:00:00.000000Z",
        "finish": "2026-12-07T09:00:00.000000Z",
        "slack_minutes": "0",
        "critical": "yes",
        "late_minutes": "540",
        "reason": "waits for ORB-5 to finish",
    }
    assert found["ORB-3"]["slack_minutes"] == "1080"
    assert found["ORB-3"]["critical"] == "no"


def test_rows_are_in_the_order_of_the_chart_and_end_as_the_standard_says() -> None:
    text = plan_csv(demo())

    assert [row["key"] for row in rows(text)][4:7] == ["ORB-5", "ORB-7", "ORB-6"]
    assert text.startswith(f"{','.join(COLUMNS)}\r\n")
    assert text.count("\n") == text.count("\r\n") == 16


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1"])
def test_no_text_is_a_formula(text: str) -> None:
    people = (attrs.evolve(PEOPLE[0], name=text),)
    row = rows(
        plan_csv(attrs.evolve(only(title=text, reasons=(PlanReason(Cause.NOW, NOW, text),)), people=people))
    )[0]

    assert [row[name] for name in ("title", "assignee", "reason")] == [f"'{text}"] * 3


def test_negative_slack_is_a_number() -> None:
    assert rows(plan_csv(only(total_slack_minutes=-90)))[0]["slack_minutes"] == "-90"


@given(st.text(max_size=60))
def test_any_title_stays_in_its_cell(title: str) -> None:
    found = rows(plan_csv(only(title=title)))

    assert len(found) == 1
    assert found[0]["assignee"] == "Ada Lovelace"


def test_each_leaf_and_person_has_an_event() -> None:
    found = {str(each["SUMMARY"]): each for each in events(plan_ics(demo()))}
    billing = found["ORB-6 Billing (Katherine Johnson)"]

    assert len(found) == sum(not task.container for task in TASKS)
    assert billing.decoded("DTSTART") == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert billing.decoded("DTEND") == datetime(2026, 12, 7, 9, tzinfo=UTC)
    assert billing.decoded("DTSTAMP") == NOW
    assert str(billing["DESCRIPTION"]).split("\n") == [
        "ORB-6 Billing",
        "Katherine Johnson",
        "Tue 1 Dec 13:00 \N{EN DASH} Mon 7 Dec 10:00",
        "Critical: a delay moves the end or misses a deadline",
        "Due Thu 3 Dec 18:00: 9 h late",
        "waits for ORB-5 to finish",
    ]
    assert billing["CATEGORIES"].cats == ["Critical", "Late"]
    assert (str(billing["STATUS"]), str(billing["TRANSP"])) == ("TENTATIVE", "TRANSPARENT")


def test_an_applied_plan_is_confirmed() -> None:
    assert {str(each["STATUS"]) for each in events(plan_ics(demo(applied=True)))} == {"CONFIRMED"}


def test_two_people_on_a_task_have_an_event_each_from_their_first_to_their_last_hour() -> None:
    parts = [(ADA, 1, 2), (GRACE, 2, 3), (ADA, 4, 5)]
    works = tuple(PlanAssignment(user, at(first), at(last), 1.0) for user, first, last in parts)
    found = events(plan_ics(only(assignments=works)))

    assert [(each.decoded("DTSTART"), each.decoded("DTEND")) for each in found] == [
        (at(1), at(5)),
        (at(2), at(3)),
    ]
    assert [str(each["SUMMARY"]) for each in found] == [
        "ORB-1 Billing (Ada Lovelace)",
        "ORB-1 Billing (Grace Hopper)",
    ]
    assert len({str(each["UID"]) for each in found}) == 2


def test_an_event_is_known_again_after_the_plan_has_changed() -> None:
    moved = tuple(attrs.evolve(task, start=task.start + timedelta(days=1), title="other") for task in TASKS)
    before, after = (
        [str(each["UID"]) for each in events(plan_ics(plan))]
        for plan in (demo(), demo(tasks=moved, now=at(1)))
    )

    assert before == after
    assert len(set(before)) == len(before)


def test_ones_own_calendar_has_only_ones_own_work() -> None:
    found = [str(each["SUMMARY"]) for each in events(plan_ics(demo(), person=ADA))]

    assert found == [f"{task.key} {task.title}" for task in (TASKS[1], TASKS[4], TASKS[6])]


def test_a_milestone_ends_when_it_begins() -> None:
    milestone = events(plan_ics(demo(tasks=TASKS[-1:])))[0]

    assert "DTEND" not in milestone
    assert milestone.decoded("DTSTART") == at(15)


def test_priorities_are_those_of_calendars() -> None:
    found = {each: events(plan_ics(only(priority=each)))[0]["PRIORITY"] for each in Priority}

    assert found == {"none": 0, "low": 7, "medium": 5, "high": 3, "urgent": 1}


@settings(max_examples=60)
@given(st.text(max_size=120) | st.text('é€😀\\;,"\r\n:x', max_size=120))
def test_any_title_comes_back_from_a_calendar(title: str) -> None:
    text = plan_ics(only(title=f"x {title}"))
    bare = plan_ics(only(title="x"))
    lines = text.encode().split(b"\r\n")

    assert max(map(len, lines)) <= 75
    assert all(b"\r" not in each and b"\n" not in each for each in lines)
    assert [each.decode() for each in lines]
    assert text.count("BEGIN:") == bare.count("BEGIN:")
    assert len(events(text)) == 1


def test_what_calendars_escape_is_read_as_it_was() -> None:
    title = 'a; b, c\\n "d": é€😀 ' + "€😀é" * 40

    assert str(events(plan_ics(only(title=title)))[0]["SUMMARY"]) == f"ORB-1 {title} (Ada Lovelace)"


def test_a_plan_without_tasks_is_a_calendar_without_events() -> None:
    empty = icalendar.Calendar.from_ical(plan_ics(demo(tasks=(), links=())))

    assert str(empty["NAME"]) == "Plan of ORB"
    assert empty.walk("VEVENT") == []
