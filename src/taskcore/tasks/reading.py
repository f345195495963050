"""Up to where somebody has read what is said about a task, and what they have not read."""

from __future__ import annotations

from datetime import datetime

import attrs

from taskcore.tasks.model import Task
from taskcore.values import CommentId, TaskId, TeamId, UserId


@attrs.frozen(slots=True)
class ReadMarker:
    """
    The last comment on a task that its user has read, and with it all before: ids of comments rise (UUIDv7).

    It is nobody else's to see, and so the log does not tell of it.
    """

    team_id: TeamId
    task_id: TaskId
    user_id: UserId
    comment_id: CommentId | None
    """None: they looked when nobody had said anything yet."""
    read_at: datetime
    version: int = 1


@attrs.frozen(slots=True)
class Unread:
    """How many comments of others on a task somebody has not read, and the newest of these."""

    task_id: TaskId
    unread: int
    last_comment_id: CommentId


@attrs.frozen(slots=True)
class ReadState:
    """Up to where the caller has read a task's comments (None: not begun), and how many there are beyond."""

    unread: int
    comment_id: CommentId | None = None


def marked(
    known: ReadMarker | None, task: Task, user_id: UserId, comment_id: CommentId | None, now: datetime
) -> ReadMarker:
    """The marker at that comment; `known`, where it is there already, or beyond: it never goes back."""
    if known is None:
        return ReadMarker(task.team_id, task.id, user_id, comment_id, now)
    if comment_id is None or (known.comment_id is not None and comment_id <= known.comment_id):
        return known
    return attrs.evolve(known, comment_id=comment_id, read_at=now, version=known.version + 1)
