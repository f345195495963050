"""What makes one plan better than another."""

from __future__ import annotations

from taskcore.scheduling.staffing.generation import Draft
from taskcore.scheduling.staffing.project import Project

Cost = tuple[int, ...]
"""The less the better, the first number before all others."""


class Objective:
    """By seconds of broken constraints, then of lateness by falling priority, the last finish, and the sum of all.

    Of the sum, not of what is to be as late as possible.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        work = project.work
        self._most = [
            (place, each.rule.of_start, each.at)
            for place in range(project.count)
            for each in work[place].constraints
            if each.rule.most
        ]
        self._due = [(place, each.deadline) for place, each in enumerate(work) if each.deadline is not None]
        priorities = sorted({work[place].priority for place, _ in self._due}, reverse=True)
        self._classes = {priority: number for number, priority in enumerate(priorities)}
        self._soon = [place for place in range(project.count) if not _late(project, place)]

    def __call__(self, draft: Draft) -> Cost:
        late = [0] * len(self._classes)
        for place, deadline in self._due:
            late[self._classes[self._project.work[place].priority]] += max(
                0, draft.finishes[place] - deadline
            )
        broken = sum(
            max(0, (draft.starts if of_start else draft.finishes)[place] - at)
            for place, of_start, at in self._most
        )
        finishes = draft.finishes[: self._project.count]
        return (broken, *late, max(finishes, default=0), sum(finishes[place] for place in self._soon))


def _late(project: Project, place: int) -> bool:
    """Whether it, or a part of it, is to be as late as possible."""
    return any(project.work[leaf].as_late_as_possible for leaf in project.graph.leaves(place))
