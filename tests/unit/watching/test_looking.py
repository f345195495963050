"""What of one task is to be done now: laws that hold whatever the dates."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.scheduling.calendars import WeeklyHours, WorkingCalendar
from taskcore.scheduling.spans import instant_of, seconds_of
from taskcore.tasks.reminding import Reminder
from taskcore.values import EscalationId, LagUnit, ReminderAnchor, ReminderId
from taskcore.watching.looking import BEFORE_ALL, MOST_FIRED, About, Case, looked
from taskcore.watching.model import (
    EscalationAction,
    EscalationRule,
    EscalationStep,
    EscalationTarget,
    EscalationTrouble,
    Firing,
    Watch,
)
from tests.unit.examples import ADA, NOW, TEAM, new_id, task

HOURS = WorkingCalendar(ZoneInfo("Europe/Berlin"), WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))
NEVER = WorkingCalendar(ZoneInfo("UTC"), WeeklyHours.parse({}))
instants = st.integers(-200, 200).map(lambda hours: NOW.replace(microsecond=0) + timedelta(hours=hours))
FAR = st.sampled_from([datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)])


@st.composite
def reminders(draw: st.DrawFn) -> Reminder:
    anchor = draw(st.sampled_from(ReminderAnchor))
    return Reminder(
        ReminderId(new_id()), TEAM.id, task().id, ADA.id, anchor, NOW, draw(st.integers(-3000, 3000)),
        draw(st.sampled_from(LagUnit)), draw(instants | FAR) if anchor is ReminderAnchor.ABSOLUTE else None,
    )  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> Case:
    minutes = sorted(draw(st.lists(st.integers(0, 5000), min_size=1, max_size=3)))
    steps = tuple(
        EscalationStep(EscalationAction.NOTIFY, EscalationTarget.OWNER, after_minutes=each)
        for each in minutes
    )
    rule = EscalationRule(
        EscalationId(new_id()), TEAM.id, "r", draw(st.sampled_from(EscalationTrouble)), steps, ADA.id, NOW, NOW,
        draw(st.integers(0, 3000)), draw(st.sampled_from(LagUnit)),
    )  # fmt: skip
    return Case(rule, draw(instants | st.none()))


@st.composite
def situations(draw: st.DrawFn) -> About:
    dates: dict[str, Any] = {
        name: draw(instants | FAR | st.none()) for name in ("due_at", "planned_start", "planned_finish")
    }
    due = dates["due_at"]
    if due is not None and draw(st.booleans()) and due.year == NOW.year:
        dates["due_on"] = due.date()
    found = draw(st.lists(cases(), max_size=3))
    works = draw(st.sampled_from([HOURS, NEVER]))
    return About(
        task(**dates),
        TEAM,
        draw(st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia"])),
        lambda _: works,
        draw(st.lists(reminders(), max_size=4)),
        found,
        frozenset(each.rule.id for each in found),
    )


def blank(about: About) -> Watch:
    return Watch(TEAM.id, about.task.id)


@settings(max_examples=40)
@given(situations(), instants)
def test_whoever_looked_need_not_look_again_now(about: About, now: datetime) -> None:
    at = seconds_of(now)
    seen = looked(about, blank(about), at)
    again = looked(about, seen.watch, at)

    assert seen.watch.wakes_at is None or seen.watch.wakes_at > now
    assert again == type(again)(seen.watch)


@settings(max_examples=40)
@given(situations(), st.lists(instants, min_size=1, max_size=8))
def test_however_often_somebody_looks_each_thing_is_done_once(about: About, looks: list[datetime]) -> None:
    watch, done = blank(about), Counter[Any]()
    for now in sorted(looks):
        seen = looked(about, watch, seconds_of(now))
        watch = seen.watch
        done.update(reminder.id for reminder, _ in seen.reminders)
        done.update((due.rule.id, due.place) for due in seen.steps)
        done.update(["due"] * (seen.due is not None) + ["overdue"] * (seen.overdue is not None))

    assert set(done.values()) <= {1}


@settings(max_examples=40)
@given(situations(), instants)
def test_whoever_wakes_as_told_misses_nothing(about: About, end: datetime) -> None:
    """Looking at each `wakes_at` in turn does at its moment all that one look at the end would do late."""
    watch, done = looked(about, blank(about), BEFORE_ALL).watch, set[Any]()
    for _ in range(100):
        if watch.wakes_at is None or watch.wakes_at > end:
            break
        seen = looked(about, watch, seconds_of(watch.wakes_at))
        watch = seen.watch
        done |= {reminder.id for reminder, _ in seen.reminders}
        done |= {(due.rule.id, due.place) for due in seen.steps}
    else:
        raise AssertionError("it never comes to rest")
    late = looked(about, blank(about), seconds_of(end))

    assert {reminder.id for reminder, _ in late.reminders} <= done
    assert {(due.rule.id, due.place) for due in late.steps} <= done
    assert {each.rule for each in late.watch.fired} == {each.rule for each in watch.fired}


@settings(max_examples=40)
@given(situations(), instants)
def test_nothing_is_done_before_its_time(about: About, now: datetime) -> None:
    watch = looked(about, blank(about), BEFORE_ALL).watch
    seen = looked(about, blank(about), seconds_of(now))
    something = bool(seen.reminders or seen.steps or seen.due or seen.overdue)

    assert not something or (watch.wakes_at is not None and watch.wakes_at <= now)


def test_dates_that_a_task_has_are_remembered_however_many_it_had() -> None:
    due = datetime(2026, 11, 9, 10, tzinfo=UTC)
    at = seconds_of(due) + 60
    past = tuple(Firing("overdue", anchor) for anchor in range(MOST_FIRED + 50))
    about = About(task(due_at=due), TEAM, "UTC", lambda _: HOURS)
    watch = attrs.evolve(blank(about), fired=(Firing("overdue", seconds_of(due)), *past))
    seen = looked(about, watch, at)

    assert seen.overdue is None
    assert len(seen.watch.fired) == MOST_FIRED + 2
    assert seen.watch.fired[1] == past[50]
    assert instant_of(at) > due
