"""A plan made of a situation: planned anew or kept, and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from time import thread_time
from typing import Any

import attrs

from taskcore.errors import Conflict
from taskcore.planning.comparing import comparison
from taskcore.planning.model import Schedule
from taskcore.planning.problem import MINUTE, Problem, problem
from taskcore.planning.situation import Situation
from taskcore.planning.telling import told
from taskcore.scheduling import staffing
from taskcore.scheduling.leveling.ports import Budget, Solver
from taskcore.scheduling.spans import seconds_of
from taskcore.teams.resources import working_calendar
from taskcore.values import TaskId

_WORTH = 5_000
"""Tasks placed in a search that nobody has given a budget: some tenths of a second's work."""
LONGEST = 3600.0
"""Seconds that a search may take."""
_TRIES = (5, 200)
"""The least and the most plans that makes."""


@attrs.frozen
class Making:
    """What a plan is made of, and how."""

    team: Situation
    start: datetime | None = None
    keep: bool = True
    budget: Budget | None = None
    estimate_minutes: int = 60
    held_back: Mapping[TaskId, int] = attrs.field(factory=dict)
    """Minutes by which tasks are delayed, against `before`."""
    before: Schedule | None = None
    """The plan to compare with."""

    @property
    def posed(self) -> Problem:
        return problem(self.team, self.start, self.estimate_minutes, _held_back(self))


class GivenUp(Exception):
    """Nobody waits for the plan any more."""


def made(
    making: Making,
    solver: Callable[[], Solver],
    on_plan: Callable[[Schedule], None] | None = None,
    given_up: Callable[[], bool] = lambda: False,
) -> Schedule:
    """Raises: Conflict `cycle`, by the tasks' keys; `no_working_time`; GivenUp, soon after that says so."""
    posed = making.posed
    try:
        plan = _planned(making, posed, solver, on_plan, given_up)
    except Conflict as error:
        raise _by_keys(error, posed) from error
    schedule = told(making.team, posed, plan)
    if making.before is None:
        return schedule
    return attrs.evolve(schedule, comparison=comparison(making.before, schedule))


def _planned(
    making: Making,
    posed: Problem,
    solver: Callable[[], Solver],
    on_plan: Callable[[Schedule], None] | None,
    given_up: Callable[[], bool],
) -> staffing.StaffPlan:
    def clock() -> float:
        if given_up():
            raise GivenUp
        return thread_time()

    given: dict[str, Any] = {"start": posed.start, "now": posed.now}
    planned = [each.planned for each in posed.work]
    if making.keep and any(planned):
        return staffing.replan(posed.work, posed.links, posed.resources, previous=planned, **given)
    budget = making.budget or Budget(schedules=_usual(len(posed.work)))
    # With a limit of time, if a distant one, the clock is asked again and again.
    budget = Budget(LONGEST if budget.seconds is None else budget.seconds, budget.schedules)
    return staffing.plan(
        posed.work,
        posed.links,
        posed.resources,
        solver=solver(),
        budget=budget,
        clock=clock,
        on_progress=on_plan and (lambda plan: on_plan(told(making.team, posed, plan))),
        **given,
    )


def _usual(tasks: int) -> int:
    least, most = _TRIES
    return min(max(_WORTH // max(tasks, 1), least), most)


def _held_back(making: Making) -> dict[TaskId, int]:
    """What a delay comes to, in seconds: a first start by the team's calendar or, once begun, more to do."""
    if making.before is None or not making.held_back:
        return {}
    calendar = working_calendar(making.team.team)
    found = {}
    for task in making.before.tasks:
        minutes = making.held_back.get(task.task_id)
        if minutes is None:
            continue
        later = calendar.add(calendar.next_start(seconds_of(task.start)), minutes * MINUTE)
        found[task.task_id] = minutes * MINUTE if task.begun else calendar.next_start(later)
    return found


def _by_keys(error: Conflict, posed: Problem) -> Conflict:
    """The tasks by their keys and people by their names, where the scheduler knows places."""
    place, resource, places = (error.data.get(name) for name in ("place", "resource", "cycle"))
    if isinstance(place, int):
        key, message = posed.tasks[place].key, error.message
        if isinstance(resource, int):
            message += f"; look at {posed.people[resource].name}'s calendar"
        return Conflict(f"{key}: {message}", code=error.code, task=key)
    if error.code != "cycle" or not isinstance(places, list):
        return error
    keys = [posed.tasks[place].key for place in places]
    return Conflict(f"these wait for each other: {' → '.join(keys)}", code="cycle", cycle=keys)
