"""How fast several people get things done, by an independent count."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.scheduling.staffing import EstimateKind, Resource
from taskcore.scheduling.staffing.pace import pace_of
from tests.unit.scheduling.staffing.teams import CALENDARS, DAY, HOUR, NOW, RATES, moments, worked, works

people = st.lists(
    st.builds(
        lambda calendar, rate: Resource(calendar, *rate),
        st.sampled_from([each.calendar for each in CALENDARS]),
        st.sampled_from(RATES),
    ),
    min_size=1,
    max_size=3,
)
some = settings(max_examples=40, deadline=None)
instants = st.integers(-20 * DAY, 60 * DAY).map(lambda each: NOW + each)


def done(team: Sequence[Resource], start: int, end: int) -> float:
    """Person-seconds."""
    return sum(worked(each.calendar, start, end) * each.rate for each in team)


@some
@given(people, instants, st.integers(1, 30 * HOUR))
def test_an_effort_ends_at_the_first_second_at_which_it_is_done(
    team: list[Resource], at: int, work: int
) -> None:
    pace = pace_of(EstimateKind.EFFORT, team, None)
    end, begin = pace.add(at, work), pace.add(at, -work)

    assert done(team, at, end) >= work > done(team, at, end - 1)
    assert done(team, begin, at) >= work > done(team, begin + 1, at)
    assert done(team, at, pace.next_start(at)) == 0
    assert any(works(each.calendar, pace.next_start(at)) for each in team)


@some
@given(people, instants, st.integers(1, 9 * HOUR))
def test_working_time_ends_at_the_first_second_at_which_it_has_passed_for_all(
    team: list[Resource], at: int, work: int
) -> None:
    calendar = CALENDARS[0].calendar
    pace = pace_of(EstimateKind.WORKING, team, calendar)
    end = pace.add(at, work)
    both = [
        (start, min(after, end))
        for start, after in moments(at, end)
        if all(works(each, start) for each in (calendar, *(one.calendar for one in team)))
    ]

    assert sum(after - start for start, after in both) == work
    assert both[-1][1] == end
    assert pace.add(end, -work) >= at
