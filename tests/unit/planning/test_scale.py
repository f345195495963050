"""Time from left to right: cells of the header, free time, and bars between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.planning.model import FreeTime
from taskcore.planning.pictures.bands import bands, worked
from taskcore.planning.pictures.scale import Scale
from tests.unit.planning.demo import BERLIN, at, free_time

ZONES = ("UTC", "Europe/Berlin", "America/Santiago", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu")
DAY = 86400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def scale(start: datetime, days: float, wide: float = 800, zone: ZoneInfo = BERLIN) -> Scale:
    return Scale(start.timestamp(), start.timestamp() + days * DAY, wide, zone)


def labels(shown: Scale) -> tuple[list[str], list[str]]:
    coarse, fine = shown.tiers
    assert coarse is not None
    return [cell.label for cell in shown.cells(coarse)], [cell.label for cell in shown.cells(fine)]


@pytest.mark.parametrize(
    ("days", "coarse", "fine"),
    [
        (1, ["Sun 1 November 2026"], ["00:00", "02:00", "04:00"]),
        (4, ["Sun 1 November 2026", "Mon 2 November 2026"], ["00:00", "06:00", "12:00"]),
        (14, ["November 2026"], ["Sun 1", "Mon 2", "Tue 3"]),
        (40, ["November 2026", "December 2026"], ["1", "2", "3"]),
        (90, ["November 2026", "December 2026"], ["", "2 Nov", "9 Nov"]),
        (600, ["2026", "2027"], ["Nov", "Dec", "Jan"]),
        (1300, ["2026", "2027"], ["N", "D", "J"]),
        (2500, ["", "2027"], ["", "Q1", "Q2"]),
    ],
)
def test_the_header_counts_what_there_is_room_for(days: int, coarse: list[str], fine: list[str]) -> None:
    above, below = labels(scale(at(1, 0, month=11), days))

    assert (above[: len(coarse)], below[: len(fine)]) == (coarse, fine)


def test_each_day_has_its_number_as_long_as_days_have_cells() -> None:
    shown = labels(scale(at(1, 0, month=11), 47))[1]

    assert shown == [str(day) for day in (*range(1, 31), *range(1, 18))]


def test_centuries_are_counted_in_years() -> None:
    shown = scale(at(1), 365 * 300)
    coarse, fine = shown.tiers

    assert coarse is None
    assert [cell.label for cell in shown.cells(fine)][:3] == ["2020", "2040", "2060"]


def test_days_are_those_of_the_team_and_as_long_as_they_are() -> None:
    """Berlin's clocks go back on 25 October 2026."""
    shown = scale(at(24, 0, month=10), 3 + 1 / 24, wide=73 * 20)
    widths = [cell.right - cell.left for cell in shown.cells(shown.tiers[0] or shown.tiers[1])]

    assert widths == pytest.approx([24 * 20, 25 * 20, 24 * 20])


def test_a_day_that_a_place_left_out_has_no_cell() -> None:
    """Samoa went from 29 to 31 December 2011."""
    shown = scale(datetime(2011, 12, 28, 12, tzinfo=UTC), 4, wide=100, zone=ZoneInfo("Pacific/Apia"))

    assert [cell.label for cell in shown.cells(shown.tiers[1])] == ["28", "29", "31", "1", ""]


@settings(max_examples=150)
@given(
    st.integers(-700_000, 2_900_000).map(lambda day: EPOCH + timedelta(days=day, hours=5)),
    st.floats(0.2, 200_000),
    st.floats(100, 3000),
    st.sampled_from(ZONES),
)
def test_cells_lie_side_by_side_over_the_whole_width(
    start: datetime, days: float, wide: float, zone: str
) -> None:
    shown = scale(start, days, wide, ZoneInfo(zone))

    for unit in filter(None, shown.tiers):
        cells = shown.cells(unit)
        assert cells[0].left == pytest.approx(0)
        assert cells[-1].right == pytest.approx(wide)
        assert all(a.right == pytest.approx(b.left) for a, b in pairwise(cells))
        assert len(cells) <= wide / 15 + 2


def test_weekends_are_bands_of_whole_days_where_nights_cannot_be_seen() -> None:
    shown = scale(at(23, 0, month=11), 14, wide=1400)

    assert bands(free_time(at(23, 0, month=11), at(7, 0)), shown) == [(500, 700), (1200, 1400)]


def test_nights_are_bands_where_they_can_be_seen() -> None:
    shown = scale(at(23, 0, month=11), 1, wide=2400)
    found = bands(free_time(at(23, 0, month=11), at(24, 0, month=11)), shown)

    assert found == [(0, 900), (1200, 1300), (1800, 2400)]


def test_bands_that_cannot_be_told_apart_are_left_out() -> None:
    assert bands(free_time(at(1, month=1), at(31)), scale(at(1, month=1), 365, wide=300)) == []


def test_free_days_that_touch_are_one_band() -> None:
    days = [FreeTime(at(day, 0), at(day + 1, 0)) for day in (3, 1, 2)]

    assert bands(days, scale(at(1, 0), 10, wide=1000)) == [(0, 300)]


@given(st.floats(0, 100), st.floats(0, 100), st.lists(st.floats(0, 100), max_size=8, unique=True))
def test_a_bar_is_its_parts_and_the_bands_between(one: float, other: float, ends: list[float]) -> None:
    ends.sort()
    left, right = sorted((one, other))
    free = list(zip(ends[::2], ends[1::2], strict=False))
    parts = worked(left, right, free)
    hidden = sum(max(min(end, right) - max(begin, left), 0) for begin, end in free)

    assert sum(end - begin for begin, end in parts) == pytest.approx(right - left - hidden)
    assert all(not (begin < end and a < end and begin < b) for a, b in parts for begin, end in free)
