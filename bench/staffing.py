"""
A team's plan by everybody's calendar: how long it takes to make, and to make again after one slip.

`python -m bench staffing [TASKS] [PEOPLE]`. The measure beside it is one critical path of the same tasks, forward and backward.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from random import Random
from zoneinfo import ZoneInfo

import attrs

from taskcore.scheduling.activities import Link
from taskcore.scheduling.calendars import WeeklyHours, WorkingCalendar
from taskcore.scheduling.leveling import Budget, HeuristicSolver
from taskcore.scheduling.slack import slack
from taskcore.scheduling.staffing import EstimateKind, Resource, StaffPlan, Work, moves, plan, replan
from taskcore.scheduling.staffing.project import Project

TASKS, PEOPLE, SLIPS = 1_000, 20, 100
BEGIN, HOUR = 1_764_000_000, 3600
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")


def team(tasks: int, people: int) -> tuple[list[Work], list[Link], list[Resource]]:
    """Half of the tasks have somebody to do them, the others three who could; most wait for one or two before them, and a third is
    due up to 2,000 hours after it could be done."""
    chance = Random(5)  # noqa: S311  a measurement is no secret
    office = WeeklyHours.parse({"mon-fri": ["09:00-12:00", "13:00-18:00"]})
    calendars = [WorkingCalendar(ZoneInfo(zone), office) for zone in ZONES]
    resources = [
        Resource(
            WorkingCalendar(parent=chance.choice(calendars)), units=chance.choice([1.0, 1.0, 0.5]), rank=each
        )
        for each in range(people)
    ]
    work = [
        Work(
            EstimateKind.EFFORT,
            chance.randrange(1, 25) * HOUR,
            calendars[0],
            **(
                {"all_of": (chance.randrange(people),)}
                if chance.random() < 0.5
                else {"any_of": tuple(chance.sample(range(people), 3))}
            ),
            priority=chance.choice([0, 0, 0, 1, 2]),
            rank=each,
        )
        for each in range(tasks)
    ]
    pairs = {(max(0, each - chance.randrange(1, 60)), each) for each in range(1, tasks) for _ in range(2)}
    links = [Link(*each) for each in sorted(pairs) if chance.random() < 0.75]
    early = Project(work, links, resources, BEGIN, BEGIN).dates.early_finish
    for place in chance.sample(range(tasks), tasks // 3):
        due = early[place] + chance.randrange(0, 2000) * HOUR
        work[place] = attrs.evolve(work[place], deadline=due)
    return work, links, resources


def main(arguments: list[str]) -> int:
    """Print CPU seconds as ratios to one critical path of the same tasks."""
    tasks, people = (int(each) for each in (arguments or [str(TASKS), str(PEOPLE)]))
    work, links, resources = team(tasks, people)
    network = Project(work, links, resources, BEGIN, BEGIN).network([0] * tasks)
    path = min(
        _spent(lambda: slack(Project(work, links, resources, BEGIN, BEGIN).network([0] * tasks)))
        for _ in range(3)
    )
    _say(
        f"{tasks} tasks, {len(links)} links, {people} people: critical path {path * 1000:.0f} ms, to {network.finish - BEGIN} s"
    )
    made: list[StaffPlan] = []
    cost = min(
        _spent(lambda: made.append(plan(work, links, resources, start=BEGIN, now=BEGIN))) for _ in range(3)
    )
    first = made[-1]
    _say(f"plan {cost * 1000:.0f} ms, {cost / path:.1f} critical paths; {_quality(first)}")
    for name, solver in (("chance", None), ("heuristic", HeuristicSolver())):
        better = plan(
            work, links, resources, start=BEGIN, now=BEGIN, solver=solver, budget=Budget(seconds=200 * path)
        )
        _say(f"by {name}, 200 critical paths: {better.schedules} plans; {_quality(better)}")
    _say(_slips(work, links, resources, first, path))
    return 0


def _slips(
    work: list[Work], links: list[Link], resources: list[Resource], first: StaffPlan, path: float
) -> str:
    """Single tasks that take eight hours longer than they did."""
    chance = Random(3)  # noqa: S311  as above
    costs, moved = [], 0
    for place in chance.sample(range(len(work)), min(SLIPS, len(work))):
        longer = list(work)
        longer[place] = attrs.evolve(work[place], amount=work[place].amount + 8 * HOUR)
        before = time.process_time()
        again = replan(longer, links, resources, start=BEGIN, now=BEGIN, previous=first.placed)
        costs.append(time.process_time() - before)
        moved += len(moves(first.placed, again))
    costs.sort()
    return (
        f"a slip: median {costs[len(costs) // 2] / path:.2f} critical paths, p99 {costs[-1 - len(costs) // 100] / path:.2f} "
        f"({costs[-1] * 1000:.0f} ms at most); {moved / len(costs):.0f} tasks moved"
    )


def _quality(made: StaffPlan) -> str:
    late = sum(made.lateness(place)[1] for place in range(len(made.work)))
    return f"gap {made.gap:.3f}, late {late // HOUR} h, {len(made.critical())} critical"


def _spent(call: Callable[[], object]) -> float:
    before = time.process_time()
    call()
    return time.process_time() - before


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
