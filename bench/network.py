"""
The critical path of a large network beside networkx, and what one more dependency costs.

`python -m bench network [TASKS] [LINKS]`
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from random import Random

import networkx as nx

from taskcore.connect import resolve
from taskcore.scheduling.order import Order

TASKS, LINKS, ADDED = 100_000, 300_000, 20_000
REACH = 2_000
"""How far apart, on average, the ends of a link are among the tasks."""


def main(arguments: list[str]) -> int:
    """Print CPU seconds and ratios, and percentiles of adding a link, tasks numbered along the links and anyhow."""
    tasks, links = (int(each) for each in (arguments or [str(TASKS), str(LINKS)]))
    chance = Random(7)  # noqa: S311  a measurement is no secret
    durations = [chance.randrange(1, 50) for _ in range(tasks)]
    edges: set[tuple[int, int]] = set()
    while len(edges) < links:
        edges.add(_edge(chance, tasks))
    weighted = [(one, two, durations[one]) for one, two in edges]
    graph = nx.DiGraph()
    built = _spent(lambda: graph.add_weighted_edges_from(weighted))
    walked = min(_spent(lambda: nx.dag_longest_path_length(graph)) for _ in range(3))
    _say(f"networkx: graph {built:.2f} s, longest path {walked:.2f} s")
    for scheme in ("python", "numpy"):
        made = resolve("taskcore.networks", f"{scheme}://")
        making = min(_spent(partial(made, durations, weighted)) for _ in range(3))
        network = made(durations, weighted)
        path, both = (min(_spent(call) for _ in range(5)) for call in (network.early_starts, network.dates))
        _say(
            f"{scheme}: graph {making:.3f} s, longest paths {path:.3f} s, all dates and slack {both:.3f} s; "
            f"to networkx: paths {path / walked:.3f}, dates {both / walked:.3f}, "
            f"dates with graph {(making + both) / (built + walked):.3f}"
        )
    names = list(range(tasks))
    for how in ("along the links", "anyhow"):
        order = Order(tasks, [(names[one], names[two]) for one, two in edges])
        costs = sorted(_added(order, names, chance) for _ in range(ADDED))
        middle, high, last = (costs[at] * 1e6 for at in (ADDED // 2, ADDED * 99 // 100, -1))
        _say(f"a link more, numbered {how}: median {middle:.1f} µs, p99 {high:.1f} µs, most {last:.0f} µs")
        chance.shuffle(names)
    return 0


def _added(order: Order, names: list[int], chance: Random) -> float:
    one, two = _edge(chance, len(names))
    return _spent(lambda: order.link(names[one], names[two]), time.perf_counter)


def _edge(chance: Random, tasks: int) -> tuple[int, int]:
    one = chance.randrange(tasks - 1)
    return one, min(tasks - 1, one + 1 + int(chance.expovariate(1 / REACH)))


def _spent(call: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    before = clock()
    call()
    return clock() - before


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
