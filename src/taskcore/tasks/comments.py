"""The use cases of comments."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from taskcore.caller import UseCases, command, expect_version
from taskcore.identity.model import User
from taskcore.paging import Page, entity_page
from taskcore.permissions import missing, require
from taskcore.ports import Seen, Unit
from taskcore.tasks import discussion
from taskcore.tasks.model import Comment, Task, TaskRef
from taskcore.teams.model import Membership, Project
from taskcore.values import Role


class Comments(UseCases):
    """`me.comments`."""

    @command
    async def create(
        self, unit: Unit, task: TaskRef, body: str, *, idempotency_key: str | None = None
    ) -> Comment:
        """Say something about a task, in Markdown; `@name` mentions. Raises: NotFound, Invalid."""
        about, _ = await self._allowed(unit, Task, task, "task.read", "comment.create")
        if about.deleted_at is not None:
            raise missing(f"task {task}")
        comment, events = discussion.write(
            about, body, await self._audience(unit, about), self._caller.stamp()
        )
        saved: list[Comment] = await unit.save([comment], events=events)
        return saved[0]

    async def list(self, task: TaskRef, *, limit: object = 50, cursor: str | None = None) -> Page[Comment]:
        """A task's comments, oldest first, those without words left out."""
        about, _ = await self._allowed(self._rows, Task, task, "task.read", "comment.read")
        if about.deleted_at is not None:
            raise missing(f"task {task}")
        return await entity_page(
            self._caller, Comment, limit, cursor, team_id=about.team_id, task_id=about.id, deleted_at=None
        )

    @command
    async def edit(
        self,
        unit: Unit,
        comment: UUID | str,
        body: str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Comment:
        """Put one's own comment in other words. Raises: NotFound, Forbidden, Invalid, PreconditionFailed."""
        current, task, seen = await self._comment(unit, comment)
        own = current.author_id == self._caller.user_id
        self._require(
            seen.standing, "comment.update_own" if own else "comment.update_other", f"comment {comment}"
        )
        audience = await self._audience(unit, task)
        changed, events = discussion.rewrite(current, task, body, audience, self._caller.stamp())
        expect_version(current, if_version)
        if not events:
            return current
        saved: list[Comment] = await unit.save([changed], events=events)
        return saved[0]

    @command
    async def delete(
        self,
        unit: Unit,
        comment: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Take one's own comment back, or another's as a moderator."""
        current, task, seen = await self._comment(unit, comment)
        own = current.author_id == self._caller.user_id
        self._require(
            seen.standing, "comment.delete_own" if own else "comment.delete_other", f"comment {comment}"
        )
        expect_version(current, if_version)
        stamp = self._caller.stamp()
        erased, events = discussion.erase(current, task, stamp)
        told = {"author": current.author_id, "task": task.key}
        entry = stamp.audit("comment.delete_other", "comment", current.id, team_id=task.team_id, data=told)
        await unit.save([erased, *([] if own else [entry])], events=events)

    async def _comment(self, unit: Unit, ref: UUID | str) -> tuple[Comment, Task, Seen[Task]]:
        """A comment with its task, once the caller may read both."""
        found = (await unit.see(Comment, ref, self._caller.actor)).thing
        if found is None or found.deleted_at is not None:
            await self._allowed(unit, Comment, ref, "comment.read")
            raise missing(f"comment {ref}")
        seen = await unit.see(Task, found.task_id, self._caller.actor)
        require(seen.standing, "comment.read", f"comment {ref}", shared=seen.shared)
        self._note(Task, found.task_id, found.team_id, "comment.read")
        if seen.thing is None or seen.thing.deleted_at is not None:
            raise missing(f"comment {ref}")
        return found, seen.thing, seen

    async def _audience(self, unit: Unit, task: Task) -> Sequence[User]:
        """Active members who can see the task: those who can be mentioned."""
        memberships = await unit.find(Membership, team_id=task.team_id)
        projects = (
            await unit.find(Project, team_id=task.team_id, id=task.project_id) if task.project_id else []
        )
        guests = projects[0].guests if projects else ()
        ids = tuple(
            member.user_id
            for member in memberships
            if member.role is not Role.GUEST or member.user_id in guests
        )
        return await unit.find(User, id=ids, disabled_at=None)
