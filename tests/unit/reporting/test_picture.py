"""The cumulative flow diagram: bands as high as what they stand for, and in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.planning.pictures.style import Theme
from taskcore.reporting.measures import Day
from taskcore.reporting.picture import BANDS, flow_svg, told

counts = st.lists(st.tuples(*(st.integers(0, 10_000) for _ in BANDS)), min_size=1, max_size=40)


NOTHING = Day(date(2026, 11, 2), "PLAT", 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None, None, None)


def days(counted: list[tuple[int, ...]], team: str = "PLAT") -> list[Day]:
    return [
        attrs.evolve(
            NOTHING,
            day=NOTHING.day + timedelta(days=number),
            team=team,
            **dict(zip(BANDS, each, strict=True)),
        )
        for number, each in enumerate(counted)
    ]


def edges(svg: str) -> dict[str, list[float]]:
    """The upper edge of each band, day by day."""
    found = {}
    for path in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}path"):  # noqa: S314  of our own making
        if (name := path.get("class")) in BANDS:
            points = re.findall(r"[\d.]+,([\d.]+)", path.get("d") or "")
            found[str(name)] = [float(each) for each in points[: len(points) // 2]]
    return found


@given(counts)
def test_each_band_is_as_high_as_there_are_tasks(counted: list[tuple[int, ...]]) -> None:
    svg = flow_svg(days(counted))
    most = max(map(sum, counted))
    if most == 0:
        assert "No task was there" in svg
        return
    drawn = edges(svg)

    assert list(drawn) == list(BANDS)
    for place, each in enumerate(counted):
        for number, name in enumerate(BANDS):
            wanted = 340 * (1 - sum(each[: number + 1]) / most)
            assert abs(drawn[name][place] - wanted) < 0.06


@given(counts, st.sampled_from(("auto", "light", "dark")), st.integers(0, 9000))
def test_lines_are_few_and_names_are_apart(counted: list[tuple[int, ...]], theme: Theme, width: int) -> None:
    root = ET.fromstring(flow_svg(days(counted, "A & <B>"), width=width, theme=theme))  # noqa: S314  as above
    texts = [each for each in root.iter("{http://www.w3.org/2000/svg}text") if each.get("class") == "small"]
    places = [float(each.get("y") or 0) for each in texts]

    assert len([each for each in root.iter() if each.get("class") == "grid"]) <= 7
    assert all(above - below >= 15.9 for below, above in zip(places[1:], places, strict=False))


def test_what_it_says_where_it_is_not_seen() -> None:
    assert told(days([(0, 0, 1, 2, 3), (4, 1, 0, 2, 3)])) == (
        "From 2026-11-02 to 2026-11-03: 2 created and 4 completed. "
        "At the end: 3 backlog, 2 open, 0 in progress, 1 in review, 4 done."
    )
    assert told([]) == "No days."


@pytest.mark.parametrize("counted", [[], [(0, 0, 0, 0, 0)]])
def test_nothing_is_drawn_of_nothing(counted: list[tuple[int, ...]]) -> None:
    assert edges(flow_svg(days(counted))) == {}
