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
from zoneinfo import ZoneInfo

import attrs
import networkx as nx

from taskcore.connect import resolve
from taskcore.scheduling.activities import Activity, Link
from taskcore.scheduling.calendars import WeeklyHours, WorkingCalendar
from taskcore.scheduling.order import Order
from taskcore.scheduling.plan import Plan
from taskcore.scheduling.slack import slack

TASKS, LINKS, ADDED = 100_000, 300_000, 20_000
REACH = 2_000
"""How far apart, on average, the ends of a link are among the tasks."""
NEAR, BEGIN = 200, 1_764_000_000
OFFICE = WeeklyHours.parse({"mon-fri": ["09:00-17:00"]})


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
    for zone in (None, ZoneInfo("Europe/Berlin")):
        _say(_slips(Random(3), None if zone is None else WorkingCalendar(zone, OFFICE)))  # noqa: S311  as above
    return 0


def _slips(chance: Random, calendar: WorkingCalendar | None) -> str:
    """A plan of 10,000 tasks and 15,000 links; then single tasks that take eight hours longer."""
    tasks = [Activity(chance.randrange(1, 20) * 3600, calendar) for _ in range(10_000)]
    links = [Link(*_edge(chance, len(tasks), NEAR)) for _ in range(15_000)]
    made = min(_spent(lambda: Plan(tasks, links, BEGIN)) for _ in range(3))
    plan = Plan(tasks, links, BEGIN)
    both = min(_spent(lambda: slack(plan)) for _ in range(3))
    costs, moved = [], 0
    for place in chance.sample(range(len(tasks)), 500):
        longer = attrs.evolve(tasks[place], duration=tasks[place].duration + 8 * 3600)
        before = time.process_time()
        moved += len(plan.change(place, longer))
        costs.append((time.process_time() - before) * 1000)
        plan.change(place, tasks[place])
    return (
        f"plan of 10,000 and 15,000, {'no calendar' if calendar is None else 'calendars'}: "
        f"made {made * 1000:.0f} ms, slack {both * 1000:.0f} ms; "
        f"a slip: mean {sum(costs) / 500:.2f} ms, p99 {sorted(costs)[494]:.2f} ms, {moved / 500:.0f} tasks moved"
    )


def _added(order: Order, names: list[int], chance: Random) -> float:
    one, two = _edge(chance, len(names))
    return _spent(lambda: order.link(names[one], names[two]), time.perf_counter)


def _edge(chance: Random, tasks: int, reach: int = REACH) -> tuple[int, int]:
    one = chance.randrange(tasks - 1)
    return one, min(tasks - 1, one + 1 + int(chance.expovariate(1 / reach)))


def _spent(call: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    before = clock()
    call()
    return clock() - before


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
