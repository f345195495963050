"""How likely a task, and what follows from it, is to lack the people it needs: TaskJuggler's measure of urgency."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from taskcore.scheduling.activities import FF, FS, SF
from taskcore.scheduling.slots.project import Leaf, Project, in_order
from taskcore.scheduling.slots.work import Kind

Visit = tuple[int, bool]
"""A task, by its place, and whether a path comes to its end, not to its start."""


def scarcity(project: Project, free: Sequence[bytearray]) -> list[float]:
    """Of each resource: slots of effort wanted for each slot in which it is free. A task's effort is shared evenly by
    all who may do it, in whole slots."""
    wanted = [0.0] * len(free)
    for leaf in project.leaves.values():
        candidates = leaf.candidates
        if leaf.task.kind is Kind.EFFORT and candidates:
            for place in candidates:
                wanted[place] += leaf.task.slots // len(candidates)
    slots = [sum(each) for each in free]
    return [effort / count if count else 1.0 for effort, count in zip(wanted, slots, strict=True)]


class Criticality:
    """
    Of each task in `path`: the largest sum of `own` criticalities along the links from its start.

    A task's own is its effort times the mean scarcity of who may do it; a milestone's is its priority / 500. A container
    is as critical as its most critical child. Where a path comes to a task that was reached before, TaskJuggler 3.7 takes
    that one's own off again (`TaskScenario.calcPathCriticalness`), so the order of the file matters; its dates are only
    had by doing the same. Raises: Cycle.
    """

    def __init__(self, project: Project, scarce: Sequence[float]) -> None:
        self._project = project
        count = len(project.tasks)
        self._of_start: list[list[Visit]] = [[] for _ in range(count)]
        self._of_end: list[list[Visit]] = [[] for _ in range(count)]
        self._link()
        self._refuse_cycles()
        self.own = [0.0] * count
        for place, leaf in project.leaves.items():
            self.own[place] = _own(leaf, scarce)
        self._found: list[float | None] = [None] * count
        for place in project.preorder:
            self._visit((place, False))
        self.path = [each or 0.0 for each in self._found]

    def _link(self) -> None:
        """Where paths go on from each start and each end, in the order in which TaskJuggler notes them."""
        for place in self._project.preorder:
            for link in self._project.depends[place]:
                ways = self._of_end if link.type in (FS, FF) else self._of_start
                ways[link.other].append((place, link.type in (FF, SF)))
            self._of_end[place] += [(link.other, link.type is FF) for link in self._project.precedes[place]]

    def _ways(self, visit: Visit) -> Iterator[Visit]:
        place, at_end = visit
        children = self._project.children.get(place)
        if at_end:
            for each in self._project.lines[place]:
                yield from self._of_end[each]
        elif children:
            yield from ((child, False) for child in children)
        else:
            yield from self._of_start[place]
            yield from self._ways((place, True))

    def _refuse_cycles(self) -> None:
        count = len(self._project.tasks)
        visits = [(node % count, node >= count) for node in range(2 * count)]
        after = [[place + at_end * count for place, at_end in self._ways(visit)] for visit in visits]
        missing = [0] * len(after)
        for each in after:
            for node in each:
                missing[node] += 1
        in_order(after, missing)

    def _visit(self, first: Visit) -> None:
        """Depth first, without the depth of Python's stack."""
        path = [self._largest(first)]
        value: float | None = None
        while path:
            try:
                step = path[-1].send(value)  # type: ignore[arg-type]  # None starts it
            except StopIteration as end:
                path.pop()
                value = end.value
            else:
                path.append(self._largest(step))
                value = None

    def _largest(self, visit: Visit) -> Generator[Visit, float, float]:
        place, at_end = visit
        found = self._found[place]
        if found is not None:
            return found - (0 if at_end else self.own[place])
        largest = 0.0
        for way in self._ways(visit):
            largest = max(largest, (yield way))
        if not at_end:
            largest += self.own[place]
        self._found[place] = largest
        return largest


def _own(leaf: Leaf, scarce: Sequence[float]) -> float:
    candidates = leaf.candidates
    if leaf.task.kind is Kind.EFFORT and candidates:
        total = 0.0
        for (
            each
        ) in candidates:  # not `sum`, which rounds otherwise from Python 3.12 on: equal sums must stay equal
            total += scarce[each]
        return leaf.task.slots * (total / len(candidates))
    return leaf.priority / 500 if leaf.task.kind in (Kind.MILESTONE, Kind.CONTAINER) else 0.0
