"""What ties imported tasks together: which ties are new, and which would close a cycle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import attrs

from taskcore.events import Event, Stamp
from taskcore.tasks import lifecycle, links
from taskcore.tasks.incoming import Incoming, Refusal
from taskcore.tasks.model import MAX_LEVELS, Dependency, Task
from taskcore.values import TaskId, TeamId

Edge = tuple[TaskId, TaskId]
"""Predecessor, successor."""
Known = Mapping[tuple[str, str], Task]
"""Tasks by external source and id."""


@attrs.frozen(slots=True)
class Ties:
    """What is to be saved for some ties, what the log says of it, and what was refused."""

    nested: list[Task]
    dependencies: list[Dependency]
    events: list[Event]
    refused: list[Refusal]


def tie(
    items: Sequence[Incoming], tasks: Known, present: Collection[Edge], team_id: TeamId, stamp: Stamp
) -> Ties:
    """The ties that `items` name and that are not `present`; a dangling one, and one that would close
    a cycle, is refused with its line."""
    ties = Ties([], [], [], [])
    _nest(items, dict(tasks), ties, stamp)
    wanted = _wanted(items, tasks, ties)
    new = {edge: ends for edge, ends in wanted.items() if edge not in present}
    closing = cycle_closers(present, new)
    for edge, (item, before, after) in new.items():
        if edge in closing:
            ties.refused.append(refusal(item, f"depends on {before.external_id}: would close a cycle"))
            continue
        dependency, told = links.link(Dependency(team_id, *edge, stamp.now), None, before, after, stamp)
        ties.dependencies.append(dependency)
        ties.events.extend(told)
    return ties


def refusal(item: Incoming, reason: str) -> Refusal:
    return Refusal(item.line, f"{item.title[:60]!r}: {reason}")


def _wanted(items: Sequence[Incoming], tasks: Known, ties: Ties) -> dict[Edge, tuple[Incoming, Task, Task]]:
    """Each edge once, with the item that names it and the tasks at its ends."""
    wanted = {}
    for item in items:
        after = tasks.get(item.pair)
        for name in item.predecessors if after is not None else ():
            before = tasks.get((item.external_source, name))
            if before is None or after is None:
                ties.refused.append(refusal(item, f"depends on {name}: no such task"))
            else:
                wanted[before.id, after.id] = item, before, after
    return wanted


def _nest(items: Sequence[Incoming], tasks: dict[tuple[str, str], Task], ties: Ties, stamp: Stamp) -> None:
    """Make subtasks of the items that name a parent and have none yet."""
    above = {task.id: task.parent_id for task in tasks.values()}
    for item in _outermost_first(items):
        task = tasks.get(item.pair)
        if item.parent is None or task is None or task.parent_id is not None:
            continue
        parent = tasks.get((item.external_source, item.parent))
        reason = "no such task" if parent is None else _cannot_be_parent(parent, task, above)
        if parent is None or reason:
            ties.refused.append(refusal(item, f"parent {item.parent}: {reason}"))
            continue
        above[task.id] = parent.id
        nested, told = lifecycle.unlinked(task, stamp, parent_id=parent.id)
        tasks[item.pair] = nested
        ties.nested.append(nested)
        ties.events.extend(told)


def _outermost_first(items: Sequence[Incoming]) -> list[Incoming]:
    """In an order in which a task comes behind the one that it is a part of."""
    by_pair = {item.pair: item for item in items}

    def depth(item: Incoming) -> int:
        levels, met = 0, {item.pair}
        while item.parent is not None and (item.external_source, item.parent) in by_pair:
            item, levels = by_pair[item.external_source, item.parent], levels + 1
            if item.pair in met:
                break
            met.add(item.pair)
        return levels

    return sorted(items, key=depth)


def _cannot_be_parent(parent: Task, task: Task, above: Mapping[TaskId, TaskId | None]) -> str:
    levels, place = 1, parent.id
    while (upper := above.get(place)) is not None and place != task.id and levels <= MAX_LEVELS:
        levels, place = levels + 1, upper
    if place == task.id:
        return "is a part of it itself"
    return f"subtasks nest at most {MAX_LEVELS} levels deep" if levels >= MAX_LEVELS else ""


def cycle_closers(present: Iterable[Edge], wanted: Iterable[Edge]) -> set[Edge]:
    """
    Those of `wanted` that, taken in their order, would close a cycle; `present` has none.

    Linear while nothing is wrong: only edges that lie between the cycles of the whole are tried one
    by one.
    """
    asked = list(wanted)
    tangled = _tangled([*present, *asked])
    successors: dict[TaskId, set[TaskId]] = {}
    for before, after in present:
        if before in tangled and after in tangled:
            successors.setdefault(before, set()).add(after)
    closing = set()
    for before, after in asked:
        if before not in tangled or after not in tangled:
            continue
        if links.path(after, before, successors) is not None:
            closing.add((before, after))
        else:
            successors.setdefault(before, set()).add(after)
    return closing


def _tangled(edges: Sequence[Edge]) -> set[TaskId]:
    """Tasks on a cycle, or between two: those left when ends without a tie on one side are taken off."""
    left = _peeled(edges)
    inner = [edge for edge in edges if edge[0] in left and edge[1] in left]
    return _peeled([(after, before) for before, after in inner]) if inner else set()


def _peeled(edges: Sequence[Edge]) -> set[TaskId]:
    """The tasks that remain when those without a predecessor are taken away, again and again."""
    awaited: dict[TaskId, int] = {}
    successors: dict[TaskId, list[TaskId]] = {}
    for before, after in edges:
        awaited[after] = awaited.get(after, 0) + 1
        awaited.setdefault(before, 0)
        successors.setdefault(before, []).append(after)
    free = [task_id for task_id, count in awaited.items() if count == 0]
    while free:
        task_id = free.pop()
        del awaited[task_id]
        for after in successors.get(task_id, ()):
            awaited[after] -= 1
            if awaited[after] == 0:
                free.append(after)
    return set(awaited)
