"""How the team of `taskcore demo` comes about: each deed by its person, at its time, through the use cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from taskcore.system import system_clock
from taskcore.values import Priority, Role, Status
from taskcore_cli import demo_data as data

LONG_AGO = 30
"""Days before today on which the story begins."""
MORNING, EVENING = timedelta(hours=0), timedelta(hours=7)


class Story:
    """Tells the past month: a list of deeds, done in order, while `clock` follows them."""

    def __init__(self, today: datetime | None = None) -> None:
        self._today = system_clock() if today is None else today
        self._now = self._day(-LONG_AGO)
        self._deeds: list[tuple[datetime, int, Callable[[], None]]] = []
        self._people: dict[str, Any] = {}
        self._projects: dict[str, Any] = {}
        self._tasks: dict[str, Any] = {}
        self._made: dict[str, int] = {}
        self.team: Any = None

    def clock(self) -> datetime:
        return self._now

    def _day(self, day: int, later: timedelta = MORNING) -> datetime:
        """That day, at most a moment ago."""
        return min(self._today + timedelta(days=day, hours=-8) + later, self._today)

    def tell(self, core: Any) -> None:
        """Make it all happen in an empty store."""
        self._gather(core)
        self._settle()
        plans = data.plans()
        self._made = {plan.name: plan.made for plan in plans}
        for plan in plans:
            self._plan(plan)
        for name, who, day, body in data.comments():
            self._deed(day, EVENING, partial(self._say, name, who, body))
        for now, _, deed in sorted(self._deeds, key=lambda each: each[:2]):
            self._now = now
            deed()
        self._save_views()

    def _gather(self, core: Any) -> None:
        for email, name, zone, _ in data.PEOPLE:
            first = not self._people
            user = core.users.register(
                email, name=name, password=data.PASSWORD, time_zone=zone, is_admin=first
            )
            self._people[email.partition("@")[0]] = core.acting_as(user.id)
        founder = next(iter(self._people.values()))
        name, key, zone = data.TEAM
        self.team = founder.teams.create(name, key=key, time_zone=zone)
        for email, _, _, role in data.PEOPLE[1:]:
            _, token = founder.invitations.create(self.team.id, email, Role(role))
            self._people[email.partition("@")[0]].invitations.accept(token)

    def _settle(self) -> None:
        founder = next(iter(self._people.values()))
        for name, colour in data.LABELS.items():
            founder.labels.create(self.team.id, name, colour=colour)
        for name, (description, lead, target) in data.PROJECTS.items():
            target_on = (self._today + timedelta(days=target)).date() if target is not None else None
            self._projects[name] = founder.projects.create(
                self.team.id,
                name,
                description=description,
                lead_id=self._people[lead].user_id,
                target_on=target_on,
            )
        project, guest = data.SHARED_WITH_GUEST
        founder.projects.share(self._projects[project].id, self._people[guest].user_id)

    def _deed(self, day: int, later: timedelta, deed: Callable[[], None]) -> None:
        self._deeds.append((self._day(day, later), len(self._deeds), deed))

    def _plan(self, plan: data.Plan) -> None:
        self._deed(plan.made, MORNING, partial(self._make, plan))
        for name in plan.after:
            both = max(plan.made, self._made[name])
            self._deed(both, timedelta(hours=1), partial(self._link, plan, name))
        verb, *days = plan.course
        start, end = int(days[0]) if days else 0, int(days[-1]) if days else 0
        if verb in ("done", "doing", "review"):
            self._deed(start, timedelta(hours=2), lambda: self._actor(plan).tasks.start(self._id(plan)))
        if verb == "done":
            self._deed(end, timedelta(hours=6), lambda: self._actor(plan).tasks.complete(self._id(plan)))
        if verb == "review":
            self._deed(end, timedelta(hours=5), lambda: self._review(plan))
        if verb == "cancelled":
            self._deed(end, timedelta(hours=5), lambda: self._actor(plan).tasks.cancel(self._id(plan)))
        if verb == "trash":
            self._deed(end, timedelta(hours=5), lambda: self._actor(plan).tasks.delete(self._id(plan)))

    def _make(self, plan: data.Plan) -> None:
        due = {"due_on": (self._today + timedelta(days=plan.due)).date()} if plan.due is not None else {}
        self._tasks[plan.name] = self._actor(plan).tasks.create(
            self.team.id,
            plan.title,
            status=Status.BACKLOG if plan.course[0] == "backlog" else Status.OPEN,
            priority=Priority(plan.priority),
            labels=plan.labels,
            project_id=self._projects[plan.project].id if plan.project else None,
            parent_id=self._tasks[plan.part_of].id if plan.part_of else None,
            assignee_id=self._actor(plan).user_id,
            estimate_minutes=plan.minutes,
            **due,
        )

    def _link(self, plan: data.Plan, name: str) -> None:
        self._actor(plan).dependencies.link(self._id(plan), self._tasks[name].id)

    def _review(self, plan: data.Plan) -> None:
        self._actor(plan).tasks.edit(self._id(plan), status=Status.IN_REVIEW)

    def _say(self, name: str, who: str, body: str) -> None:
        self._people[who].comments.create(self._tasks[name].id, body)

    def _save_views(self) -> None:
        founder = next(iter(self._people.values()))
        for name, query, shared in data.VIEWS:
            founder.views.create(self.team.id, name, query=query, shared=shared)

    def _actor(self, plan: data.Plan) -> Any:
        return self._people[plan.who]

    def _id(self, plan: data.Plan) -> Any:
        return self._tasks[plan.name].id
