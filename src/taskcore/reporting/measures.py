"""What is read from the figures: a row for each day, and what share of tasks took how long."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil

import attrs

from taskcore.reporting.facts import FLOWS, IN_PROGRESS, LEVELS, Completed
from taskcore.values import Status, TeamId

WINDOW_DAYS = 30
"""Of how many days, the day itself the last, the completions are whose times a day shows."""


@attrs.frozen(slots=True)
class Day:
    """A team's work on one day (UTC), and how much of it there was at its end."""

    day: date
    team: str
    """Its key."""
    created: int
    completed: int
    cancelled: int
    reopened: int
    wip: int
    """In progress and in review."""
    backlog: int
    open: int
    in_progress: int
    in_review: int
    done: int
    dropped: int
    """Cancelled, as `cancelled` says of the day's own."""
    cycle_p50_hours: float | None
    cycle_p85_hours: float | None
    lead_p50_hours: float | None
    lead_p85_hours: float | None


@attrs.frozen(slots=True)
class TeamReport:
    """What is kept of one team: sums of figures by day, and each time that a task was completed."""

    team_id: TeamId
    key: str
    figures: Mapping[date, Mapping[str, int]]
    completed: Sequence[Completed]


def percentile(values: Iterable[timedelta], share: float) -> timedelta | None:
    """
    The least of the values that `share` (0 to 1) of them do not exceed; None of none.

    The nearest rank, as `percentile_disc` of SQL (ISO/IEC 9075-2, inverse distribution functions).
    """
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)), 1) - 1] if ordered else None


def days(report: TeamReport, since: date, until: date, *, window: int = WINDOW_DAYS) -> list[Day]:
    """A row for each day of the two and those between, whether or not anything happened."""
    changes = sorted(report.figures)
    levels = Counter[str]()
    for day in changes[: bisect_right(changes, since - timedelta(days=1))]:
        levels.update(_levels(report.figures[day]))
    done = sorted(report.completed, key=lambda each: each.completed_at)
    instants = [each.completed_at for each in done]
    found = []
    for offset in range((until - since).days + 1):
        day = since + timedelta(days=offset)
        figures = report.figures.get(day, {})
        levels.update(_levels(figures))
        first = bisect_right(instants, _end(day - timedelta(days=window)))
        recent = done[first : bisect_right(instants, _end(day))]
        found.append(_day(report.key, day, figures, levels, recent))
    return found


def _day(
    key: str, day: date, figures: Mapping[str, int], levels: Mapping[str, int], recent: Sequence[Completed]
) -> Day:
    at_end = {status: levels.get(name, 0) for status, name in LEVELS.items()}
    cycles = [each.cycle_time for each in recent if each.cycle_time is not None]
    leads = [each.lead_time for each in recent if each.lead_time is not None]
    created, completed, cancelled, reopened = (figures.get(name, 0) for name in FLOWS)
    return Day(
        day,
        key,
        created,
        completed,
        cancelled,
        reopened,
        wip=sum(at_end[status] for status in IN_PROGRESS),
        backlog=at_end[Status.BACKLOG],
        open=at_end[Status.OPEN],
        in_progress=at_end[Status.IN_PROGRESS],
        in_review=at_end[Status.IN_REVIEW],
        done=at_end[Status.DONE],
        dropped=at_end[Status.CANCELLED],
        cycle_p50_hours=_hours(percentile(cycles, 0.5)),
        cycle_p85_hours=_hours(percentile(cycles, 0.85)),
        lead_p50_hours=_hours(percentile(leads, 0.5)),
        lead_p85_hours=_hours(percentile(leads, 0.85)),
    )


def _levels(figures: Mapping[str, int]) -> dict[str, int]:
    return {name: figures[name] for name in LEVELS.values() if name in figures}


def _hours(time: timedelta | None) -> float | None:
    return None if time is None else round(time / timedelta(hours=1), 2)


def _end(day: date) -> datetime:
    """The last microsecond of a day."""
    return datetime.combine(day, datetime.max.time(), UTC)
