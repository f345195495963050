"""Ties between imported tasks: none is made twice, none closes a cycle."""

from __future__ import annotations

from uuid import UUID

import attrs
from hypothesis import given
from hypothesis import strategies as st

from taskcore.tasks.incoming import Incoming
from taskcore.tasks.ties import cycle_closers, tie
from taskcore.values import TaskId
from tests.unit.examples import TEAM, stamp, task

IDS = [TaskId(UUID(int=number)) for number in range(8)]
edges = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=20, unique=True)
FIRST, SECOND, THIRD = (task(n, external_source="elsewhere", external_id=str(n)) for n in (1, 2, 3))
KNOWN = {("elsewhere", str(each.number)): each for each in (FIRST, SECOND, THIRD)}


def item(name: str, *predecessors: str, parent: str | None = None) -> Incoming:
    return Incoming(int(name), "elsewhere", name, f"Task {name}", predecessors=predecessors, parent=parent)


def closes(edge: tuple[TaskId, TaskId], others: set[tuple[TaskId, TaskId]]) -> bool:
    """Whether the beginning of an edge can be reached from its end, by trying."""
    reached = {edge[1]}
    while more := {after for before, after in others if before in reached} - reached:
        reached |= more
    return edge[0] in reached


@given(edges, edges)
def test_the_closers_are_those_found_by_trying_one_by_one(
    first: list[tuple[TaskId, TaskId]], wanted: list[tuple[TaskId, TaskId]]
) -> None:
    present: set[tuple[TaskId, TaskId]] = set()
    for edge in first:
        if not closes(edge, present):
            present.add(edge)
    new = [edge for edge in wanted if edge not in present]
    kept, closing = set(present), set()
    for edge in new:
        if closes(edge, kept):
            closing.add(edge)
        else:
            kept.add(edge)

    assert cycle_closers(present, new) == closing


def test_a_long_chain_is_no_cycle() -> None:
    chain = [(TaskId(UUID(int=n)), TaskId(UUID(int=n + 1))) for n in range(20_000)]

    assert cycle_closers([], reversed(chain)) == set()


def test_a_tie_that_is_there_is_made_no_second_time() -> None:
    ties = tie([item("2", "1")], KNOWN, {(FIRST.id, SECOND.id)}, TEAM.id, stamp())

    assert (ties.dependencies, ties.events, ties.refused) == ([], [], [])


def test_a_tie_to_nothing_is_refused_and_the_others_are_made() -> None:
    ties = tie([item("2", "9", "1")], KNOWN, set(), TEAM.id, stamp())

    assert [(link.predecessor_id, link.successor_id) for link in ties.dependencies] == [(FIRST.id, SECOND.id)]
    assert [(each.line, each.reason) for each in ties.refused] == [
        (2, "'Task 2': depends on 9: no such task")
    ]


def test_a_tie_that_would_close_a_cycle_is_refused() -> None:
    ties = tie([item("2", "1"), item("1", "2")], KNOWN, set(), TEAM.id, stamp())

    assert len(ties.dependencies) == 1
    assert [each.reason for each in ties.refused] == ["'Task 1': depends on 2: would close a cycle"]


def test_parts_are_nested_and_none_within_itself() -> None:
    items = [item("2", parent="1"), item("1", parent="2"), item("3", parent="2")]
    ties = tie(items, KNOWN, set(), TEAM.id, stamp())

    assert [(each.id, each.parent_id) for each in ties.nested] == [
        (SECOND.id, FIRST.id),
        (KNOWN["elsewhere", "3"].id, SECOND.id),
    ]
    assert [(each.line, "is a part of it itself" in each.reason) for each in ties.refused] == [(1, True)]


def test_parts_nest_eight_levels_deep_and_no_deeper() -> None:
    known = {("elsewhere", str(n)): attrs.evolve(FIRST, id=TaskId(UUID(int=n))) for n in range(1, 11)}
    items = [item(str(n), parent=str(n - 1)) for n in range(10, 1, -1)]
    ties = tie(items, known, set(), TEAM.id, stamp())

    assert len(ties.nested) == 8
    assert ["at most 8 levels" in each.reason for each in ties.refused] == [True]
