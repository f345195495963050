"""What a change does to a plan."""

from __future__ import annotations

from taskcore.planning.model import PlanComparison, PlanMove, Schedule


def comparison(before: Schedule, after: Schedule) -> PlanComparison:
    """The plan `after` beside that `before`."""
    was = {task.task_id: task for task in before.tasks}
    known = [(was[task.task_id], task) for task in after.tasks if task.task_id in was]
    return PlanComparison(
        finish_before=before.finish,
        finish_delta_minutes=round((after.finish - before.finish).total_seconds() / 60),
        late_minutes_before=sum(task.late_minutes for task in before.tasks if not task.container),
        late_minutes=sum(task.late_minutes for task in after.tasks if not task.container),
        moved=tuple(
            PlanMove(new.task_id, new.key, old.start, old.finish, new.start, new.finish, new.reasons[0])
            for old, new in known
            if (old.start, old.finish) != (new.start, new.finish)
        ),
        newly_late=tuple(new.key for old, new in known if new.late_minutes and not old.late_minutes),
        newly_critical=tuple(new.key for old, new in known if new.critical and not old.critical),
    )
