"""Who of those who are to be told of something may see it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import attrs

from taskcore.ports import Rows, Unit
from taskcore.tasks.model import Task
from taskcore.teams.model import Membership, Project, Team
from taskcore.values import ProjectId, Role, TaskId, TeamId, UserId


class Concerning(Protocol):
    """A notice, or a notification: of whom, in which team, about which task."""

    @property
    def user_id(self) -> UserId: ...
    @property
    def team_id(self) -> TeamId | None: ...
    @property
    def task_id(self) -> TaskId | None: ...


@attrs.frozen
class Sight:
    """What is needed to tell who sees what, as it was loaded."""

    roles: Mapping[tuple[TeamId, UserId], Role]
    """Of those who are in a team that there is."""
    tasks: Mapping[TaskId, Task]
    guests: Mapping[ProjectId, Sequence[UserId]]

    def sees(self, about: Concerning) -> bool:
        """Whether its user may see what it is about, by `permissions`: a guest what is shared with them."""
        if about.team_id is None:
            return True
        role = self.roles.get((about.team_id, about.user_id))
        if role is None or role is not Role.GUEST or about.task_id is None:
            return role is not None
        task = self.tasks.get(about.task_id)
        return task is not None and self.is_shared(task, about.user_id)

    def is_there(self, about: Concerning) -> bool:
        """Whether the task it is about, if any, is one that was loaded, and not in the trash."""
        task = self.tasks.get(about.task_id) if about.task_id is not None else None
        return about.task_id is None or (task is not None and task.deleted_at is None)

    def is_shared(self, task: Task, user_id: UserId) -> bool:
        return task.project_id is not None and user_id in self.guests.get(task.project_id, ())


async def sight_of(
    reader: Rows | Unit, concerned: Sequence[Concerning], *, every_task: bool = False
) -> Sight:
    """What tells who of them sees what; the tasks of guests alone, unless `every_task`."""
    teams = tuple({each.team_id for each in concerned if each.team_id is not None})
    users = tuple({each.user_id for each in concerned})
    there = {each.id for each in await reader.find(Team, id=teams, deleted_at=None)} if teams else set()
    members = await reader.find(Membership, team_id=tuple(there), user_id=users) if there else []
    roles = {(each.team_id, each.user_id): each.role for each in members}
    wanted: dict[str, Any] = {
        "team_id": tuple(there),
        "id": tuple(
            {
                each.task_id
                for each in concerned
                if each.team_id is not None
                and each.task_id is not None
                and (every_task or roles.get((each.team_id, each.user_id)) is Role.GUEST)
            }
        ),
    }
    tasks = await reader.find(Task, **wanted) if there and wanted["id"] else []
    projects = tuple({task.project_id for task in tasks if task.project_id is not None})
    shared = await reader.find(Project, team_id=tuple(there), id=projects) if projects else []
    return Sight(roles, {task.id: task for task in tasks}, {each.id: each.guests for each in shared})
