"""Who wants to hear of a task."""

from __future__ import annotations

from typing import Any, TypedDict

from litestar.params import FromPath

from taskcore.errors import NotFound
from taskcore.paging import Page
from taskcore.tasks.model import Task
from taskcore.values import UserId
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


class Follower(TypedDict):
    """Somebody who follows a task."""

    user_id: UserId


@Operation(
    "GET", "/v1/tasks/{task:str}/followers", gives=Follower, many=True, query=LISTING, rights=("task.read",)
)
async def list_followers(request: Call, task: FromPath[str]) -> Answer:
    """List who follows a task."""
    followers = request.me.followers

    async def read(**part: Any) -> Page[Follower]:
        found = [Follower(user_id=each) for each in await followers.list(task)]
        return await request.sliced(found, lambda each: str(each["user_id"]), **part)

    return await request.listed(read)


@Operation("GET", "/v1/tasks/{task:str}/followers/{user:str}", gives=Follower, rights=("task.read",))
async def read_follower(request: Call, task: FromPath[str], user: FromPath[str]) -> Answer:
    """Whether somebody follows a task: 404, if not."""
    me = request.me
    user_id = await request.user_id(user, lambda _: me.tasks.get(task))
    if user_id not in await me.followers.list(task):
        raise NotFound(f"no such follower {user}")
    return request.one(Follower(user_id=user_id))


@Operation(
    "PUT",
    "/v1/tasks/{task:str}/followers/{user:str}",
    gives=Task,
    versioned=True,
    rights=("task.read", "task.watch", "follower.manage"),
)
async def add_follower(request: Call, task: FromPath[str], user: FromPath[str]) -> Answer:
    """Let somebody who can see the task follow it."""
    me = request.me
    user_id = await request.user_id(user, lambda _: me.tasks.get(task))
    await request.bare(lambda _: me.followers.add(task, user_id, if_version=NEVER))
    return request.one(await me.followers.add(task, user_id, if_version=request.if_version))


@Operation(
    "DELETE",
    "/v1/tasks/{task:str}/followers/{user:str}",
    versioned=True,
    rights=("task.read", "task.watch", "follower.manage"),
)
async def remove_follower(request: Call, task: FromPath[str], user: FromPath[str]) -> Answer:
    """Let somebody follow a task no longer."""
    me = request.me
    user_id = await request.user_id(user, lambda _: me.tasks.get(task))
    await request.bare(lambda _: me.followers.remove(task, user_id, if_version=NEVER))
    await me.followers.remove(task, user_id, if_version=request.if_version)
    return request.done()
