"""From the scheduler's plan, which knows places and seconds, to the one that readers see."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

import attrs

from taskcore.planning import wording
from taskcore.planning.model import (
    FreeTime,
    PlanAssignment,
    PlanConflict,
    PlanLink,
    PlanMove,
    PlannedTask,
    PlanPerson,
    PlanReason,
    Schedule,
)
from taskcore.planning.problem import MINUTE, Problem
from taskcore.planning.situation import Situation
from taskcore.planning.workload import workload
from taskcore.scheduling.activities import Reason
from taskcore.scheduling.spans import DAY_SECONDS, instant_of
from taskcore.scheduling.staffing import Placed, StaffPlan, moves
from taskcore.values import Status

_NIGHTS_WITHIN = 62 * DAY_SECONDS
"""Of longer plans only free days are told, and not every night."""


def told(team: Situation, posed: Problem, plan: StaffPlan) -> Schedule:
    """The whole plan, by ids and instants."""
    telling = _Telling(posed, plan, ZoneInfo(team.team.time_zone))
    return Schedule(
        team_id=team.team.id,
        team_key=team.team.key,
        time_zone=team.team.time_zone,
        now=team.now,
        start=instant_of(telling.start),
        finish=instant_of(plan.finish),
        finish_bound=instant_of(plan.bound),
        gap=round(plan.gap, 6),
        schedules=plan.schedules,
        tasks=tuple(telling.task(place) for place in telling.shown),
        links=tuple(telling.links()),
        people=tuple(PlanPerson(person.user_id, person.name, person.tried) for person in posed.people),
        conflicts=tuple(telling.conflicts()),
        unstaffed=tuple(posed.tasks[place].key for place in posed.unstaffed),
        moves=tuple(telling.moves()),
        workload=tuple(workload(posed, plan.placed, telling.zone)),
        free_time=tuple(telling.free_time()),
    )


@attrs.frozen
class _Telling:
    posed: Problem
    plan: StaffPlan
    zone: ZoneInfo
    shown: list[int] = attrs.field(init=False)
    """Places of what is unfinished, and of the finished parts of that."""
    start: int = attrs.field(init=False)
    late: list[tuple[int, int]] = attrs.field(init=False)
    parts: dict[int, list[int]] = attrs.field(init=False)
    """By container, the places of its children."""

    @shown.default
    def _unfinished(self) -> list[int]:
        return [
            place
            for place, work in enumerate(self.posed.work)
            if work.finished is None or work.parent is not None
        ]

    @start.default
    def _first(self) -> int:
        return min((self.plan.placed[place].start for place in self.shown), default=self.posed.start)

    @late.default
    def _late(self) -> list[tuple[int, int]]:
        return self.plan.late

    @parts.default
    def _by_parent(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for place, work in enumerate(self.posed.work):
            if work.parent is not None:
                found.setdefault(work.parent, []).append(place)
        return found

    def task(self, place: int) -> PlannedTask:
        task, work, placed = self.posed.tasks[place], self.posed.work[place], self.plan.placed[place]
        early, late = self.plan.early[place], self.late[place]
        total, free = self.plan.total_slack[place], self.plan.free_slack[place]
        return PlannedTask(
            task_id=task.id,
            key=task.key,
            title=task.title,
            status=task.status,
            priority=task.priority,
            start=instant_of(placed.start),
            finish=instant_of(placed.finish),
            early_start=instant_of(early[0]),
            early_finish=instant_of(early[1]),
            late_start=instant_of(late[0]),
            late_finish=instant_of(late[1]),
            total_slack_minutes=total // MINUTE,
            free_slack_minutes=free // MINUTE,
            critical=total <= 0 and task.status is not Status.DONE,
            project_id=task.project_id,
            parent_id=task.parent_id if work.parent is not None else None,
            assignee_id=task.assignee_id,
            planned_start=task.planned_start,
            planned_finish=task.planned_finish,
            due_at=task.due_at,
            late_minutes=_minutes(*self.plan.lateness(place)),
            begun=work.started is not None,
            container=self.plan.container(place),
            milestone=not self.posed.whole[place] and not self.plan.container(place),
            progress=self.progress(place),
            assignments=tuple(self.assignments(placed)),
            reasons=tuple(self.reason(place, reason) for reason in self.plan.reasons(place)),
        )

    def progress(self, place: int) -> float:
        done, amount = self.done(place)
        return round(done / amount, 4) if amount else float(self.posed.tasks[place].status is Status.DONE)

    def done(self, place: int) -> tuple[int, int]:
        """How much of how much."""
        if self.plan.container(place):
            parts = [self.done(child) for child in self.parts[place]]
            return sum(done for done, _ in parts), sum(amount for _, amount in parts)
        work, whole = self.posed.work[place], self.posed.whole[place]
        return (whole if work.finished is not None else max(whole - work.left, 0)), whole

    def assignments(self, placed: Placed) -> Iterator[PlanAssignment]:
        for each in placed.assigned:
            who = self.posed.people[each.resource].user_id
            yield PlanAssignment(who, instant_of(each.start), instant_of(each.end), round(each.rate, 6))

    def reason(self, place: int, reason: Reason) -> PlanReason:
        at = instant_of(reason.at)
        by = self.posed.tasks[reason.by] if reason.by is not None else None
        person = self.posed.people[reason.resource] if reason.resource is not None else None
        tie = self.posed.ties[reason.link] if reason.link is not None else None
        key, name = by.key if by else None, person.name if person else None
        if tie is not None:
            text = wording.of_link(tie.type, key or "", tie.lag_minutes, tie.lag_unit)
        elif reason.constraint is not None:
            text = wording.of_constraint(reason.constraint, instant_of(reason.constraint.at), self.zone)
        else:
            begun = self.posed.work[place].started is not None
            text = wording.of_cause(reason.cause, at, self.zone, name, key, begun=begun)
        return PlanReason(
            cause=reason.cause,
            at=at,
            text=text,
            task_id=by.id if by else None,
            task_key=key,
            user_id=person.user_id if person else None,
            link_type=tie.type if tie else None,
            lag_minutes=tie.lag_minutes if tie else None,
            constraint=reason.constraint.rule if reason.constraint else None,
        )

    def links(self) -> Iterator[PlanLink]:
        slack, shown = self.plan.total_slack, set(self.shown)
        for place, (link, tie) in enumerate(zip(self.posed.links, self.posed.ties, strict=True)):
            if not {link.predecessor, link.successor} <= shown:
                continue
            critical = slack[link.predecessor] <= 0 and slack[link.successor] <= 0
            yield PlanLink(
                tie.predecessor_id,
                tie.successor_id,
                tie.type,
                tie.lag_minutes,
                tie.lag_unit,
                critical and any(reason.link == place for reason in self.plan.reasons(link.successor)[:2]),
            )

    def conflicts(self) -> Iterator[PlanConflict]:
        for each in self.plan.broken():
            task, constraint = self.posed.tasks[each.place], each.constraint
            yield PlanConflict(
                task.id,
                task.key,
                constraint.rule if constraint else None,
                instant_of(constraint.at if constraint else self.plan.placed[each.place].start),
                _minutes(each.amount, each.elapsed),
                self.reason(each.place, each.by),
            )

    def moves(self) -> Iterator[PlanMove]:
        """Against the dates in force."""
        placed = self.plan.placed
        before = [work.planned for work in self.posed.work]
        causes = {move.place: move.cause for move in moves(before, self.plan)}
        for place, task in enumerate(self.posed.tasks):
            start, finish = instant_of(placed[place].start), instant_of(placed[place].finish)
            if task.status.finished or (task.planned_start, task.planned_finish) == (start, finish):
                continue
            reason = self.reason(place, causes.get(place) or self.plan.reasons(place)[0])
            yield PlanMove(task.id, task.key, task.planned_start, task.planned_finish, start, finish, reason)

    def free_time(self) -> Iterator[FreeTime]:
        start, finish = self.start, self.plan.finish
        if not self.shown:
            return
        least = 0 if finish - start <= _NIGHTS_WITHIN else DAY_SECONDS
        worked = self.posed.calendar.working(start, finish)
        edges = [(start, start), *worked, (finish, finish)]
        for (_, since), (until, _) in pairwise(edges):
            if until - since > least:
                yield FreeTime(instant_of(since), instant_of(until))


def _minutes(working: int, elapsed: int) -> int:
    """What is missed is never told as nothing: where nobody works in between, it is the time that passes."""
    return -(-(working or elapsed) // MINUTE)
