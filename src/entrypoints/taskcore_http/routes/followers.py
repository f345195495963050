"""Who wants to hear of a task."""

from __future__ import annotations

from typing import TypedDict

from litestar.params import FromPath

from taskcore.errors import NotFound
from taskcore.paging import Page
from taskcore.tasks.model import Task
from taskcore.values import UserId
from taskcore_http.operation import Operation
from taskcore_http.wire import Answer, Call


class Follower(TypedDict):
    """Somebody who follows a task."""

    user_id: UserId


@Operation("GET", "/v1/tasks/{task:str}/followers", gives=Follower, many=True)
async def list_followers(request: Call, task: FromPath[str]) -> Answer:
    """List who follows a task."""
    followers = await request.me.followers.list(task)
    return request.page(Page([Follower(user_id=each) for each in followers]))


@Operation("GET", "/v1/tasks/{task:str}/followers/{user:str}", gives=Follower)
async def read_follower(request: Call, task: FromPath[str], user: FromPath[str]) -> Answer:
    """Whether somebody follows a task: 404, if not."""
    me = request.me
    user_id = await request.user_id(user, lambda _: me.tasks.get(task))
    if user_id not in await me.followers.list(task):
        raise NotFound(f"no such follower {user}")
    return request.one(Follower(user_id=user_id))


@Operation("PUT", "/v1/tasks/{task:str}/followers/{user:str}", gives=Task)
async def add_follower(request: Call, task: FromPath[str], user: FromPath[str]) -> Answer:
    """Let somebody who can see the task follow it."""
    me = request.me
    user_id = await request.user_id(user, lambda _: me.tasks.get(task))
    await request.bare(lambda _: me.tasks.get(task))
    return request.one(await me.followers.add(task, user_id))


@Operation("DELETE", "/v1/tasks/{task:str}/followers/{user:str}")
async def remove_follower(request: Call, task: FromPath[str], user: FromPath[str]) -> Answer:
    """Let somebody follow a task no longer."""
    me = request.me
    user_id = await request.user_id(user, lambda _: me.tasks.get(task))
    await request.bare(lambda _: me.tasks.get(task))
    await me.followers.remove(task, user_id)
    return request.done()
