"""
The critical path of a large network beside networkx, and what one more dependency costs.

`python -m bench network [TASKS] [LINKS]`
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from random import Random

import networkx as nx

from taskcore.scheduling.network import elapsed_path
from taskcore.scheduling.order import Order

TASKS, LINKS, ADDED = 100_000, 300_000, 20_000
REACH = 2_000
"""How far apart, on average, the ends of a link are among the tasks."""


def main(arguments: list[str]) -> int:
    """Print CPU seconds, and the 99th percentile of adding a link that leads from an earlier to a later task."""
    tasks, links = (int(each) for each in (arguments or [str(TASKS), str(LINKS)]))
    chance = Random(7)  # noqa: S311  a measurement is no secret
    durations = [chance.randrange(1, 50) for _ in range(tasks)]
    edges: set[tuple[int, int]] = set()
    while len(edges) < links:
        edges.add(_edge(chance, tasks))
    weighted = [(one, two, durations[one]) for one, two in edges]
    graph = nx.DiGraph()
    theirs_built = _spent(lambda: graph.add_weighted_edges_from(weighted))
    theirs = _spent(lambda: nx.dag_longest_path_length(graph))
    ours = min(_spent(lambda: elapsed_path(durations, weighted)) for _ in range(3))
    order = Order(tasks, edges)
    added = sorted(_spent(lambda: order.link(*_edge(chance, tasks)), time.perf_counter) for _ in range(ADDED))
    sys.stdout.write(
        f"networkx: graph {theirs_built:.2f} s, longest path {theirs:.2f} s\n"
        f"ours, from links to dates and slack: {ours:.2f} s, {ours / (theirs + theirs_built):.2f} of both\n"
        f"a link more: median {added[ADDED // 2] * 1e6:.0f} µs, p99 {added[ADDED * 99 // 100] * 1e6:.0f} µs\n"
    )
    return 0


def _edge(chance: Random, tasks: int) -> tuple[int, int]:
    one = chance.randrange(tasks - 1)
    return one, min(tasks - 1, one + 1 + int(chance.expovariate(1 / REACH)))


def _spent(call: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    before = clock()
    call()
    return clock() - before
