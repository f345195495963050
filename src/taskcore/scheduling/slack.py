"""The backward pass: how late each task of a plan may be, and how much room that leaves."""

from __future__ import annotations

from taskcore.scheduling.activities import FF, FS, SS
from taskcore.scheduling.elapsed import Dates
from taskcore.scheduling.hierarchy import Arc
from taskcore.scheduling.plan import Plan
from taskcore.values import LagUnit

FAR = 1 << 62


def slack(plan: Plan) -> Dates:
    """
    All dates of a plan. A container has the least slack of its tasks; of work that has begun, the finish may slip.

    Deadlines and constraints bound late dates, so that slack is negative where one is broken. Finished tasks are bound by the
    project's end alone. Where a start may at the latest be in free time, slack reaches up to that: a start by the
    calendar lies before.
    """
    count, graph = len(plan.activities), plan.graph
    late = Backward(plan, free=False)
    free = Backward(plan, free=True)
    late_start, late_finish = late.starts[:count], late.finishes[:count]
    total, room = [0] * count, [0] * count
    for place, task in enumerate(plan.activities):
        if place in graph.children:
            continue
        total[place] = plan.work(place, plan.resumes[place], late.starts[place])
        room[place] = plan.work(place, plan.resumes[place], free.starts[place])
        if task.started is not None:
            late_start[place] = task.started
        if task.finished is not None:
            total[place] = room[place] = plan.work(place, task.finished, plan.finish)
    for node in graph.order:
        children = graph.children.get(node)
        if children is not None:
            late_start[node] = min(late_start[child] for child in children)
            late_finish[node] = max(late_finish[child] for child in children)
            total[node] = min(total[child] for child in children)
            room[node] = min(room[child] for child in children)
    return Dates(plan.early_start, plan.early_finish, late_start, late_finish, total, room, plan.finish)


class Backward:
    """The latest start and finish by node: that keep the end, or with `free` that leave successors where they are."""

    def __init__(self, plan: Plan, *, free: bool) -> None:
        self._plan, self._free, self._end = plan, free, plan.finish
        nodes = len(plan.graph.owners)
        self.starts, self.finishes = [FAR] * nodes, [FAR] * nodes
        for node in reversed(plan.graph.order):
            self._settle(node)

    def _settle(self, node: int) -> None:
        plan = self._plan
        place = plan.graph.owners[node]
        task, inner = plan.activities[place], node >= len(plan.activities)
        start, finish = FAR, self._end
        if not inner and not self._free:
            start, finish = self._bounded(place, finish)
        for arc in plan.graph.out[node]:
            target = plan.activities[plan.graph.owners[arc.target]]
            if arc.type is None:
                finish = min(finish, self.finishes[arc.target])
                if plan.starts[node] == plan.starts[arc.target]:
                    start = min(start, self.starts[arc.target])
            elif target.finished is None or plan.graph.owners[arc.target] in plan.graph.children:
                most = self._most(arc)
                if arc.type in (FS, FF):
                    finish = min(finish, most)
                elif task.started is None or place in plan.graph.children:
                    start = min(start, most)
        if place in plan.graph.children:
            self.starts[node] = min(start, finish) if inner else start
            self.finishes[node] = self.starts[node] if inner else finish
            return
        self.starts[node] = min(start, plan.performed(node, finish, -task.work))
        self.finishes[node] = plan.performed(node, self.starts[node], task.work)

    def _bounded(self, place: int, finish: int) -> tuple[int, int]:
        """What the task's own deadline and constraints allow."""
        task, start = self._plan.activities[place], FAR
        if task.deadline is not None:
            finish = min(finish, task.deadline)
        for each in task.constraints:
            if each.rule.most and each.rule.of_start and task.started is None:
                start = min(start, each.at)
            elif each.rule.most and not each.rule.of_start:
                finish = min(finish, each.at)
        return start, finish

    def _most(self, arc: Arc) -> int:
        """The latest end of a link that leaves its successor its dates."""
        plan, target = self._plan, arc.target
        own = self._free and target < len(plan.activities)
        if arc.type in (FS, SS):
            at = plan.resumes[target] if own else self.starts[target]
        else:
            at = plan.finishes[target] if own else self.finishes[target]
        if not arc.lag:
            return at
        if arc.unit is LagUnit.ELAPSED:
            return at - arc.lag
        most = plan.moved(target, at, -arc.lag)
        calendar = plan.activities[plan.graph.owners[target]].calendar
        if not calendar or arc.lag > 0:
            return most
        # A lead that ends in free time ends behind it, whence the second; one that begins in it begins before it too.
        return calendar.next_start(most) if calendar.next_start(at) == at else most - 1
