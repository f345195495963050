"""Texts, dates and colours in pictures."""

from __future__ import annotations

import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.planning.pictures import summary
from taskcore.planning.pictures.style import _DARK, _LIGHT
from taskcore.planning.pictures.text import clean, cut, line, width
from taskcore.planning.pictures.words import LocalTimes, conflict, duration, quality, span
from tests.unit.planning.demo import at, demo


@given(st.floats(0, 100))
def test_the_gap_is_never_told_smaller_than_it_is(gap: float) -> None:
    told = quality(demo(gap=gap))
    percent = re.search(r"[\d,]+\.\d", told)

    assert float(percent[0].replace(",", "")) >= gap * 100 - 1e-4 if percent else gap == 0


@pytest.mark.parametrize(
    ("gap", "told"),
    [
        (0.0315, "at most 3.2 % longer than the best plan possible"),
        (0.03, "at most 3.0 % longer than the best plan possible"),
        (1e-9, "at most 0.1 % longer than the best plan possible"),
        (float("inf"), "how near to the best plan is not known"),
        (0.0, "proven shortest"),
    ],
)
def test_how_good_a_plan_is(gap: float, told: str) -> None:
    assert quality(demo(gap=gap)) == told


def test_durations() -> None:
    assert [duration(each) for each in (0, 45, 60, 90, 60_000)] == [
        "0 min",
        "45 min",
        "1 h",
        "1 h 30 min",
        "1,000 h",
    ]
    assert duration(-90) == "\N{MINUS SIGN}1 h 30 min"
    assert [span(each) for each in (-1440, 1500, 5)] == ["1 d", "1 d 1 h", "5 min"]


def test_times_are_the_teams_and_tell_what_is_not_clear() -> None:
    times = LocalTimes.of(demo())

    assert times.between(at(1, 9), at(1, 17)) == "Tue 1 Dec 09:00 \N{EN DASH} 17:00"
    assert times.between(at(1, 9), at(2, 17)) == "Tue 1 Dec 09:00 \N{EN DASH} Wed 2 Dec 17:00"
    assert times.between(at(1, 9), at(1, 9)) == "Tue 1 Dec 09:00"
    assert times.moment(at(1, 9).replace(year=2027)) == "Wed 1 Dec 2027 09:00"
    assert times.moment(at(1, 9, month=7)) == "Wed 1 Jul 09:00"


@given(st.text(max_size=60), st.floats(0, 300), st.booleans())
def test_a_cut_text_fits_and_is_the_beginning(text: str, most: float, bold: bool) -> None:  # noqa: FBT001
    shown = cut(text, most, 12, bold=bold)

    assert width(shown, 12, bold=bold) <= most or width(shown, 12) == 0
    assert text.startswith(shown.removesuffix("…").rstrip()) or shown == text


def test_a_letter_is_not_parted_from_its_accent() -> None:
    assert cut("e\u0301" * 20, 50, 12) == "e\u0301" * 5 + "…"


@pytest.mark.parametrize(
    "text", ["\x00", "\x1b", "\x7f", "\x85", "\ud800", "\ufffe", "\uffff", "\u202e", "\u2066"]
)
def test_what_is_no_text_is_left_out(text: str) -> None:
    assert clean(f"a{text}b") == "ab"


def test_a_line_is_one() -> None:
    assert line(" a\r\n\tb  c ") == "a b c"


@pytest.mark.parametrize("palette", [_LIGHT, _DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *(("text", back, 7) for back in ("page", "head", "free")),
        *(("muted", back, 4.5) for back in ("page", "head", "free")),
        ("late", "page", 4.5),
        ("on_edge", "now", 4.5),
        *((each, "page", 3) for each in ("edge", "critical_edge", "box", "slack", "link", "due", "now")),
        *((each, "free", 3) for each in ("edge", "critical_edge", "box", "slack", "link", "due", "now")),
        ("edge", "task", 3),
        ("critical_edge", "critical", 3),
    ],
)  # fmt: skip
def test_what_is_drawn_can_be_told_from_what_it_lies_on(
    palette: dict[str, str], front: str, back: str, least: float
) -> None:
    """By the contrast of WCAG 2.2, 1.4.3 (texts) and 1.4.11 (signs)."""
    one, other = sorted((luminance(palette[front]), luminance(palette[back])))

    assert (other + 0.05) / (one + 0.05) >= least


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_task_that_was_put_somewhere_is_not_told_to_have_a_constraint() -> None:
    plan = demo()
    put = attrs.evolve(plan.conflicts[0], constraint=None)
    told = conflict(put, LocalTimes.of(plan))

    said = summary.told(demo(conflicts=(put,)))

    assert "constraint" not in said
    assert f"Put where something would have it later: {put.key}." in said
    assert told.startswith(f"{put.key} stands where it was put, ")
    assert told.endswith(f"though it would be {duration(put.minutes)} later: {put.reason.text}")
