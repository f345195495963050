"""What a unit of work writes into the tables, once it ends well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from taskcore.events import Event
from taskcore.ports import Entity
from taskcore.tasks.model import Task
from taskcore.teams.model import Label, Team
from taskcore.values import TeamId
from taskcore_memory.tables import Tables, key_of


def write(
    written: list[Any],
    removed: Sequence[Entity],
    events: list[Event],
    numbers: dict[TeamId, int],
    tables: Tables,
) -> None:
    tables.numbers.update(numbers)
    for thing in removed:
        tables.drop(thing)
    for thing in written:
        if isinstance(thing, Label):
            rename(thing, tables)
        kept = attrs.evolve(thing, blocked=False, overdue=False) if isinstance(thing, Task) else thing
        tables.kinds[type(thing)].put(key_of(thing), kept)
    for event in events:
        log = tables.events.setdefault(event.team_id, [])
        log.append(attrs.evolve(event, seq=len(log) + 1))


def rename(label: Label, tables: Tables) -> None:
    old = tables.kinds[Label].rows.get(key_of(label))
    if old is None or old.name == label.name:
        return
    tasks = [each for each in tables.all(Task) if each.team_id == label.team_id and old.name in each.labels]
    for task in tasks:
        names = {label.name if name == old.name else name for name in task.labels}
        tables.kinds[Task].put(key_of(task), attrs.evolve(task, labels=tuple(sorted(names))))


def highest(tasks: Iterable[Any], numbers: dict[TeamId, int]) -> dict[TeamId, int]:
    """The last number of each team that now has a higher one."""
    found: dict[TeamId, int] = {}
    for task in tasks:
        if isinstance(task, Task) and task.number > max(
            numbers.get(task.team_id, 0), found.get(task.team_id, 0)
        ):
            found[task.team_id] = task.number
    return found


def among(changed: Sequence[Any], team_id: TeamId) -> Any:
    return next(thing for thing in changed if isinstance(thing, Team) and thing.id == team_id)
