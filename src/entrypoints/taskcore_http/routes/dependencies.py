"""Which tasks stand before a task."""

from __future__ import annotations

from typing import Any

from litestar.params import FromPath

from taskcore.paging import Page
from taskcore.tasks.dependencies import Lag
from taskcore.tasks.model import Dependency
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


@Operation(
    "GET",
    "/v1/tasks/{task:str}/dependencies",
    gives=Dependency,
    many=True,
    query=LISTING,
    rights=("task.read",),
)
async def list_dependencies(request: Call, task: FromPath[str]) -> Answer:
    """List what ties a task to its predecessors and successors."""
    links = request.me.dependencies

    async def read(**part: Any) -> Page[Dependency]:
        return await request.sliced(await links.list(task), _ends, **part)

    return await request.listed(read)


def _ends(link: Dependency) -> str:
    return f"{link.predecessor_id} {link.successor_id}"


@Operation(
    "PUT",
    "/v1/tasks/{task:str}/dependencies/{predecessor:str}",
    body=Lag,
    body_optional=True,
    gives=Dependency,
    also={201: "It is new."},
    versioned=True,
    refuses=("cycle",),
    rights=("task.read", "dependency.manage"),
)
async def put_dependency(request: Call, task: FromPath[str], predecessor: FromPath[str]) -> Answer:
    """
    Let a task wait for another, its predecessor.

    `If-Match` names a version of the task that waits.
    """
    links = request.me.dependencies
    lag = await request.sent(Lag, lambda _: links.put(task, predecessor, if_version=NEVER), optional=True)
    dependency, is_new = await links.put(task, predecessor, if_version=request.if_version, **lag)
    if not is_new:
        return request.one(dependency, part=True)
    return request.one(dependency, status=201, location=request.scope["path"], part=True)


@Operation(
    "DELETE",
    "/v1/tasks/{task:str}/dependencies/{predecessor:str}",
    versioned=True,
    rights=("task.read", "dependency.manage"),
)
async def delete_dependency(request: Call, task: FromPath[str], predecessor: FromPath[str]) -> Answer:
    """
    Let a task wait for another no longer.

    `If-Match` names a version of the task that waits.
    """
    links = request.me.dependencies
    await request.bare(lambda _: links.unlink(task, predecessor, if_version=NEVER))
    await links.unlink(task, predecessor, if_version=request.if_version)
    return request.done()
