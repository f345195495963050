"""Tasks with what their containers lend them: the leaves of a project, ready to be placed, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

import attrs

from taskcore.errors import Fault, Invalid
from taskcore.scheduling.activities import FF, FS, SF, SS
from taskcore.scheduling.order import Cycle, waves
from taskcore.scheduling.slots.work import Allocation, Kind, Resource, SlotLink, SlotTask

PRIORITY = 500


@attrs.frozen(slots=True)
class Leaf:
    """A task that is placed by itself, or a milestone; all that holds it, its containers' links and dates included."""

    place: int
    task: SlotTask
    alap: bool
    priority: int
    allocations: tuple[Allocation, ...]
    earliest: int
    latest: int
    depends: tuple[SlotLink, ...]
    precedes: tuple[SlotLink, ...]

    @property
    def pulled(self) -> bool:
        """Whether what holds its end can make it start later than what holds its start."""
        return not self.alap and any(link.type in (FF, SF) for link in self.depends)

    @property
    def candidates(self) -> list[int]:
        """Whoever may work on it, each once."""
        return list(dict.fromkeys(place for each in self.allocations for place in each.candidates))


class Project:
    """The tasks by their places. Raises: Invalid, naming task and field; Cycle, where tasks wait for each other."""

    def __init__(self, tasks: Sequence[SlotTask], resources: Sequence[Resource], slots: int) -> None:
        if faults := list(_faults(tasks, resources, slots)):
            raise Invalid(faults=faults)
        self.tasks = tasks
        self.children: dict[int, list[int]] = {}
        for place, task in enumerate(tasks):
            if task.parent is not None:
                self.children.setdefault(task.parent, []).append(place)
        self.lines = [self._line(place) for place in range(len(tasks))]
        """Each place, its container's, and so on outwards."""
        links = [self._links(line) for line in self.lines]
        self.depends = [each for each, _ in links]
        """What holds each task, what it has from its containers first."""
        self.precedes = [each for _, each in links]
        self.leaves = {
            place: self._leaf(place, slots) for place in range(len(tasks)) if place not in self.children
        }
        self.waiting: list[list[int]] = [[] for _ in range(2 * len(tasks))]
        """Who cannot be placed before each date is known. Dates are by nodes: a task's start at its place, its end as
        many places behind as there are tasks."""
        self.missing = [0] * len(tasks)
        """For how many dates each waits."""
        for place in range(len(tasks)):
            for node in self._awaited(place):
                self.waiting[node].append(place)
                self.missing[place] += 1
        self._refuse_cycles()

    def end(self, place: int) -> int:
        """The node of its end."""
        return place + len(self.tasks)

    def held_by(self, link: SlotLink, *, back: bool) -> int:
        """The node of the date that holds: of a predecessor or, `back`, of a successor."""
        at_end = link.type is FF if back else link.type in (FS, FF)
        return self.end(link.other) if at_end else link.other

    @cached_property
    def preorder(self) -> list[int]:
        """Each container before its children, and those before its siblings; else in the order of the file."""
        order, waiting = [], [place for place, task in enumerate(self.tasks) if task.parent is None][::-1]
        while waiting:
            order.append(waiting.pop())
            waiting += reversed(self.children.get(order[-1], []))
        return order

    def _line(self, place: int) -> tuple[int, ...]:
        line = [place]
        while (parent := self.tasks[line[-1]].parent) is not None:
            if parent in line:
                raise Cycle([*line[line.index(parent) :], parent])
            line.append(parent)
        return tuple(line)

    def _alap(self, line: Sequence[int]) -> bool:
        return next((alap for place in line if (alap := self.tasks[place].alap) is not None), False)

    def _links(self, line: Sequence[int]) -> tuple[list[SlotLink], list[SlotLink]]:
        """`depends` and `precedes`; planned backwards, a finish that waits for a date goes back from there."""
        depends = [link for place in reversed(line) for link in self.tasks[place].depends]
        precedes = [link for place in reversed(line) for link in self.tasks[place].precedes]
        if not self._alap(line):
            return depends, precedes
        turned = [_turned(link) for link in depends if link.type in (FF, SF)]
        return [link for link in depends if link.type in (FS, SS)], precedes + turned

    def _leaf(self, place: int, slots: int) -> Leaf:
        line = self.lines[place]
        own = [self.tasks[each] for each in line]
        effort = own[0].kind is Kind.EFFORT
        return Leaf(
            place,
            own[0],
            self._alap(line),
            next((each.priority for each in own if each.priority is not None), PRIORITY),
            next((each.allocations for each in own if each.allocations or not effort), ()),
            max(each.start or 0 for each in (own if own[0].start is None else own[:1])),
            min(slots if each.end is None else each.end for each in (own if own[0].end is None else own[:1])),
            tuple(self.depends[place]),
            tuple(self.precedes[place]),
        )

    def _awaited(self, place: int) -> list[int]:
        if place in self.children:
            return [node for child in self.children[place] for node in (child, self.end(child))]
        leaf = self.leaves[place]
        return [self.held_by(link, back=leaf.alap) for link in (leaf.precedes if leaf.alap else leaf.depends)]

    def _refuse_cycles(self) -> None:
        after = [[node for place in places for node in (place, self.end(place))] for places in self.waiting]
        missing = self.missing * 2
        in_order(after, missing)


