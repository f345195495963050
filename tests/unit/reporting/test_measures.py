"""What is read from the figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from taskcore.reporting.facts import Completed
from taskcore.reporting.measures import TeamReport, days, percentile
from taskcore.values import TeamId
from tests.unit.examples import new_id

MONDAY = date(2026, 11, 2)
MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)


def hours(*counts: float) -> list[timedelta]:
    return [timedelta(hours=count) for count in counts]


def test_the_nearest_rank() -> None:
    """The example of NIST/SEMATECH's nearest rank: of five values the 30th percentile is the second."""
    values = hours(50, 15, 40, 35, 20)

    assert [percentile(values, share) for share in (0.05, 0.3, 0.4, 0.5, 1)] == hours(15, 20, 20, 35, 50)
    assert percentile([], 0.5) is None


@given(st.lists(st.timedeltas(), min_size=1), st.sampled_from((0.5, 0.85)))
def test_so_many_do_not_exceed_it(values: list[timedelta], share: float) -> None:
    found = percentile(values, share)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def test_days_have_what_happened_and_how_much_there_was_at_their_end() -> None:
    report = TeamReport(
        TeamId(new_id()),
        "PLAT",
        {
            MONDAY: {"created": 3, "open_change": 1, "in_progress_change": 2},
            MONDAY + timedelta(days=2): {
                "completed": 1,
                "cancelled": 1,
                "reopened": 1,
                "in_review_change": 1,
                "in_progress_change": -1,
                "done_change": 1,
                "cancelled_change": 1,
                "open_change": -1,
            },
        },
        [],
    )
    found = days(report, MONDAY, MONDAY + timedelta(days=3))
    later = days(report, MONDAY + timedelta(days=3), MONDAY + timedelta(days=3))

    assert [each.day for each in found] == [MONDAY + timedelta(days=number) for number in range(4)]
    assert [each.created for each in found] == [3, 0, 0, 0]
    assert [each.wip for each in found] == [2, 2, 2, 2]
    assert [(each.open, each.in_progress, each.in_review) for each in found[1:3]] == [(1, 2, 0), (0, 1, 1)]
    assert (found[2].completed, found[2].cancelled, found[2].reopened) == (1, 1, 1)
    assert (found[3].done, found[3].dropped, found[3].backlog) == (1, 1, 0)
    assert later == found[3:]


def test_times_are_of_the_tasks_of_the_last_days() -> None:
    completed = [
        Completed(
            MIDNIGHT + timedelta(days=day, microseconds=-1 if day == 2 else 0), *hours(cycle, cycle + 1)
        )
        for day, cycle in [(0, 1), (1, 2), (2, 10), (2, 30)]
    ]
    completed.append(Completed(MIDNIGHT, None, None))
    report = TeamReport(TeamId(new_id()), "PLAT", {}, completed)
    found = days(report, MONDAY - timedelta(days=1), MONDAY + timedelta(days=3), window=2)

    assert [each.cycle_p50_hours for each in found] == [None, 1, 2, 10, None]
    assert [each.cycle_p85_hours for each in found] == [None, 1, 30, 30, None]
    assert [each.lead_p50_hours for each in found] == [None, 2, 3, 11, None]
    assert found[2].lead_p85_hours == 31
