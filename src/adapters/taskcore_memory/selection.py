"""
What a task query means. This is the specification: every other store must select and order alike,
which the contract suite shows with random tasks and queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cmp_to_key
from typing import Any
from uuid import UUID

import attrs

from taskcore.events import Event, is_of_kinds, is_of_project
from taskcore.ports import EventSearch, TaskSearch
from taskcore.query import RELEVANCE, AllOf, AnyOf, Condition, NotOf, Position, TaskFilter
from taskcore.tasks.lifecycle import is_free, is_overdue
from taskcore.tasks.model import Task
from taskcore.tasks.relevance import has
from taskcore.values import Priority

Order = tuple[tuple[str, bool], ...]


@attrs.frozen(slots=True)
class Candidate:
    """A task, its `blocked` derived, with what else is asked about it."""

    task: Task
    parent_key: str | None
    texts: Callable[[], Sequence[str]]
    """What is searched of it and its comments, worked out where it is needed."""


def tells(search: EventSearch, event: Event) -> bool:
    """Whether a search of a log is for an event, to whomever its task is shown."""
    beyond = search.after is None or (
        event.seq < search.after if search.newest_first else event.seq > search.after
    )
    return (
        beyond
        and search.task_id in (None, event.task_id)
        and is_of_kinds(event, search.kinds)
        and (search.project_id is None or is_of_project(event, search.project_id))
    )


def selects(where: TaskFilter, candidate: Candidate, now: datetime) -> bool:
    """Whether a task answers every field that the filter gives, and the rest."""
    task = candidate.task
    one_of = (
        (where.team, task.team_id),
        (where.project, task.project_id),
        (where.status, task.status),
        (where.priority, task.priority),
        (where.assignee, task.assignee_id),
        (where.created_by, task.created_by),
    )
    return (
        all(not wanted or value in wanted for wanted, value in one_of)
        and (not where.label or not set(where.label).isdisjoint(task.labels))
        and (not where.follower or _follows(where.follower, task))
        and (not where.parent or _child_of(where.parent, task, candidate.parent_key))
        and all(_within(name, allowed, task) for name, allowed in where.bounds)
        and where.overdue in (None, is_overdue(task, now))
        and where.blocked in (None, task.blocked)
        and (where.text is None or has(where.text, candidate.texts()))
        and where.deleted in (None, task.deleted_at is not None)
        and (where.free_for is None or is_free(task, where.free_for, now))
        and (where.rest is None or _holds(where.rest, candidate, now))
    )


def _holds(condition: Condition, candidate: Candidate, now: datetime) -> bool:
    match condition:
        case AllOf(of):
            return all(_holds(each, candidate, now) for each in of)
        case AnyOf(of):
            return any(_holds(each, candidate, now) for each in of)
        case NotOf(of):
            return not _holds(of, candidate, now)
        case TaskFilter():
            return selects(condition, candidate, now)


def _follows(wanted: tuple[UUID | None, ...], task: Task) -> bool:
    return (None in wanted and not task.followers) or not set(wanted).isdisjoint(task.followers)


def _child_of(wanted: tuple[str | None, ...], task: Task, parent_key: str | None) -> bool:
    if task.parent_id is None:
        return None in wanted
    names = {name.lower() for name in wanted if name is not None}
    return str(task.parent_id) in names or (parent_key or "").lower() in names


def _within(name: str, allowed: tuple[tuple[frozenset[UUID] | None, datetime], ...], task: Task) -> bool:
    """`after` includes its instant, `before` excludes it; a task without the date is in neither."""
    field, _, side = name.rpartition("_")
    value = getattr(task, f"{field}_at")
    return value is not None and any(
        (teams is None or task.team_id in teams) and (value >= bound if side == "after" else value < bound)
        for teams, bound in allowed
    )


def position(task: Task, relevance: int, order: Order) -> Position:
    return tuple(relevance if field == RELEVANCE else getattr(task, field) for field, _ in order), task.id


def _comparison(order: Order) -> Callable[[Position, Position], int]:
    """By each field in turn, None last in both directions; then by id, in the last one's direction."""

    def compare(left: Position, right: Position) -> int:
        for (_, descending), a, b in zip(order, left[0], right[0], strict=True):
            if a != b:
                if a is None or b is None:
                    return 1 if a is None else -1
                return _signed(_weight(a) < _weight(b), descending)
        if left[1] == right[1]:
            return 0
        return _signed(left[1] < right[1], order[-1][1])

    return compare


def _signed(less: bool, descending: bool) -> int:  # noqa: FBT001  two plain facts
    return -1 if less != descending else 1


def _weight(value: Any) -> Any:
    return value.weight if isinstance(value, Priority) else value


def in_order(tasks: Iterable[tuple[Task, int]], search: TaskSearch) -> list[tuple[Task, int]]:
    """The tasks, each with its relevance, in the order asked for, from the place beyond `search.after` on, at
    most `limit`."""
    by_order = cmp_to_key(_comparison(search.order))
    after = search.after
    placed = [(position(*each, search.order), each) for each in tasks]
    if after is not None:
        placed = [pair for pair in placed if by_order(pair[0]) > by_order(after)]
    placed.sort(key=lambda pair: by_order(pair[0]))
    return [each for _, each in placed[: search.limit]]
