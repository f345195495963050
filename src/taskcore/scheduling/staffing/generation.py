"""
From an order of tasks to a plan, exact by everybody's calendar: serial schedule generation (Kelley 1963).

Each task in its turn is put where it finishes first among those that were put before it. So what comes first in the order is
never held up by what comes later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from taskcore.errors import Conflict
from taskcore.scheduling.activities import Pace, start_for
from taskcore.scheduling.staffing.model import Assigned, Placed
from taskcore.scheduling.staffing.occupancy import Occupancy, Taken
from taskcore.scheduling.staffing.pace import Common
from taskcore.scheduling.staffing.project import EVER, Project, Way
from taskcore.scheduling.staffing.walk import Run, Walk
from taskcore.values import EstimateKind

FREE = -1
"""Any way of doing it may be chosen."""


@attrs.frozen(slots=True, eq=False)
class Spot:
    """Where a task may be put, in one of its ways."""

    start: int
    finish: int
    way: int
    walk: Walk | None = None


@attrs.define(eq=False)
class Draft:
    """A plan by node of the graph, in the making and made."""

    starts: list[int]
    finishes: list[int]
    resumes: list[int]
    """Where work begins, or goes on."""
    ways: list[int]
    """By place, the way in which it is done."""
    runs: dict[int, list[Run]]
    """Who works when, where that is not everybody from start to finish."""

    @classmethod
    def empty(cls, project: Project) -> Draft:
        nodes = len(project.graph.owners)
        return cls([EVER] * nodes, [EVER] * nodes, [EVER] * nodes, [0] * project.count, {})

    def placed(self, project: Project) -> list[Placed]:
        return [
            Placed(self.starts[place], self.finishes[place], self.assigned(project, place))
            for place in range(project.count)
        ]

    def pieces(self, project: Project, place: int) -> list[Run]:
        """Who does it when."""
        ways = project.ways[place]
        if not ways:
            return []
        start, finish = self.resumes[place], self.finishes[place]
        return self.runs.get(place) or [(each, start, finish) for each in ways[self.ways[place]].team]

    def assigned(self, project: Project, place: int) -> tuple[Assigned, ...]:
        """Who works on it when: in working time, no longer than that of all and of the task lasts at a stretch."""
        runs = self.pieces(project, place)
        if project.work[place].kind is EstimateKind.WORKING:
            runs = [part for run in runs for part in self._together(project, place, run)]
        return tuple(
            Assigned(resource, start, end, project.resources[resource].rate)
            for resource, start, end in sorted(runs)
        )

    def _together(self, project: Project, place: int, run: Run) -> Iterator[Run]:
        """The parts of it in which the task's time passes; pauses in which its resource does not work either are no end."""
        resource, start, end = run
        own, pace = project.resources[resource].calendar, project.pace(place, self.ways[place])
        if pace is own or start == end:
            yield run
            return
        shared = Taken(own)
        for since, until in pace.working(start, end) if isinstance(pace, Common) else [(start, end)]:
            shared.take(since, until)
        for since, until in zip(shared.starts, shared.ends, strict=True):
            yield resource, since, until


Dated = tuple[int, int]
"""A start and a finish."""


def _after(one: Dated, other: Dated) -> bool:
    """Whether it is no better: finished no sooner or, at the same time, begun no later."""
    return (one[1], -one[0]) >= (other[1], -other[0])


