"""A team's situation as what the scheduler plans: work, links and resources, by their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import ceil

import attrs

from taskcore.errors import Conflict
from taskcore.planning.situation import Person, Situation
from taskcore.scheduling.activities import Constraint, Link, Rule
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.spans import seconds_of
from taskcore.scheduling.staffing import Assigned, Placed, Resource, Work
from taskcore.tasks.model import Dependency, Task
from taskcore.teams.resources import MemberResource, member_resource, working_calendar
from taskcore.values import ConstraintRule, EstimateKind, ProjectId, SchedulePolicy, Status, TaskId, UserId

MINUTE = 60
LATE = ConstraintRule.AS_LATE_AS_POSSIBLE
_BY_ITSELF = (EstimateKind.ELAPSED, EstimateKind.MILESTONE)


@attrs.frozen(slots=True)
class Problem:
    """Lists by place: `tasks[n]` is `work[n]`, `ties[n]` is `links[n]`, `people[n]` is `resources[n]`."""

    tasks: Sequence[Task]
    work: list[Work]
    ties: Sequence[Dependency]
    links: list[Link]
    people: Sequence[Person]
    resources: list[Resource]
    calendar: WorkingCalendar
    """The team's."""
    start: int
    now: int
    whole: list[int]
    """What each takes from its begin to its end, in seconds, however much of it is done."""
    unstaffed: list[int]
    """Places of unfinished tasks that nobody can do."""

    def asks_the_same(self, other: Problem) -> bool:
        """Whether the same is to be planned, however else the tasks are called and described."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("work", "links", "resources", "calendar", "start", "now")
        ) and [task.id for task in self.tasks] == [task.id for task in other.tasks]


def problem(
    team: Situation, start: datetime | None, estimate_minutes: int, held_back: Mapping[TaskId, int]
) -> Problem:
    """`estimate_minutes` are those of tasks without; `held_back` is as `_Reading.work` takes it."""
    calendar = working_calendar(team.team)
    members = [member_resource(team.team, person.membership, calendar) for person in team.people]
    places = {task.id: place for place, task in enumerate(team.tasks)}
    who = {person.user_id: place for place, person in enumerate(team.people)}
    policies: dict[ProjectId | None, SchedulePolicy] = {
        project.id: project.schedule_policy for project in team.projects
    }
    reading = _Reading(team, calendar, places, who, members, policies, estimate_minutes)
    work = [reading.work(task, held_back.get(task.id)) for task in team.tasks]
    containers = {each.parent for each in work}
    return Problem(
        tasks=team.tasks,
        work=work,
        ties=team.links,
        links=[_link(tie, places) for tie in team.links],
        people=team.people,
        resources=[member.resource for member in members],
        calendar=calendar,
        start=seconds_of(team.now if start is None else start),
        now=seconds_of(team.now),
        whole=[reading.whole(task) for task in team.tasks],
        unstaffed=[
            place
            for place, (task, each) in enumerate(zip(team.tasks, work, strict=True))
            if each.finished is None
            and place not in containers
            and reading.needs_somebody(task)
            and not (each.all_of or each.any_of)
        ],
    )


def _link(tie: Dependency, places: Mapping[TaskId, int]) -> Link:
    before, after = places[tie.predecessor_id], places[tie.successor_id]
    return Link(before, after, tie.type, tie.lag_minutes * MINUTE, tie.lag_unit)


@attrs.frozen(slots=True)
class _Reading:
    """How a task is read as work."""

    team: Situation
    calendar: WorkingCalendar
    places: Mapping[TaskId, int]
    who: Mapping[UserId, int]
    people: Sequence[MemberResource]
    policies: Mapping[ProjectId | None, SchedulePolicy]
    estimate_minutes: int

    def work(self, task: Task, held_back: int | None) -> Work:
        """`held_back`: seconds; the instant before which it must not start or, once begun, more to do."""
        whole, started = self.whole(task), self._started(task)
        left = self._remaining(task, whole, started)
        constraints = list(_constraints(task))
        if held_back is not None and started is not None:
            left += held_back
        elif held_back is not None:
            constraints.append(Constraint(Rule.NOT_BEFORE, held_back))
        team, candidates = self._doers(task)
        return Work(
            kind=task.estimate_kind,
            amount=left if started is None else whole,
            calendar=self.calendar,
            all_of=team,
            any_of=candidates,
            priority=task.priority.weight,
            deadline=_end(task.due_at),
            constraints=tuple(constraints),
            as_late_as_possible=any(each.rule is LATE for each in task.constraints),
            parent=self.places.get(task.parent_id) if task.parent_id is not None else None,
            started=started,
            finished=max(seconds_of(task.completed_at), started or 0)
            if task.status is Status.DONE and task.completed_at is not None
            else None,
            remaining=None if started is None else left,
            splittable=task.splittable,
            policy=self._policy(task),
            planned=self._planned(task, started, left),
        )

    def whole(self, task: Task) -> int:
        expected = task.expected_seconds
        return self.estimate_minutes * MINUTE if expected is None else expected

    def _started(self, task: Task) -> int | None:
        if task.status is Status.DONE:
            return _seconds(task.started_at or task.completed_at)
        if not task.started:
            return None
        return min(seconds_of(task.started_at or self.team.now), seconds_of(self.team.now))

    def _remaining(self, task: Task, amount: int, started: int | None) -> int:
        if task.remaining_minutes is not None:
            return task.remaining_minutes * MINUTE
        if task.estimate_kind is EstimateKind.ELAPSED and started is not None:
            return max(amount - (seconds_of(self.team.now) - started), 0)  # it passes, whatever anybody does
        return max(amount - task.spent_minutes * MINUTE, 0)

    def _doers(self, task: Task) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """
        Who does it, or who could: the assignee; else one of the candidates, or of all, who has the skills.

        Elapsed time passes without anybody; so does working time that nobody in particular is asked for.
        """
        if not self.needs_somebody(task):
            return (), ()
        if task.assignee_id is not None:
            place = self.who.get(task.assignee_id)
            return ((), ()) if place is None else ((place,), ())
        wanted = frozenset(task.required_skills)
        asked = [self.who[each] for each in task.candidates if each in self.who]
        able = asked if task.candidates else range(len(self.people))
        return (), tuple(sorted(place for place in able if wanted <= self.people[place].skills))

    def needs_somebody(self, task: Task) -> bool:
        if task.estimate_kind in _BY_ITSELF:
            return False
        asked = task.assignee_id is not None or task.candidates or task.required_skills
        return bool(asked) or task.estimate_kind is EstimateKind.EFFORT

    def _policy(self, task: Task) -> SchedulePolicy:
        return self.policies.get(task.project_id, SchedulePolicy.PULL_AND_PUSH)

    def _begun(self, person: int, finish: int, work: int) -> int | None:
        """When so much work of somebody begins that ends then; None, of who has no such hours any more."""
        try:
            return self.people[person].resource.calendar.sub(finish, work)
        except Conflict:
            return None

    def _planned(self, task: Task, started: int | None, left: int) -> Placed | None:
        """
        Where the plan in force has it. What has begun goes on so long before its finish as it takes, so that several
        tasks that one person has begun keep their order.
        """
        if task.planned_start is None or task.planned_finish is None:
            return None
        start, finish = seconds_of(task.planned_start), seconds_of(task.planned_finish)
        doers = [place for each in task.planned_for if (place := self.who.get(each)) is not None]
        rate = sum(self.people[each].resource.rate for each in doers)
        resumed = dict.fromkeys(doers, start)
        if started is not None and task.estimate_kind is EstimateKind.EFFORT and rate:
            work = ceil(left / rate)
            resumed = {each: self._begun(each, finish, work) or start for each in doers}
        return Placed(
            start,
            finish,
            tuple(
                Assigned(each, min(since, finish), finish, self.people[each].resource.rate)
                for each, since in resumed.items()
            ),
        )


def _constraints(task: Task) -> Iterator[Constraint]:
    if task.start_at is not None:
        yield Constraint(Rule.NOT_BEFORE, seconds_of(task.start_at))
    for each in task.constraints:
        if each.at is not None:
            yield Constraint(Rule(each.rule.value), seconds_of(each.at))


def _end(at: datetime | None) -> int | None:
    """The whole second at which it ends: a day that is due ends as the next begins."""
    return None if at is None else seconds_of(at) + (at.microsecond > 0)


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else seconds_of(at)
