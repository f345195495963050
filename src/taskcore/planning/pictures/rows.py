"""Which task stands on which line: below its container, in the order in which work begins."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import attrs

from taskcore.planning.model import PlannedTask, Schedule
from taskcore.planning.pictures.text import line
from taskcore.values import TaskId, UserId


@attrs.frozen(slots=True)
class Row:
    task: PlannedTask
    place: int
    depth: int
    people: tuple[str, ...]
    """Who works on it; where the plan assigns nobody, who has it."""


def rows(schedule: Schedule) -> list[Row]:
    """All tasks. One whose container is not in the plan stands by itself, and so does one within itself."""
    called = names(schedule)
    return [
        Row(task, place, depth, people(task, called))
        for place, (task, depth) in enumerate(_in_order(schedule.tasks))
    ]


def names(schedule: Schedule) -> dict[UserId, str]:
    """What people are called; who is only in the what-if is told apart."""
    return {
        each.user_id: f"{line(each.name)} (what if)" if each.tried else line(each.name)
        for each in schedule.people
    }


def people(task: PlannedTask, called: dict[UserId, str]) -> tuple[str, ...]:
    """The names of those who work on it, each once."""
    ids = [each.user_id for each in task.assignments]
    if not ids and task.assignee_id is not None:
        ids = [task.assignee_id]
    return tuple(dict.fromkeys(called[each] for each in ids if called.get(each)))


def _in_order(tasks: Sequence[PlannedTask]) -> Iterator[tuple[PlannedTask, int]]:
    known = {task.task_id for task in tasks}
    below: dict[TaskId | None, list[PlannedTask]] = defaultdict(list)
    for task in sorted(tasks, key=_begins):
        below[task.parent_id if task.parent_id in known else None].append(task)
    met: set[TaskId] = set()
    for root in [*below.get(None, ()), *tasks]:
        yield from _tree(root, below, met)


def _tree(
    root: PlannedTask, below: dict[TaskId | None, list[PlannedTask]], met: set[TaskId]
) -> Iterator[tuple[PlannedTask, int]]:
    waiting = [(root, 0)]
    while waiting:
        task, depth = waiting.pop()
        if task.task_id not in met:
            met.add(task.task_id)
            yield task, depth
            waiting += [(child, depth + 1) for child in reversed(below.get(task.task_id, ()))]


def _begins(task: PlannedTask) -> tuple[object, ...]:
    return task.start, task.finish, _natural(task.key)


def _natural(key: str) -> tuple[str, int]:
    """`PLAT-9` before `PLAT-10`."""
    number = re.search(r"\d{1,18}$", key, re.ASCII)
    return (key[: number.start()], int(number[0])) if number else (key, 0)
