"""What somebody has not read, as one statement that begins at what concerns them, and not at all that is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from taskcore.ports import UnreadSearch
from taskcore.tasks.reading import Unread
from taskcore.values import CommentId, TaskId
from taskcore_sql.database import Params

_NIL = UUID(int=0)
"""Before every comment."""
_CONCERNING = (
    ("task_id", "read_markers x", "x.user_id = :user_id"),
    ("id", "tasks x", "x.created_by = :user_id"),
    ("id", "tasks x", "x.assignee_id = :user_id"),
    ("task_id", "task_followers x", "x.user_id = :user_id"),
    ("task_id", "comments x", "x.author_id = :user_id AND x.deleted_at IS NULL"),
)
"""Which tasks count: the column of their id, the table that says so, and how; each from an index of its own."""
_SHARED = """
  AND EXISTS (SELECT 1 FROM project_guests g
    WHERE g.team_id = t.team_id AND g.project_id = t.project_id AND g.user_id = :user_id)"""
# An id as text sorts as the id does; PostgreSQL before 18 knows no greatest UUID.
_NEWEST = "max(CAST(c.id AS text))"


def unread(search: UnreadSearch, encode: Callable[[UUID], Any]) -> tuple[str, Params]:
    """The statement that answers a search, and its parameters."""
    params: Params = {
        "team_id": encode(search.team_id),
        "user_id": encode(search.user_id),
        "nil": encode(_NIL),
    }
    if search.task_id is not None:
        params["task_id"] = encode(search.task_id)
    if search.before is not None:
        params["before"] = str(search.before)
    sql = f"""SELECT o.id, count(*), {_NEWEST}
FROM ({_concerning(one=search.task_id is not None)}) o
JOIN tasks t ON t.team_id = :team_id AND t.id = o.id
LEFT JOIN read_markers r ON r.team_id = :team_id AND r.task_id = o.id AND r.user_id = :user_id
JOIN comments c ON c.team_id = :team_id AND c.task_id = o.id AND c.id > coalesce(r.comment_id, :nil)
WHERE t.deleted_at IS NULL AND c.author_id <> :user_id AND c.deleted_at IS NULL{"" if search.whole else _SHARED}
GROUP BY o.id{f" HAVING {_NEWEST} < :before" if search.before is not None else ""}
ORDER BY 3 DESC LIMIT {int(search.limit)}"""  # noqa: S608  names of ours
    return sql, params


def _concerning(*, one: bool) -> str:
    """The ids of the tasks that count, or of one task, if it does."""
    return " UNION ".join(
        f"SELECT x.{column} AS id FROM {table} WHERE x.team_id = :team_id AND {test}"  # noqa: S608
        + (f" AND x.{column} = :task_id" if one else "")
        for column, table, test in _CONCERNING
    )


def unread_in(row: Sequence[Any]) -> Unread:
    task_id, count, newest = row
    return Unread(TaskId(UUID(str(task_id))), int(count), CommentId(UUID(str(newest))))
