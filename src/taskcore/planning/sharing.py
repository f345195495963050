"""What a guest sees of a plan: tasks of projects shared with them, and nothing of others but that they are there."""

from __future__ import annotations

from collections.abc import Collection

import attrs

from taskcore.planning.model import PlannedTask, PlanReason, Schedule
from taskcore.values import ProjectId, TaskId


def shared(schedule: Schedule, projects: Collection[ProjectId]) -> Schedule:
    """The plan with the tasks of these projects, as if there were no others."""
    tasks = [task for task in schedule.tasks if task.project_id in projects]
    shown = {task.task_id for task in tasks}
    seen = tuple(_without_others(task, shown) for task in tasks)
    busy = {each.user_id for task in seen for each in task.assignments}
    return attrs.evolve(
        schedule,
        start=min((task.start for task in seen), default=schedule.now),
        finish=max((task.finish for task in seen), default=schedule.now),
        finish_bound=None,
        gap=None,
        schedules=0,
        tasks=seen,
        links=tuple(link for link in schedule.links if {link.predecessor_id, link.successor_id} <= shown),
        people=tuple(person for person in schedule.people if person.user_id in busy),
        conflicts=tuple(
            attrs.evolve(each, reason=_reason(each.reason, shown))
            for each in schedule.conflicts
            if each.task_id in shown
        ),
        moves=tuple(
            attrs.evolve(each, reason=_reason(each.reason, shown))
            for each in schedule.moves
            if each.task_id in shown
        ),
        unstaffed=tuple(task.key for task in seen if task.key in schedule.unstaffed),
        workload=(),
        free_time=(),
        comparison=None,
    )


def _without_others(task: PlannedTask, shown: Collection[TaskId]) -> PlannedTask:
    return attrs.evolve(
        task,
        parent_id=task.parent_id if task.parent_id in shown else None,
        reasons=tuple(_reason(reason, shown) for reason in task.reasons),
    )


def _reason(reason: PlanReason, shown: Collection[TaskId]) -> PlanReason:
    if reason.task_id is None or reason.task_id in shown:
        return reason
    return attrs.evolve(reason, task_id=None, task_key=None, text="waits for another task")
