"""
What the arithmetic of working time and recurrence costs: one process, one core.

`python -m bench calendars [CALLS]`
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from random import Random
from zoneinfo import ZoneInfo

from taskcore.scheduling.calendars import WeeklyHours, WorkingCalendar
from taskcore.scheduling.recurrence import Recurrence
from taskcore.scheduling.spans import seconds_of

CALLS = 100_000
REPEATS = 5
BERLIN = ZoneInfo("Europe/Berlin")
START = seconds_of(datetime(2020, 1, 1, tzinfo=UTC))
YEAR_SECONDS = 365 * 86_400
RULES = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=-1FR")
NEVER = "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"


def main(arguments: list[str]) -> int:
    """Print CPU time: the best of five batches for calls, once for what is then kept."""
    calls = int(arguments[0]) if arguments else CALLS
    calendar = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["09:00-12:00", "13:00-18:00"]}))
    _tell("ten years built", _spent(lambda: calendar.between(START, START + 10 * YEAR_SECONDS)) * 1e3, "ms")
    for name, microseconds in _calls(calendar, calls):
        _tell(name, microseconds, "µs a call")
    for rule in RULES:
        _tell(rule, calls / _spent(partial(_expand, rule, calls)), "instants a second")
    _tell(f"{NEVER} ends", _spent(partial(_expand, NEVER, calls)) * 1e3, "ms")
    return 0


def _calls(calendar: WorkingCalendar, calls: int) -> Iterator[tuple[str, float]]:
    chance = Random(7)  # noqa: S311  a measurement is no secret
    ats = [START + 2 * YEAR_SECONDS + chance.randrange(6 * YEAR_SECONDS) for _ in range(calls)]
    works = [chance.randrange(400 * 3600) for _ in range(calls)]
    verbs: dict[str, Callable[[int, int], int]] = {
        "add": calendar.add,
        "sub": calendar.sub,
        "between": lambda at, work: calendar.between(at, at + work),
        "next_start": lambda at, _: calendar.next_start(at),
    }
    for name, verb in verbs.items():

        def batch(verb: Callable[[int, int], int] = verb) -> None:
            for at, work in zip(ats, works, strict=True):
                verb(at, work)

        yield name, min(_spent(batch) for _ in range(REPEATS)) / calls * 1e6


def _spent(call: Callable[[], object]) -> float:
    before = time.process_time()
    call()
    return time.process_time() - before


def _expand(rule: str, count: int) -> None:
    recurrence = Recurrence.fixed(datetime(2020, 1, 1, 9), BERLIN, rule)  # noqa: DTZ001  local
    deque(islice(recurrence.instants(), count), maxlen=0)


def _tell(name: str, figure: float, unit: str) -> None:
    sys.stdout.write(f"{name:48} {figure:12,.2f} {unit}\n")
