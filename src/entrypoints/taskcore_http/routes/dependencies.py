"""Which tasks stand before a task."""

from __future__ import annotations

import sys

from litestar.params import FromPath

from taskcore.paging import Page
from taskcore.tasks.dependencies import Lag
from taskcore.tasks.model import Dependency
from taskcore_http.operation import Operation
from taskcore_http.wire import Answer, Call

IMPOSSIBLE = sys.maxsize


@Operation("GET", "/v1/tasks/{task:str}/dependencies", gives=Dependency, many=True)
async def list_dependencies(request: Call, task: FromPath[str]) -> Answer:
    """List what ties a task to its predecessors and successors."""
    return request.page(Page([*await request.me.dependencies.list(task)]))


@Operation(
    "PUT",
    "/v1/tasks/{task:str}/dependencies/{predecessor:str}",
    body=Lag,
    body_optional=True,
    gives=Dependency,
    also={201: "It is new."},
    refuses=("cycle",),
)
async def put_dependency(request: Call, task: FromPath[str], predecessor: FromPath[str]) -> Answer:
    """Let a task wait for another, its predecessor."""
    links = request.me.dependencies
    lag = await request.sent(
        Lag, lambda _: links.put(task, predecessor, lag_minutes=IMPOSSIBLE), optional=True
    )
    dependency, is_new = await links.put(task, predecessor, **lag)
    if not is_new:
        return request.one(dependency)
    return request.one(dependency, status=201, location=request.scope["path"])


@Operation("DELETE", "/v1/tasks/{task:str}/dependencies/{predecessor:str}")
async def delete_dependency(request: Call, task: FromPath[str], predecessor: FromPath[str]) -> Answer:
    """Let a task wait for another no longer."""
    me = request.me
    await request.bare(lambda _: me.tasks.get(task))
    await me.dependencies.unlink(task, predecessor)
    return request.done()
