"""The driving path: why a task is when it is, from reason to reason back to one that waits for no other task."""

from __future__ import annotations

from taskcore.errors import NotFound
from taskcore.planning.model import PlannedTask, PlanReason, Schedule
from taskcore.scheduling.activities import Cause


def driving_path(schedule: Schedule, ref: str) -> list[tuple[PlannedTask, PlanReason]]:
    """
    The task, by its key or id, and what binds it; then the task that it waits for, and so on. A night or a holiday stands
    before what it was added to. Raises: NotFound.
    """
    by_id = {task.task_id: task for task in schedule.tasks}
    named = {name: task for task in schedule.tasks for name in (task.key, str(task.task_id))}
    here = named.get(ref.upper(), named.get(ref.lower()))
    if here is None:
        raise NotFound(f"no such task in the plan: {ref}")
    path: list[tuple[PlannedTask, PlanReason]] = []
    passed = set[object]()
    while here is not None and here.task_id not in passed:
        passed.add(here.task_id)
        last: PlanReason | None = None
        for reason in here.reasons:
            path.append((here, reason))
            last = reason
            if reason.cause is not Cause.CALENDAR:
                break
        here = by_id.get(last.task_id) if last is not None and last.task_id is not None else None
    return path
