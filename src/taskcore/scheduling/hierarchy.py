"""Links between tasks and containers as one graph of nodes, in an order that can be walked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

import attrs

from taskcore.scheduling.activities import FF, FS, SF, SS, Link
from taskcore.scheduling.order import Cycle, waves
from taskcore.values import DependencyType, LagUnit


@attrs.frozen(slots=True)
class Arc:
    """What one node asks of another. Without a type, the source is a child of the target."""

    source: int
    target: int
    type: DependencyType | None
    lag: int = 0
    unit: LagUnit = LagUnit.ELAPSED
    link: int | None = None


class Child(Protocol):
    """What may lie in a container."""

    @property
    def parent(self) -> int | None:
        """The container's place."""
        ...


class Hierarchy:
    """
    A node for each task; of a container it is the envelope, from its first start to its last finish.

    What a container waits for reaches every child, through two more nodes of it: one that its children's starts wait for,
    one for their finishes. A task that waits for a container waits for the envelope. So a link between a task and
    its own ancestor is a cycle like any other. Raises: Cycle, naming tasks.
    """

    def __init__(self, activities: Sequence[Child], links: Sequence[Link]) -> None:
        count = len(activities)
        self.children: dict[int, list[int]] = {}
        for place, each in enumerate(activities):
            if each.parent is not None:
                self.children.setdefault(each.parent, []).append(place)
        self.owners = list(range(count))
        """Whose node it is."""
        self.gates: dict[int, tuple[int, int]] = {}
        """The nodes of a container that its children's starts and finishes wait for."""
        for container in self.children:
            self.gates[container] = len(self.owners), len(self.owners) + 1
            self.owners += [container, container]
        arcs = [self._waiting(number, link) for number, link in enumerate(links)]
        for container, children in self.children.items():
            for child in children:
                arcs += self._held(container, child)
        self.out: list[list[Arc]] = [[] for _ in self.owners]
        self.into: list[list[Arc]] = [[] for _ in self.owners]
        for arc in arcs:
            self.out[arc.source].append(arc)
            self.into[arc.target].append(arc)
        try:
            self.order = waves(
                [[arc.target for arc in each] for each in self.out], [len(each) for each in self.into]
            )
        except Cycle as error:
            places = [place for place, _ in groupby(self.owners[node] for node in error.cycle)]
            raise Cycle(places if len(places) > 1 else places * 2) from None
        self.rank = [0] * len(self.order)
        for rank, node in enumerate(self.order):
            self.rank[node] = rank

    def leaves(self, place: int) -> list[int]:
        """The tasks that are no containers, at or below this one."""
        found, waiting = [], [place]
        while waiting:
            each = waiting.pop()
            below = self.children.get(each)
            if below is None:
                found.append(each)
            else:
                waiting += below
        return found

    def _waiting(self, number: int, link: Link) -> Arc:
        if link.predecessor == link.successor:
            raise Cycle([link.predecessor] * 2)
        gates = self.gates.get(link.successor)
        if gates is None:
            return Arc(link.predecessor, link.successor, link.type, link.lag, link.unit, number)
        own = FS if link.type in (FS, FF) else SS
        gate = gates[0 if link.type in (FS, SS) else 1]
        return Arc(link.predecessor, gate, own, link.lag, link.unit, number)

    def _held(self, container: int, child: int) -> list[Arc]:
        starts, finishes = self.gates[container]
        below = self.gates.get(child)
        if below is None:
            gates = [Arc(starts, child, SS), Arc(finishes, child, SF)]
        else:
            gates = [Arc(starts, below[0], SS), Arc(finishes, below[1], SS)]
        return [*gates, Arc(child, container, None)]
