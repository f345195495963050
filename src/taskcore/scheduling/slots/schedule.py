"""A project is planned: tasks are placed one by one, and what cannot hold is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush

import attrs

from taskcore.errors import Conflict, Fault, Invalid
from taskcore.scheduling.activities import FF, FS, SF, SS
from taskcore.scheduling.slots.board import Board, counters
from taskcore.scheduling.slots.criticality import Criticality, scarcity
from taskcore.scheduling.slots.grid import Grid
from taskcore.scheduling.slots.placing import Dates, Placing
from taskcore.scheduling.slots.project import Leaf, Project
from taskcore.scheduling.slots.work import Kind, Resource, SlotLink, SlotTask


@attrs.frozen(slots=True)
class Broken:
    """What a task does not hold: `start`, `depends`, `precedes` or `deadline`, and by how many slots."""

    place: int
    rule: str
    slots: int
    other: int | None = None
    """The task of the link."""


@attrs.frozen(slots=True)
class Schedule:
    """Dates as numbers of slots, each the beginning of its slot; of each task, by its place."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    booked: tuple[tuple[tuple[int, int], ...], ...]
    """Of each task who works in which slot: slot and resource, in the order of time."""
    broken: tuple[Broken, ...]
    """Deadlines that are missed; links from which work that is done, or a task planned from its other end, departs."""


def schedule(
    grid: Grid, resources: Sequence[Resource], tasks: Sequence[SlotTask], now: int | None = None
) -> Schedule:
    """
    Plan the tasks; nobody is booked before the slot `now`, but for the work that was done.

    The algorithm is that of TaskJuggler 3 (its manual, "How the scheduler works"), with these differences: a task whose
    start is given waits for its links all the same, and the later date holds; links hold a finish forwards, too; months
    that limits are counted in are those of the calendar, not thirty days. Raises: Invalid, Cycle; Conflict with the code
    `no_working_time` and the `tasks` that find no slots before the project ends.
    """
    return _Run(grid, resources, tasks, now).schedule()


