"""The critical path where nothing has a calendar: each link is one number between two starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import attrs

from taskcore.scheduling.order import waves

Weighted = tuple[int, int, int]
"""Predecessor, successor, and how long after the one's start the other's may come; negative where before it."""


@attrs.frozen(slots=True)
class Dates:
    """Lists by place. Slack is working time of the task's calendar; negative where a deadline cannot be kept."""

    early_start: list[int]
    early_finish: list[int]
    late_start: list[int]
    late_finish: list[int]
    total_slack: list[int]
    free_slack: list[int]
    """How far a task may move without moving a successor's early dates or the end."""
    finish: int

    @property
    def critical(self) -> list[int]:
        """Tasks that have no slack: delay one, and the end or a deadline is missed."""
        return [place for place, slack in enumerate(self.total_slack) if slack <= 0]


class LongestPaths(Protocol):
    """A graph made once, of which dates are asked often. Adapters are found as `taskcore.networks`.

    Made of durations and weighted links; raises Cycle then, naming a shortest one.
    """

    def early_starts(self, start: int = 0, *, not_before: Mapping[int, int] | None = None) -> list[int]:
        """The forward pass alone, by place."""
        ...

    def dates(
        self,
        start: int = 0,
        *,
        not_before: Mapping[int, int] | None = None,
        deadlines: Mapping[int, int] | None = None,
    ) -> Dates:
        """Both passes."""
        ...


class ElapsedNetwork:
    """The passes in plain Python, over lists in topological order.

    Where all links from a task weigh the same (finish to start without lag: its duration) they share one number.
    """

    def __init__(self, durations: Sequence[int], links: Iterable[Weighted]) -> None:
        after: list[list[int]] = [[] for _ in durations]
        common, odd, missing = [0] * len(durations), dict[int, list[int]](), [0] * len(durations)
        for before, successor, weight in links:
            ways = after[before]
            if not ways:
                common[before] = weight
            elif weight != common[before] or before in odd:
                odd.setdefault(before, [common[before]] * len(ways)).append(weight)
            ways.append(successor)
            missing[successor] += 1
        order = waves(after, missing)
        self._position = position = [0] * len(order)
        for number, place in enumerate(order):
            position[place] = number
        self._after = [[position[successor] for successor in after[place]] for place in order]
        self._weight = [common[place] for place in order]
        self._odd = [odd.get(place) for place in order]
        self._durations = [durations[place] for place in order]

    def early_starts(self, start: int = 0, *, not_before: Mapping[int, int] | None = None) -> list[int]:
        return self._by_place(self._forward(start, not_before or {}))

    def dates(
        self,
        start: int = 0,
        *,
        not_before: Mapping[int, int] | None = None,
        deadlines: Mapping[int, int] | None = None,
    ) -> Dates:
        early = self._forward(start, not_before or {})
        finishes = [begun + duration for begun, duration in zip(early, self._durations, strict=True)]
        end = max(finishes, default=start)
        late, free = self._backward(early, finishes, end, deadlines or {})
        late_finishes = [begun + duration for begun, duration in zip(late, self._durations, strict=True)]
        return Dates(
            early_start=self._by_place(early),
            early_finish=self._by_place(finishes),
            late_start=self._by_place(late),
            late_finish=self._by_place(late_finishes),
            total_slack=self._by_place([last - first for last, first in zip(late, early, strict=True)]),
            free_slack=self._by_place(free),
            finish=end,
        )

    def _by_place(self, values: list[int]) -> list[int]:
        return [values[number] for number in self._position]

    def _forward(self, start: int, not_before: Mapping[int, int]) -> list[int]:
        early = [start] * len(self._position)
        for place, bound in not_before.items():
            early[self._position[place]] = max(start, bound)
        links = zip(self._after, self._weight, self._odd, strict=True)
        for begun, (after, weight, odd) in zip(early, links, strict=True):  # by then it has its start
            if odd is None:
                bound = begun + weight
                for successor in after:
                    if bound > early[successor]:  # noqa: PLR1730  a call of max would double what this costs
                        early[successor] = bound
            else:
                for successor, each in zip(after, odd, strict=True):
                    if begun + each > early[successor]:  # noqa: PLR1730
                        early[successor] = begun + each
        return early

    def _backward(
        self, early: list[int], finishes: list[int], end: int, deadlines: Mapping[int, int]
    ) -> tuple[list[int], list[int]]:
        """Late starts and free slack."""
        late = [end - duration for duration in self._durations]
        for place, deadline in deadlines.items():
            number = self._position[place]
            late[number] = min(late[number], deadline - self._durations[number])
        free = [end - finish for finish in finishes]
        for number in range(len(early) - 1, -1, -1):
            after = self._after[number]
            if not after:
                continue
            odd, weight = self._odd[number], self._weight[number]
            if odd is None:
                latest, soonest = late[after[0]], early[after[0]]
                for successor in after:
                    if late[successor] < latest:  # noqa: PLR1730
                        latest = late[successor]
                    if early[successor] < soonest:  # noqa: PLR1730
                        soonest = early[successor]
            else:
                pairs = list(zip(after, odd, strict=True))
                latest = min(late[successor] - each for successor, each in pairs)
                soonest = min(early[successor] - each for successor, each in pairs)
                weight = 0
            late[number] = min(late[number], latest - weight)
            free[number] = min(free[number], soonest - weight - early[number])
        return late, free
