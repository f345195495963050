"""Into the trash with all that hangs on it, out again, or gone for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import attrs

from taskcore.errors import Conflict
from taskcore.events import Event, Stamp, difference
from taskcore.tasks.lifecycle import task_event
from taskcore.tasks.model import TRASH_DAYS, Task


def delete(tree: Sequence[Task], stamp: Stamp) -> tuple[list[Task], list[Event]]:
    """The task, which comes first, and its subtasks, in the trash. Those there already stay as they were."""
    return _each(
        [task for task in tree if task.deleted_at is None],
        "task.deleted",
        stamp,
        deleted_at=stamp.now,
        deleted_by=stamp.actor_id,
    )


def restore(tree: Sequence[Task], parent: Task | None, stamp: Stamp) -> tuple[list[Task], list[Event]]:
    """The task, which comes first, and the subtasks that went with it, out of the trash.

    Raises: Conflict, while its parent is in the trash, or once its 30 days are over.
    """
    root = tree[0]
    if root.deleted_at is None:
        return [], []
    if parent is not None and parent.deleted_at is not None:
        raise Conflict(f"restore its parent {parent.key} first", code="parent_deleted", parent=parent.key)
    if root.deleted_at + timedelta(days=TRASH_DAYS) < stamp.now:
        raise Conflict(f"{root.key} was deleted more than {TRASH_DAYS} days ago", code="trash_expired")
    together = [task for task in tree if task.deleted_at == root.deleted_at]
    return _each(together, "task.restored", stamp, deleted_at=None, deleted_by=None)


def purge(tree: Sequence[Task], stamp: Stamp) -> list[Event]:
    """The events of a task's end, and its subtasks'. Raises `Conflict` unless it is in the trash."""
    if tree[0].deleted_at is None:
        raise Conflict(f"{tree[0].key} is not in the trash: delete it first", code="not_deleted")
    return [task_event(stamp, "task.purged", task) for task in tree]


def _each(tasks: Sequence[Task], kind: str, stamp: Stamp, **new: object) -> tuple[list[Task], list[Event]]:
    changed, events = [], []
    for task in tasks:
        after = attrs.evolve(task, **new, version=task.version + 1, updated_at=stamp.now)  # type: ignore[arg-type]
        changed.append(after)
        events.append(
            task_event(stamp, kind, after, **difference(task, after, frozenset({"version", "updated_at"})))
        )
    return changed, events