class _Run:
    def __init__(
        self, grid: Grid, resources: Sequence[Resource], tasks: Sequence[SlotTask], now: int | None
    ) -> None:
        self._grid = grid
        self._resources = resources
        self._project = project = Project(tasks, resources, len(grid))
        if now is not None and not 0 <= now <= len(grid):
            raise Invalid(faults=[Fault("now", "must lie within the project")])
        self._now = now
        own = [list(counters(grid, task.limits)) for task in tasks]
        self._board = Board(
            grid, resources, [[each for place in line for each in own[place]] for line in project.lines]
        )
        self._book_done()
        self._scarce = scarcity(project, self._board.free)
        self._critical = Criticality(project, self._scarce).path
        self._turn = {place: turn for turn, place in enumerate(project.preorder)}
        self._dates: list[int | None] = [None] * (2 * len(tasks))
        """What is known, by the project's nodes."""
        self._missing = list(project.missing)
        self._ready: list[tuple[int, float, int, int]] = []

    def schedule(self) -> Schedule:
        self._open()
        unplaced = []
        while self._ready:
            place = heappop(self._ready)[-1]
            dates = self._placed(self._project.leaves[place])
            if dates is None:
                unplaced.append(place)
            else:
                self._tell(self._nodes(place, dates))
        if unplaced:
            raise Conflict(
                f"these find no slots before the project ends: {', '.join(map(str, unplaced))}",
                code="no_working_time",
                tasks=unplaced,
            )
        found = [self._known(place) for place in range(len(self._project.tasks))]
        return Schedule(
            tuple(start for start, _ in found),
            tuple(end for _, end in found),
            tuple(tuple(sorted(each)) for each in self._board.booked),
            tuple(each for leaf in self._project.leaves.values() for each in self._broken(leaf))
            + self._late(),
        )

    def _book_done(self) -> None:
        taken: set[tuple[int, int]] = set()
        for place, task in enumerate(self._project.tasks):
            for booking in task.booked:
                for slot in range(booking.start, booking.end):
                    if (booking.resource, slot) in taken:
                        raise Invalid(faults=[Fault(f"tasks.{place}.booked", "must not be booked twice")])
                    taken.add((booking.resource, slot))
                    self._board.book(place, booking.resource, slot)

    def _open(self) -> None:
        """Begin with what waits for nothing, and with work that is all done."""
        free = [place for place, missing in enumerate(self._missing) if not missing]
        for leaf in self._project.leaves.values():
            if leaf.task.booked and (placing := self._placing(leaf)).done:
                self._tell(self._nodes(leaf.place, placing.booked_dates))
        for place in free:
            self._tell(self._offer(place))

    def _tell(self, found: list[tuple[int, int]]) -> None:
        """Dates are known, by their nodes; and with them those of what takes no slots, and who may queue up."""
        while found:
            node, date = found.pop()
            if self._dates[node] is not None:
                continue
            self._dates[node] = date
            for place in self._project.waiting[node]:
                self._missing[place] -= 1
                if not self._missing[place]:
                    found += self._offer(place)

    def _offer(self, place: int) -> list[tuple[int, int]]:
        """A task queues up, now that it may begin; the dates that this settles."""
        if self._dates[place] is not None:
            return []
        if place in self._project.children:
            children = [self._known(child) for child in self._project.children[place]]
            return self._nodes(place, (min(start for start, _ in children), max(end for _, end in children)))
        leaf = self._project.leaves[place]
        if not leaf.task.slots or leaf.task.kind in (Kind.MILESTONE, Kind.CONTAINER):
            return self._point(leaf)
        heappush(self._ready, (-leaf.priority, -self._critical[place], self._turn[place], place))
        if leaf.task.kind is Kind.EFFORT or leaf.pulled:
            return []
        if leaf.alap:
            return [(self._project.end(place), self._latest(leaf))]
        return [(place, self._earliest(leaf)[0])]

    def _point(self, leaf: Leaf) -> list[tuple[int, int]]:
        date = self._latest(leaf) if leaf.alap else max(self._earliest(leaf))
        if not 0 <= date <= len(self._grid):
            raise Conflict(
                f"{leaf.place} lies outside the project", code="no_working_time", tasks=[leaf.place]
            )
        return self._nodes(leaf.place, (date, date))

    def _nodes(self, place: int, dates: Dates) -> list[tuple[int, int]]:
        return [(place, dates[0]), (self._project.end(place), dates[1])]

    def _known(self, place: int) -> Dates:
        return self._date(place), self._date(self._project.end(place))

    def _date(self, node: int) -> int:
        date = self._dates[node]
        if date is None:
            raise RuntimeError(f"{node % len(self._project.tasks)} was to be placed first")
        return date

    def _placed(self, leaf: Leaf) -> Dates | None:
        placing = self._placing(leaf)
        return placing.back(self._latest(leaf)) if leaf.alap else placing.behind(*self._earliest(leaf))

    def _placing(self, leaf: Leaf) -> Placing:
        now = self._now
        if now is None:
            now = max((each.end for each in leaf.task.booked), default=0)
        return Placing(leaf, self._board, self._resources, self._scarce, self._grid.working, now)

    def _earliest(self, leaf: Leaf) -> Dates:
        """What holds the start, and what holds the end, of a task that is planned onwards."""
        starts = [self._onwards(link) for link in leaf.depends if link.type in (FS, SS)]
        ends = [self._onwards(link) for link in leaf.depends if link.type in (FF, SF)]
        return max([leaf.earliest, *starts]), max([0, *ends])

    def _latest(self, leaf: Leaf) -> int:
        return min([leaf.latest, *map(self._back, leaf.precedes)])

    def _onwards(self, link: SlotLink) -> int:
        """The date of a predecessor, and its lag."""
        date = self._date(self._project.held_by(link, back=False))
        lags = [self._beyond(date, link.working_lag)] if link.working_lag else []
        if link.elapsed_lag or not lags:
            lags.append(date + link.elapsed_lag)
        return max(lags)

    def _back(self, link: SlotLink) -> int:
        """The date of a successor, less its lag."""
        date = self._date(self._project.held_by(link, back=True))
        lags = [self._beyond(date, -link.working_lag)] if link.working_lag else []
        if link.elapsed_lag or not lags:
            lags.append(date - link.elapsed_lag)
        return min(lags)

    def _beyond(self, slot: int, work: int) -> int:
        """The first date up to which, from `slot` on, there is so much working time; or back from it."""
        working, end = self._grid.working, len(self._grid)
        while work > 0 and slot < end:
            work -= working[slot]
            slot += 1
        while work < 0 and slot > 0:
            slot -= 1
            work += working[slot]
        return slot

    def _late(self) -> tuple[Broken, ...]:
        return tuple(
            Broken(place, "deadline", end - task.deadline)
            for place, task in enumerate(self._project.tasks)
            if task.deadline is not None and (end := self._known(place)[1]) > task.deadline
        )

    def _broken(self, leaf: Leaf) -> Iterator[Broken]:
        start, end = self._known(leaf.place)
        if start < leaf.earliest:
            yield Broken(leaf.place, "start", leaf.earliest - start)
        for link in leaf.depends:
            late = self._onwards(link) - (start if link.type in (FS, SS) else end)
            if late > 0:
                yield Broken(leaf.place, "depends", late, link.other)
        for link in leaf.precedes:
            late = end - self._back(link)
            if late > 0:
                yield Broken(leaf.place, "precedes", late, link.other)
