"""Random instances of taskcore, and random questions to them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import attrs
from hypothesis import strategies as st

from taskcore.expression.terms import DATES, Both, Compared, Either, Moment, Node, Not, Term, written
from taskcore.identity.model import User
from taskcore.ports import Entity
from taskcore.query import RELEVANCE, SORTS, TaskQuery
from taskcore.tasks.model import Comment, Dependency, Task
from taskcore.tasks.planning import TaskConstraint
from taskcore.teams.model import Label, Membership, Project, Team
from taskcore.testing.world import unused_key
from taskcore.values import (
    CommentId,
    ConstraintRule,
    DependencyType,
    EstimateKind,
    LabelId,
    Priority,
    ProjectId,
    Role,
    Status,
    TaskId,
    TeamId,
    UserId,
)

NOW = datetime(2026, 3, 29, 12, 0, 0, 500, tzinfo=UTC)
A_TEAMS_CALENDAR = {
    "hours": {"mon-thu": ["08:00-12:00", "22:00-24:00"]},
    "exceptions": [{"from": "2026-03-29", "to": "2026-03-30", "hours": None, "name": "ünïcode"}],
}
A_MEMBERS_CALENDAR = {**A_TEAMS_CALENDAR, "time_zone": "Asia/Tokyo", "units": 0.5, "skills": ["no one's"]}
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati")
WORDS = (
    "Ship",
    "ship",
    "Straße",
    "STRASSE",
    "İstanbul",
    "a%b_c",
    "\\",
    "🧑‍🚀",
    "zebra",
    "Ärger",
    "",
    "é",
    "e\u0301",
    "ship-shape",
    "flagships",
    "\x02ship\x03",
    "日本語",
)
PARTS = (
    "hip",
    "shi",
    "zeb",
    "rger",
    "ŞHIP",
    "ship shape",
    "日本",
    "s",
    "-",
    "p-s",
    '"',
    '"" OR *',
    "NEAR(a b)",
    "%",
)
"""What is within these words or beside them, or is meant to trouble a search."""
LABELS = ("bug", "Bug", "ünïcode", "no one's")
_ids = count(1)


@attrs.frozen(slots=True)
class Instance:
    """Teams with all that is in them; the first user asks."""

    users: Sequence[User]
    teams: Sequence[Team]
    projects: Sequence[Project]
    tasks: Sequence[Task]
    things: Sequence[Entity]
    """Everything, in an order in which it can be saved."""


def instance(seed: int) -> Instance:
    """The random instance that belongs to `seed`; its ids are of no other call."""
    return _Maker(random.Random(seed), random.Random(-1 - seed)).make()


class _Maker:
    def __init__(self, chance: random.Random, another: random.Random) -> None:
        self._chance = chance
        self._another = another
        """For what came later, so that what was there before stays as it was for each seed."""
        self._serial = next(_ids)

    def _id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(64) << 64 | self._serial << 32 | next(_ids))

    def _near_now(self) -> datetime:
        """Few different instants, so that ties and borders are met."""
        step = self._chance.choice((timedelta(hours=11), timedelta(days=1), timedelta(microseconds=1)))
        return NOW + step * self._chance.randrange(-3, 4)

    def _maybe(self, value: Any, probability: float = 0.5) -> Any:
        return value if self._chance.random() < probability else None

    def make(self) -> Instance:
        users = [self._user(place) for place in range(3)]
        teams = [self._team() for _ in range(self._chance.randint(1, 3))]
        things: list[Any] = [*users, *teams]
        things += [
            self._membership(team, user) for team in teams for user in users if self._belongs(user, users)
        ]
        projects = [self._project(team, users) for team in teams for _ in range(2)]
        labels = [Label(LabelId(self._id()), team.id, name, NOW) for team in teams for name in LABELS]
        tasks = [task for team in teams for task in self._tasks(team, users, projects)]
        links = [link for team in teams for link in self._links([t for t in tasks if t.team_id == team.id])]
        said = [
            self._comment(task, users) for task in tasks for _ in range(self._chance.choice((0, 0, 1, 2)))
        ]
        everything = [*things, *projects, *labels, *tasks, *links, *said]
        return Instance(users, teams, projects, tasks, everything)

    def _belongs(self, user: User, users: Sequence[User]) -> bool:
        return self._chance.random() < (0.85 if user is users[0] else 0.6)

    def _user(self, place: int) -> User:
        return User(UserId(self._id()), f"u{place}-{next(_ids)}@example.org", f"User {place}", NOW)

    def _team(self) -> Team:
        key = unused_key()
        zone = self._chance.choice(ZONES)
        gone = self._maybe(NOW, 0.1)
        return Team(
            id=TeamId(self._id()),
            name=key,
            slug=key.lower(),
            key=key,
            created_at=NOW,
            updated_at=NOW,
            time_zone=zone,
            calendar=self._another.choice((None, A_TEAMS_CALENDAR)),
            deleted_at=gone,
        )

    def _membership(self, team: Team, user: User) -> Membership:
        role = self._chance.choice((Role.OWNER, Role.MEMBER, Role.GUEST, Role.GUEST))
        return Membership(
            team.id, user.id, role, NOW, calendar=self._another.choice((None, A_MEMBERS_CALENDAR))
        )

    def _project(self, team: Team, users: Sequence[User]) -> Project:
        guests = tuple(sorted(user.id for user in users if self._chance.random() < 0.5))
        return Project(ProjectId(self._id()), team.id, "P", users[0].id, NOW, NOW, guests=guests)

    def _tasks(self, team: Team, users: Sequence[User], projects: Sequence[Project]) -> list[Task]:
        own = [project for project in projects if project.team_id == team.id]
        tasks: list[Task] = []
        for number in range(1, self._chance.randint(0, 12) + 1):
            tasks.append(self._task(team, number, users, own, tasks))
        return tasks

    def _task(
        self,
        team: Team,
        number: int,
        users: Sequence[User],
        projects: Sequence[Project],
        others: Sequence[Task],
    ) -> Task:
        chance = self._chance
        status = chance.choice(tuple(Status))
        return Task(
            id=TaskId(self._id()),
            team_id=team.id,
            number=number,
            key=f"{team.key}-{number}",
            title=" ".join(chance.choices(WORDS, k=2)) or "x",
            created_by=chance.choice(users).id,
            rank=chance.choice("ABab"),
            created_at=self._near_now(),
            updated_at=self._near_now(),
            description=chance.choice(WORDS),
            status=status,
            priority=chance.choice(tuple(Priority)),
            project_id=self._maybe(chance.choice(projects).id, 0.7),
            parent_id=self._maybe(chance.choice(others).id, 0.3) if others else None,
            assignee_id=self._maybe(chance.choice(users).id),
            labels=tuple(sorted(name for name in LABELS if chance.random() < 0.3)),
            followers=tuple(sorted(user.id for user in users if chance.random() < 0.3)),
            due_at=self._maybe(self._near_now()),
            **self._planning(users),
            started_at=self._maybe(NOW, 0.3),
            completed_at=self._near_now() if status.finished else None,
            deleted_at=self._maybe(NOW, 0.15),
        )

    def _planning(self, users: Sequence[User]) -> dict[str, Any]:
        """Set on few tasks, as it is in life."""
        chance = self._another
        if chance.random() < 0.6:
            return {}
        rules = sorted(chance.sample(tuple(ConstraintRule), chance.randrange(3)), key=[*ConstraintRule].index)
        return {
            "estimate_minutes": chance.choice((None, 60)),
            "estimate_kind": chance.choice(tuple(EstimateKind)),
            "estimate_optimistic_minutes": chance.choice((None, 30)),
            "estimate_pessimistic_minutes": chance.choice((None, 90)),
            "remaining_minutes": chance.choice((None, 0)),
            "candidates": tuple(sorted(user.id for user in users if chance.random() < 0.4)),
            "required_skills": tuple(sorted(chance.sample(("SQL", "ünïcode", "zebra"), chance.randrange(3)))),
            "splittable": chance.random() < 0.5,
            "constraints": tuple(
                TaskConstraint(
                    rule,
                    None
                    if rule is ConstraintRule.AS_LATE_AS_POSSIBLE
                    else NOW + timedelta(days=chance.randrange(9)),
                )
                for rule in rules
            ),
        }

    def _comment(self, task: Task, users: Sequence[User]) -> Comment:
        return Comment(
            CommentId(self._id()),
            task.team_id,
            task.id,
            self._chance.choice(users).id,
            " ".join(self._chance.choices(WORDS, k=2)),
            NOW,
            deleted_at=self._maybe(NOW, 0.2),
        )

    def _links(self, tasks: Sequence[Task]) -> list[Dependency]:
        pairs = [(before, after) for place, after in enumerate(tasks) for before in tasks[:place]]
        return [
            Dependency(after.team_id, before.id, after.id, NOW, self._chance.choice(tuple(DependencyType)))
            for before, after in pairs
            if self._chance.random() < 0.12
        ]


_INSTANTS = st.sampled_from([NOW, NOW + timedelta(days=1), NOW - timedelta(microseconds=1)])
_DAYS = st.sampled_from([date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)])
_TEXTS = st.sampled_from([*(word for word in WORDS if word.strip()), *PARTS])
_SEVERAL_TEXTS = st.lists(_TEXTS | _TEXTS.map('"{}"'.format), min_size=1, max_size=3).map(" ".join)


def _values(within: Instance) -> dict[str, st.SearchStrategy[Any]]:
    """One value of each field that takes several."""
    people = st.sampled_from([*(user.id for user in within.users), "me", "none"])
    return {
        "team": st.sampled_from([ref for t in within.teams for ref in (t.id, t.slug, t.key)]),
        "project": st.sampled_from([*(p.id for p in within.projects), "none"]),
        "status": st.sampled_from(Status),
        "priority": st.sampled_from(Priority),
        "label": st.sampled_from([*LABELS, "none such"]),
        "parent": st.sampled_from([*(t.id for t in within.tasks), *(t.key for t in within.tasks), "none"]),
        **dict.fromkeys(("assignee", "created_by", "follower"), people),
    }


def expressions(within: Instance) -> st.SearchStrategy[Node]:
    """What may be asked with `q=` about the things of an instance: each term alone, more of them in a
    negation, and in one another."""
    fields = {**_values(within), "text": _TEXTS}
    terms: st.SearchStrategy[Node] = st.one_of(
        *(st.builds(Term, st.just(field), st.tuples(values)) for field, values in fields.items()),
        *(st.builds(Term, st.just(field), st.tuples(values, values)) for field, values in fields.items()),
        *(st.builds(Term, st.just(field), st.tuples(st.booleans())) for field in ("overdue", "blocked")),
    )
    moments = st.builds(Moment, _INSTANTS | _DAYS | st.sampled_from(["now", "today"])) | st.builds(
        Moment, st.just("today"), st.sampled_from([timedelta(days=days) for days in (-2, 1, 14)])
    )
    dates = st.sampled_from(DATES)
    compared: st.SearchStrategy[Node] = st.builds(
        Compared, dates, st.sampled_from(["<", "<=", ">", ">=", ":"]), moments
    ) | st.builds(Compared, dates, st.just(":"), st.none())
    return trees(terms | compared)


def trees(terms: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Expressions of such terms."""

    def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        some = st.lists(parts, min_size=2, max_size=3).map(tuple)
        return st.builds(Both, some) | st.builds(Either, some) | st.builds(Not, parts)

    return st.recursive(terms, joined, max_leaves=6)