class Generator:
    """Makes one plan; what was put somewhere stays there."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.occupancy = Occupancy(project.resources)
        self.draft = Draft.empty(project)
        for place in project.leaves:
            if project.fixed(place):
                try:
                    self._fix(place)
                except Conflict as error:
                    raise project.without_time(error, place) from error

    def make(self, order: Sequence[int], chosen: Sequence[int]) -> Draft:
        """All nodes in this order; by place, the way in which it is to be done, or FREE."""
        for node in order:
            try:
                if not self.settled(node):
                    self.put(node, self.best(node, chosen[node]))
            except Conflict as error:
                raise self.project.without_time(error, node) from error
        return self.draft

    def settled(self, node: int) -> bool:
        """Settle a node that is no task to be put somewhere; False where it is one."""
        project, draft = self.project, self.draft
        if node < project.count:
            children = project.graph.children.get(node)
            if children is None:
                return project.fixed(node)
            draft.starts[node] = draft.resumes[node] = min(draft.starts[child] for child in children)
            draft.finishes[node] = max(draft.finishes[child] for child in children)
            return True
        at = max(self.bounds(node))
        draft.starts[node] = draft.finishes[node] = draft.resumes[node] = at
        return True

    def bounds(self, node: int) -> tuple[int, int]:
        """The least start and finish that what was put before allows."""
        draft = self.draft
        start, finish = self.project.floors[node]
        for held in self.project.held[node]:
            at = draft.starts[held.source] if held.of_start else draft.finishes[held.source]
            if held.lag:
                at = held.bound(at)
            if held.finish:
                finish = max(finish, at)
            elif at > start:
                start = at
        return start, finish

    def allows(self, place: int, spot: Spot) -> bool:
        """Whether what it waits for lets it be there."""
        start, finish = self.bounds(place)
        return spot.start >= start and spot.finish >= finish

    def best(self, place: int, way: int = FREE, least: int = EVER) -> Spot:
        """Where it finishes first, not before `least`. Raises: `no_working_time`."""
        project = self.project
        start, finish = self.bounds(place)
        start = max(start, least)
        work, ways = project.work[place], project.ways[place]
        if not work.left:
            at = max(start, finish)
            return Spot(at, at, 0)
        if not ways:
            return Spot(*self._unhindered(place, project.pace(place), start, finish), 0)
        found: Spot | None = None
        failed: Conflict | None = None
        hopes: dict[int, Dated] = {}
        for number in range(len(ways)) if way == FREE else (way,):
            try:
                pace = ways[number].pace
                if id(pace) not in hopes:
                    hopes[id(pace)] = self._unhindered(place, pace, start, finish)
                if found and _after(hopes[id(pace)], (found.start, found.finish)):
                    continue
                spot = self.spot(place, number, start, finish)
            except Conflict as error:
                failed = error
                continue
            if found is None or not _after((spot.start, spot.finish), (found.start, found.finish)):
                found = spot
        if found:
            return found
        if failed and (way == FREE or len(ways) == 1):
            raise failed
        return self.best(place, FREE, least)

    def _unhindered(self, place: int, pace: Pace, start: int, finish: int) -> Dated:
        """Where it would be, if nobody on it did anything else."""
        amount = self.project.work[place].left
        if finish > start:
            start = max(start, start_for(pace, finish, amount))
        start = pace.next_start(start)
        return start, pace.add(start, amount)

    def spot(self, place: int, number: int, start: int, finish: int) -> Spot:
        """The first place that is free, in that way, whose start and finish are not before these."""
        project = self.project
        work, way = project.work[place], project.ways[place][number]
        amount = work.left
        if finish > start:
            start = max(start, start_for(way.pace, finish, amount))
        if self.stepwise(place, number):
            return self.walked(place, number, start)
        pace, taken = way.pace, [self.occupancy.taken[each] for each in way.team]
        while True:
            start = pace.next_start(start)
            end = pace.add(start, amount)
            after = start
            for each in taken:
                after = max(after, each.until(start, end))
            if after == start:
                return Spot(start, end, number)
            start = after

    def put(self, place: int, spot: Spot) -> None:
        project, draft = self.project, self.draft
        started = project.work[place].started
        draft.resumes[place], draft.finishes[place] = spot.start, spot.finish
        draft.starts[place] = spot.start if started is None else started
        ways = project.ways[place]
        if ways:
            draft.ways[place] = spot.way
            self.take(place, ways[spot.way], spot)

    def take(self, place: int, way: Way, spot: Spot) -> None:
        taken = self.occupancy.taken
        if spot.walk:
            spot.walk.use()
            self.draft.runs[place] = spot.walk.runs
        if spot.walk and self._splits(place):
            for resource, start, end in spot.walk.runs:
                if start < end:
                    taken[resource].take(start, end)
        else:
            for resource in way.team:
                taken[resource].take(spot.start, spot.finish)

    def stepwise(self, place: int, number: int) -> bool:
        """Whether it is done in pieces, as limits and other tasks leave time for it."""
        return self.project.ways[place][number].limited or self._splits(place)

    def walked(self, place: int, number: int, start: int, within: Sequence[Run] | None = None) -> Spot:
        """The first spot for that, or the one of these pieces."""
        team = self.project.ways[place][number].team
        while True:
            walk = self._walk(place, number, start, within)
            if self._splits(place):
                break
            after = max(self.occupancy.taken[each].until(walk.start, walk.finish) for each in team)
            if after == walk.start:
                break
            start = after
        return Spot(walk.start, walk.finish, number, walk)

    def _walk(self, place: int, number: int, start: int, within: Sequence[Run] | None = None) -> Walk:
        project = self.project
        way, amount = project.ways[place][number], project.work[place].left
        split = self._splits(place)
        return Walk(way, project.resources, self.occupancy, start, amount, split=split, within=within)

    def _splits(self, place: int) -> bool:
        work = self.project.work[place]
        return work.splittable and work.kind is not EstimateKind.ELAPSED

    def _fix(self, place: int) -> None:
        """Put it where it was done, or where it is pinned, whoever else is there."""
        work, draft = self.project.work[place], self.draft
        if work.finished is not None and work.started is not None:
            draft.starts[place] = draft.resumes[place] = work.started
            draft.finishes[place] = work.finished
        elif work.planned:
            start, ways = work.planned.start, self.project.ways[place]
            doing = {each.resource for each in work.planned.assigned}
            way = next((number for number, each in enumerate(ways) if set(each.team) == doing), 0)
            if ways and ways[way].limited:
                walk = self._walk(place, way, start)
                self.put(place, Spot(start, walk.finish, way, walk))
            else:
                self.put(place, Spot(start, self.project.pace(place, way).add(start, work.left), way))
