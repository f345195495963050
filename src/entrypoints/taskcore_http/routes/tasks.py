"""Tasks. Wherever a task stands, its id or its key (`PLAT-42`) may stand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

import attrs
from litestar.params import FromPath

from taskcore.core import Acting
from taskcore.errors import Invalid, Malformed
from taskcore.paging import Page
from taskcore.query import FIELDS
from taskcore.tasks.api import Tasks
from taskcore.tasks.expansion import EXPANSIONS
from taskcore.tasks.model import Task, TaskDetails, TaskFields
from taskcore_http.answer import Answer
from taskcore_http.filters import Filter
from taskcore_http.operation import Operation
from taskcore_http.versions import Superseded
from taskcore_http.wire import NEVER, Call, Raw


class NewTask(TaskDetails):
    """A task to be, in the team with this id, slug or key."""

    team_id: str
    title: str


@Operation(
    "GET",
    "/v1/tasks",
    gives=Task,
    many=True,
    query=(*FIELDS, "count", "expand"),
    rights=("task.list", "membership.list", "project.read", "project.list"),
)
async def list_tasks(request: Call) -> Answer:
    """
    List the tasks that you may see and the parameters select.

    A parameter that takes several values (with commas, or given again) means any of them; two
    parameters mean both; `q` says the same and more in one expression. People are ids, `me` or `none`.
    `sort` takes up to three fields, `-` first for descending. `count=true` adds `total`. `expand` gives `assignee`, `project` and `labels` whole.
    """
    tasks = request.me.tasks
    filters = dict(request.query(*FIELDS, "count", "expand"))
    counted, expand = request.flag("count"), filters.pop("expand", None)
    filters.pop("count", None)
    try:
        page = await tasks.list(**filters)
        shown = Page(await _whole(tasks, page.items, expand), page.next_cursor)
    except Invalid as fault:
        await request.refuse(fault, lambda _: tasks.list(team=filters.get("team"), limit=1))
    return request.page(shown, total=await tasks.count(**filters) if counted else None)


async def _whole(tasks: Tasks, found: Sequence[Task], expand: str | None) -> list[Any]:
    """Tasks as they are shown: with what is to be expanded in them."""
    if expand is None:
        return [*found]
    names = expand.split(",")
    return [
        {name: getattr(each.task, name) for name in _FIELDS}
        | {name: getattr(each, name) for name in EXPANSIONS if name in names}
        for each in await tasks.expand(found, expand)
    ]


_FIELDS = tuple(field.name for field in attrs.fields(Task))


@Operation(
    "POST",
    "/v1/tasks",
    body=NewTask,
    needs=("title",),
    gives=Task,
    status=201,
    refuses=("not_found", "already_exists", "cycle"),
    rights=("team.read", "task.create"),
)
async def create_task(request: Call) -> Answer:
    """Create a task in a team."""
    me = request.me
    fields: dict[str, Any] = {**await request.sent(NewTask, lambda raw: _refuse_new(me, raw))}
    task = await me.tasks.create(fields.pop("team_id"), fields.pop("title"), **fields)
    return request.one(task, status=201, location=f"/v1/tasks/{task.id}")


async def _refuse_new(me: Acting, raw: Raw) -> None:
    team = raw.get("team_id")
    await (me.tasks.create(team, "") if isinstance(team, str) else me.me.get())


class Lease(Filter, total=False):
    """For how long a task is taken, and which. Further fields are those of a query."""

    lease_minutes: int


class Claim(Lease):
    """From which team the next ready task is taken, and for how long. Further fields are those of a query."""

    team_id: str


@Operation(
    "POST",
    "/v1/tasks/claim",
    body=Claim,
    needs=("team_id",),
    gives=Task,
    also={204: "Nothing is ready."},
    rights=("team.read", "task.claim"),
    refuses=("not_found", "contended"),
)
async def claim_task(request: Call) -> Answer:
    """
    Take the next ready task: it is yours, and held for you for `lease_minutes` (30, if nothing is said).

    To exactly one of all who ask. A task that is not finished when its time is over can be claimed by others.
    """
    tasks = request.me.tasks
    fields: dict[str, Any] = {**await request.sent(Claim, lambda raw: _refuse_claim(request.me, raw))}
    try:
        task = await tasks.claim(fields.pop("team_id"), **fields)
    except Malformed as fault:  # which a body's value is not, though a query's parameter would be
        raise Invalid(faults=fault.faults) from fault
    return request.one(task) if task is not None else request.done()


async def _refuse_claim(me: Acting, raw: Raw) -> None:
    team = raw.get("team_id")
    await (me.tasks.claim(team, lease_minutes=0) if isinstance(team, str) else me.me.get())


@Operation(
    "GET",
    "/v1/tasks/{task:str}",
    gives=Task,
    query=("deleted", "expand"),
    rights=("task.read", "membership.list", "project.read", "project.list"),
)
async def read_task(request: Call, task: FromPath[str]) -> Answer:
    """Read one task; one in the trash only with `deleted=true`. `expand` gives `assignee`, `project` and
    `labels` whole."""
    tasks = request.me.tasks
    expand = request.query("deleted", "expand").get("expand")
    found = await tasks.get(task, deleted=request.flag("deleted"))
    return request.one((await _whole(tasks, [found], expand))[0])


class TaskChange(TaskFields, total=False):
    """What is to change. `after` and `before` name another task of the team, right behind or ahead of which it
    is to stand in the manual order: instead of a `rank`."""

    after: str
    before: str


@Operation(
    "PATCH",
    "/v1/tasks/{task:str}",
    body=TaskChange,
    gives=Task,
    query=("force",),
    versioned=True,
    merges=True,
    refuses=("blocked", "unfinished_subtasks", "cycle", "already_exists"),
    rights=(
        "task.read",
        "task.update_own",
        "task.update_other",
        "task.assign",
        "task.move_project",
        "task.create",
    ),
)
async def edit_task(request: Call, task: FromPath[str]) -> Answer:
    """
    Change a task: what is absent stays, null clears.

    `force=true` finishes one that is blocked or has unfinished subtasks.
    """
    tasks = request.me.tasks
    request.query("force")
    force = request.flag("force")
    fields = await request.sent(TaskChange, lambda _: tasks.edit(task, if_version=NEVER))
    placed = "after" in fields or "before" in fields
    change: Callable[..., Awaitable[Task]] = tasks.move if placed else tasks.edit
    return request.one(
        await change(task, if_version=request.if_version, merge=request.merge, force=force, **fields)
    )


@Operation(
    "DELETE",
    "/v1/tasks/{task:str}",
    versioned=True,
    rights=("task.read", "task.delete_own", "task.delete_other"),
    superseded=Superseded(since=date(2026, 11, 25), until=date(2027, 11, 25)),
)
async def delete_task(request: Call, task: FromPath[str]) -> Answer:
    """Put a task in the trash, with its subtasks."""
    await _trashed(request, task)
    return request.done()


@Operation(
    "DELETE",
    "/v2/tasks/{task:str}",
    gives=Task,
    versioned=True,
    rights=("task.read", "task.delete_own", "task.delete_other"),
)
async def trash_task(request: Call, task: FromPath[str]) -> Answer:
    """
    Put a task in the trash, with its subtasks; gives it as it lies there.

    Its ETag is good for taking it out again, `If-Match` with POST …/restore, if nobody else has.
    """
    return request.one(await _trashed(request, task))


async def _trashed(request: Call, task: str) -> Task:
    tasks = request.me.tasks
    await request.bare(lambda _: tasks.delete(task, if_version=NEVER))
    return await tasks.delete(task, if_version=request.if_version)


@Operation(
    "POST",
    "/v1/tasks/{task:str}/restore",
    gives=Task,
    versioned=True,
    refuses=("parent_deleted", "trash_expired"),
    rights=("task.read", "task.restore"),
)
async def restore_task(request: Call, task: FromPath[str]) -> Answer:
    """Take a task, and what went with it, out of the trash."""
    tasks = request.me.tasks
    await request.bare(lambda _: tasks.restore(task, if_version=NEVER))
    return request.one(await tasks.restore(task, if_version=request.if_version))


@Operation(
    "POST",
    "/v1/tasks/{task:str}/purge",
    versioned=True,
    refuses=("not_deleted",),
    rights=("task.read", "task.purge"),
)
async def purge_task(request: Call, task: FromPath[str]) -> Answer:
    """End a task in the trash for good."""
    tasks = request.me.tasks
    await request.bare(lambda _: tasks.purge(task, if_version=NEVER))
    await tasks.purge(task, if_version=request.if_version)
    return request.done()
