"""What is said about a task."""

from __future__ import annotations

from functools import partial
from typing import TypedDict

from litestar.params import FromPath

from taskcore.tasks.model import Comment
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


class Words(TypedDict):
    """A comment, in Markdown; `@name` mentions somebody."""

    body: str


@Operation(
    "GET",
    "/v1/tasks/{task:str}/comments",
    gives=Comment,
    many=True,
    query=LISTING,
    rights=("task.read", "comment.read"),
)
async def list_comments(request: Call, task: FromPath[str]) -> Answer:
    """List a task's comments, the oldest first."""
    return await request.listed(partial(request.me.comments.list, task))


@Operation(
    "POST",
    "/v1/tasks/{task:str}/comments",
    body=Words,
    gives=Comment,
    status=201,
    rights=("task.read", "comment.create"),
)
async def create_comment(request: Call, task: FromPath[str]) -> Answer:
    """Say something about a task."""
    comments = request.me.comments
    words = await request.sent(Words, lambda _: comments.create(task, ""))
    comment = await comments.create(task, words["body"])
    return request.one(comment, status=201, location=f"/v1/comments/{comment.id}")


@Operation(
    "PATCH",
    "/v1/comments/{comment:str}",
    body=Words,
    gives=Comment,
    versioned=True,
    rights=("comment.read", "comment.update_own", "comment.update_other"),
)
async def edit_comment(request: Call, comment: FromPath[str]) -> Answer:
    """Put your own comment in other words."""
    comments = request.me.comments
    words = await request.sent(Words, lambda _: comments.edit(comment, "", if_version=NEVER))
    return request.one(await comments.edit(comment, words["body"], if_version=request.if_version))


@Operation(
    "DELETE",
    "/v1/comments/{comment:str}",
    versioned=True,
    rights=("comment.read", "comment.delete_own", "comment.delete_other"),
)
async def delete_comment(request: Call, comment: FromPath[str]) -> Answer:
    """Take your own comment back, or another's as a moderator."""
    comments = request.me.comments
    await request.bare(lambda _: comments.delete(comment, if_version=NEVER))
    await comments.delete(comment, if_version=request.if_version)
    return request.done()
