"""An order of tasks in which each comes after those it waits for, kept while links are added one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush

from taskcore.errors import Conflict

Edge = tuple[int, int]
"""From a predecessor to its successor, by their places."""


class Cycle(Conflict):
    """Tasks wait for each other: `cycle` names them by place, the first again at the end."""

    default_code = "cycle"

    def __init__(self, cycle: Sequence[int]) -> None:
        self.cycle = tuple(cycle)
        super().__init__(f"these wait for each other: {' → '.join(map(str, cycle))}", cycle=list(cycle))


class Order:
    """
    A topological order of `count` tasks and their links, by the algorithm of Pearce and Kelly.

    A link that agrees with the order costs nothing; another one looks only at tasks between its two ends (A dynamic
    topological sort algorithm for directed acyclic graphs, ACM JEA 11, 2006). Where the links allow, tasks come in the
    order of their places, so links from earlier to later ones stay cheap. Raises: Cycle, naming a shortest one.
    """

    def __init__(self, count: int, edges: Iterable[Edge] = ()) -> None:
        self._after: list[list[int]] = [[] for _ in range(count)]
        self._before: list[list[int]] = [[] for _ in range(count)]
        for before, after in edges:
            self._after[before].append(after)
            self._before[after].append(before)
        order = _sorted(self._after, self._before)
        if len(order) < count:
            raise Cycle(_shortest_cycle(self._after, set(range(count)).difference(order)))
        self._rank = [0] * count
        for rank, task in enumerate(order):
            self._rank[task] = rank

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(range(len(self._rank)), key=self._rank.__getitem__))

    def rank(self, task: int) -> int:
        """Less for a predecessor than for its successor."""
        return self._rank[task]

    def append(self) -> int:
        """One more task, at the end; its place."""
        self._after.append([])
        self._before.append([])
        self._rank.append(len(self._rank))
        return len(self._rank) - 1

    def link(self, before: int, after: int) -> None:
        """Let `after` wait for `before`. Raises: Cycle, and nothing has changed."""
        low, high = self._rank[after], self._rank[before]
        if low <= high:
            ahead = self._reached(self._after, after, lambda rank: rank <= high)
            if before in ahead:
                raise Cycle([before, *_way(self._after, after, before)])
            self._rearrange(self._reached(self._before, before, lambda rank: rank >= low), ahead)
        self._after[before].append(after)
        self._before[after].append(before)

    def unlink(self, before: int, after: int) -> None:
        """Take one such link away; the order stays good. Raises: ValueError if there is none."""
        self._after[before].remove(after)
        self._before[after].remove(before)

    def _reached(self, ways: list[list[int]], start: int, within: Callable[[int], bool]) -> set[int]:
        found, waiting = {start}, [start]
        while waiting:
            for task in ways[waiting.pop()]:
                if task not in found and within(self._rank[task]):
                    found.add(task)
                    waiting.append(task)
        return found

    def _rearrange(self, behind: set[int], ahead: set[int]) -> None:
        """Put all of `behind` before all of `ahead`, on the ranks that both have."""
        rank = self._rank
        tasks = sorted(behind, key=rank.__getitem__) + sorted(ahead, key=rank.__getitem__)
        for place, task in zip(sorted(rank[task] for task in tasks), tasks, strict=True):
            rank[task] = place


def _sorted(after: list[list[int]], before: list[list[int]]) -> list[int]:
    """Kahn's algorithm, the least place first; shorter than all where there is a cycle."""
    missing = [len(each) for each in before]
    ready = [task for task, count in enumerate(missing) if not count]
    order: list[int] = []
    while ready:
        task = heappop(ready)
        order.append(task)
        for successor in after[task]:
            missing[successor] -= 1
            if not missing[successor]:
                heappush(ready, successor)
    return order


def _shortest_cycle(after: list[list[int]], among: set[int]) -> list[int]:
    """Breadth first from each task in turn, no deeper than the best so far."""
    best: list[int] = []
    for start in sorted(among):
        way = _way(after, start, start, len(best) - 2 if best else len(among), among)
        if way and (not best or len(way) < len(best)):
            best = way
    return best


def _way(
    after: list[list[int]], start: int, goal: int, most: int | None = None, among: set[int] | None = None
) -> list[int]:
    """A shortest way of at least one link from `start` to `goal`, and at most `most`; empty if there is none."""
    if start == goal and most is None:
        return [start]
    came: dict[int, int] = {}
    waiting = deque([(start, 0)])
    while waiting:
        task, length = waiting.popleft()
        if most is not None and length >= most:
            return []
        for successor in after[task]:
            if successor in came or (among is not None and successor not in among):
                continue
            came[successor] = task
            if successor == goal:
                return _traced(came, start, goal)
            waiting.append((successor, length + 1))
    return []


def _traced(came: dict[int, int], start: int, goal: int) -> list[int]:
    way = [goal, came[goal]]
    while way[-1] != start:
        way.append(came[way[-1]])
    return way[::-1]
