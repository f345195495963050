"""Dependencies as lines: where they begin and end, and that they turn at right angles only."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.planning.pictures.arrows import Anchor, _rounded, _route
from taskcore.values import DependencyType
from tests.unit.planning.reading import numbers

FS, SS, FF, SF = DependencyType
HEAD = 5


def anchor(left: float, wide: float, row: int) -> Anchor:
    middle = row * 28.0 + 14
    return Anchor("ORB-1", left, left + wide, middle, middle - 7, middle + 7, 14)


anchors = st.builds(anchor, st.integers(0, 900), st.integers(3, 300), st.integers(0, 30))


@given(st.sampled_from(DependencyType), anchors, anchors.filter(lambda each: each.middle))
def test_a_line_leaves_the_end_that_holds_back_and_meets_the_one_that_is_held(
    kind: DependencyType, before: Anchor, after: Anchor
) -> None:
    points = _route(kind, before, after)
    leaves = before.right if kind in (FS, FF) else before.left
    meets = after.left if kind in (FS, SS) else after.right
    end = points[-1]

    assert points[0] == (leaves, before.middle)
    assert end == (meets, after.middle) or (
        after.left <= end[0] <= after.right and end[1] in (after.top, after.bottom)
    )
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))


@given(st.sampled_from(DependencyType), anchors, anchors)
def test_a_line_ends_where_its_head_begins(kind: DependencyType, before: Anchor, after: Anchor) -> None:
    points = _route(kind, before, after)
    *_, x, y = numbers(_rounded(points))
    away = abs(points[-1][0] - x) + abs(points[-1][1] - y)
    last = abs(points[-1][0] - points[-2][0]) + abs(points[-1][1] - points[-2][1])

    assert away == pytest.approx(min(HEAD, last), abs=0.11)


def test_a_successor_far_behind_is_met_from_the_left() -> None:
    assert _route(FS, anchor(0, 50, 0), anchor(100, 50, 2))[-1] == (100, 70)


def test_a_successor_close_behind_is_met_from_above_or_below() -> None:
    assert _route(FS, anchor(0, 50, 0), anchor(50, 50, 2))[-1] == (57, 63)
    assert _route(FS, anchor(0, 50, 2), anchor(50, 50, 0))[-1] == (57, 21)


def test_a_successor_that_begins_before_is_met_around_the_bars() -> None:
    points = _route(FS, anchor(0, 50, 0), anchor(20, 50, 2))

    assert (points[2], points[3], points[-1]) == ((57, 56), (8, 56), (20, 70))
