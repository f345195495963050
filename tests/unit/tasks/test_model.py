"""What a task's own values may be, and which predecessor stands in whose way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.tasks.model import (
    MAX_LAG_MINUTES,
    Comment,
    SavedView,
    Task,
    comment_faults,
    dependency_faults,
    task_faults,
    view_faults,
)
from taskcore.values import CommentId, DependencyType, Status, ViewId
from tests.unit.examples import ADA, LATER, NOW, TEAM, dependency, new_id, task

BEFORE, AFTER = task(1), task(2)
TABLE = {
    # predecessor:    backlog/open  in progress/review  done   (successor not started)
    DependencyType.FS: (True, True, False),
    DependencyType.SS: (True, False, False),
    DependencyType.FF: (True, True, False),
    DependencyType.SF: (True, False, False),
}
COLUMN = {
    Status.BACKLOG: 0,
    Status.OPEN: 0,
    Status.IN_PROGRESS: 1,
    Status.IN_REVIEW: 1,
    Status.DONE: 2,
}
kinds = st.sampled_from(DependencyType)
statuses = st.sampled_from(Status)


def obstructs(kind: DependencyType, before: Task, after: Task) -> bool:
    return dependency(before, after, kind).obstructs(before, after)


@pytest.mark.parametrize("kind", DependencyType)
@pytest.mark.parametrize("status", COLUMN)
def test_a_predecessor_stands_in_the_way_by_the_table(kind: DependencyType, status: Status) -> None:
    assert obstructs(kind, attrs.evolve(BEFORE, status=status), AFTER) is TABLE[kind][COLUMN[status]]


@given(kind=kinds, status=st.sampled_from([Status.IN_PROGRESS, Status.IN_REVIEW, Status.DONE]), own=statuses)
def test_only_start_to_start_lets_go_of_a_successor_that_has_started(
    kind: DependencyType, status: Status, own: Status
) -> None:
    started = attrs.evolve(AFTER, status=status)

    for before in (BEFORE, attrs.evolve(BEFORE, status=own)):
        expected = kind is not DependencyType.SS and obstructs(kind, before, AFTER)
        assert obstructs(kind, before, started) is expected


@given(kind=kinds)
def test_who_started_once_has_started_even_if_laid_aside_since(kind: DependencyType) -> None:
    laid_aside = attrs.evolve(BEFORE, started_at=NOW)

    assert obstructs(kind, laid_aside, AFTER) is (kind in (DependencyType.FS, DependencyType.FF))


@given(kind=kinds, status=statuses, started_at=st.none() | st.just(NOW))
def test_a_cancelled_or_trashed_predecessor_stands_in_nobodys_way(
    kind: DependencyType, status: Status, started_at: datetime | None
) -> None:
    trashed = attrs.evolve(BEFORE, status=status, started_at=started_at, deleted_at=LATER)
    cancelled = attrs.evolve(BEFORE, status=Status.CANCELLED, started_at=started_at)

    assert not obstructs(kind, trashed, AFTER)
    assert not obstructs(kind, cancelled, AFTER)


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({}, []),
        ({"title": "x" * 500, "description": "x" * 100_000, "estimate_minutes": 0}, []),
        ({"external_source": "jira", "external_id": "PROJ-1"}, []),
        ({"title": ""}, ["title"]),
        ({"title": "x" * 501}, ["title"]),
        ({"title": "a\x00b"}, ["title"]),
        ({"description": "x" * 100_001}, ["description"]),
        ({"description": "\ud800"}, ["description"]),
        ({"estimate_minutes": -1, "spent_minutes": 2**31}, ["estimate_minutes", "spent_minutes"]),
        ({"rank": ""}, ["rank"]),
        ({"recurrence": "x" * 2001}, ["recurrence"]),
        ({"external_source": "jira"}, ["external_id"]),
        ({"external_id": "PROJ-1"}, ["external_id"]),
    ],
)
def test_a_tasks_values_have_bounds(fields: dict[str, Any], faulty: list[str]) -> None:
    assert [fault.field for fault in task_faults(task(**fields))] == faulty


@pytest.mark.parametrize(
    ("lag", "faulty"), [(0, []), (-MAX_LAG_MINUTES, []), (MAX_LAG_MINUTES + 1, ["lag_minutes"])]
)
def test_a_lag_is_at_most_ten_years_either_way(lag: int, faulty: list[str]) -> None:
    late = attrs.evolve(dependency(BEFORE, AFTER), lag_minutes=lag)

    assert [fault.field for fault in dependency_faults(late)] == faulty


def test_comments_and_views_are_not_blank() -> None:
    comment = Comment(CommentId(new_id()), TEAM.id, BEFORE.id, ADA.id, " \n", NOW)
    view = SavedView(ViewId(new_id()), TEAM.id, ADA.id, "", NOW, NOW)

    assert [fault.field for fault in comment_faults(comment)] == ["body"]
    assert [fault.field for fault in view_faults(view)] == ["name"]
