"""A team's plan made by hand: a release of a small product, with everything that a picture of it can show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

from taskcore.planning.model import (
    FreeTime,
    PlanAssignment,
    PlanConflict,
    PlanLink,
    PlannedTask,
    PlanPerson,
    PlanReason,
    Schedule,
    Workload,
)
from taskcore.scheduling.activities import Cause, Rule
from taskcore.scheduling.calendars import CalendarException, WeeklyHours, WorkingCalendar
from taskcore.scheduling.spans import difference, instant_of, seconds_of
from taskcore.values import DependencyType, LagUnit, Priority, Status, TaskId, TeamId, UserId

ZONE = "Europe/Berlin"
BERLIN = ZoneInfo(ZONE)
TEAM = TeamId(UUID(int=1))
HOURS = WeeklyHours.parse({"mon-fri": ["09:00-12:00", "13:00-18:00"]})
TEAM_TIME = WorkingCalendar(
    BERLIN, HOURS, [CalendarException.days(date(2026, 12, 8), date(2026, 12, 8), name="team day")]
)
NAMES = ("Ada Lovelace", "Grace Hopper", "Katherine Johnson", "Margaret Hamilton")
PEOPLE = tuple(PlanPerson(UserId(UUID(int=100 + place)), name) for place, name in enumerate(NAMES))
KINDS = tuple(DependencyType)
NOW = datetime(2026, 11, 26, 10, 20, tzinfo=BERLIN)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 12) -> datetime:
    """An instant where the team is; days of November by `month=11`."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def task_id(number: int) -> TaskId:
    return TaskId(UUID(int=1000 + number))


def key(number: int) -> str:
    return f"ORB-{number}"


def planned(
    number: int, title: str, who: int | None, start: datetime, hours: float, slack: int = 0, **fields: Any
) -> PlannedTask:
    """A task of so many hours from `start`, by the team's hours; `slack` in hours."""
    finish = TEAM_TIME.add_work(start, timedelta(hours=hours))
    late_finish = TEAM_TIME.add_work(finish, timedelta(hours=slack))
    person = None if who is None else PEOPLE[who].user_id
    works = () if person is None or fields.get("container") else (PlanAssignment(person, start, finish, 1.0),)
    return PlannedTask(
        task_id=task_id(number),
        key=key(number),
        title=title,
        status=Status.IN_PROGRESS if fields.get("progress") else Status.OPEN,
        priority=Priority.MEDIUM,
        start=start,
        finish=finish,
        early_start=start,
        early_finish=finish,
        late_start=TEAM_TIME.add_work(start, timedelta(hours=slack)),
        late_finish=late_finish,
        total_slack_minutes=slack * 60,
        free_slack_minutes=slack * 60,
        critical=fields.pop("critical", not slack),
        assignee_id=person,
        assignments=works,
        **fields,
    )


def after(number: int, *, kind: DependencyType = DependencyType.FS) -> PlanReason:
    return PlanReason(
        Cause.LINK, NOW, f"waits for {key(number)} to finish", task_id(number), key(number), link_type=kind
    )


def below(number: int) -> dict[str, Any]:
    return {"parent_id": task_id(number)}


TASKS = (
    planned(1, "Public beta of Orbit", None, at(24, month=11), 112, 0, container=True, progress=0.16),
    planned(2, "Agree on the scope with the first three customers", 0, at(24, month=11), 24, progress=0.75, **below(1)),
    planned(3, "Design system: colours, type, spacing", 1, at(25, 9, month=11), 22, 18, progress=0.4, **below(1)),
    planned(4, "Service", None, at(27, 9, month=11), 66, 0, container=True, **below(1)),
    planned(5, "Accounts and sign-in", 0, at(27, 9, month=11), 20, reasons=(after(2),), **below(4)),
    planned(6, "Billing", 2, at(1, 13), 30, **below(4), reasons=(after(5),), due_at=at(3, 18), late_minutes=540),
    planned(7, "Import from other tools (CSV, JSON, and the one nobody documented)", 0, at(1, 13), 26, 14, **below(4)),
    planned(8, "Load test with 10,000 users", 2, at(7, 11), 20, 0, **below(4), reasons=(after(6),)),
    planned(9, "Apps", None, at(27, 15, month=11), 65, 10, container=True, **below(1)),
    planned(10, "Web: the board and the calendar", 1, at(27, 15, month=11), 36, 10, **below(9), due_at=at(9, 18)),
    planned(11, "Android and iOS", 3, at(1, 9), 40, 22, **below(9), planned_start=at(30, 9, month=11), planned_finish=at(4, 18)),
    planned(12, "Accessibility review", 3, at(9, 9), 12, 10, **below(9), reasons=(after(11),)),
    planned(13, "Guide and release notes", 1, at(7, 9), 16, 26, **below(1), due_at=at(16, 12)),
    planned(14, "Fix what the load test shows", 2, at(10, 15), 18, 0, **below(1), reasons=(after(8),)),
    planned(15, "Beta is open", None, at(15, 9), 0, 0, milestone=True, **below(1), due_at=at(14, 12), late_minutes=240),
)  # fmt: skip


