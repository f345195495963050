"""What somebody has not read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taskcore.ports import UnreadSearch
from taskcore.tasks.model import Comment, Task
from taskcore.tasks.reading import ReadMarker, Unread
from taskcore.values import UserId


def unread_of(
    task: Task, marker: ReadMarker | None, comments: Sequence[Comment], user_id: UserId
) -> Unread | None:
    """What of a task's comments they have not read; None, where that is nothing, or does not concern them."""
    concerned = user_id in (task.created_by, task.assignee_id, *task.followers) or any(
        comment.author_id == user_id for comment in comments
    )
    if marker is None and not concerned:
        return None
    read = marker.comment_id if marker is not None else None
    ids = [each.id for each in comments if each.author_id != user_id and (read is None or each.id > read)]
    return Unread(task.id, len(ids), max(ids)) if ids else None


def newest_first(found: Iterable[Unread | None], search: UnreadSearch) -> list[Unread]:
    """The page of what was found that is asked for."""
    listed = [
        each
        for each in found
        if each is not None and (search.before is None or each.last_comment_id < search.before)
    ]
    return sorted(listed, key=lambda each: each.last_comment_id, reverse=True)[: search.limit]
