"""Up to where one has read what is said about a task. It is one's own: nobody else sees it."""

from __future__ import annotations

from functools import partial
from typing import TypedDict

from litestar.params import FromPath

from taskcore.tasks.reading import ReadMarker, ReadState, Unread
from taskcore.values import CommentId
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, Call


class ReadUpTo(TypedDict, total=False):
    """The last comment that was read, and with it all before; without one, all that there are."""

    comment_id: CommentId


@Operation(
    "PUT",
    "/v1/tasks/{task:str}/read",
    body=ReadUpTo,
    body_optional=True,
    gives=ReadMarker,
    rights=("task.read", "comment.read"),
)
async def mark_read(request: Call, task: FromPath[str]) -> Answer:
    """Take a task's comments as read. The marker never goes back, and no event tells of it."""
    comments = request.me.comments
    asked = await request.sent(ReadUpTo, lambda _: comments.read_state(task), optional=True)
    return request.one(await comments.mark_read(task, asked.get("comment_id")))


@Operation("GET", "/v1/tasks/{task:str}/read", gives=ReadState, rights=("task.read", "comment.read"))
async def read_state(request: Call, task: FromPath[str]) -> Answer:
    """Read up to where you have read a task's comments, and how many of others there are beyond."""
    return request.one(await request.me.comments.read_state(task))


@Operation(
    "GET",
    "/v1/teams/{team:str}/unread",
    gives=Unread,
    many=True,
    query=LISTING,
    rights=("team.read", "comment.read"),
)
async def list_unread(request: Call, team: FromPath[str]) -> Answer:
    """List a team's tasks on which you have comments to read, the newest first: tasks that you created, are
    assigned to, follow, or commented on, and those whose comments you have read before."""
    return await request.listed(partial(request.me.comments.unread, team))
