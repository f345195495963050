"""What of one task is to be done now, and when somebody has to look again: pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, time

import attrs

from taskcore.errors import Conflict
from taskcore.scheduling import reminders as rules
from taskcore.scheduling.calendars import ALWAYS, WorkingCalendar
from taskcore.scheduling.reminders import Anchor, Delay
from taskcore.scheduling.spans import instant_of, local_seconds, seconds_of
from taskcore.tasks.model import Task
from taskcore.tasks.reminding import Reminder, anchors_of, rule_of
from taskcore.teams.model import Team
from taskcore.values import LagUnit, UserId, zone
from taskcore.watching.model import EscalationRule, EscalationStep, EscalationTrouble, Firing, Taken, Watch

DUE, OVERDUE = "due", "overdue"
"""The rules of every task that is due; the others are reminders, by their ids."""
DUE_AHEAD = Delay(-24 * 3600)
"""When somebody is told that a task is due at an instant."""
DUE_MORNING = time(8)
"""When, on the day on which a task is due, where its assignee lives."""
MOST_LATE_SECONDS = 7 * 24 * 3600
"""What is later than this is no news any more: it counts as told, and is not."""
MOST_FIRED = 100
"""Firings that are remembered of dates that a task had; those of the dates that it has are, however many."""
BEFORE_ALL = -(2**62)
"""A moment at which nothing has come yet: who asks then is told when somebody has to look first."""
_ELAPSED = WorkingCalendar(UTC, ALWAYS)
_LAST = seconds_of(datetime.max.replace(tzinfo=UTC))


@attrs.frozen
class Case:
    """A rule that is about a task, and since when there is trouble of its kind; None: there is none."""

    rule: EscalationRule
    since: datetime | None


@attrs.frozen
class About:
    """A task, and all that says when something is to happen to it."""

    task: Task
    team: Team
    time_zone: str
    """Where its assignee lives, else its team."""
    calendar_of: Callable[[UserId | None], WorkingCalendar]
    """When somebody works in the team; None: when the team does."""
    reminders: Sequence[Reminder] = ()
    cases: Sequence[Case] = ()
    """Of the team's rules, those that are about it."""
    rules: frozenset[object] = frozenset()
    """The ids of all rules that the team has."""

    @property
    def is_asleep(self) -> bool:
        """Whether nothing happens to it: it is finished, in the trash, or in a team where nothing changes."""
        team, task = self.team, self.task
        return (
            task.status.finished
            or task.deleted_at is not None
            or team.deleted_at is not None
            or team.suspended_at is not None
        )


@attrs.frozen
class Due:
    """A step of a rule that is to be taken, for trouble that began at `since`, in UTC seconds."""

    rule: EscalationRule
    place: int
    step: EscalationStep
    since: int


@attrs.frozen
class Look:
    """What was seen: what is to be told, which steps are to be taken, and what is to be kept of that."""

    watch: Watch
    reminders: tuple[tuple[Reminder, int], ...] = ()
    """With the instant each stands beside, in UTC seconds."""
    due: int | None = None
    """When the task is due, in UTC seconds, if that is to be told now."""
    overdue: int | None = None
    """When it was."""
    steps: tuple[Due, ...] = ()


def looked(about: About, watch: Watch, now: int) -> Look:
    """
    What is to be done about a task at `now`, in UTC seconds; each thing once for its date, or its trouble.

    What is not kept here happens again: the watch is to be saved with what comes of it.
    """
    if about.is_asleep:
        return Look(attrs.evolve(watch, wakes_at=None))
    telling = _Telling({(each.rule, each.anchor): None for each in watch.fired}, now)
    reminded = [
        (each, anchor) for each in about.reminders if (anchor := telling.tell(*_reminder(about, each)))
    ]
    due_rule, is_past = _due_rule(about), _is_past(about.task, now)
    due = telling.tell(due_rule, anchors_of(about.task), _ELAPSED)
    overdue = telling.tell(rules.Reminder(OVERDUE, Anchor.DUE, Delay(1)), anchors_of(about.task), _ELAPSED)
    escalated = [_escalated(about, case, watch, now) for case in about.cases]
    wakes = [*telling.wakes, *(each.wakes_at for each in escalated if each.wakes_at is not None)]
    mine = {each.rule_id for each in escalated}
    others = [each for each in watch.taken if each.rule_id in about.rules - mine]
    kept = attrs.evolve(
        watch,
        wakes_at=_earliest(wakes),
        fired=telling.fired(),
        taken=(*others, *(each.taken for each in escalated if each.taken is not None)),
    )
    steps = tuple(step for each in escalated for step in each.steps)
    return Look(kept, tuple(reminded), None if is_past else due, overdue, steps)


