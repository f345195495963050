"""Who has how much to do in which week."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.planning.model import Workload
from taskcore.planning.pictures.heatmap import Load
from taskcore.planning.pictures.workload import workload_svg
from taskcore.values import UserId
from tests.unit.planning.demo import PEOPLE, TEAM, demo
from tests.unit.planning.reading import parsed, styled, texts, tooltips

MONDAY = date(2026, 11, 23)


def weeks(count: int, minutes: int = 1200) -> tuple[Workload, ...]:
    return tuple(
        Workload(PEOPLE[0].user_id, MONDAY + timedelta(weeks=week), minutes, 2400) for week in range(count)
    )


def test_each_person_and_week_has_a_cell_and_the_team_a_line() -> None:
    drawn = workload_svg(demo())
    told = tooltips(drawn)

    assert len(told) == (4 + 1) * 4
    assert "Katherine Johnson, week from 7 Dec 2026: 38 h of 32 h, 119 %" in told
    assert "Margaret Hamilton, week from 14 Dec 2026: no working time" in told
    assert "Team, week from 23 Nov 2026: 45 h of 160 h, 28 %" in told
    assert {"119 %", "38 h"} <= set(texts(drawn))


def test_too_much_is_told_apart_and_in_words() -> None:
    drawn = workload_svg(demo())
    told = parsed(drawn).findtext("{http://www.w3.org/2000/svg}desc") or ""

    assert len(styled(drawn, "over")) == 2 + 1  # and the sign below
    assert "Ada Lovelace from 30 Nov 2026: 41 h of 40 h, 102 %" in told
    assert "Katherine Johnson" in told


@pytest.mark.parametrize(
    ("minutes", "capacity", "told"),
    [
        *((0, 0, "\N{EN DASH}"), (60, 0, "over"), (0, 60, "0 %")),
        *((2399, 2400, "99 %"), (2400, 2400, "100 %"), (2401, 2400, "101 %"), (4800, 2400, "200 %")),
    ],
)
def test_only_what_is_full_is_full(minutes: int, capacity: int, told: str) -> None:
    assert Load(minutes, capacity).percent == told


def test_weeks_without_work_between_have_cells_too() -> None:
    first, _, last = weeks(3)

    assert len(tooltips(workload_svg(demo(workload=(last, first))))) == 2 * 3


def test_weeks_share_a_column_where_they_would_be_too_narrow() -> None:
    drawn = workload_svg(demo(workload=weeks(200)), width=1200)

    assert len(tooltips(drawn)) == 2 * 67
    assert tooltips(drawn)[0] == "Ada Lovelace, 3 weeks from 23 Nov 2026: 60 h of 120 h, 50 %"
    assert "a column is 3 weeks" in texts(drawn)


def test_who_is_not_named_has_a_line_all_the_same() -> None:
    strange = attrs.evolve(weeks(1)[0], user_id=UserId(TEAM))

    assert tooltips(workload_svg(demo(workload=(strange,))))[0].startswith("?, week from 23 Nov 2026")


@given(st.text(max_size=40), st.sampled_from([320, 1200]))
def test_any_name_makes_the_same_picture(name: str, wide: int) -> None:
    people = tuple(attrs.evolve(each, name=name, user_id=each.user_id) for each in PEOPLE)

    assert len(tooltips(workload_svg(demo(people=people), width=wide))) == 20


def test_nobodys_work_is_a_picture_too() -> None:
    assert "Nothing to plan" in texts(workload_svg(demo(workload=())))
