"""What an event tells of where a task is, odd ones included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest

from taskcore.events import Event, plain
from taskcore.reporting.facts import figures, task_facts
from taskcore.reporting.projection import projected
from taskcore.reporting.stories import joined, told
from taskcore.values import EventId, ProjectId, Status, TaskId
from tests.unit.examples import TEAM, new_id

TASK = TaskId(new_id())
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
HULL = ProjectId(new_id())


def happened(kind: str, days: float, version: int, **changes: Any) -> Event:
    """So many days after Monday; each change is what a field becomes."""
    data = {name: {"from": None, "to": plain(value)} for name, value in changes.items()}
    data["task"] = {"key": "PLAT-1", "title": "x", "version": version}
    at = MONDAY + timedelta(days=days)
    return Event(EventId(new_id()), TEAM.id, kind, "task", TASK, at, task_id=TASK, data=data, seq=version)


def day(number: int) -> date:
    return MONDAY.date() + timedelta(days=number)


STORY = [
    happened("task.created", 0, 1),
    happened("task.started", 1, 2, status=Status.IN_PROGRESS),
    happened("task.completed", 2, 3, status=Status.DONE),
    happened("task.reopened", 3, 4, status=Status.OPEN),
    happened("task.moved", 4, 5, project_id=HULL),
    happened("task.completed", 5, 6, status=Status.DONE),
    happened("task.deleted", 6, 7),
    happened("task.restored", 7, 8),
    happened("task.deleted", 8, 9),
    attrs.evolve(happened("task.purged", 9, 9), seq=10),
]


def test_a_task_from_its_creation_to_its_end() -> None:
    change = projected({}, STORY)
    (facts,) = change.facts

    assert change.figures == {
        (None, day(0)): {"created": 1, "open_change": 1},
        (None, day(1)): {"open_change": -1, "in_progress_change": 1},
        (None, day(2)): {"completed": 1, "in_progress_change": -1, "done_change": 1},
        (None, day(3)): {"reopened": 1, "done_change": -1, "open_change": 1},
        (None, day(4)): {"open_change": -1},
        (HULL, day(4)): {"open_change": 1},
        (HULL, day(5)): {"completed": 1, "open_change": -1, "done_change": 1},
        (HULL, day(6)): {"done_change": -1},
        (HULL, day(7)): {"done_change": 1},
        (HULL, day(8)): {"done_change": -1},
    }
    assert (facts.cycle_time, facts.lead_time) == (timedelta(days=4), timedelta(days=5))
    assert (facts.reopened, facts.gone, change.keys) == (1, True, {TASK: "PLAT-1"})


def test_a_task_that_is_taken_up_again_is_not_completed() -> None:
    (facts,) = projected({}, STORY[:4]).facts

    assert (facts.completed_at, facts.cycle_time, facts.lead_time) == (None, None, None)


def test_each_completion_keeps_its_own_time_whatever_comes_after() -> None:
    times = [
        (None, day(2), timedelta(days=1), timedelta(days=2)),
        (HULL, day(5), timedelta(days=4), timedelta(days=5)),
    ]
    for length in range(len(STORY) + 1):
        for facts in projected({}, STORY[:length]).facts:
            assert [
                (each.project_id, each.completed_at.date(), each.cycle_time, each.lead_time)
                for each in facts.completions
            ] == times[: (length >= 3) + (length >= 6)]


def test_what_is_cancelled_took_no_time() -> None:
    cancelled = happened("task.cancelled", 5, 4, status=Status.CANCELLED)
    change = projected({}, [*STORY[:3], cancelled])

    assert change.facts[0].completed_at is None
    assert change.figures[None, day(5)] == {"cancelled": 1, "done_change": -1, "cancelled_change": 1}


@pytest.mark.parametrize("status", Status)
def test_a_task_may_begin_in_any_status(status: Status) -> None:
    fields = {"started_at": MONDAY} if status is Status.IN_PROGRESS else {}
    fields |= {"completed_at": MONDAY} if status.finished else {}
    change = projected({}, [happened("task.created", 0, 1, status=status, **fields)])
    flows = {"created": 1, "completed": status is Status.DONE, "cancelled": status is Status.CANCELLED}

    assert change.figures == {
        (None, day(0)): {name: 1 for name in (*flows, f"{status.value}_change") if flows.get(name, True)}
    }
    assert change.facts[0].cycle_time is None


def test_a_task_from_elsewhere_has_its_past() -> None:
    past = {name: MONDAY + timedelta(days=ago) for name, ago in [("created_at", -9), ("started_at", -7)]}
    ended = {"completed_at": MONDAY - timedelta(days=3), "deleted_at": MONDAY - timedelta(days=1)}
    done = happened("task.created", 0, 1, status=Status.DONE, **past, **ended)
    waits = happened("task.created", 0, 1, status=Status.BACKLOG, **past)

    assert figures(told(done)) == {
        (None, day(-9)): {"created": 1, "open_change": 1},
        (None, day(-7)): {"open_change": -1, "in_progress_change": 1},
        (None, day(-3)): {"completed": 1, "in_progress_change": -1, "done_change": 1},
        (None, day(-1)): {"done_change": -1},
    }
    assert task_facts(TASK, told(done)).cycle_time == timedelta(days=4)
    assert figures(told(waits))[None, day(0)] == {"backlog_change": 1, "in_progress_change": -1}


def test_what_is_to_happen_has_not_happened() -> None:
    planned = happened("task.created", 0, 1, status=Status.DONE, completed_at=MONDAY + timedelta(days=9))

    assert figures(told(planned)) == {(None, day(0)): {"created": 1, "completed": 1, "done_change": 1}}


def test_clocks_may_differ() -> None:
    """What comes later in the log is not earlier."""
    story = [*STORY[:2], happened("task.completed", 0.5, 3, status=Status.DONE)]

    assert projected({}, story).facts[0].cycle_time == timedelta(0)


def test_a_log_may_begin_in_the_middle_of_a_task() -> None:
    change = projected({}, [happened("task.assigned", 0, 4), STORY[4], STORY[5]])

    assert change.figures == {(HULL, day(5)): {"completed": 1, "done_change": 1}}
    assert (change.facts[0].created_at, change.facts[0].lead_time) == (None, None)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"task": None, "status": None},
        {"task": {"version": -1, "key": "\0"}, "status": {"to": 7}},
        {"task": {"version": True}, "status": {"to": "lost"}, "project_id": {"to": "x"}},
        {
            "created_at": {"to": "yesterday"},
            "started_at": {"to": 5},
            "completed_at": {"to": "2026-11-02T09:00:00"},
        },
    ],
)
@pytest.mark.parametrize("kind", ["task.created", "task.moved", "task.updated"])
def test_what_cannot_be_read_is_passed_over(kind: str, data: dict[str, Any]) -> None:
    event = attrs.evolve(STORY[0], kind=kind, data=data)
    change = projected({}, [event])

    assert change.figures == (
        {(None, day(0)): {"created": 1, "open_change": 1}} if kind == "task.created" else {}
    )
    assert change.keys == {}


def test_events_of_other_things_are_no_steps() -> None:
    assert told(attrs.evolve(STORY[1], subject_type="comment", kind="comment.created")) == ()
    assert told(happened("task.updated", 0, 1, title="y")) == ()


def test_a_story_has_each_step_once_and_in_the_order_of_versions() -> None:
    steps = [step for event in STORY for step in told(event)]

    assert joined(steps[5:], [*steps[:6], *steps]) == tuple(steps)


def test_names_are_told() -> None:
    team = attrs.evolve(STORY[0], kind="team.created", subject_type="team", subject_id=TEAM.id, task_id=None)
    before = attrs.evolve(team, at=MONDAY - timedelta(days=1), data={"team": {"key": "OLD", "name": "Old"}})
    now = attrs.evolve(team, data={"team": {"key": "PLAT", "name": "Plat\0form"}})
    project = attrs.evolve(
        team,
        kind="project.created",
        subject_type="project",
        subject_id=HULL,
        data={"project": {"name": "Hull"}},
    )
    nameless = attrs.evolve(project, data={"project": {"name": 7}})
    change = projected({}, [now, before, project, nameless])

    assert change.team is not None
    assert (change.team.key, change.team.name) == ("PLAT", "Platform")
    assert change.projects == {HULL: "Hull"}
