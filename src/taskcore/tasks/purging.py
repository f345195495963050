"""The end of a task that is in the trash, with all that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from taskcore.events import Event, Stamp
from taskcore.identity.model import AuditEntry
from taskcore.ports import Entity, Unit
from taskcore.tasks import trash
from taskcore.tasks.model import Comment, Dependency, Task
from taskcore.tasks.reading import ReadMarker
from taskcore.tasks.reminding import Reminder
from taskcore.tasks.surroundings import subtree
from taskcore.watching.model import Watch


async def purged(unit: Unit, root: Task, stamp: Stamp) -> tuple[list[Entity], list[Event], AuditEntry]:
    """What to remove with a task, its subtasks among it, what the log tells of it, and what the audit does.
    Raises: Conflict, unless it is in the trash."""
    tree = [each for level in await subtree(unit, root) for each in level]
    events = trash.purge(tree, stamp)
    hanging: list[Entity] = [*await links(unit, tree), *await unit.find(Comment, **_of(tree))]
    hanging += await unit.find(Reminder, **_of(tree))
    hanging += await unit.find(ReadMarker, **_of(tree))
    hanging += await unit.find(Watch, **_of(tree))
    keys = {"keys": [each.key for each in tree]}
    entry = stamp.audit("task.purge", "task", root.id, team_id=root.team_id, data=keys)
    return [*hanging, *reversed(tree)], events, entry


async def links(unit: Unit, tree: Sequence[Task]) -> list[Dependency]:
    """All dependencies into these tasks and out of them."""
    team_id, ids = tree[0].team_id, tuple(task.id for task in tree)
    into = await unit.find(Dependency, team_id=team_id, successor_id=ids)
    out = await unit.find(Dependency, team_id=team_id, predecessor_id=ids)
    return list(dict.fromkeys([*into, *out]))


def _of(tree: Sequence[Task]) -> dict[str, Any]:
    return {"team_id": tree[0].team_id, "task_id": tuple(task.id for task in tree)}
