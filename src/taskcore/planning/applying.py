"""A plan's dates as those in force: the tasks with them, and the events that tell of it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from taskcore.events import Event, Stamp, plain
from taskcore.planning.model import Schedule
from taskcore.tasks.lifecycle import told
from taskcore.tasks.model import Task


def applied(tasks: Sequence[Task], schedule: Schedule, stamp: Stamp) -> tuple[list[Task], list[Event]]:
    """Tasks whose dates change; an event for each of them, and one for all."""
    dates = {each.task_id: each for each in schedule.tasks}
    changed: list[Task] = []
    events: list[Event] = []
    for task in tasks:
        if task.status.finished:
            continue
        at = dates[task.id]
        by = tuple(sorted({each.user_id for each in at.assignments}))
        new = attrs.evolve(task, planned_start=at.start, planned_finish=at.finish, planned_for=by)
        new, told_of_it = told(task, new, stamp)
        if told_of_it:
            changed.append(new)
            events += told_of_it
    outcome = {
        "start": schedule.start,
        "finish": schedule.finish,
        "finish_bound": schedule.finish_bound,
        "moved": [move.key for move in schedule.moves],
    }
    events.append(
        stamp.event(
            "schedule.planned", schedule.team_id, "team", schedule.team_id, {"schedule": plain(outcome)}
        )
    )
    return changed, events
