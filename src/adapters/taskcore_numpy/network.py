"""The passes of a network, level by level: all tasks of a level at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from taskcore.scheduling.elapsed import Dates, ElapsedNetwork, Weighted

Numbers = NDArray[np.int64]
Step = tuple[Numbers, Numbers, Numbers, Numbers]
"""Tasks that are settled together; where the links of each begin; the links' other ends, and their weights."""


class NumpyNetwork:
    """`taskcore.scheduling.elapsed.LongestPaths` in 64-bit integers.

    A level is all tasks behind the same number of links; what its links ask for is reduced in one call.
    """

    def __init__(self, durations: Sequence[int], links: Iterable[Weighted]) -> None:
        links = links if isinstance(links, Sequence) else list(links)
        count = len(durations)
        flat = np.fromiter(chain.from_iterable(links), np.int64, 3 * len(links)).reshape(-1, 3)
        before, after, weight = flat[:, 0], flat[:, 1], flat[:, 2]
        level = _levels(count, before, after)
        if level is None:
            ElapsedNetwork(durations, links)  # which names the cycle
            raise AssertionError("a graph that has no levels has an order")
        self._durations = np.array(durations, np.int64)
        self._forward = _steps(level, after, before, weight)
        self._backward = _steps(level, before, after, weight)[::-1]

    def early_starts(self, start: int = 0, *, not_before: Mapping[int, int] | None = None) -> list[int]:
        return _listed(self._early(start, not_before or {}))

    def dates(
        self,
        start: int = 0,
        *,
        not_before: Mapping[int, int] | None = None,
        deadlines: Mapping[int, int] | None = None,
    ) -> Dates:
        early = self._early(start, not_before or {})
        finishes = early + self._durations
        end = int(finishes.max(initial=start)) if len(finishes) else start
        late = end - self._durations
        for place, deadline in (deadlines or {}).items():
            late[place] = min(late[place], deadline - self._durations[place])
        free = end - finishes
        for tasks, heads, others, weights in self._backward:
            late[tasks] = np.minimum(late[tasks], np.minimum.reduceat(late[others] - weights, heads))
            soonest = np.minimum.reduceat(early[others] - weights, heads)
            free[tasks] = np.minimum(free[tasks], soonest - early[tasks])
        return Dates(
            early_start=_listed(early),
            early_finish=_listed(finishes),
            late_start=_listed(late),
            late_finish=_listed(late + self._durations),
            total_slack=_listed(late - early),
            free_slack=_listed(free),
            finish=end,
        )

    def _early(self, start: int, not_before: Mapping[int, int]) -> Numbers:
        early = np.full(len(self._durations), start, np.int64)
        for place, bound in not_before.items():
            early[place] = max(start, bound)
        for tasks, heads, others, weights in self._forward:
            early[tasks] = np.maximum(early[tasks], np.maximum.reduceat(early[others] + weights, heads))
        return early


def _levels(count: int, before: Numbers, after: Numbers) -> Numbers | None:
    """How many links lead to each task at most; None where they go round."""
    by_source = np.argsort(before, kind="stable")
    targets = after[by_source]
    heads = np.searchsorted(before[by_source], np.arange(count + 1))
    missing = np.bincount(after, minlength=count)
    level = np.zeros(count, np.int64)
    ready = np.flatnonzero(missing == 0)
    number = seen = 0
    while len(ready):
        level[ready] = number
        seen += len(ready)
        number += 1
        reached = targets[_ranges(heads[ready], heads[ready + 1])]
        np.subtract.at(missing, reached, 1)
        ready = np.unique(reached[missing[reached] == 0])
    return level if seen == count else None


def _ranges(starts: Numbers, ends: Numbers) -> Numbers:
    """All numbers from each start until before its end."""
    lengths = ends - starts
    skipped = np.cumsum(lengths) - lengths
    each: Numbers = np.arange(int(lengths.sum())) + np.repeat(starts - skipped, lengths)
    return each


def _steps(level: Numbers, own: Numbers, other: Numbers, weight: Numbers) -> list[Step]:
    """The links by the level of their own end, then by that end."""
    by_level = np.lexsort((own, level[own]))
    own, other, weight = own[by_level], other[by_level], weight[by_level]
    levels = level[own]
    bounds = np.flatnonzero(np.diff(levels, prepend=-1, append=-1) if len(levels) else levels)
    steps = []
    for first, last in pairwise(bounds.tolist()):
        part = own[first:last]
        heads = np.flatnonzero(np.diff(part, prepend=-1))
        steps.append((part[heads], heads, other[first:last], weight[first:last]))
    return steps


def _listed(numbers: Numbers) -> list[int]:
    listed: list[int] = numbers.tolist()
    return listed
