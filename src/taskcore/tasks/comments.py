"""The use cases of comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from taskcore.caller import UseCases, command, expect_version
from taskcore.errors import Conflict, invalid
from taskcore.identity.model import User
from taskcore.paging import Page, checked_limit, entity_page
from taskcore.permissions import missing, require
from taskcore.ports import Rows, Seen, Unit, UnreadSearch
from taskcore.query import seal, unseal
from taskcore.tasks import discussion
from taskcore.tasks.model import Comment, Task, TaskRef
from taskcore.tasks.reading import ReadMarker, ReadState, Unread, marked
from taskcore.teams.model import Membership, Project, Team
from taskcore.values import CommentId, Role, TeamId


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

    async def mark_read(self, task: TaskRef, up_to: UUID | str | None = None) -> ReadMarker:
        """
        Take the comments on a task as read, up to one of them, or all that are there.

        A marker never goes back. It is the caller's alone, so the log tells nothing of it. Raises: NotFound,
        Invalid.
        """
        rows = self._caller.newest_rows()
        about, _ = await self._discussed(rows, task)
        comment_id = await self._last_read(rows, about, up_to)

        async def work(unit: Unit) -> ReadMarker:
            found = await unit.find(ReadMarker, **self._marker_of(about))
            known = next(iter(found), None)
            marker = marked(known, about, self._caller.user_id, comment_id, self._caller.clock())
            if marker is not known:
                await unit.save([marker])
            return marker

        store, actor = self._caller.store, self._caller.actor
        try:
            marker = await store.transact(work, actor)
        except Conflict as raced:
            if raced.code != "already_exists":
                raise
            marker = await store.transact(work, actor)  # another window of theirs was the first, this moment
        self._caller.wrote()
        return marker

    async def read_state(self, task: TaskRef) -> ReadState:
        """Up to where the caller has read a task's comments, and how many of others there are beyond."""
        about, seen = await self._discussed(self._rows, task)
        search = self._unread(about.team_id, seen, task_id=about.id)
        found = await self._rows.unread(search)
        markers = await self._rows.find(ReadMarker, **self._marker_of(about))
        return ReadState(found[0].unread if found else 0, markers[0].comment_id if markers else None)

    async def unread_of(self, task: TaskRef) -> int:
        """
        How many comments of others on a task the caller has not read.

        None, where they have marked nothing there as read and it does not concern them: neither created by
        them, nor assigned to them, nor followed, nor commented on.
        """
        about, seen = await self._discussed(self._rows, task)
        found = await self._rows.unread(self._unread(about.team_id, seen, task_id=about.id))
        return found[0].unread if found else 0

    async def unread(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[Unread]:
        """The tasks of a team on which there is something to read, the newest first; which, as `unread_of` says."""
        home, seen = await self._allowed(self._rows, Team, team, "team.read", "comment.read")
        size, binding = checked_limit(limit), ["unread", home.id, self._caller.user_id]
        secret = await self._caller.store.secret()
        before = CommentId(UUID(unseal(secret, binding, cursor))) if cursor is not None else None
        found = await self._rows.unread(self._unread(home.id, seen, before=before, limit=size + 1))
        more = len(found) > size
        return Page(found[:size], seal(secret, binding, found[size - 1].last_comment_id) if more else None)

    async def _discussed(self, rows: Rows, task: TaskRef) -> tuple[Task, Seen[Task]]:
        """A task whose comments the caller may read."""
        about, seen = await self._allowed(rows, Task, task, "task.read", "comment.read")
        if about.deleted_at is not None:
            raise missing(f"task {task}")
        return about, seen

    async def _last_read(self, rows: Rows, about: Task, ref: UUID | str | None) -> CommentId | None:
        """The comment named, or the newest; None, where there is none."""
        where: dict[str, Any] = {"team_id": about.team_id, "task_id": about.id}
        if ref is None:
            newest = await rows.find(Comment, **where, newest_first=True, limit=1)
            return newest[0].id if newest else None
        try:
            wanted = ref if isinstance(ref, UUID) else UUID(ref)
        except ValueError:
            raise invalid("comment_id", "must be an id (a UUID)") from None
        if not await rows.find(Comment, **where, id=wanted):
            raise missing(f"comment {ref}")
        return CommentId(wanted)

    def _marker_of(self, task: Task) -> dict[str, Any]:
        return {"team_id": task.team_id, "task_id": task.id, "user_id": self._caller.user_id}

    def _unread(self, team_id: TeamId, seen: Seen[Any], **where: Any) -> UnreadSearch:
        whole = seen.standing.role is not Role.GUEST
        return UnreadSearch(self._caller.user_id, team_id, whole=whole, **where)

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
