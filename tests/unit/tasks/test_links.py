"""Dependencies between tasks: one team, no cycle, each told of in the log."""

from __future__ import annotations

from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.errors import Conflict, Invalid
from taskcore.tasks import links
from taskcore.values import DependencyType, LagUnit, TaskId, TeamId
from tests.unit.examples import LATER, dependency, new_id, stamp, task

BEFORE, AFTER = task(1), task(2)
TIE = dependency(BEFORE, AFTER)
NODES = [TaskId(new_id()) for _ in range(6)]
nodes = st.sampled_from(NODES)
graphs = st.dictionaries(nodes, st.lists(nodes, max_size=3))


def test_a_new_dependency_is_told_with_both_keys() -> None:
    made, (event,) = links.link(TIE, None, BEFORE, AFTER, stamp())

    assert made == TIE
    assert (event.kind, event.subject_type, event.task_id) == ("dependency.added", "dependency", AFTER.id)
    assert event.data["dependency"] == {
        "predecessor": "PLAT-1",
        "successor": "PLAT-2",
        "type": "FS",
        "lag_minutes": 0,
        "lag_unit": "working",
    }


def test_the_same_dependency_again_changes_nothing() -> None:
    again = attrs.evolve(TIE, created_at=LATER)

    assert links.link(again, TIE, BEFORE, AFTER, stamp()) == (TIE, [])


@given(kind=st.sampled_from(DependencyType), lag=st.integers(-99, 99), unit=st.sampled_from(LagUnit))
def test_a_known_dependency_takes_the_new_values(kind: DependencyType, lag: int, unit: LagUnit) -> None:
    wanted = attrs.evolve(TIE, type=kind, lag_minutes=lag, lag_unit=unit, created_at=LATER)
    changed, events = links.link(wanted, TIE, BEFORE, AFTER, stamp())

    assert (changed.type, changed.lag_minutes, changed.lag_unit) == (kind, lag, unit)
    assert changed.created_at == TIE.created_at
    assert changed.version == 1 + len(events)


def test_a_task_is_not_its_own_predecessor() -> None:
    with pytest.raises(Conflict) as refused:
        links.link(dependency(BEFORE, BEFORE), None, BEFORE, BEFORE, stamp())

    assert (refused.value.code, refused.value.data) == ("cycle", {"cycle": ["PLAT-1", "PLAT-1"]})


def test_a_task_of_another_team_and_an_endless_lag_are_refused() -> None:
    stranger = attrs.evolve(BEFORE, team_id=TeamId(new_id()))

    with pytest.raises(Invalid, match="same team"):
        links.link(TIE, None, stranger, AFTER, stamp())
    with pytest.raises(Invalid, match="lag_minutes"):
        links.link(attrs.evolve(TIE, lag_minutes=10**9), None, BEFORE, AFTER, stamp())


def test_a_removed_dependency_is_told() -> None:
    (event,) = links.unlink(TIE, BEFORE, AFTER, stamp())

    assert (event.kind, event.data["dependency"]["predecessor"]) == ("dependency.removed", "PLAT-1")


@given(graph=graphs, start=nodes, goal=nodes)
def test_a_path_is_found_just_where_there_is_one(
    graph: dict[TaskId, list[TaskId]], start: TaskId, goal: TaskId
) -> None:
    reached = {start}
    for _ in NODES:
        reached |= {there for here in reached for there in graph.get(here, ())}
    way = links.path(start, goal, graph)

    assert (way is not None) == (goal in reached)
    if way is not None:
        assert (way[0], way[-1]) == (start, goal)
        assert all(there in graph[here] for here, there in pairwise(way))
        assert len(set(way)) == len(way)
