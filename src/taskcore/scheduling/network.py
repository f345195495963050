"""
The critical path: when each task can start at the earliest and must at the latest, whoever may do it.

Durations and lags are whole seconds of working time, or of any unit where there are no calendars. Links are of four types
(Meyer's precedence diagram): FS holds `start ≥ finish + lag`, SS `start ≥ start + lag`, FF and SF the same of the finish.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taskcore.scheduling.activities import FF, FS, SF, SS, Activity, Link
from taskcore.scheduling.elapsed import Dates, ElapsedNetwork
from taskcore.scheduling.order import Cycle
from taskcore.scheduling.plan import Plan
from taskcore.scheduling.slack import slack


def critical_path(activities: Sequence[Activity], links: Iterable[Link], start: int = 0) -> Dates:
    """
    Forward and backward pass from the project's start. Raises: Cycle, `no_working_time`.

    Where nothing has a calendar or a parent, every link is one number between two starts, and no task costs a call.
    """
    links = list(links)
    if all(each.plain for each in activities):
        weighted = [(link.predecessor, link.successor, _between_starts(link, activities)) for link in links]
        return ElapsedNetwork([each.duration for each in activities], weighted).dates(
            start,
            not_before={p: a.not_before for p, a in enumerate(activities) if a.not_before is not None},
            deadlines={p: a.deadline for p, a in enumerate(activities) if a.deadline is not None},
        )
    return slack(Plan(activities, links, start))


def _between_starts(link: Link, activities: Sequence[Activity]) -> int:
    """How long after the predecessor's start the successor's may come."""
    weight = link.lag
    if link.type in (FS, FF):
        weight += activities[link.predecessor].duration
    if link.type in (FF, SF):
        weight -= activities[link.successor].duration
    return weight


__all__ = ["FF", "FS", "SF", "SS", "Activity", "Cycle", "Dates", "Link", "critical_path"]