def task_queries(within: Instance) -> st.SearchStrategy[dict[str, Any]]:
    """Keyword arguments for a list of tasks, about the things of an instance."""
    several = _values(within)
    moments = _INSTANTS | _DAYS
    fields: dict[str, st.SearchStrategy[Any]] = {
        "team": st.lists(several["team"], min_size=1),
        "overdue": st.booleans(),
        "blocked": st.booleans(),
        "text": _SEVERAL_TEXTS,
        "deleted": st.booleans(),
        "sort": _orders(SORTS),
        "limit": st.integers(1, 9),
    }
    fields |= {
        name: st.lists(values, min_size=1, max_size=2) for name, values in several.items() if name != "team"
    }
    fields["q"] = expressions(within).map(written)
    for field in ("due", "created", "updated", "completed"):
        fields |= {f"{field}_after": moments, f"{field}_before": moments}
    return _queries(fields)


@st.composite
def _queries(draw: st.DrawFn, fields: dict[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    """Some of the fields, each with a value of its own."""
    names = draw(st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True))
    query = {name: draw(fields[name]) for name in names}
    if "sort" in query and TaskQuery(text=query.get("text"), q=query.get("q")).terms:
        query["sort"] = draw(_RELEVANT_ORDERS)
    return query


def _orders(fields: Sequence[str]) -> st.SearchStrategy[list[str]]:
    """Orders by some of these fields."""
    keys = st.sampled_from([f"{sign}{field}" for field in fields for sign in ("", "-")])
    return st.lists(keys, min_size=1, max_size=3, unique_by=lambda key: key.removeprefix("-"))


_RELEVANT_ORDERS = _orders((*SORTS, RELEVANCE, RELEVANCE))
