"""The search for better plans: other orders and other people, by chance and by a solver, on the true objective."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random

from taskcore.scheduling.leveling.ports import Budget, Solver
from taskcore.scheduling.staffing.generation import FREE, Draft, Generator
from taskcore.scheduling.staffing.latest import put_late
from taskcore.scheduling.staffing.objective import Cost, Objective
from taskcore.scheduling.staffing.project import Project
from taskcore.scheduling.staffing.projection import projected

STALLED = 60
"""Plans without a better one, after which the search goes on from the best one, shaken by"""
SHAKEN = 5
MOST_LATE = 20
"""Of tasks that are to be as late as possible, so many are put behind the others one by one."""
REASSIGNED = 0.3
"""The part of the changes that are of people, where there is a choice."""
REACH = 0.2
"""Of all tasks, how far in the order one is moved at most, mostly less."""

Found = Callable[[Draft, int], None]


class Search:
    """Keeps the best plan, and tells of each better one; its chance is all of one seed."""

    def __init__(self, project: Project, found: Found, seed: int, clock: Callable[[], float]) -> None:
        self._project, self._found, self._clock = project, found, clock
        self._random = Random(seed)  # noqa: S311  nobody is to be kept from guessing a plan
        self._objective = Objective(project)
        self._began = clock()
        self.schedules = 0
        self._best: Draft | None = None
        self._least: Cost = ()
        self._keys: list[float] = []
        self._chosen: list[int] = []

    @property
    def made(self) -> Draft:
        """The best plan so far; there is one once anything was tried."""
        assert self._best is not None  # noqa: S101  by_rules comes first
        return self._best

    def try_order(self, keys: Sequence[float], chosen: Sequence[int]) -> Cost:
        """The plan by these keys, the least first; by place, each in its chosen way."""
        nodes = len(self._project.graph.owners)
        order = self._project.order(keys.__getitem__)
        draft = Generator(self._project).make(order, [*chosen, *[FREE] * (nodes - len(chosen))])
        put_late(self._project, draft)
        self.schedules += 1
        return self._judge(draft, keys, chosen)

    def offer(self, draft: Draft) -> None:
        """A plan made elsewhere."""
        self._judge(draft, draft.finishes[: self._project.count], draft.ways)

    def by_rules(self) -> None:
        """Orders that are mostly good: by deadline, then by late finish or late start; by late finish alone."""
        dates, due = self._project.dates, self._project.due
        free = [FREE] * self._project.count
        self.try_order(_ranks(list(zip(due, dates.late_finish, strict=False))), free)
        self.try_order(_ranks(list(zip(due, dates.late_start, strict=False))), free)
        self.try_order(dates.late_finish, free)
        self._late_ones_last()

    def _late_ones_last(self) -> None:
        """What is to be as late as possible behind all others of its class: all of it or, where that does harm, one by one."""
        project = self._project
        late = [
            place
            for place in project.leaves
            if project.work[place].as_late_as_possible and not project.fixed(place)
        ]
        everyone = set(late)
        for those in [everyone, *({place} for place in late[:MOST_LATE])] if late else []:
            last = max(self._keys) + 1
            keys = [last + key if place in those else key for place, key in enumerate(self._keys)]
            self.try_order(keys, self._chosen)
            if self._keys == keys and those is everyone:
                return

    def by_solver(self, solver: Solver, budget: Budget) -> None:
        """The order of a solver, with half of the budget."""
        half = Budget(
            seconds=None if budget.seconds is None else budget.seconds / 2,
            schedules=None if budget.schedules is None else budget.schedules // 2,
        )
        ways = self.made.ways
        solution = solver.solve(projected(self._project, self.made), half)
        self.schedules += solution.schedules
        starts = [float(each) for each in solution.starts[: self._project.count]]
        self.try_order(starts, ways)
        self.try_order(starts, [FREE] * self._project.count)

    def by_chance(self, budget: Budget) -> None:
        """Change the order and the people step by step, as long as it gets no worse; from the best one again, when it
        does not get better."""
        leaves = [place for place in self._project.leaves if not self._project.fixed(place)]
        if len(leaves) < 2:
            return
        keys, chosen, least, stalled = self._keys, self._chosen, self._least, 0
        while not self._spent(budget):
            shaken = stalled == STALLED
            if shaken:
                keys, chosen = self._keys, self._chosen
            trial, people = list(keys), list(chosen)
            for _ in range(SHAKEN if shaken else 1):
                self._change(leaves, trial, people)
            cost = self.try_order(trial, people)
            stalled = 0 if shaken or cost < least else stalled + 1
            if shaken or cost <= least:
                keys, chosen, least = trial, people, cost

    def _change(self, leaves: Sequence[int], keys: list[float], chosen: list[int]) -> None:
        """Put a task before or behind another one, or let somebody else do it."""
        chance = self._random
        place = leaves[int(chance.random() * len(leaves))]
        ways = len(self._project.ways[place])
        if ways > 1 and chance.random() < REASSIGNED:
            chosen[place] = int(chance.random() * (ways + 1)) - 1
            return
        classes, tie = self._project.classes, self._project.tie
        order = sorted(leaves, key=lambda each: (-classes[each], keys[each], tie(each)))
        at = order.index(place)
        reach = max(1, int(len(order) * REACH * chance.random() ** 2))
        other = min(max(at + (reach if chance.random() < 0.5 else -reach), 0), len(order) - 1)
        order.insert(other, order.pop(at))
        for number, each in enumerate(order):
            keys[each] = number

    def _judge(self, draft: Draft, keys: Sequence[float], chosen: Sequence[int]) -> Cost:
        cost = self._objective(draft)
        if self._best is None or cost < self._least:
            self._best, self._least = draft, cost
            self._keys, self._chosen = list(keys), list(chosen)
            self._found(draft, self.schedules)
        return cost

    def _spent(self, budget: Budget) -> bool:
        if budget.schedules is not None and self.schedules >= budget.schedules:
            return True
        return budget.seconds is not None and self._clock() - self._began >= budget.seconds


def _ranks(keys: Sequence[tuple[int, int]]) -> list[int]:
    """One number each, equal where they are."""
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    return [ranks[key] for key in keys]


CLOCK = time.thread_time
"""Seconds of the CPU, of this thread."""
