"""
What a task's story counts for.

Days are those of UTC. The log does not tell in which zone a team began, a zone that is changed would change
days that are over, and figures of several teams are to be added up; the instants of each task are kept, so
a question may still ask for the days of any zone.

The words are those of the Kanban Guide (kanbanguides.org, May 2025):

- *throughput*: the tasks that were finished, a day. Here `completed`: how often a task became `done` that day.
- *work in progress*: the tasks that were started and not finished. Here those in `in_progress` or `in_review`.
- *cycle time*: the elapsed time from when a task started, which is when it first was in progress, to when it
  was finished. *Lead time* is that from its creation. Both are of each completion, and end with it: a task that is
  reopened and completed again has been completed twice, the second time after longer.

On average over a long time, work in progress = throughput * cycle time, if what begins also ends (Little's law:
J. D. C. Little, "A proof for the queuing formula L = λW", Operations Research 9(3), 1961).

A day that is over stays as it was. A task that is deleted leaves the work on the day of its deletion, one that
is restored comes back on the day of that, one that is purged has left already; what was counted before
stands. Only what is told late, as when a history is brought in, counts for the days on which it was.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import attrs

from taskcore.reporting.stories import Step, Story
from taskcore.values import ProjectId, Status, TaskId

FLOWS = ("created", "completed", "cancelled", "reopened")
"""What is counted of a day."""
LEVELS = {status: f"{status.value}_change" for status in Status}
"""By how many tasks more there were in a status at the end of a day than at its beginning."""
COUNTED = (*FLOWS, *LEVELS.values())
IN_PROGRESS = (Status.IN_PROGRESS, Status.IN_REVIEW)
"""Started and not finished: the work in progress."""

Figures = dict[tuple[ProjectId | None, date], Counter[str]]
"""Of the tasks of a project (None: of no project) on a day, by the names in `COUNTED`; what is 0 is missing."""


@attrs.frozen(slots=True)
class Completed:
    """That a task became done, and how long it took until then."""

    completed_at: datetime
    cycle_time: timedelta | None
    lead_time: timedelta | None
    project_id: ProjectId | None = attrs.field(default=None, kw_only=True)
    """Of then."""


@attrs.frozen(slots=True)
class TaskFacts:
    """One task as its story tells of it, up to now."""

    id: TaskId
    project_id: ProjectId | None
    status: Status | None
    """None: the log does not tell, since it begins later than the task."""
    created_at: datetime | None
    started_at: datetime | None
    """When it first was in progress."""
    completed_at: datetime | None
    """When it last became done, unless it was taken up again, or cancelled."""
    reopened: int
    gone: bool
    """In the trash, or purged."""
    completions: tuple[Completed, ...] = ()
    """Each time that it became done, in order, whatever came after: a day that is over stays as it was."""

    @property
    def cycle_time(self) -> timedelta | None:
        return _between(self.started_at, self.completed_at)

    @property
    def lead_time(self) -> timedelta | None:
        return _between(self.created_at, self.completed_at)


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return None if start is None or end is None else end - start


@attrs.frozen(slots=True)
class _Place:
    """Where a task is."""

    status: Status | None = None
    project_id: ProjectId | None = None
    gone: bool = False

    def after(self, step: Step) -> _Place:
        return _Place(
            step.status or self.status,
            step.project_id if step.moved else self.project_id,
            self.gone if step.gone is None else step.gone,
        )

    @property
    def counts(self) -> bool:
        return self.status is not None and not self.gone


@attrs.frozen(slots=True)
class _Move:
    """From one place to the next."""

    at: datetime
    before: _Place
    after: _Place
    born: bool

    @property
    def flow(self) -> str | None:
        """What the change of status counts as."""
        old, new = self.before.status, self.after.status
        if new is old or new is None:
            return None
        if new is Status.DONE:
            return "completed"
        if new is Status.CANCELLED:
            return "cancelled"
        return "reopened" if old is not None and old.finished else None


def _moves(story: Story) -> Iterator[_Move]:
    """No step is earlier than the one before it: clocks of several servers differ a little."""
    place, now = _Place(), None
    for step in story:
        now = step.at if now is None else max(now, step.at)
        after = place.after(step)
        yield _Move(now, place, after, step.born)
        place = after


def figures(story: Story) -> Figures:
    """All that a task counts for, on each day."""
    counted: Figures = defaultdict(Counter)
    for move in _moves(story):
        day = move.at.date()
        if move.before.counts:
            counted[move.before.project_id, day][_level(move.before)] -= 1
        if move.after.counts:
            counted[move.after.project_id, day][_level(move.after)] += 1
        there = counted[move.after.project_id, day]
        if move.born:
            there["created"] += 1
        if move.flow is not None:
            there[move.flow] += 1
    return tidied(counted)


def _level(place: _Place) -> str:
    return LEVELS[place.status] if place.status is not None else ""


def tidied(counted: Figures) -> Figures:
    """Without what comes to nothing."""
    sums = {
        spot: Counter({name: count for name, count in names.items() if count})
        for spot, names in counted.items()
    }
    return {spot: names for spot, names in sums.items() if names}


def added(one: Figures, other: Figures, *, times: int = 1) -> Figures:
    """One and the other so many times, together."""
    total: Figures = defaultdict(Counter, {spot: Counter(names) for spot, names in one.items()})
    for spot, names in other.items():
        for name, count in names.items():
            total[spot][name] += times * count
    return tidied(total)


def task_facts(task: TaskId, story: Story) -> TaskFacts:
    place, created, started, completed, reopened = _Place(), None, None, None, 0
    completions: list[Completed] = []
    for move in _moves(story):
        place = move.after
        created = move.at if move.born else created
        if place.status in IN_PROGRESS:
            started = started or move.at
        if move.before.status is not place.status:
            completed = move.at if place.status is Status.DONE else None
        if move.flow == "completed":
            times = _between(started, move.at), _between(created, move.at)
            completions.append(Completed(move.at, *times, project_id=place.project_id))
        reopened += move.flow == "reopened"
    where = place.project_id, place.status
    return TaskFacts(
        task, *where, created, started, completed, reopened, place.gone, completions=tuple(completions)
    )
