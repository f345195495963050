"""What people see of a plan in a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from taskcore.planning.model import PlanReason
from taskcore_cli.render import Columns


def plan_columns(schedule: Any) -> Columns:
    """A line a task of the plan, with what holds it back; times are in the team's zone."""
    people = {person.user_id: person.name for person in schedule.people}
    return {
        "key": lambda task: task.key,
        "title": lambda task: task.title,
        "who": lambda task: list(
            dict.fromkeys(people.get(each.user_id, str(each.user_id)) for each in task.assignments)
        ),
        "start": lambda task: _local(task.start, schedule.time_zone),
        "finish": lambda task: _local(task.finish, schedule.time_zone),
        "slack": lambda task: "critical" if task.critical else f"{task.total_slack_minutes} min",
        "late": lambda task: f"{task.late_minutes} min" if task.late_minutes else "",
        "why": lambda task: "; ".join(_why(task)),
    }


def _why(task: Any) -> Iterator[str]:
    """What binds it; before that nobody works, what it was added to."""
    first, *rest = task.reasons or [None]
    if first is not None and first.cause == "calendar" and rest:
        yield rest[0].text
    if first is not None:
        yield first.text


@attrs.frozen
class Step:
    """A task on the way back to what holds everything up."""

    key: str
    title: str
    start: datetime
    reason: PlanReason


def step_columns(schedule: Any) -> Columns:
    """A line a reason."""
    return {
        "key": lambda step: step.key,
        "title": lambda step: step.title,
        "start": lambda step: _local(step.start, schedule.time_zone),
        "why": lambda step: step.reason.text,
    }


def workload_columns(schedule: Any) -> Columns:
    """A line a person and week."""
    people = {person.user_id: person.name for person in schedule.people}
    return {
        "who": lambda load: people.get(load.user_id, str(load.user_id)),
        "week": lambda load: load.week,
        "minutes": lambda load: load.minutes,
        "of": lambda load: load.capacity_minutes,
        "load": lambda load: (
            f"{100 * load.minutes / load.capacity_minutes:.0f} %" if load.capacity_minutes else ""
        ),
    }


def _local(at: datetime, time_zone: str) -> str:
    return at.astimezone(ZoneInfo(time_zone)).strftime("%a %Y-%m-%d %H:%M")