def link(
    before: int, then: int, kind: DependencyType = DependencyType.FS, lag: int = 0, *, critical: bool = False
) -> PlanLink:
    return PlanLink(task_id(before), task_id(then), kind, lag, LagUnit.WORKING, critical)


LINKS = (
    link(2, 5, critical=True),
    link(5, 6, critical=True),
    link(5, 7),
    link(6, 8, critical=True),
    link(3, 10, lag=120),
    link(10, 12, DependencyType.FF, 60),
    link(11, 12),
    link(8, 14, critical=True),
    link(14, 15, critical=True),
    link(12, 15),
    link(13, 15),
    link(10, 13, DependencyType.SS, 480),
)


def free_time(start: datetime, finish: datetime) -> Iterable[FreeTime]:
    first, last = seconds_of(start), seconds_of(finish)
    for begin, end in difference([(first, last)], TEAM_TIME.working(first, last)):
        yield FreeTime(instant_of(begin), instant_of(end))


def workload() -> Iterable[Workload]:
    loads = ((1440, 2460, 1500, 300), (1260, 2160, 1380, 960), (0, 2040, 2280, 1080), (0, 2400, 720, 0))
    for person, minutes in zip(PEOPLE, loads, strict=True):
        for week, load in enumerate(minutes):
            capacity = 0 if (person.name, week) == (NAMES[3], 3) else 1920 if week == 2 else 2400
            yield Workload(person.user_id, date(2026, 11, 23) + timedelta(weeks=week), load, capacity)


def demo(**changes: Any) -> Schedule:
    start, finish = at(24, month=11), at(15, 9)
    plain = Schedule(
        team_id=TEAM,
        team_key="ORB",
        time_zone=ZONE,
        now=NOW,
        start=start,
        finish=finish,
        finish_bound=at(14, 14),
        gap=0.0315,
        schedules=1000,
        tasks=TASKS,
        links=LINKS,
        people=PEOPLE,
        conflicts=(PlanConflict(task_id(8), key(8), Rule.MUST_FINISH_BY, at(9, 12), 690, after(6)),),
        workload=tuple(workload()),
        free_time=tuple(free_time(start - timedelta(days=2), finish + timedelta(days=3))),
    )
    return attrs.evolve(plain, **changes)


def many(count: int) -> Schedule:
    """A plan of so many tasks in containers of ten, each with links to some before."""
    chance = Random(4)  # noqa: S311  # chance that a seed brings back
    tasks, links = [], []
    for number in range(1, count + 1):
        start = TEAM_TIME.next_work(TEAM_TIME.add_work(at(1), timedelta(hours=3 * number)))
        container = number % 10 == 1
        fields = {"container": True} if container else below(number // 10 * 10 + 1) if number % 10 else {}
        hours = 40 if container else chance.randrange(2, 30)
        title = f"Task {number} with a title of some length"
        slack = chance.choice((0, 0, 5, 20))
        tasks.append(planned(number, title, number % 4, start, hours, slack, reasons=(after(1),), **fields))
        if number > 8:
            links += [link(number - chance.randrange(1, 8), number, kind) for kind in chance.sample(KINDS, 2)]
    return demo(tasks=tuple(tasks), links=tuple(links), finish=max(task.finish for task in tasks))
