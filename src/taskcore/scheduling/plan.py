"""
The earliest dates of tasks in containers, with constraints and work that has begun; kept while single tasks change.

What binds, by its force: what has happened, links, constraints. Capacity is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush

from taskcore.errors import Conflict, invalid
from taskcore.scheduling.activities import (
    FF,
    FS,
    SF,
    SS,
    Activity,
    Broken,
    Cause,
    Constraint,
    Link,
    Reason,
    Rule,
    start_for,
)
from taskcore.scheduling.hierarchy import Arc, Hierarchy
from taskcore.values import LagUnit

Moved = dict[int, tuple[tuple[int, int], tuple[int, int]]]
"""By place: the start and finish that were, and those that are."""


class Plan:
    """
    Early dates by place. `start` is the project's; nothing that has not begun starts before `now`.

    Raises: Cycle, `no_working_time` with the `place` in its data, Invalid where an activity is finished without having started.
    """

    def __init__(
        self, activities: Iterable[Activity], links: Iterable[Link], start: int = 0, now: int | None = None
    ) -> None:
        self.activities, self.links = list(activities), list(links)
        _check(self.activities)
        self.start, self.now = start, now
        self.graph = Hierarchy(self.activities, self.links)
        nodes = len(self.graph.owners)
        self.starts, self.finishes, self.resumes = [start] * nodes, [start] * nodes, [start] * nodes
        """By node; work goes on at `resumes`, which is the start of a task that has not begun."""
        for node in self.graph.order:
            try:
                self._settle(node)
            except Conflict as error:
                raise located(error, self.graph.owners[node]) from error

    @property
    def early_start(self) -> list[int]:
        return self.starts[: len(self.activities)]

    @property
    def early_finish(self) -> list[int]:
        return self.finishes[: len(self.activities)]

    @property
    def finish(self) -> int:
        return max(self.early_finish, default=self.start)

    def change(self, place: int, activity: Activity) -> Moved:
        """Put another activity there, of the same parent, and move what depends on it, and nothing else.

        The result is that of a plan made anew. Where a calendar has no time left, it raises `no_working_time`, and the
        plan is as it was.
        """
        before = self.activities[place]
        if activity.parent != before.parent:
            raise invalid("parent", "cannot be changed in a plan; make it anew")
        _check([activity])
        self.activities[place] = activity
        known: dict[int, tuple[int, int, int]] = {}
        rank, order = self.graph.rank, self.graph.order
        waiting = [rank[node] for node in {place, *self.graph.gates.get(place, ())}]
        waiting.sort()
        queued = set(waiting)
        try:
            while waiting:
                node = order[heappop(waiting)]
                was = self.starts[node], self.finishes[node], self.resumes[node]
                self._settle(node)
                if was == (self.starts[node], self.finishes[node], self.resumes[node]):
                    continue
                known[node] = was
                for arc in self.graph.out[node]:
                    if rank[arc.target] not in queued:
                        queued.add(rank[arc.target])
                        heappush(waiting, rank[arc.target])
        except Exception:
            self.activities[place] = before
            for node, was in known.items():
                self.starts[node], self.finishes[node], self.resumes[node] = was
            raise
        return {
            node: ((was[0], was[1]), (self.starts[node], self.finishes[node]))
            for node, was in sorted(known.items())
            if node < len(self.activities) and was[:2] != (self.starts[node], self.finishes[node])
        }

    def reasons(self, place: int, *, finish: bool = False) -> list[Reason]:
        """What holds the task back, the strongest first; a calendar's gap comes before what it was added to.

        Of a container, the child that is first, or last if its `finish` is asked for. Finished work has one reason.
        """
        children = self.graph.children.get(place)
        if children is not None:
            ends = self.finishes if finish else self.starts
            at = ends[place]
            return [Reason(Cause.CHILD, at, next(child for child in children if ends[child] == at))]
        task = self.activities[place]
        if task.started is not None and task.finished is not None:
            return [Reason(Cause.ACTUAL, task.started)]
        found = sorted(self.candidates(place), key=lambda reason: -reason.at)
        if self.resumes[place] > found[0].at:
            found.insert(0, Reason(Cause.CALENDAR, self.resumes[place]))
        return found

    def why(self, place: int) -> list[tuple[int, Reason]]:
        """The driving path: from reason to reason back to one that waits for no task."""
        path: list[tuple[int, Reason]] = []
        at, finish = place, False
        while True:
            for reason in self.reasons(at, finish=finish):
                path.append((at, reason))
                if reason.cause is not Cause.CALENDAR:
                    break
            last = path[-1][1]
            if last.by is None:
                return path
            if last.link is not None:
                finish = self.links[last.link].type in (FS, FF)
            at = last.by

    def broken(self) -> list[Broken]:
        """Constraints that lost, to links, to what has happened or to the calendar."""
        found = []
        for place, task in enumerate(self.activities):
            for each in _constraints(task):
                is_at = (self.starts if each.rule.of_start else self.finishes)[place]
                if (each.rule.most and is_at > each.at) or (each.rule.least and is_at < each.at):
                    by = self.reasons(place, finish=not each.rule.of_start)[0]
                    amount = abs(self.work(place, each.at, is_at))
                    found.append(Broken(place, each, amount, by, abs(is_at - each.at)))
        return found

    def out_of_sequence(self) -> list[tuple[int, int]]:
        """Links, by their places, and tasks that began or ended before these allowed it."""
        found = []
        for number, link in enumerate(self.links):
            for leaf in self.graph.leaves(link.successor):
                task = self.activities[leaf]
                actual = task.started if link.type in (FS, SS) else task.finished
                source = (self.finishes if link.type in (FS, FF) else self.starts)[link.predecessor]
                if actual is not None and self._lagged(link.successor, source, link.lag, link.unit) > actual:
                    found.append((number, leaf))
        return found

    def moved(self, node: int, at: int, work: int) -> int:
        """So much work later, or earlier, by the calendar of the node's task."""
        calendar = self.activities[self.graph.owners[node]].calendar
        return calendar.add(at, work) if calendar else at + work

    def performed(self, node: int, at: int, work: int) -> int:
        """When so much of the node's task is done from then on, or with negative work, was begun for that."""
        task = self.activities[self.graph.owners[node]]
        pace = task.pace or task.calendar
        return pace.add(at, work) if pace else at + work

    def start_for(self, node: int, finish: int, work: int) -> int:
        """The first start with which so much of the node's task is finished then, or later."""
        task = self.activities[self.graph.owners[node]]
        pace = task.pace or task.calendar
        return start_for(pace, finish, work) if pace and work else finish - work

    def work(self, node: int, start: int, end: int) -> int:
        calendar = self.activities[self.graph.owners[node]].calendar
        return calendar.between(start, end) if calendar else end - start

    def _settle(self, node: int) -> None:
        if node >= len(self.activities):
            at = self._bound(node, 0)
            self.starts[node] = self.finishes[node] = self.resumes[node] = at
            return
        children = self.graph.children.get(node)
        if children is not None:
            self.starts[node] = self.resumes[node] = min(self.starts[child] for child in children)
            self.finishes[node] = max(self.finishes[child] for child in children)
            return
        task = self.activities[node]
        if task.started is not None and task.finished is not None:
            self.starts[node] = self.resumes[node] = task.started
            self.finishes[node] = task.finished
            return
        at = self._bound(node, task.work)
        pace = task.pace or task.calendar
        if task.work and pace:
            at = pace.next_start(at)
        self.starts[node] = at if task.started is None else task.started
        self.resumes[node], self.finishes[node] = at, pace.add(at, task.work) if pace else at + task.work

    def _bound(self, node: int, work: int) -> int:
        at = max(reason.at for reason in self._own(node, work))
        for arc in self.graph.into[node]:
            bound = self._asked(arc, work)
            if bound > at:  # noqa: PLR1730  a call of max for each link
                at = bound
        return at

    def _asked(self, arc: Arc, work: int) -> int:
        """The start that a link allows; one that holds a finish lets it be so much earlier."""
        source = (self.starts if arc.type in (SS, SF) else self.finishes)[arc.source]
        at = self._lagged(arc.target, source, arc.lag, arc.unit)
        return at if arc.type in (FS, SS) or not work else self.start_for(arc.target, at, work)

    def _lagged(self, node: int, at: int, lag: int, unit: LagUnit) -> int:
        if not lag:
            return at
        return self.moved(node, at, lag) if unit is LagUnit.WORKING else at + lag

    def _own(self, node: int, work: int) -> Iterator[Reason]:
        """What binds a node without a link."""
        place = self.graph.owners[node]
        task = self.activities[place]
        container = place in self.graph.children
        if task.started is not None and not container:
            yield Reason(Cause.ACTUAL, task.started)
        else:
            yield Reason(Cause.PROJECT_START, self.start)
        if self.now is not None:
            yield Reason(Cause.NOW, self.now)
        if not task.constraints and task.not_before is None:
            return
        for each in _constraints(task):
            if not each.rule.least or (
                container and each.rule.of_start != (node == self.graph.gates[place][0])
            ):
                continue
            if each.rule.of_start:
                if task.started is None or container:
                    yield Reason(Cause.CONSTRAINT, each.at, constraint=each)
            else:
                at = self.start_for(node, each.at, work)
                yield Reason(Cause.CONSTRAINT, at, constraint=each)

    def candidates(self, node: int) -> Iterator[Reason]:
        """Everything that binds a node, through the gates of its containers too."""
        work = self.activities[node].work if node < len(self.activities) else 0
        yield from self._own(node, work)
        for arc in self.graph.into[node]:
            if arc.link is not None:
                yield Reason(Cause.LINK, self._asked(arc, work), self.links[arc.link].predecessor, arc.link)
                continue
            for reason in self.candidates(arc.source):
                if reason.cause in (Cause.LINK, Cause.CONSTRAINT):
                    at = self.start_for(node, reason.at, work) if arc.type is SF and work else reason.at
                    yield Reason(reason.cause, at, reason.by, reason.link, reason.constraint)


def _constraints(task: Activity) -> Iterator[Constraint]:
    if task.not_before is not None:
        yield Constraint(Rule.NOT_BEFORE, task.not_before)
    yield from task.constraints


def located(error: Conflict, place: int, **data: object) -> Conflict:
    """The same, with the task whose it is in its data."""
    return Conflict(error.message, code=error.code, **{"place": place, **data, **error.data})


def _check(activities: Sequence[Activity]) -> None:
    if any(each.finished is not None and each.started is None for each in activities):
        raise invalid("finished", "needs a start")
