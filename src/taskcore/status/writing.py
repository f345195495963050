"""A document of how a team stands: what is said of it, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from taskcore.planning.model import PlannedTask, Schedule
from taskcore.planning.pictures.gantt import gantt_svg
from taskcore.planning.pictures.summary import told as plan_told
from taskcore.planning.pictures.text import cut, line
from taskcore.planning.pictures.words import LocalTimes, conflict, count, duration, local, quality, span
from taskcore.planning.pictures.workload import told as workload_told
from taskcore.planning.pictures.workload import workload_svg
from taskcore.status.burnup import burn_up_svg
from taskcore.status.burnup import told as burn_up_told
from taskcore.status.document import Document, Fact, Facts, Paragraph, Picture, Section, Table
from taskcore.status.model import TeamStatus
from taskcore.tasks.model import Task
from taskcore.values import UNFINISHED, Status, zone

_NEXT = 25
"""So many tasks of the plan are told."""
_PEOPLE = 60
_MOST_CONFLICTS = 12
_TITLE = 560
"""Pixels, of a title in a table."""
_WIDE = 1100


def report(status: TeamStatus) -> Document:
    where = zone(status.time_zone)
    times = LocalTimes(where, local(status.now, where).year)
    writing = _Writing(status, times)
    of = "tasks of projects that are shared with you · " if status.partial else ""
    return Document(
        line(f"Status of {status.team_name} ({status.team_key})"),
        f"{times.moment(status.now)} · {of}times in {status.time_zone}",
        status.now,
        tuple(
            Section(title, tuple(blocks))
            for title, blocks in (
                ("Progress", writing.progress()),
                ("Overdue", writing.overdue()),
                ("Plan", writing.plan()),
                ("Workload", writing.workload()),
            )
        ),
    )


@attrs.frozen
class _Writing:
    status: TeamStatus
    times: LocalTimes

    def progress(self) -> Iterator[Facts | Table | Picture]:
        status = self.status
        counts = status.counts
        there = sum(number for each, number in counts.items() if each is not Status.CANCELLED)
        done = counts.get(Status.DONE, 0)
        yield Facts(
            (
                Fact(f"{done * 100 // there} %" if there else "\N{EN DASH}", f"done: {done:,} of {there:,}"),
                Fact(f"{sum(counts.get(each, 0) for each in UNFINISHED):,}", "to do"),
                Fact(f"{status.this_week.done:,}", f"done this week; {status.last_week.done:,} last week"),
                Fact(
                    f"{status.this_week.created:,}", f"new this week; {status.last_week.created:,} last week"
                ),
                Fact(f"{status.overdue_count:,}", "overdue", alarming=status.overdue_count > 0),
            )
        )
        yield Table(
            tuple(each.replace("_", " ").capitalize() for each in Status),
            (tuple(f"{counts.get(each, 0):,}" for each in Status),),
            widest=-1,
        )
        yield Picture(
            lambda theme: burn_up_svg(status.burn_up, self.times, width=_WIDE, theme=theme),
            burn_up_told(status.burn_up),
        )

    def overdue(self) -> Iterator[Paragraph | Table]:
        tasks, number = self.status.overdue, self.status.overdue_count
        if not tasks:
            yield Paragraph("Nothing is overdue.")
            return
        yield Table(("Task", "Title", "Who", "Due", "Late by"), tuple(map(self._late, tasks)))
        if number > len(tasks):
            yield Paragraph(f"And {count(number - len(tasks), 'more task')}.")

    def _late(self, task: Task) -> tuple[str, ...]:
        due = task.due_at or self.status.now
        who = self.status.names.get(task.assignee_id, "") if task.assignee_id else ""
        late = span(int((self.status.now - due).total_seconds() // 60))
        return task.key, _titled(task.title), line(who), self.times.moment(due), late

    def plan(self) -> Iterator[Facts | Paragraph | Table | Picture]:
        schedule = self.status.schedule
        if schedule is None:
            yield Paragraph(f"There is no plan: {line(self.status.unplannable)}.")
            return
        if not schedule.tasks:
            yield Paragraph("There is nothing to plan.")
            return
        late = [task for task in schedule.tasks if task.late_minutes > 0]
        yield Facts(
            (
                Fact(self.times.moment(schedule.finish), "planned finish of all there is to do"),
                Fact(quality(schedule), "how good that is"),
                Fact(f"{len(late):,}", "late by the plan", alarming=bool(late)),
            )
        )
        if milestones := [task for task in late if task.milestone]:
            yield Paragraph("Late milestones:")
            yield self._dates(milestones)
        coming = _coming(schedule)
        yield Paragraph("What is next:")
        yield self._dates(coming)
        part = _part(schedule, coming)
        yield Picture(lambda theme: gantt_svg(part, width=_WIDE, theme=theme), plan_told(part))
        for each in schedule.conflicts[:_MOST_CONFLICTS]:
            yield Paragraph(line(conflict(each, self.times)))

    def _dates(self, tasks: Iterable[PlannedTask]) -> Table:
        return Table(("Task", "Title", "Who", "Start", "Finish", "Due"), tuple(map(self._planned, tasks)))

    def _planned(self, task: PlannedTask) -> tuple[str, ...]:
        people = dict.fromkeys(
            self.status.names.get(user_id, "")
            for user_id in (
                *(each.user_id for each in task.assignments),
                *([task.assignee_id] if task.assignee_id and not task.assignments else []),
            )
        )
        late = f", {duration(task.late_minutes)} late" if task.late_minutes > 0 else ""
        due = f"{self.times.moment(task.due_at)}{late}" if task.due_at is not None else ""
        return (
            task.key,
            _titled(task.title),
            line(", ".join(each for each in people if each)),
            self.times.moment(task.start),
            self.times.moment(task.finish),
            due,
        )

    def workload(self) -> Iterator[Paragraph | Picture | Table]:
        schedule = self.status.schedule
        if schedule is None or not schedule.workload:
            yield Paragraph("Guests see no workload." if self.status.partial else "Nobody has planned work.")
            return
        yield Table(
            ("Who", "Planned work", "Time there is", "Share"), tuple(_shares(schedule)[:_PEOPLE]), widest=0
        )
        yield Picture(lambda theme: workload_svg(schedule, width=_WIDE, theme=theme), workload_told(schedule))


def _shares(schedule: Schedule) -> list[tuple[str, ...]]:
    """Of each person, over the weeks in which there is work for them."""
    names = {person.user_id: line(person.name) for person in schedule.people}
    minutes: dict[str, int] = {}
    there: dict[str, int] = {}
    for each in schedule.workload:
        name = names.get(each.user_id, "?")
        minutes[name] = minutes.get(name, 0) + each.minutes
        there[name] = there.get(name, 0) + each.capacity_minutes
    return [
        (
            name,
            duration(work),
            duration(there[name]),
            f"{work * 100 // there[name]} %" if there[name] else "over",
        )
        for name, work in minutes.items()
    ]


def _coming(schedule: Schedule) -> list[PlannedTask]:
    """What is under way, and what is begun next."""
    work = [task for task in schedule.tasks if not task.container]
    return sorted(work, key=lambda task: (task.start, task.finish, task.task_id))[:_NEXT]


def _part(schedule: Schedule, tasks: Sequence[PlannedTask]) -> Schedule:
    """The plan with these tasks alone, to be drawn."""
    shown = {task.task_id for task in tasks}
    return attrs.evolve(
        schedule,
        start=min(task.start for task in tasks),
        finish=max(task.finish for task in tasks),
        tasks=tuple(attrs.evolve(task, parent_id=None) for task in tasks),
        links=tuple(link for link in schedule.links if {link.predecessor_id, link.successor_id} <= shown),
        conflicts=(),
        moves=(),
        comparison=None,
    )


def _titled(title: str) -> str:
    return cut(line(title), _TITLE, 12)
