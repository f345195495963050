"""What a task tells a plan: estimates of three points, constraints, and the bounds of both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.scheduling.activities import Rule
from taskcore.tasks.model import PLANNING, Task, task_faults
from taskcore.tasks.planning import TaskConstraint, constraint_in, constraints_of, written_constraint
from taskcore.values import ConstraintRule, EstimateKind
from taskcore_sql.packing import UNPACK, Packed
from tests.unit.examples import ADA, BOB, NOW, task

minutes = st.none() | st.integers(0, 10**6)
constraints = st.builds(
    TaskConstraint, st.sampled_from(ConstraintRule), st.none() | st.datetimes(timezones=st.just(UTC))
)


def constraint(rule: ConstraintRule, at: datetime | None = NOW) -> TaskConstraint:
    return TaskConstraint(rule, at)


def test_every_rule_of_the_arithmetic_can_be_given_and_one_more() -> None:
    assert set(ConstraintRule) == {*Rule, "as_late_as_possible"}


@given(minutes, minutes, minutes)
def test_three_points_rise(optimistic: int | None, likely: int | None, pessimistic: int | None) -> None:
    told = task(
        estimate_optimistic_minutes=optimistic,
        estimate_minutes=likely,
        estimate_pessimistic_minutes=pessimistic,
    )
    points = [each for each in (optimistic, likely, pessimistic) if each is not None]

    assert (task_faults(told) == []) == (points == sorted(points))


@given(st.lists(st.integers(0, 10**6), min_size=3, max_size=3).map(sorted))
def test_the_expectation_is_that_of_pert(points: list[int]) -> None:
    optimistic, likely, pessimistic = points
    told = task(
        estimate_optimistic_minutes=optimistic,
        estimate_minutes=likely,
        estimate_pessimistic_minutes=pessimistic,
    )

    assert told.expected_seconds == pytest.approx((optimistic + 4 * likely + pessimistic) / 6 * 60)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, None),
        ({"estimate_minutes": 90}, 5400),
        ({"estimate_minutes": 90, "estimate_optimistic_minutes": 1}, 5400),
        ({"estimate_optimistic_minutes": 1, "estimate_pessimistic_minutes": 90}, None),
        ({"estimate_minutes": 90, "estimate_kind": EstimateKind.MILESTONE}, 0),
        ({"estimate_kind": EstimateKind.MILESTONE}, 0),
    ],
)
def test_the_likely_estimate_stands_alone(fields: dict[str, Any], seconds: int | None) -> None:
    assert task(**fields).expected_seconds == seconds


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({"required_skills": ("x" * 50,) * 20, "candidates": (ADA.id,) * 100}, []),
        ({"required_skills": ("sql",) * 21}, ["required_skills"]),
        ({"required_skills": ("x" * 51,)}, ["required_skills"]),
        ({"required_skills": (" ",)}, ["required_skills"]),
        ({"required_skills": ("a\nb",)}, ["required_skills"]),
        ({"required_skills": ("a,b",)}, ["required_skills"]),
        ({"candidates": (ADA.id,) * 101}, ["candidates"]),
        ({"remaining_minutes": -1}, ["remaining_minutes"]),
        ({"estimate_optimistic_minutes": 2**31}, ["estimate_optimistic_minutes"]),
        ({"constraints": tuple(map(constraint, [*ConstraintRule][:6]))}, []),
        ({"constraints": (constraint(ConstraintRule.START_BY),) * 2}, ["constraints"]),
        ({"constraints": (constraint(ConstraintRule.START_BY, None),)}, ["constraints"]),
        ({"constraints": (constraint(ConstraintRule.AS_LATE_AS_POSSIBLE),)}, ["constraints"]),
        ({"constraints": (constraint(ConstraintRule.AS_LATE_AS_POSSIBLE, None),)}, []),
    ],
)
def test_what_a_plan_asks_for_has_bounds(fields: dict[str, Any], faulty: list[str]) -> None:
    assert [fault.field for fault in task_faults(task(**fields))] == faulty


@given(constraints)
def test_a_constraint_is_written_as_it_is_read(told: TaskConstraint) -> None:
    assert constraints_of([constraint_in(written_constraint(told))]) == (told,)


def test_an_instant_of_a_constraint_is_kept_in_utc() -> None:
    given_at = NOW.astimezone(timezone(timedelta(hours=-5)))
    (kept,) = constraints_of([{"rule": ConstraintRule.START_BY, "at": given_at}])

    assert kept.at is not None
    assert (kept.at, kept.at.tzinfo) == (NOW, UTC)


@pytest.mark.parametrize("text", ["", "sometime=2026-12-01T09:00Z", "start_by=soon", "=2026-12-01T09:00Z"])
def test_other_words_are_no_constraint(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        constraint_in(text)


PACKED = Packed(Task, PLANNING, UNPACK)


def test_a_task_without_plans_packs_nothing() -> None:
    assert PACKED.packed(task()) is None
    assert PACKED.packed(task(splittable=True, candidates=(BOB.id,))) == {
        "splittable": True,
        "candidates": (BOB.id,),
    }


def test_what_is_packed_stands_together() -> None:
    names = [field.name for field in attrs.fields(Task)]
    first = names.index(PLANNING[0])

    assert names[first : first + len(PLANNING)] == [*PLANNING]
