"""Reminders fire once, escalations go up one step at a time; neither has a clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore.scheduling.calendars import UTC_ALWAYS, WeeklyHours, WorkingCalendar
from taskcore.scheduling.reminders import (
    Anchor,
    Delay,
    Escalation,
    EscalationRule,
    QuietHours,
    Reminder,
    Standing,
    Step,
    Trouble,
    escalate,
    remind,
)
from taskcore.scheduling.spans import seconds_of
from taskcore.values import LagUnit

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))
HOUR = 3600
NOBODY: frozenset[tuple[str, int]] = frozenset()


def at(text: str) -> int:
    return seconds_of(datetime.fromisoformat(text).replace(tzinfo=BERLIN))


DUE = at("2026-11-30T10:00")  # a Monday
HOUR_BEFORE = Reminder("hour", Anchor.DUE, Delay(-HOUR))


def test_a_reminder_fires_once_however_late() -> None:
    early = remind([HOUR_BEFORE], {Anchor.DUE: DUE}, NOBODY, DUE - 2 * HOUR, OFFICE)
    late = remind([HOUR_BEFORE], {Anchor.DUE: DUE}, early.fired, DUE + 90 * HOUR, OFFICE)
    again = remind([HOUR_BEFORE], {Anchor.DUE: DUE}, late.fired, DUE + 91 * HOUR, OFFICE)

    assert (early.rules, early.next_wakeup) == ((), DUE - HOUR)
    assert (late.rules, late.next_wakeup) == ((HOUR_BEFORE,), None)
    assert (again.rules, again.fired) == ((), late.fired)


def test_it_fires_again_only_if_its_anchor_moved() -> None:
    fired = remind([HOUR_BEFORE], {Anchor.DUE: DUE}, NOBODY, DUE, OFFICE).fired
    moved = remind([HOUR_BEFORE], {Anchor.DUE: DUE + HOUR}, fired, DUE, OFFICE)

    assert moved.rules == (HOUR_BEFORE,)
    assert remind([HOUR_BEFORE], {Anchor.DUE: DUE}, moved.fired, DUE, OFFICE).rules == ()


def test_working_hours_before_monday_are_on_friday() -> None:
    rule = Reminder("two", Anchor.DUE, Delay(-2 * HOUR, LagUnit.WORKING))

    assert rule.fires_at(DUE, OFFICE) == at("2026-11-27T16:00")


def test_an_offset_in_time_that_passed_ignores_clocks_that_change() -> None:
    day = Reminder("day", Anchor.PLANNED_START, Delay(-24 * HOUR))

    assert day.fires_at(at("2026-03-29T09:00"), OFFICE) == at("2026-03-28T08:00")


def test_a_rule_without_its_anchor_sleeps_and_an_absolute_one_has_its_own() -> None:
    absolute = Reminder("set", Anchor.ABSOLUTE, at=DUE)
    found = remind([HOUR_BEFORE, absolute], {}, NOBODY, DUE, OFFICE)

    assert (found.rules, found.next_wakeup) == ((absolute,), None)


@pytest.mark.parametrize(
    ("instant", "allowed"),
    [
        ("2026-11-27T21:59", "2026-11-27T21:59"),
        ("2026-11-27T22:00", "2026-11-28T07:00"),
        ("2026-11-28T03:00", "2026-11-28T07:00"),
        ("2026-11-28T07:00", "2026-11-28T07:00"),
        ("2026-03-28T23:00", "2026-03-29T07:00"),  # an hour shorter
    ],
)
def test_quiet_hours_are_waited_for(instant: str, allowed: str) -> None:
    quiet = QuietHours(22 * 60, 7 * 60, BERLIN)

    assert Reminder("r", Anchor.DUE, quiet=quiet).fires_at(at(instant), OFFICE) == at(allowed)


def test_quiet_hours_that_end_in_the_gap_end_behind_it() -> None:
    assert QuietHours(0, 150, BERLIN).allowed(at("2026-03-29T01:00")) == at("2026-03-29T03:30")


RULE = EscalationRule(
    "late",
    Trouble.OVERDUE,
    Delay(HOUR),
    (
        Step(Delay(0), "tell", "assignee"),
        Step(Delay(8 * HOUR, LagUnit.WORKING), "tell", "lead"),
        Step(Delay(72 * HOUR), "tell", "owner"),
    ),
)
LATE = Standing(due=DUE)


def test_escalation_goes_up_step_by_step_and_says_what_comes() -> None:
    state, told = Escalation(), []
    for hours in (0, 1, 2, 24, 25, 26, 72, 73, 200):
        found = escalate(RULE, LATE, state, DUE + hours * HOUR, OFFICE)
        state = found.state
        told.append(([step.target for step in found.steps], found.next_step and found.next_step.target))

    assert told == [
        ([], "assignee"),
        (["assignee"], "lead"),
        ([], "lead"),
        ([], "lead"),
        (["lead"], "owner"),  # Monday 11:00 and eight hours of work are Tuesday 11:00
        ([], "owner"),
        ([], "owner"),
        (["owner"], None),
        ([], None),
    ]


@given(st.lists(st.integers(-100, 300), min_size=1).map(sorted))
def test_however_often_it_is_asked_each_step_is_taken_once(hours: list[int]) -> None:
    state, taken = Escalation(), list[Step]()
    for hour in hours:
        found = escalate(RULE, LATE, state, DUE + hour * HOUR, OFFICE)
        state, taken = found.state, [*taken, *found.steps]
        assert found.next_wakeup is None or found.next_wakeup > DUE + hour * HOUR

    assert taken == list(escalate(RULE, LATE, Escalation(), DUE + hours[-1] * HOUR, OFFICE).steps)


def test_it_begins_anew_when_the_due_date_lies_ahead_and_stops_when_the_work_is_done() -> None:
    state = escalate(RULE, LATE, Escalation(), DUE + 2 * HOUR, OFFICE).state
    later = escalate(RULE, Standing(due=DUE + 10 * HOUR), state, DUE + 2 * HOUR, OFFICE)
    stopped = escalate(RULE, Standing(due=DUE, stopped=True), state, DUE + 2 * HOUR, OFFICE)

    assert state.taken == 1
    assert (later.steps, later.state, later.next_wakeup) == ((), Escalation(), DUE + 11 * HOUR)
    assert (stopped.steps, stopped.state, stopped.next_wakeup) == ((), Escalation(), None)
    assert escalate(RULE, Standing(), state, DUE, OFFICE).next_step is None


def test_a_due_date_that_moved_and_is_still_past_repeats_nothing() -> None:
    state = escalate(RULE, LATE, Escalation(), DUE + 30 * HOUR, OFFICE).state

    assert escalate(RULE, Standing(due=DUE + HOUR), state, DUE + 30 * HOUR, OFFICE).steps == ()


@pytest.mark.parametrize(
    ("trouble", "standing"),
    [
        (Trouble.NO_PROGRESS, Standing(progressed_at=DUE)),
        (Trouble.BLOCKED, Standing(blocked_since=DUE)),
        (Trouble.OVERDUE, Standing(due=DUE)),
    ],
)
def test_each_trouble_counts_from_its_own_beginning(trouble: Trouble, standing: Standing) -> None:
    rule = EscalationRule("r", trouble, Delay(HOUR), (Step(Delay(0), "tell", "lead"),))

    assert escalate(rule, standing, Escalation(), DUE + HOUR - 1, UTC_ALWAYS).steps == ()
    assert escalate(rule, standing, Escalation(), DUE + HOUR, UTC_ALWAYS).steps == rule.steps


def test_short_slack_counts_from_when_it_was_first_seen() -> None:
    rule = EscalationRule("r", Trouble.SLACK, Delay(8 * HOUR), (Step(Delay(HOUR), "tell", "lead"),))
    first = escalate(rule, Standing(slack=HOUR), Escalation(), DUE, OFFICE)
    second = escalate(rule, Standing(slack=0), first.state, DUE + HOUR, OFFICE)

    assert (first.steps, first.next_wakeup) == ((), DUE + HOUR)
    assert second.steps == rule.steps
    assert (
        escalate(rule, Standing(slack=8 * HOUR), second.state, DUE + 2 * HOUR, OFFICE).state == Escalation()
    )


def test_rules_that_make_no_sense_are_refused() -> None:
    with pytest.raises(Invalid):
        Reminder("r", Anchor.ABSOLUTE)
    with pytest.raises(Invalid):
        Reminder("r", Anchor.DUE, at=1)
    with pytest.raises(Invalid):
        QuietHours(60, 60, BERLIN)
    with pytest.raises(Invalid):
        EscalationRule("r", Trouble.BLOCKED, Delay(0), ())
