"""The use cases of dependencies and followers: what ties tasks to tasks, and people to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack
from uuid import UUID

from taskcore.caller import UseCases, command, expect_version, stale_version
from taskcore.errors import invalid
from taskcore.events import Event
from taskcore.fields import sound
from taskcore.identity.model import User
from taskcore.permissions import missing, refused
from taskcore.ports import Seen, Unit
from taskcore.tasks import lifecycle, links
from taskcore.tasks.cycles import refuse_link
from taskcore.tasks.model import Dependency, Task, TaskRef
from taskcore.tasks.surroundings import lock_team_of
from taskcore.teams.model import Membership, Project
from taskcore.values import DependencyType, LagUnit, ProjectId, Role, UserId


class Lag(TypedDict, total=False):
    """How a predecessor holds a task back; finish to start without delay, where nothing is said."""

    type: DependencyType
    lag_minutes: int
    lag_unit: LagUnit


class Dependencies(UseCases):
    """`me.dependencies`: which tasks stand before a task."""

    async def list(self, task: TaskRef) -> Sequence[Dependency]:
        """Those that tie the task to its predecessors and successors, the trash left out."""
        about, seen = await self._allowed(self._rows, Task, task, "task.read")
        if about.deleted_at is not None:
            raise missing(f"task {task}")
        into = await self._rows.find(Dependency, team_id=about.team_id, successor_id=about.id)
        out = await self._rows.find(Dependency, team_id=about.team_id, predecessor_id=about.id)
        found = [*into, *out]
        ids = tuple({end for link in found for end in (link.predecessor_id, link.successor_id)})
        others = await self._rows.find(Task, team_id=about.team_id, id=ids) if ids else []
        shared = await self._shared_projects(about) if seen.standing.role is Role.GUEST else None
        shown = {
            other.id
            for other in others
            if other.deleted_at is None and (shared is None or other.project_id in shared)
        }
        return [link for link in found if {link.predecessor_id, link.successor_id} <= shown | {about.id}]

    async def _shared_projects(self, task: Task) -> set[ProjectId]:
        shared = await self._rows.find(Project, team_id=task.team_id, guests=self._caller.user_id)
        return {project.id for project in shared}

    async def link(
        self,
        task: TaskRef,
        predecessor: TaskRef,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **lag: Unpack[Lag],
    ) -> Dependency:
        """As `put`, for those who need not know whether it is new."""
        made, _ = await self.put(
            task, predecessor, if_version=if_version, idempotency_key=idempotency_key, **lag
        )
        return made

    @command
    async def put(
        self,
        unit: Unit,
        task: TaskRef,
        predecessor: TaskRef,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **lag: Unpack[Lag],
    ) -> tuple[Dependency, bool]:
        """
        Make `predecessor` come before `task`, and tell whether that is new; a dependency that is
        there takes the new values. `if_version` is that of `task`.

        Raises: NotFound, Forbidden, Invalid, PreconditionFailed, Conflict `cycle`.
        """
        await lock_team_of(unit, task)
        successor, _ = await self._ends(unit, task)
        before, _ = await self._ends(unit, predecessor)
        known = await unit.find(
            Dependency, team_id=successor.team_id, predecessor_id=before.id, successor_id=successor.id
        )
        stamp = self._caller.stamp()
        wanted = Dependency(successor.team_id, before.id, successor.id, stamp.now, **sound(Lag, lag))
        dependency, events = links.link(
            wanted, next(iter(known), None), before, successor, stamp, stale_version(successor, if_version)
        )
        if not known:
            await refuse_link(unit, before, successor)
        if not events:
            return dependency, not known
        saved: list[Dependency] = await unit.save([dependency], events=events)
        return saved[0], not known

    @command
    async def unlink(
        self,
        unit: Unit,
        task: TaskRef,
        predecessor: TaskRef,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Take a dependency away; `if_version` is that of `task`.

        Raises: NotFound, Forbidden, PreconditionFailed.
        """
        await lock_team_of(unit, task)
        successor, _ = await self._ends(unit, task)
        before, _ = await self._ends(unit, predecessor)
        known = await unit.find(
            Dependency, team_id=successor.team_id, predecessor_id=before.id, successor_id=successor.id
        )
        if not known:
            raise missing(f"dependency of {task} on {predecessor}")
        expect_version(successor, if_version)
        events = links.unlink(known[0], before, successor, self._caller.stamp())
        await unit.save([], removed=known, events=events)

    async def _ends(self, unit: Unit, ref: TaskRef) -> tuple[Task, Seen[Task]]:
        task, seen = await self._allowed(unit, Task, ref, "task.read", "dependency.manage")
        if task.deleted_at is not None:
            raise missing(f"task {ref}")
        return task, seen


class Followers(UseCases):
    """`me.followers`: who wants to hear of a task."""

    async def list(self, task: TaskRef) -> tuple[UserId, ...]:
        """Their ids."""
        about, _ = await self._allowed(self._rows, Task, task, "task.read")
        if about.deleted_at is not None:
            raise missing(f"task {task}")
        return about.followers

    @command
    async def add(
        self,
        unit: Unit,
        task: TaskRef,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Let `user`, who must be able to see the task, follow it."""
        about = await self._followable(unit, task, user)
        if not await self._can_see(unit, about, user):
            raise invalid("user", "must be an active member of the team who can see the task")
        expect_version(about, if_version)
        changed, events = lifecycle.follow(about, user, self._caller.stamp())
        return await self._save(unit, changed, events)

    @command
    async def remove(
        self,
        unit: Unit,
        task: TaskRef,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Let `user` follow it no longer."""
        about = await self._followable(unit, task, user)
        expect_version(about, if_version)
        changed, events = lifecycle.unfollow(about, user, self._caller.stamp())
        return await self._save(unit, changed, events)

    async def _followable(self, unit: Unit, ref: TaskRef, user: UUID) -> Task:
        oneself = user == self._caller.user_id
        task, seen = await self._allowed(
            unit, Task, ref, "task.read", "task.watch" if oneself else "follower.manage"
        )
        if not oneself and seen.standing.role is Role.GUEST:
            raise refused(seen.standing, "follower.manage", "others are added and removed by members")
        if task.deleted_at is not None:
            raise missing(f"task {ref}")
        return task

    async def _can_see(self, unit: Unit, task: Task, user: UserId) -> bool:
        memberships = await unit.find(Membership, team_id=task.team_id, user_id=user)
        active = bool(memberships) and bool(await unit.find(User, id=user, disabled_at=None))
        if not active or memberships[0].role is not Role.GUEST:
            return active
        projects = (
            await unit.find(Project, team_id=task.team_id, id=task.project_id) if task.project_id else []
        )
        return bool(projects) and user in projects[0].guests

    async def _save(self, unit: Unit, changed: Task, events: Sequence[Event]) -> Task:
        if not events:
            return changed
        saved: list[Task] = await unit.save([changed], events=events)
        return saved[0]
