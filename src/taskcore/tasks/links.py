"""Dependencies between tasks: one team, no cycle, each told of in the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from taskcore.errors import PreconditionFailed, invalid, refuse
from taskcore.events import Event, Stamp, difference, plain
from taskcore.tasks.lifecycle import cycle, task_event
from taskcore.tasks.model import Dependency, Task, dependency_faults
from taskcore.values import TaskId

_UNTOLD = frozenset({"version"})


def link(
    wanted: Dependency,
    known: Dependency | None,
    predecessor: Task,
    successor: Task,
    stamp: Stamp,
    stale: PreconditionFailed | None = None,
) -> tuple[Dependency, list[Event]]:
    """The dependency as wanted; `known`, and no event, where it is so already.

    Raises: Invalid, for a task of another team or an impossible lag; `stale`; Conflict `cycle`, for a
    task upon itself.
    """
    if predecessor.team_id != successor.team_id:
        raise invalid("predecessor", "must be a task of the same team")
    refuse(dependency_faults(wanted))
    if stale is not None:
        raise stale
    if predecessor.id == successor.id:
        raise cycle([successor.key, successor.key])
    if known is not None:
        wanted = attrs.evolve(wanted, created_at=known.created_at, version=known.version)
        if wanted == known:
            return known, []
        wanted = attrs.evolve(wanted, version=known.version + 1)
    changes = difference(known, wanted, _UNTOLD) if known is not None else {}
    return wanted, [_event("dependency.added", wanted, predecessor, successor, stamp, **changes)]


def unlink(known: Dependency, predecessor: Task, successor: Task, stamp: Stamp) -> list[Event]:
    return [_event("dependency.removed", known, predecessor, successor, stamp)]


def _event(
    kind: str, link: Dependency, predecessor: Task, successor: Task, stamp: Stamp, **changes: Any
) -> Event:
    told = {"type": plain(link.type), "lag_minutes": link.lag_minutes, "lag_unit": plain(link.lag_unit)}
    dependency = {"predecessor": predecessor.key, "successor": successor.key, **told}
    event = task_event(stamp, kind, successor, **changes, dependency=dependency)
    return attrs.evolve(event, subject_type="dependency")


def path(start: TaskId, goal: TaskId, successors: Mapping[TaskId, Iterable[TaskId]]) -> list[TaskId] | None:
    """A way from `start` to `goal` along the dependencies, shortest first; None if there is none."""
    came_from: dict[TaskId, TaskId] = {}
    frontier = [start]
    while frontier:
        following = []
        for here in frontier:
            if here == goal:
                return _walk_back(came_from, start, goal)
            for there in successors.get(here, ()):
                if there not in came_from and there != start:
                    came_from[there] = here
                    following.append(there)
        frontier = following
    return None


def _walk_back(came_from: Mapping[TaskId, TaskId], start: TaskId, goal: TaskId) -> list[TaskId]:
    way = [goal]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]
