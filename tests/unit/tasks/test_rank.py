"""Manual order: between any two ranks there is another, and it can be written down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.tasks.rank import DIGITS, last_rank, rank_between, rank_faults
from tests.unit.examples import new_id

ranks = st.text(st.sampled_from("01Vz"), min_size=1, max_size=6).map(lambda digits: digits.rstrip("0") or "1")
ends = st.lists(ranks, min_size=2, max_size=2, unique=True).map(sorted)


@given(ends=ends)
def test_between_two_ranks_there_is_another(ends: list[str]) -> None:
    low, high = ends
    between = rank_between(low, high)

    assert low < between < high
    assert rank_faults(between) == []


@given(rank=ranks)
def test_there_is_a_rank_ahead_of_the_first_and_behind_the_last(rank: str) -> None:
    assert rank_between("", rank) < rank < rank_between(rank, None)
    assert rank_faults(rank_between("", rank)) == rank_faults(rank_between(rank, None)) == []


def test_there_is_a_rank_for_the_only_task() -> None:
    assert rank_faults(rank_between("", None)) == []


@pytest.mark.parametrize("side", [0, 1])
def test_a_gap_takes_hundreds_of_tasks_before_a_rank_is_too_long(side: int) -> None:
    ends = ["V", "W"]
    for _ in range(900):
        ends[side] = rank_between(*ends)

        assert rank_faults(ends[side]) == []


@given(ends=ends)
def test_nothing_lies_between_ranks_that_are_equal_or_in_the_wrong_order(ends: list[str]) -> None:
    low, high = ends

    for upper in (low, high):
        with pytest.raises(ValueError, match="no rank lies between"):
            rank_between(high, upper)


@given(rank=ranks)
def test_a_rank_that_ends_with_0_is_refused_since_nothing_lies_ahead_of_it(rank: str) -> None:
    assert rank_faults(rank) == []
    assert [fault.field for fault in rank_faults(rank + "0")] == ["rank"]


@pytest.mark.parametrize("rank", ["", "V!", "ä", "V\n", "1" * 201])
def test_a_rank_is_up_to_200_digits(rank: str) -> None:
    assert rank_faults(rank) != []


def test_a_new_task_comes_last_however_fast_they_are_made() -> None:
    made = [last_rank(new_id()) for _ in range(1000)]

    assert made == sorted(set(made))
    assert all(rank_faults(rank) == [] for rank in made)
    assert set("".join(made)) <= set(DIGITS)
