"""What a plan is made from: a team's unfinished tasks, what ties them, and its people, at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

import attrs

from taskcore.identity.model import User
from taskcore.ports import Rows, Unit
from taskcore.tasks.model import Dependency, Task
from taskcore.teams.model import Membership, Project, Team
from taskcore.values import UNFINISHED, WORKERS, Status, TeamId, UserId

_AT_ONCE = 500
"""Ids of one question."""
T = TypeVar("T")


@attrs.frozen(slots=True)
class Person:
    """Somebody who works in the team, or who would."""

    user_id: UserId
    name: str
    membership: Membership
    tried: bool = False


@attrs.frozen(slots=True)
class Situation:
    """
    A team as planning sees it. Tasks are by rising id, so that whatever else is equal, the older one goes first.

    Beside unfinished tasks there are those done ones that an unfinished one waits for, or has as a part. What lies in
    an archived project is left out.
    """

    team: Team
    now: datetime
    people: tuple[Person, ...]
    tasks: tuple[Task, ...]
    links: tuple[Dependency, ...]
    projects: tuple[Project, ...] = ()


async def situation(reader: Rows | Unit, team: Team, now: datetime) -> Situation:
    """Everything that the team's plan depends on."""
    projects = await reader.find(Project, team_id=team.id)
    put_away = {project.id for project in projects if project.archived_at is not None}
    found = await reader.find(Task, team_id=team.id, deleted_at=None, status=tuple(UNFINISHED))
    unfinished = [task for task in found if task.project_id not in put_away]
    links = await reader.find(Dependency, team_id=team.id)
    tasks = {task.id: task for task in [*unfinished, *await _done(reader, team.id, unfinished, links)]}
    return Situation(
        team=team,
        now=now,
        people=tuple(await _people(reader, team)),
        tasks=tuple(sorted(tasks.values(), key=lambda task: task.id)),
        links=tuple(link for link in links if link.predecessor_id in tasks and link.successor_id in tasks),
        projects=tuple(projects),
    )


async def _done(
    reader: Rows | Unit, team_id: TeamId, unfinished: Iterable[Task], links: Iterable[Dependency]
) -> list[Task]:
    """Finished tasks that still say something: predecessors, and what is done of a task with parts."""
    open_ids = {task.id for task in unfinished}
    before = {link.predecessor_id for link in links if link.successor_id in open_ids} - open_ids
    found: list[Task] = []
    for ids in _parts(before):
        found += await reader.find(Task, team_id=team_id, id=ids, status=Status.DONE, deleted_at=None)
    for ids in _parts(open_ids):
        found += await reader.find(Task, team_id=team_id, parent_id=ids, status=Status.DONE, deleted_at=None)
    return found


def _parts(ids: Iterable[T]) -> Iterator[tuple[T, ...]]:
    every = list(ids)
    for first in range(0, len(every), _AT_ONCE):
        yield tuple(every[first : first + _AT_ONCE])


async def _people(reader: Rows | Unit, team: Team) -> list[Person]:
    members = await reader.find(Membership, team_id=team.id, role=tuple(WORKERS))
    users: dict[UserId, User] = {}
    for ids in _parts(member.user_id for member in members):
        users |= {user.id: user for user in await reader.find(User, id=ids)}
    return [
        Person(member.user_id, user.name, member)
        for member in sorted(members, key=lambda member: member.user_id)
        if (user := users.get(member.user_id)) is not None and user.active
    ]
