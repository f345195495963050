"""
When somebody is to be told of a task: reminders and escalation.

Pure functions of what is known and the present instant. Each answers with what happens now, the state to keep, and the
instant at which to ask again; nothing here waits. Instants are UTC seconds, work is counted by a `WorkingCalendar`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from enum import StrEnum
from itertools import takewhile

import attrs

from taskcore.errors import invalid
from taskcore.scheduling.calendars import DAY_MINUTES, WorkingCalendar
from taskcore.scheduling.spans import instant_of, seconds_at
from taskcore.values import LagUnit


@attrs.frozen
class Delay:
    """So many seconds, of time or of working time; before, if negative."""

    seconds: int
    unit: LagUnit = LagUnit.ELAPSED

    def after(self, instant: int, calendar: WorkingCalendar) -> int:
        if self.unit is LagUnit.ELAPSED:
            return instant + self.seconds
        return calendar.add(instant, self.seconds)


class Anchor(StrEnum):
    """What a reminder is set beside; `absolute` stands for an instant of its own."""

    DUE = "due"
    PLANNED_START = "planned_start"
    PLANNED_FINISH = "planned_finish"
    OCCURRENCE = "occurrence"
    ABSOLUTE = "absolute"


@attrs.frozen
class QuietHours:
    """From `start` until before `end`, in minutes of the local day, nobody is disturbed; it may span midnight."""

    start: int
    end: int
    zone: tzinfo

    def __attrs_post_init__(self) -> None:
        if not (0 <= self.start < DAY_MINUTES and 0 <= self.end <= DAY_MINUTES) or self.start == self.end:
            raise invalid("quiet_hours", "must be two different times of day")

    def allowed(self, at: int) -> int:
        """`at`, or the end of the quiet hours it falls into."""
        today = instant_of(at).astimezone(self.zone).toordinal()
        for day in (today - 1, today):
            start = seconds_at(self.zone, day, self.start * 60)
            end = seconds_at(self.zone, day + (self.end < self.start), self.end * 60)
            if start <= at < end:
                return end
        return at


@attrs.frozen
class Reminder:
    """A rule: tell at `offset` from the anchor, but not in quiet hours."""

    id: str
    anchor: Anchor
    offset: Delay = Delay(0)
    at: int | None = None
    """The instant of an absolute one."""
    quiet: QuietHours | None = None

    def __attrs_post_init__(self) -> None:
        if (self.anchor is Anchor.ABSOLUTE) != (self.at is not None):
            raise invalid("at", "goes with the anchor `absolute`, and is needed there")

    def fires_at(self, anchor: int, calendar: WorkingCalendar) -> int:
        at = self.offset.after(anchor, calendar)
        return self.quiet.allowed(at) if self.quiet else at


Fired = frozenset[tuple[str, int]]
"""Which reminders of a task fired: the rule, and the instant of its anchor then."""


@attrs.frozen
class Reminded:
    """`rules` are to be told of now; `fired` is to be kept; `next_wakeup` is when to ask again."""

    rules: tuple[Reminder, ...]
    fired: Fired
    next_wakeup: int | None


def remind(
    rules: Iterable[Reminder],
    anchors: Mapping[Anchor, int],
    fired: Fired,
    now: int,
    calendar: WorkingCalendar,
) -> Reminded:
    """
    What of one task is to be told now.

    A rule fires once for an instant of its anchor, however late, and again only if the anchor moved. A rule whose
    anchor the task does not have sleeps.
    """
    telling: list[Reminder] = []
    waiting: list[int] = []
    for rule in rules:
        anchor = rule.at if rule.anchor is Anchor.ABSOLUTE else anchors.get(rule.anchor)
        if anchor is None or (rule.id, anchor) in fired:
            continue
        at = rule.fires_at(anchor, calendar)
        if at <= now:
            telling.append(rule)
            fired |= {(rule.id, anchor)}
        else:
            waiting.append(at)
    return Reminded(tuple(telling), fired, min(waiting, default=None))


class Trouble(StrEnum):
    """What an escalation watches for."""

    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    SLACK = "slack"
    """Less slack left than the threshold."""
    NO_PROGRESS = "no_progress"
    BLOCKED = "blocked"


@attrs.frozen
class Step:
    """What is done so long after the trouble began: `action` to `target`, in the words of who carries it out."""

    after: Delay
    action: str
    target: str


@attrs.frozen
class EscalationRule:
    """When `trouble` has lasted longer than `threshold`, one step after the other."""

    id: str
    trouble: Trouble
    threshold: Delay
    steps: tuple[Step, ...]

    def __attrs_post_init__(self) -> None:
        if not self.steps:
            raise invalid("steps", "must have at least one")


@attrs.frozen
class Standing:
    """How a task stands: `due`, its total slack in seconds, when it last moved on, since when it is
    blocked, and nobody's."""

    due: int | None = None
    slack: int | None = None
    progressed_at: int | None = None
    blocked_since: int | None = None
    unassigned_since: int | None = None
    stopped: bool = False
    """Done, cancelled, or somebody has acknowledged it."""


@attrs.frozen
class Escalation:
    """The state of one rule for one task: since when there is trouble, and how many steps were taken."""

    since: int | None = None
    taken: int = 0


@attrs.frozen
class Escalated:
    steps: tuple[Step, ...]
    """To be taken now, in order."""
    state: Escalation
    next_step: Step | None
    """What comes next, for everybody to see beforehand."""
    next_wakeup: int | None


def escalate(
    rule: EscalationRule, standing: Standing, state: Escalation, now: int, calendar: WorkingCalendar
) -> Escalated:
    """
    What the rule does now; each step is taken once, however late or often this is asked.

    It begins anew when the trouble is over: the task stopped, moved on, is free, or its due date lies ahead again.
    Whether slack is short is seen only at `now`, so who keeps plans asks after each one.
    """
    began = _began(rule, standing, state, now, calendar)
    if began is None:
        return Escalated((), Escalation(), None, None)
    if began > now:
        return Escalated((), Escalation(), rule.steps[0], rule.steps[0].after.after(began, calendar))
    due = list(takewhile(lambda step: step.after.after(began, calendar) <= now, rule.steps))
    taken = max(state.taken, len(due))
    following = rule.steps[taken] if taken < len(rule.steps) else None
    wakeup = following.after.after(began, calendar) if following else None
    return Escalated(tuple(due[state.taken :]), Escalation(began, taken), following, wakeup)


def _began(
    rule: EscalationRule, standing: Standing, state: Escalation, now: int, calendar: WorkingCalendar
) -> int | None:
    """The instant from which the trouble counts, which may lie ahead; None if there is nothing to come."""
    if standing.stopped:
        return None
    if rule.trouble is Trouble.SLACK:
        short = standing.slack is not None and standing.slack < rule.threshold.seconds
        return (now if state.since is None else state.since) if short else None
    since = {
        Trouble.UNASSIGNED: standing.unassigned_since,
        Trouble.OVERDUE: standing.due,
        Trouble.NO_PROGRESS: standing.progressed_at,
        Trouble.BLOCKED: standing.blocked_since,
    }[rule.trouble]
    return None if since is None else rule.threshold.after(since, calendar)
