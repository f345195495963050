"""The critical path and the order of tasks, compared with networkx."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.connect import resolve
from taskcore.scheduling import order as order_module
from taskcore.scheduling.calendars import UTC_ALWAYS, WeeklyHours, WorkingCalendar
from taskcore.scheduling.network import FF, FS, SF, SS, Activity, Link, critical_path
from taskcore.scheduling.order import Cycle, Order
from taskcore.scheduling.spans import seconds_of
from taskcore.values import DependencyType, LagUnit

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600
OFFICE = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))
COUNT = 9
edges = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(lambda edge: edge[0] != edge[1]),
    max_size=20,
    unique=True,
)
forward = edges.map(lambda found: sorted({(min(edge), max(edge)) for edge in found}))
places = st.permutations(range(COUNT))
durations = st.lists(st.integers(0, 40 * HOUR), min_size=COUNT, max_size=COUNT)
links = forward.flatmap(
    lambda found: st.tuples(
        *(
            st.builds(
                Link,
                st.just(one),
                st.just(two),
                st.sampled_from(DependencyType),
                st.just(0) | st.integers(-20 * HOUR, 20 * HOUR),
                st.sampled_from(LagUnit),
            )
            for one, two in found
        )
    )
)


def at(text: str) -> int:
    return seconds_of(datetime.fromisoformat(text).replace(tzinfo=BERLIN))


def graph(found: list[tuple[int, int]]) -> nx.DiGraph:
    made = nx.DiGraph()
    made.add_nodes_from(range(COUNT))
    made.add_edges_from(found)
    return made


@given(edges)
def test_an_order_grows_link_by_link_until_a_cycle_would_close(found: list[tuple[int, int]]) -> None:
    order, kept = Order(COUNT), list[tuple[int, int]]()
    for edge in found:
        try:
            order.link(*edge)
        except Cycle as error:
            cycle = error.cycle
        else:
            cycle = ()
            kept.append(edge)
        if cycle:
            assert len(cycle) == nx.shortest_path_length(graph(kept), edge[1], edge[0]) + 2
            assert cycle[0] == cycle[-1] == edge[0]
            assert set(pairwise(cycle)) <= {*kept, edge}
        assert all(order.rank(one) < order.rank(two) for one, two in kept)
        assert list(order) == sorted(range(COUNT), key=order.rank)

    assert nx.is_directed_acyclic_graph(graph(kept))


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_a_long_history_of_links_agrees_with_sorting_anew(chance: Random, room: int) -> None:
    """Against the numbering, tasks added between, and gaps that are soon used up."""
    count = 25
    hidden = chance.sample(range(count), count)

    def along(one: int, two: int) -> tuple[int, int]:
        return (one, two) if hidden[one] < hidden[two] else (two, one)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order_module, "GAP", 1 << room)
        order, kept = Order(0), list[tuple[int, int]]()
        for _ in range(count):
            if (place := order.append()) > 0:
                kept.append(along(chance.randrange(place), place))
                order.link(*kept[-1])
        for _ in range(80):
            kept.append(along(*chance.sample(range(count), 2)))
            order.link(*kept[-1])
            if chance.random() < 0.2:
                order.unlink(*kept.pop(chance.randrange(len(kept))))

            assert list(order) == sorted(range(count), key=order.rank)
            assert len({order.rank(task) for task in range(count)}) == count
            assert all(order.rank(first) < order.rank(second) for first, second in kept)


@given(edges)
def test_a_cycle_among_many_links_is_told_by_a_shortest_one(found: list[tuple[int, int]]) -> None:
    lengths = [len(cycle) for cycle in nx.simple_cycles(graph(found))]
    if not lengths:
        order = list(Order(COUNT, found))
        assert all(order.index(one) < order.index(two) for one, two in found)
        assert sorted(order) == list(range(COUNT))
        return
    with pytest.raises(Cycle) as refused:
        Order(COUNT, found)

    assert len(refused.value.cycle) == min(lengths) + 1
    assert set(pairwise(refused.value.cycle)) <= set(found)


def test_a_task_does_not_wait_for_itself_and_a_link_can_be_taken_back() -> None:
    order = Order(2, [(0, 1)])
    with pytest.raises(Cycle) as refused:
        order.link(1, 1)
    assert refused.value.cycle == (1, 1)
    order.unlink(0, 1)
    order.link(1, 0)
    third = order.append()
    order.link(third, 1)

    assert list(order) == [third, 1, 0]
    with pytest.raises(Cycle):
        critical_path([Activity(1)] * 2, [Link(0, 1), Link(1, 0)])


@given(forward, durations, places)
def test_the_longest_path_is_the_one_that_networkx_finds(
    found: list[tuple[int, int]], work: list[int], mixed: list[int]
) -> None:
    named = [(mixed[one], mixed[two]) for one, two in found]
    dates = critical_path([Activity(each) for each in work], [Link(*edge) for edge in named])
    whole = graph(named)
    whole.add_weighted_edges_from((one, two, work[one]) for one, two in named)
    whole.add_weighted_edges_from((place, "end", work[place]) for place in range(COUNT))

    assert dates.finish == nx.dag_longest_path_length(whole)
    assert set(nx.dag_longest_path(whole)) - {"end"} <= set(dates.critical)
    assert min(dates.total_slack) == 0
    assert all(0 <= free <= total for free, total in zip(dates.free_slack, dates.total_slack, strict=True))


@pytest.mark.parametrize("other", ["numpy"])
@settings(max_examples=40, deadline=None)
@given(
    links,
    durations,
    places,
    st.dictionaries(st.integers(0, COUNT - 1), st.integers(-(10**6), 10**6)),
    st.dictionaries(st.integers(0, COUNT - 1), st.integers(-(10**6), 10**6)),
)
def test_every_adapter_finds_the_same_dates(
    other: str,
    found: tuple[Link, ...],
    work: list[int],
    mixed: list[int],
    begins: dict[int, int],
    ends: dict[int, int],
) -> None:
    weighted = [(mixed[each.predecessor], mixed[each.successor], each.lag) for each in found]
    ours, theirs = (resolve("taskcore.networks", f"{each}://")(work, weighted) for each in ("python", other))

    assert theirs.early_starts(5, not_before=begins) == ours.early_starts(5, not_before=begins)
    assert theirs.dates(5, not_before=begins, deadlines=ends) == ours.dates(
        5, not_before=begins, deadlines=ends
    )
    assert resolve("taskcore.networks", f"{other}://")([], []).dates(7).finish == 7


@pytest.mark.parametrize("scheme", ["python", "numpy"])
@settings(max_examples=30, deadline=None)
@given(edges)
def test_every_adapter_names_a_shortest_cycle(scheme: str, found: list[tuple[int, int]]) -> None:
    made: Callable[..., object] = resolve("taskcore.networks", f"{scheme}://")
    lengths = [len(cycle) for cycle in nx.simple_cycles(graph(found))]
    if lengths:
        with pytest.raises(Cycle) as refused:
            made([1] * COUNT, [(*edge, 1) for edge in found])
        assert len(refused.value.cycle) == min(lengths) + 1
    else:
        made([1] * COUNT, [(*edge, 1) for edge in found])


@given(links, durations)
def test_calendars_that_never_rest_change_nothing(found: tuple[Link, ...], work: list[int]) -> None:
    plain = critical_path([Activity(each) for each in work], found, 10**6)
    always = critical_path([Activity(each, UTC_ALWAYS) for each in work], found, 10**6)

    assert always == plain


@settings(max_examples=50, deadline=None)
@given(links, durations, st.sampled_from([None, OFFICE]))
def test_no_task_comes_before_its_links_allow(
    found: tuple[Link, ...], work: list[int], calendar: WorkingCalendar | None
) -> None:
    dates = critical_path([Activity(each, calendar) for each in work], found, at("2026-11-25T13:00"))
    for link in found:
        source = dates.early_start if link.type in (SS, SF) else dates.early_finish
        target = dates.early_start if link.type in (FS, SS) else dates.early_finish
        at_least = source[link.predecessor]
        working = calendar is not None and link.unit is LagUnit.WORKING
        bound = OFFICE.add(at_least, link.lag) if working else at_least + link.lag
        reached = target[link.successor]
        # Where a bound on a finish falls into free time, the work is done when that begins.
        assert reached >= bound
    assert min(dates.total_slack) >= 0


@settings(deadline=None)
@given(forward, durations, st.integers(0, COUNT - 1))
def test_delay_by_its_slack_moves_nobody_or_not_the_end(
    found: list[tuple[int, int]], work: list[int], late: int
) -> None:
    waits = [Link(*edge) for edge in found]
    dates = critical_path([Activity(each) for each in work], waits)

    def delayed(by: int) -> list[Activity]:
        start = dates.early_start[late] + by
        return [
            Activity(each, not_before=start if place == late else None) for place, each in enumerate(work)
        ]

    free = critical_path(delayed(dates.free_slack[late]), waits)
    total = critical_path(delayed(dates.total_slack[late]), waits)
    assert [s for p, s in enumerate(free.early_start) if p != late] == [
        s for p, s in enumerate(dates.early_start) if p != late
    ]
    assert total.finish == dates.finish
    assert critical_path(delayed(dates.total_slack[late] + 1), waits).finish == dates.finish + 1


@pytest.mark.parametrize(
    ("kind", "lag", "starts"),
    [
        (FS, 0, "2026-11-30T09:00"),
        (FS, 4, "2026-11-30T13:00"),
        (FS, -2, "2026-11-27T15:00"),
        (SS, 2, "2026-11-27T11:00"),
        (FF, 0, "2026-11-27T13:00"),
        (SF, 6, "2026-11-27T11:00"),
    ],
)
def test_each_type_of_link_by_working_hours(kind: DependencyType, lag: int, starts: str) -> None:
    """Eight hours on Friday, then four, with hours of working lag."""
    tasks = [Activity(8 * HOUR, OFFICE), Activity(4 * HOUR, OFFICE)]
    dates = critical_path(tasks, [Link(0, 1, kind, lag * HOUR)], at("2026-11-27T09:00"))

    assert dates.early_start[1] == at(starts)


def test_a_lag_that_ends_on_the_weekend_waits_for_monday_unless_for_a_milestone() -> None:
    tasks = [Activity(8 * HOUR, OFFICE), Activity(HOUR, OFFICE), Activity(0, OFFICE)]
    day = [Link(0, each, FS, 24 * HOUR, LagUnit.ELAPSED) for each in (1, 2)]
    dates = critical_path(tasks, day, at("2026-11-27T09:00"))

    assert dates.early_start[1] == at("2026-11-30T09:00")
    assert dates.early_start[2] == dates.early_finish[2] == at("2026-11-28T17:00")


def test_a_bound_on_a_finish_within_free_time_leaves_the_last_second_for_after_it() -> None:
    """Half a day after Friday evening is Saturday morning: what is not to end before ends on Monday."""
    tasks = [Activity(8 * HOUR, OFFICE), Activity(4 * HOUR, OFFICE)]
    dates = critical_path(tasks, [Link(0, 1, FF, 12 * HOUR, LagUnit.ELAPSED)], at("2026-11-27T09:00"))

    assert dates.early_start[1] == at("2026-11-27T13:00") + 1
    assert dates.early_finish[1] == at("2026-11-30T09:00") + 1
    assert dates.total_slack == dates.free_slack == [0, 0]


def test_a_deadline_moves_no_date_and_makes_slack_negative() -> None:
    tasks = [Activity(8 * HOUR, OFFICE), Activity(4 * HOUR, OFFICE, deadline=at("2026-11-27T17:00"))]
    dates = critical_path(tasks, [Link(0, 1)], at("2026-11-27T09:00"))

    assert dates.early_finish[1] == at("2026-11-30T13:00")
    assert dates.total_slack == [-4 * HOUR, -4 * HOUR]
    plain = critical_path([Activity(8), Activity(4, deadline=8)], [Link(0, 1)])
    assert plain.total_slack == [-4, -4]


def test_a_chain_of_twenty_thousand_needs_no_stack() -> None:
    count = 20_000
    dates = critical_path([Activity(1)] * count, [Link(place, place + 1) for place in range(count - 1)])

    assert dates.finish == count
    assert len(dates.critical) == count


def test_nothing_ends_when_it_begins() -> None:
    assert critical_path([], [], 7).finish == 7
