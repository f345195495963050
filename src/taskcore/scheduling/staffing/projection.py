"""The same work in whole units of time, by which solvers of the plain problem (`leveling`) find good orders."""

from __future__ import annotations

from collections.abc import Sequence

from taskcore.scheduling.activities import FS
from taskcore.scheduling.calendars import UTC_ALWAYS, WorkingCalendar
from taskcore.scheduling.leveling.problem import Problem
from taskcore.scheduling.staffing.generation import Draft
from taskcore.scheduling.staffing.project import Project
from taskcore.values import EstimateKind

UNITS = 3_000
"""About so many units of time has a person who does everything."""
LEAST_SECONDS = 60


def projected(project: Project, draft: Draft) -> Problem:
    """The tasks done as in the draft, in working time; containers and waiting are tasks without demands.

    Links that are not from a finish to a start, and leads, are left out: it is about an order, which is made to keep
    them again.
    """
    lengths = [_length(project, draft, node) for node in range(len(project.graph.owners))]
    unit = max(LEAST_SECONDS, sum(lengths) // UNITS)
    durations = [-(-length // unit) for length in lengths]
    demands = [_demand(project, draft, node) for node in range(len(durations))]
    successors: list[list[int]] = [[] for _ in durations]

    def wait(units: int, after: int) -> int:
        durations.append(units)
        demands.append([0] * len(project.resources))
        successors.append([after])
        return len(durations) - 1

    begin = project.start if project.now is None else max(project.start, project.now)
    for node, arcs in enumerate(project.graph.out):
        for arc in arcs:
            if arc.type not in (None, FS) and node < project.count:
                continue
            units = _worked(project.work[project.graph.owners[arc.target]].calendar, 0, arc.lag) // unit
            successors[node].append(wait(units, arc.target) if units > 0 else arc.target)
        held = (
            _worked(project.work[project.graph.owners[node]].calendar, begin, project.floors[node][0]) // unit
        )
        if held > 0:
            wait(held, node)
    return Problem(durations, demands, successors, [1] * len(project.resources))


def _worked(calendar: WorkingCalendar | None, begin: int, end: int) -> int:
    """Working seconds; of a lag from 0 on, itself."""
    return (calendar or UTC_ALWAYS).between(begin, end) if begin and end > begin else end - begin


def _length(project: Project, draft: Draft, node: int) -> int:
    """Working seconds that a task takes its people."""
    if node >= project.count or project.fixed(node):
        return 0
    work, ways = project.work[node], project.ways[node]
    if not ways or work.kind is not EstimateKind.EFFORT:
        return work.left
    rate = sum(project.resources[each].rate for each in ways[draft.ways[node]].team)
    return round(work.left / rate) if rate else work.left


def _demand(project: Project, draft: Draft, node: int) -> Sequence[int]:
    team = project.ways[node][draft.ways[node]].team if node < project.count and project.ways[node] else ()
    return [int(each in team) for each in range(len(project.resources))]
