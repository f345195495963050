"""An order of tasks in which each comes after those it waits for, kept while links are added one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush

from taskcore.errors import Conflict

Edge = tuple[int, int]
"""From a predecessor to its successor, by their places."""
GAP = 1 << 256
"""What lies between two neighbours' ranks: Python's integers have no end, so a gap can be halved 256 times."""


class Cycle(Conflict):
    """Tasks wait for each other: `cycle` names them by place, the first again at the end."""

    default_code = "cycle"

    def __init__(self, cycle: Sequence[int]) -> None:
        self.cycle = tuple(cycle)
        super().__init__(f"these wait for each other: {' → '.join(map(str, cycle))}", cycle=list(cycle))


class Order:
    """
    A topological order of `count` tasks and their links, by ordered two-way search.

    A link that agrees with the order costs nothing. For another one, tasks ahead of its end and tasks behind its
    beginning are looked at in turn, the nearest first, until the two searches have passed each other; those that were
    met change places (Haeupler, Kavitha, Mathew, Sen and Tarjan, Incremental cycle detection, topological ordering, and
    strong component maintenance, ACM TALG 8, 2012, section 3). The first order is by how many links lie before a task
    less how many lie behind it, then by place: a further link mostly agrees with it, however tasks are numbered.
    Raises: Cycle, naming a shortest one.
    """

    def __init__(self, count: int, edges: Iterable[Edge] = ()) -> None:
        self._after: list[list[int]] = [[] for _ in range(count)]
        self._before: list[list[int]] = [[] for _ in range(count)]
        for before, after in edges:
            self._after[before].append(after)
            self._before[after].append(before)
        self._number(_centred(self._after, self._before))

    def _number(self, order: list[int]) -> None:
        """Ranks with gaps, and who stands beside whom; the last place of each list stands for both ends."""
        count = len(self._after)
        self._rank = [0] * count
        self._next, self._previous = [count] * (count + 1), [count] * (count + 1)
        last = count
        for rank, task in enumerate(order, 1):
            self._rank[task] = rank * GAP
            self._next[last], self._previous[task] = task, last
            last = task
        self._previous[count] = last

    def __iter__(self) -> Iterator[int]:
        end = len(self._after)
        task = self._next[end]
        while task != end:
            yield task
            task = self._next[task]

    def rank(self, task: int) -> int:
        """Less for a predecessor than for its successor."""
        return self._rank[task]

    def append(self) -> int:
        """One more task, at the end; its place."""
        place = len(self._after)  # which stood for both ends until now
        first, last = self._next[place], self._previous[place]
        self._after.append([])
        self._before.append([])
        self._rank.append(GAP if last == place else self._rank[last] + GAP)
        self._next.append(first)
        self._previous.append(place)
        self._next[last] = place
        self._previous[first], self._next[place] = place + 1, place + 1
        if last == place:
            self._next[place + 1], self._previous[place] = place, place + 1
        return place

    def link(self, before: int, after: int) -> None:
        """Let `after` wait for `before`. Raises: Cycle, and nothing has changed."""
        if self._rank[after] <= self._rank[before]:
            self._search(before, after)
        self._after[before].append(after)
        self._before[after].append(before)

    def unlink(self, before: int, after: int) -> None:
        """Take one such link away; the order stays good. Raises: ValueError if there is none."""
        self._after[before].remove(after)
        self._before[after].remove(before)

    def _search(self, before: int, after: int) -> None:
        """Move what must come after `before` behind it. Raises: Cycle."""
        if before == after:
            raise Cycle([before, before])
        rank = self._rank
        ahead, behind = {after}, {before}
        near, far = [(rank[after], after)], [(-rank[before], before)]
        passed: list[int] = []
        walked: list[int] = []
        steps = 0  # links seen ahead less links seen behind
        while near and far and near[0][0] < -far[0][0]:
            if steps <= 0:
                task = heappop(near)[1]
                passed.append(task)
                ways, found, met, waiting, sign = self._after[task], ahead, behind, near, 1
            else:
                task = heappop(far)[1]
                walked.append(task)
                ways, found, met, waiting, sign = self._before[task], behind, ahead, far, -1
            steps += sign * (len(ways) + 1)
            for other in ways:
                if other in met:
                    raise Cycle([before, *_way(self._after, after, before)])
                if other not in found:
                    found.add(other)
                    heappush(waiting, (sign * rank[other], other))
        # Who was passed has all its successors passed or from `turn` on; who was walked and stands behind `turn` has
        # all its predecessors walked or before it.
        if near:
            turn = near[0][1]
            moved = [task for task in reversed(walked) if rank[task] > rank[turn]]
            self._move(moved + passed, turn)
        else:
            self._move(passed, self._next[before])

    def _move(self, tasks: list[int], turn: int) -> None:
        """Let these stand, in this order, just before `turn`, or at the end."""
        nexts, previous, rank = self._next, self._previous, self._rank
        for task in tasks:
            nexts[previous[task]], previous[nexts[task]] = nexts[task], previous[task]
        end, left = len(rank), previous[turn]
        low = rank[left] if left != end else 0
        step = GAP if turn == end else (rank[turn] - low) // (len(tasks) + 1)
        for number, task in enumerate(tasks, 1):
            rank[task] = low + number * step
            nexts[left], previous[task] = task, left
            left = task
        nexts[left], previous[turn] = turn, left
        if not step:
            self._number(list(self))


def _centred(after: list[list[int]], before: list[list[int]]) -> list[int]:
    """The order by depth less height, then by place. Raises: Cycle."""
    order = waves(after, [len(each) for each in before])
    depth, height = [0] * len(after), [0] * len(after)
    for task in order:
        below = depth[task] + 1
        for successor in after[task]:
            if depth[successor] < below:  # noqa: PLR1730  a call of max would double it
                depth[successor] = below
    for task in reversed(order):
        above = height[task] + 1
        for predecessor in before[task]:
            if height[predecessor] < above:  # noqa: PLR1730
                height[predecessor] = above
    return sorted(range(len(after)), key=lambda task: depth[task] - height[task])


def waves(after: list[list[int]], missing: list[int]) -> list[int]:
    """Kahn's algorithm, breadth first: by the number of links that lead to a task. Raises: Cycle, a shortest one.

    `missing` says how many each waits for, and is used up.
    """
    order = [task for task, count in enumerate(missing) if not count]
    for task in order:  # grows while it is walked
        for successor in after[task]:
            missing[successor] -= 1
            if not missing[successor]:
                order.append(successor)
    if len(order) < len(after):
        raise Cycle(_shortest_cycle(after, set(range(len(after))).difference(order)))
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