class _Telling:
    """Which rules have come, one after the other; what was told before is not told again."""

    def __init__(self, fired: dict[tuple[str, int], None], now: int) -> None:
        self._fired = fired
        self._now = now
        self._live: set[tuple[str, int]] = set()
        self.wakes: list[int] = []

    def tell(self, rule: rules.Reminder, anchors: dict[Anchor, int], calendar: WorkingCalendar) -> int | None:
        """The instant that a rule stands beside, if it is to be told now."""
        anchor = anchors.get(rule.anchor) if rule.at is None else rule.at
        if anchor is None:
            return None
        self._live.add((rule.id, anchor))
        try:
            found = rules.remind([rule], anchors, frozenset(self._fired), self._now, calendar)
            is_late = bool(found.rules) and _is_late(rule.fires_at(anchor, calendar), self._now)
        except (OverflowError, Conflict):  # beyond the calendar, or where nobody works
            return None
        if found.next_wakeup is not None:
            self.wakes.append(found.next_wakeup)
        if not found.rules:
            return None
        self._fired[rule.id, anchor] = None
        return None if is_late else anchor

    def fired(self) -> tuple[Firing, ...]:
        past = [pair for pair in self._fired if pair not in self._live][-MOST_FIRED:]
        forgotten = self._fired.keys() - self._live - set(past)
        return tuple(Firing(*pair) for pair in self._fired if pair not in forgotten)


def is_no_news(at: datetime, now: datetime) -> bool:
    """Whether what was to be told then is so late that it is not told any more."""
    return _is_late(seconds_of(at), seconds_of(now))


def _is_late(at: int, now: int) -> bool:
    return at < now - MOST_LATE_SECONDS


def _earliest(seconds: Iterable[int]) -> datetime | None:
    """The first of some instants; what lies behind the last year that there is never comes."""
    there = [each for each in seconds if each <= _LAST]
    return instant_of(max(min(there), 0)) if there else None


def _reminder(about: About, reminder: Reminder) -> tuple[rules.Reminder, dict[Anchor, int], WorkingCalendar]:
    working = reminder.offset_unit is LagUnit.WORKING
    return (
        rule_of(reminder),
        anchors_of(about.task),
        about.calendar_of(reminder.user_id) if working else _ELAPSED,
    )


def _due_rule(about: About) -> rules.Reminder:
    """When it is told that a task is due: a day ahead of an instant, in the morning of a day."""
    task = about.task
    if task.due_on is None or task.due_at is None:
        return rules.Reminder(DUE, Anchor.DUE, DUE_AHEAD)
    morning = local_seconds(zone(about.time_zone), datetime.combine(task.due_on, DUE_MORNING))
    return rules.Reminder(DUE, Anchor.DUE, Delay(morning - seconds_of(task.due_at)))


def _is_past(task: Task, now: int) -> bool:
    return task.due_at is not None and seconds_of(task.due_at) < now


@attrs.frozen
class _Escalated:
    rule_id: object
    steps: tuple[Due, ...] = ()
    taken: Taken | None = None
    wakes_at: int | None = None


def _escalated(about: About, case: Case, watch: Watch, now: int) -> _Escalated:
    """What a rule does now. For another beginning of the trouble its steps are taken anew."""
    rule = case.rule
    if case.since is None:
        return _Escalated(rule.id)
    since = seconds_of(case.since)
    before = next((each.steps for each in watch.taken if (each.rule_id, each.since) == (rule.id, since)), 0)
    calendar = about.calendar_of(None) if rule.after_unit is LagUnit.WORKING else _ELAPSED
    pure = _pure(rule)
    kept = Taken(rule.id, since, before) if before else None
    try:
        began = pure.threshold.after(since, calendar)
        found = rules.escalate(pure, _standing(rule, since), rules.Escalation(began, before), now, calendar)
        taken = max(before, found.state.taken)
        ahead = [step.after.after(began, calendar) for step in pure.steps[taken:][:1]]
    except (OverflowError, Conflict):  # beyond the calendar, or where nobody works
        return _Escalated(rule.id, taken=kept)
    steps = tuple(Due(rule, place, rule.steps[place], since) for place in range(before, taken))
    kept = Taken(rule.id, since, taken) if taken else None
    return _Escalated(rule.id, steps, kept, min(ahead, default=None))


def _pure(rule: EscalationRule) -> rules.EscalationRule:
    def delay(minutes: int) -> Delay:
        return Delay(minutes * 60, rule.after_unit)

    steps = (rules.Step(delay(each.after_minutes), each.action, each.target or "") for each in rule.steps)
    return rules.EscalationRule(
        str(rule.id), rules.Trouble(rule.trouble), delay(rule.after_minutes), tuple(steps)
    )


def _standing(rule: EscalationRule, since: int) -> rules.Standing:
    match rule.trouble:
        case EscalationTrouble.UNASSIGNED:
            return rules.Standing(unassigned_since=since)
        case EscalationTrouble.OVERDUE:
            return rules.Standing(due=since)
        case EscalationTrouble.BLOCKED:
            return rules.Standing(blocked_since=since)


def concerning(rules_of_team: Sequence[EscalationRule], task: Task) -> Iterator[EscalationRule]:
    """Of a team's rules, those that are about a task."""
    for rule in rules_of_team:
        in_project = rule.project_id is None or rule.project_id == task.project_id
        if rule.enabled and in_project and (not rule.priorities or task.priority in rule.priorities):
            yield rule
