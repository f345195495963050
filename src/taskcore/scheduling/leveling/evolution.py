"""
A genetic algorithm over two populations of plans, one made forward in time and one backward (Debels & Vanhoucke 2005).

The finishes of a plan made in one direction are the order of the tasks for the other (forward-backward improvement), so
that a child costs one generation of a plan. It has the order of one parent within a window of time, that of another
before, and that of a third behind. Of the children and the plans that were there, the best survive that are not much
like a better one: else all soon are variations of one plan.
"""

from __future__ import annotations

from collections.abc import Generator as Making
from collections.abc import Iterator, Sequence
from operator import attrgetter, mul
from random import Random
from typing import NamedTuple

from taskcore.scheduling.leveling.generation import Generator, Times
from taskcore.scheduling.leveling.problem import Problem

WINDOW = (0.1, 0.5)
"""The part of the makespan that a child has from its first parent: least and most."""
PARALLEL = 0.2
"""The part of the children that are made by parallel generation, by which no resource waits: seldom the best plan, often
a good one."""
MUTATED = 0.3
"""The part of the children whose order is changed by hand, by up to so many swaps of neighbours:"""
SWAPS = 6
NOISE = (0.25, 1.0)
"""Of the critical path, by which the priorities of the first plans differ from the longest tail."""
LIKENESS = 0.65
"""Of the tasks, how many must start at one time in two plans for the worse of them to be given up."""
STALLED = 40
"""Generations without a better plan in the population, after which it is given up for a new one."""


class Plan(NamedTuple):
    cost: float
    """The makespan, and less than 1 more for how late the work lies: what leaves the end emptier has more hope."""
    makespan: int
    starts: list[int]
    finishes: list[int]
    backward: bool
    mark: int
    """The lowest byte of each start, side by side: two plans are compared in a few operations."""

    def order(self, topological: Sequence[int]) -> list[int]:
        """The tasks by falling finish, for the other direction; equals as they must come there."""
        return sorted(topological, key=self.finishes.__getitem__, reverse=True)

    def forward_starts(self) -> list[int]:
        return [self.makespan - finish for finish in self.finishes] if self.backward else self.starts


Population = list[Plan]
_LOW = 0xFF


class Evolution:
    """Plans without end, of which any may be the best yet. What comes is told by `random` alone."""

    def __init__(self, problem: Problem, random: Random, size: int) -> None:
        self._problem = problem
        self._random = random
        self._size = max(size, 3)
        self._forward = Generator(problem)
        self._backward = Generator(problem, backward=True)
        loads = [
            sum(units / most for units, most in zip(row, problem.capacities, strict=True) if units)
            for row in problem.demands
        ]
        work = [load * length for load, length in zip(loads, problem.durations, strict=True)]
        most = sum(work) * sum(problem.durations) + 1
        self._lateness = [each / most for each in work]

    def plans(self, incumbent: Sequence[int] | None = None) -> Iterator[Plan]:
        """Each plan as it is made. The first is no longer than the incumbent."""
        while True:
            parents = yield from self._first(incumbent)
            yield from self._until_stalled(parents)
            incumbent = None

    def _plan(self, generator: Generator, times: Times) -> Plan:
        starts, finishes = times
        makespan = max(finishes, default=0)
        cost = makespan + sum(map(mul, self._lateness, starts))
        low = starts if makespan <= _LOW else map(_LOW.__and__, starts)
        return Plan(
            cost,
            makespan,
            starts,
            finishes,
            generator is self._backward,
            int.from_bytes(bytes(low), "little"),
        )

    def _made(self, generator: Generator, order: Sequence[int]) -> Plan:
        if self._random.random() >= PARALLEL:
            return self._plan(generator, generator.serial(order))
        rank = [0] * len(order)
        for place, task in enumerate(order):
            rank[task] = place
        return self._plan(generator, generator.parallel(rank))

    def _first(self, incumbent: Sequence[int] | None) -> Making[Plan, None, Population]:
        """By longest tail and chance, serial and parallel in turn."""
        population = []
        for place in range(self._size):
            if incumbent is not None and not place:
                priority: Sequence[float] = incumbent
            else:
                priority = self._priority(self._random.uniform(*NOISE) if place > 1 else 0.0)
            if place % 2:
                times = self._forward.parallel(priority)
            else:
                times = self._forward.serial(sorted(self._problem.topological, key=priority.__getitem__))
            population.append(self._plan(self._forward, times))
            yield population[-1]
        return population

    def _priority(self, noise: float) -> list[float]:
        """The lowest first; a task never comes before its predecessors."""
        tails, chance = self._problem.tails, self._random.random
        most = noise * max(tails, default=0)
        priority = [-tail - most * chance() for tail in tails]
        for task in self._problem.topological:
            for before in self._problem.predecessors[task]:
                priority[task] = max(priority[task], priority[before])
        return priority

    def _until_stalled(self, parents: Population) -> Iterator[Plan]:
        rivals: Population = []
        least: dict[bool, float] = {}
        stalled = 0
        while stalled < STALLED:
            children = yield from self._generation(parents, rivals)
            cost, backward = min(plan.cost for plan in children), children[0].backward
            stalled = stalled + 1 if cost >= least.get(backward, cost + 1) else 0
            least[backward] = min(cost, least.get(backward, cost))
            parents, rivals = children, parents

    def _generation(self, parents: Population, rivals: Population) -> Making[Plan, None, Population]:
        """The next population of the other direction, of the children and of what is there."""
        generator = self._forward if parents[0].backward else self._backward
        orders = [plan.order(generator.topological) for plan in parents]
        children = []
        for child in range(self._size):
            place = child % len(parents)
            order = self._crossed(
                parents[place],
                orders[place],
                orders[self._other(parents, place)],
                orders[self._other(parents, place)],
            )
            if self._random.random() < MUTATED:
                self._mutate(order, generator.before)
            children.append(self._made(generator, order))
            yield children[-1]
        return self.surviving(rivals + children)

    def _other(self, parents: Population, place: int) -> int:
        """The place of the better of any two others."""
        chance, size = self._random.random, len(parents)
        one = (place + 1 + int(chance() * (size - 1))) % size
        two = (place + 1 + int(chance() * (size - 1))) % size
        return one if parents[one].cost <= parents[two].cost else two

    def surviving(self, plans: Population) -> Population:
        """The best, without those that are much like a better one."""
        tasks = len(self._problem)
        alike = int(LIKENESS * tasks) + 1
        best: Population = []
        for plan in sorted(plans, key=attrgetter("cost")):
            mark = plan.mark
            for other in best:
                if (mark ^ other.mark).to_bytes(tasks, "little").count(0) >= alike:
                    break
            else:
                best.append(plan)
                if len(best) == self._size:
                    break
        return best

    def _crossed(self, parent: Plan, order: list[int], early: list[int], late: list[int]) -> list[int]:
        """The parent's order within a window of its time; what it has before and behind, in the order of others."""
        finishes, makespan = parent.finishes, parent.makespan
        length = max(1, int(makespan * self._random.uniform(*WINDOW)))
        last = makespan - int((makespan - length + 1) * self._random.random())
        first = last - length
        before = [task for task in early if finishes[task] > last]
        behind = [task for task in late if finishes[task] <= first]
        return before + order[len(before) : len(order) - len(behind)] + behind

    def _mutate(self, order: list[int], before: Sequence[Sequence[int]]) -> None:
        chance = self._random.random
        for _ in range(1 + int(SWAPS * chance())):
            place = int((len(order) - 1) * chance())
            one, two = order[place : place + 2]
            if one not in before[two]:
                order[place : place + 2] = two, one
