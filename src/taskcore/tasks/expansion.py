"""Tasks with what they refer to: who does them, their projects and labels, whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import attrs

from taskcore.caller import Caller
from taskcore.errors import Fault, Malformed
from taskcore.identity.model import User
from taskcore.permissions import scope
from taskcore.tasks.model import Task
from taskcore.teams.model import Label, Membership, Project
from taskcore.values import Role, TeamId, UserId

T = TypeVar("T")
EXPANSIONS = {"assignee": "membership.list", "project": "project.read", "labels": "project.list"}
"""What can be expanded, and the right that it takes to see it."""


@attrs.frozen(slots=True)
class Person:
    """A member of a task's team, as others see them; no e-mail for those who may not see it."""

    id: UserId
    name: str
    email: str | None


@attrs.frozen(slots=True)
class Expanded:
    """A task with what was asked for besides; None and nothing where it was not, or is not there."""

    task: Task
    assignee: Person | None = None
    project: Project | None = None
    labels: tuple[Label, ...] = ()


def wanted(names: str) -> tuple[str, ...]:
    """What is to be expanded, as `assignee,project`. Raises: Malformed."""
    asked = tuple(dict.fromkeys(name.strip() for name in names.split(",")))
    unknown = [name for name in asked if name not in EXPANSIONS]
    if unknown:
        right = f"must be some of {', '.join(EXPANSIONS)}, not {', '.join(map(repr, unknown))[:80]}"
        raise Malformed(faults=[Fault("expand", right)])
    return asked


async def expanded(caller: Caller, tasks: Sequence[Task], names: Sequence[str]) -> list[Expanded]:
    """Each of the tasks with what it refers to, as far as the caller may see that: one read for each kind.

    Raises: Forbidden, where their token is not good for it.
    """
    for name in names:
        scope(caller.actor, EXPANSIONS[name])
    roles = await _roles(caller, {task.team_id for task in tasks})
    people = await _people(caller, tasks, roles) if "assignee" in names and roles else {}
    projects = await _projects(caller, tasks, roles) if "project" in names and roles else {}
    labels = await _labels(caller, tasks, tuple(roles)) if "labels" in names and roles else {}
    return [
        Expanded(
            task,
            people.get((task.team_id, task.assignee_id)),
            projects.get((task.team_id, task.project_id)),
            tuple(labels[task.team_id, name] for name in task.labels if (task.team_id, name) in labels),
        )
        for task in tasks
    ]


async def _roles(caller: Caller, teams: set[TeamId]) -> dict[TeamId, Role]:
    """What the caller is in those of the teams that they are in, by a token that is good there."""
    only = caller.actor.team_id
    asked = tuple(team for team in teams if only in (None, team))
    found = (
        await caller.newest_rows().find(Membership, team_id=asked, user_id=caller.user_id) if asked else []
    )
    return {each.team_id: each.role for each in found}


async def _people(caller: Caller, tasks: Sequence[Task], roles: Mapping[TeamId, Role]) -> dict[Any, Person]:
    ids, rows = _ids(task.assignee_id for task in tasks), caller.newest_rows()
    memberships = await rows.find(Membership, team_id=tuple(roles), user_id=ids) if ids else []
    users = {user.id: user for user in await rows.find(User, id=ids)} if ids else {}
    return {
        (each.team_id, each.user_id): _person(users[each.user_id], roles[each.team_id])
        for each in memberships
        if each.user_id in users
    }


def _person(user: User, seen_by: Role) -> Person:
    return Person(user.id, user.name, None if seen_by is Role.GUEST else user.email)


async def _projects(
    caller: Caller, tasks: Sequence[Task], roles: Mapping[TeamId, Role]
) -> dict[Any, Project]:
    ids = _ids(task.project_id for task in tasks)
    found = await caller.newest_rows().find(Project, team_id=tuple(roles), id=ids) if ids else []
    return {
        (project.team_id, project.id): project
        for project in found
        if roles[project.team_id] is not Role.GUEST or caller.user_id in project.guests
    }


async def _labels(caller: Caller, tasks: Sequence[Task], teams: tuple[Any, ...]) -> dict[Any, Label]:
    names = tuple({name for task in tasks for name in task.labels})
    found = await caller.newest_rows().find(Label, team_id=teams, name=names) if names else []
    return {(label.team_id, label.name): label for label in found}


def _ids(ids: Iterable[UUID | None]) -> tuple[UUID, ...]:
    return tuple({each for each in ids if each is not None})
