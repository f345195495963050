"""Putting work as late as delays nothing else."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy

from taskcore.scheduling.plan import Plan
from taskcore.scheduling.slack import Backward
from taskcore.scheduling.staffing.generation import Draft
from taskcore.scheduling.staffing.occupancy import Taken
from taskcore.scheduling.staffing.project import Project


def seen(project: Project, draft: Draft, plan: Plan | None = None) -> Plan:
    """The plan with the dates of the draft: of its reasons and slack, not of its earliest dates."""
    found = copy(plan or project.network(draft.ways))
    found.starts, found.finishes, found.resumes = draft.starts, draft.finishes, draft.resumes
    return found


def put_late(project: Project, draft: Draft, among: Collection[int] | None = None) -> None:
    """Move what is to be as late as possible, of those `among`, within its free slack, the last one first.

    Nothing that pauses for limits or other tasks moves: it would be done in other pieces.
    """
    movable = [
        place
        for place in project.leaves
        if project.work[place].as_late_as_possible
        and project.work[place].started is None
        and not project.fixed(place)
        and place not in draft.runs
        and (among is None or place in among)
    ]
    if movable:
        _Latest(project, draft, set(movable))
        for node in project.graph.order:
            children = project.graph.children.get(node)
            if children:
                draft.starts[node] = draft.resumes[node] = min(draft.starts[child] for child in children)
                draft.finishes[node] = max(draft.finishes[child] for child in children)


class _Latest(Backward):
    def __init__(self, project: Project, draft: Draft, movable: set[int]) -> None:
        self._project, self._draft, self._movable = project, draft, movable
        super().__init__(seen(project, draft), free=True)

    def _settle(self, node: int) -> None:
        super()._settle(node)
        if node in self._movable:
            work, pace = self._project.work[node].left, self._plan.activities[node].pace
            start, finish = self._bounded(node, self.finishes[node])
            if pace and work:
                last = min(start, self.starts[node])
                self._move(node, last, min(finish, pace.add(last, work)))
            else:
                self._place(node, *[min(start, finish)] * 2)

    def _move(self, node: int, last: int, finish: int) -> None:
        """To start at `last` and finish at `finish`, or before; where `last` is in free time, to be done by then."""
        project, draft = self._project, self._draft
        work, pace = project.work[node].left, project.pace(node, draft.ways[node])
        team = project.ways[node][draft.ways[node]].team if project.ways[node] else ()
        taken = [self._others(resource, node) for resource in team]
        while True:
            start = pace.add(finish, -work)
            if start <= draft.resumes[node]:
                return
            if start > last:
                finish = last
                continue
            end = pace.add(start, work)
            before = min((each.since(start, end) for each in taken), default=end)
            if before == end:
                break
            finish = before
        if pace.next_start(start) == start:
            self._place(node, start, end)

    def _place(self, node: int, start: int, finish: int) -> None:
        draft = self._draft
        if start > draft.resumes[node]:
            draft.starts[node] = draft.resumes[node] = start
            draft.finishes[node] = finish

    def _others(self, resource: int, node: int) -> Taken:
        """When the resource does something else."""
        project, draft = self._project, self._draft
        found = Taken(project.resources[resource].calendar)
        for place in project.leaves:
            if place != node:
                for who, start, end in draft.pieces(project, place):
                    if who == resource and start < end:
                        found.take(start, end)
        return found
