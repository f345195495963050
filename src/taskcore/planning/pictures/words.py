"""Dates, durations and rules as a reader says them; English, whatever the machine is set to."""

from __future__ import annotations

import math
from datetime import date, datetime, tzinfo

import attrs

from taskcore.planning.model import PlanConflict, PlannedTask, Schedule
from taskcore.scheduling.activities import Rule
from taskcore.values import zone

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_RULES = {
    Rule.NOT_BEFORE: "may not start before",
    Rule.FINISH_NOT_BEFORE: "may not finish before",
    Rule.START_BY: "has to start by",
    Rule.MUST_FINISH_BY: "has to finish by",
    Rule.MUST_START_ON: "has to start on",
    Rule.MUST_FINISH_ON: "has to finish on",
}


def duration(minutes: int) -> str:
    """Working time; in hours, for a day's length is its team's calendar's."""
    hours, rest = divmod(abs(minutes), 60)
    parts = [f"{hours:,} h"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} min")
    return ("\N{MINUS SIGN}" if minutes < 0 else "") + " ".join(parts)


def span(minutes: int) -> str:
    """Elapsed time; a day has 24 hours."""
    days, rest = divmod(abs(minutes), 1440)
    parts = [f"{days:,} d"] if days else []
    if rest or not days:
        parts.append(duration(rest))
    return " ".join(parts)


def count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def quality(schedule: Schedule) -> str:
    """How far from the best plan this can be; rounded up, so that it stays true."""
    if schedule.optimal or schedule.gap == 0:
        return "proven shortest"
    if schedule.gap is None or not math.isfinite(schedule.gap):
        return "how near to the best plan is not known"
    percent = math.ceil(schedule.gap * 1000 - 1e-6) / 10
    return f"at most {percent or 0.1:,.1f} % longer than the best plan possible"


@attrs.frozen
class LocalTimes:
    """Instants where the team is. The year is told where it is another than now."""

    zone: tzinfo
    year: int

    @classmethod
    def of(cls, schedule: Schedule) -> LocalTimes:
        where = zone(schedule.time_zone)
        return cls(where, local(schedule.now, where).year)

    def short(self, at: datetime) -> str:
        """Without the day of the week."""
        return self._day(local(at, self.zone)).partition(" ")[2]

    def moment(self, at: datetime) -> str:
        there = local(at, self.zone)
        return f"{self._day(there)} {there.hour:02}:{there.minute:02}"

    def between(self, start: datetime, finish: datetime) -> str:
        """The day of the finish is told where it is another."""
        if start == finish:
            return self.moment(start)
        first, last = local(start, self.zone), local(finish, self.zone)
        end = f"{last.hour:02}:{last.minute:02}"
        if first.date() != last.date():
            end = f"{self._day(last)} {end}"
        return f"{self.moment(start)} \N{EN DASH} {end}"

    def _day(self, day: date) -> str:
        year = "" if day.year == self.year else f" {day.year}"
        return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1][:3]}{year}"


def local(at: datetime, where: tzinfo) -> datetime:
    """Its wall time there; at the ends of time, where there is none, that of UTC."""
    try:
        return at.astimezone(where)
    except OverflowError:
        return at


def conflict(each: PlanConflict, times: LocalTimes) -> str:
    """A constraint that lost, or a task that stands where it was put, in a sentence."""
    if each.constraint is None:
        stands = f"{each.key} stands where it was put, {times.moment(each.at)}"
        return f"{stands}, though it would be {duration(each.minutes)} later: {each.reason.text}"
    asked = f"{each.key} {_RULES[each.constraint]} {times.moment(each.at)}"
    return f"{asked}, and misses it by {duration(each.minutes)}: {each.reason.text}"


def lines(task: PlannedTask, people: str, times: LocalTimes) -> list[str]:
    """What there is to say of a task."""
    told = [f"{task.key} {task.title}", people, times.between(task.start, task.finish)]
    if task.progress > 0:
        told.append(f"{progress(task)} done")
    if task.critical:
        told.append("Critical: a delay moves the end or misses a deadline")
    if task.total_slack_minutes:
        told.append(f"Slack {duration(task.total_slack_minutes)}, free {duration(task.free_slack_minutes)}")
    if task.due_at is not None:
        late = f": {duration(task.late_minutes)} late" if task.late_minutes > 0 else ""
        told.append(f"Due {times.moment(task.due_at)}{late}")
    if task.reasons:
        told.append(task.reasons[0].text)
    return [each for each in told if each]


def progress(task: PlannedTask) -> str:
    """In percent; 100 % only of what is done."""
    return f"{math.floor(min(max(task.progress, 0), 1) * 100 + 1e-9)} %"