def in_order(after: list[list[int]], missing: list[int]) -> list[int]:
    """Nodes of dates, each behind those that lead to it. Raises: Cycle, which names tasks."""
    try:
        return waves(after, missing)
    except Cycle as error:
        places = [place for place, _ in groupby(node % (len(after) // 2) for node in error.cycle)]
        raise Cycle(places if len(places) > 1 else places * 2) from None


def _turned(link: SlotLink) -> SlotLink:
    """`depends` by a finish, as `precedes`: the same date of the other, the same lag."""
    return SlotLink(link.other, FF if link.type is FF else FS, -link.working_lag, -link.elapsed_lag)


def _faults(tasks: Sequence[SlotTask], resources: Sequence[Resource], slots: int) -> Iterator[Fault]:
    for place, each in enumerate(resources):
        if len(each.works) != slots + 1:
            yield Fault(f"resources.{place}.works", "must be a byte for each slot and one more")
    parents = {task.parent for task in tasks}
    for place, task in enumerate(tasks):
        for field, reason in _wrong(task, len(tasks), len(resources), slots):
            yield Fault(f"tasks.{place}.{field}", reason)
        if place in parents and task.kind is not Kind.CONTAINER:
            yield Fault(f"tasks.{place}.kind", "must be container, as it has children")


def _wrong(task: SlotTask, tasks: int, resources: int, slots: int) -> Iterator[tuple[str, str]]:
    if task.parent is not None and not 0 <= task.parent < tasks:
        yield "parent", "must be a task"
    for name in ("depends", "precedes"):
        if any(not 0 <= link.other < tasks for link in getattr(task, name)):
            yield name, "must be of tasks"
    if any(link.type is SS for link in task.precedes):
        yield "precedes", "must hold a finish: FS, or FF"
    for name in ("start", "end"):
        date = getattr(task, name)
        if date is not None and not 0 <= date <= slots:
            yield name, "must lie within the project"
    for allocation in task.allocations:
        if not allocation.candidates or any(not 0 <= each < resources for each in allocation.candidates):
            yield "allocations", "must each have resources to choose from"
    for booking in task.booked:
        if not 0 <= booking.resource < resources or not 0 <= booking.start < booking.end <= slots:
            yield "booked", "must be slots of a resource within the project"
    if task.booked and (task.alap or task.kind in (Kind.MILESTONE, Kind.CONTAINER)):
        yield "booked", "must be of a task that is planned forwards"
