"""
The least that could answer the same requests: Litestar, asyncpg and msgspec over taskcore's own tables.

It knows no users, no rights, no versions, no ETags and no events; it answers with the same JSON, from the same
rows. `uvicorn bench.reference:app`, with the database's URL in `BENCH_DATABASE`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
from litestar import Litestar, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import Parameter
from msgspec import Struct

from taskcore_sql.mapping import BLOCKED


class TaskRow(Struct):
    """A task as it is answered."""

    id: UUID
    team_id: UUID
    number: int
    key: str
    title: str
    created_by: UUID
    rank: str
    created_at: datetime
    updated_at: datetime
    description: str
    status: str
    priority: int
    project_id: UUID | None
    parent_id: UUID | None
    assignee_id: UUID | None
    labels: list[str]
    followers: list[UUID]
    start_at: datetime | None
    due_at: datetime | None
    due_on: date | None
    estimate_minutes: int | None
    spent_minutes: int
    recurrence: str | None
    started_at: datetime | None
    completed_at: datetime | None
    planned_start: datetime | None
    planned_finish: datetime | None
    external_source: str | None
    external_id: str | None
    lease: str | None
    version: int
    deleted_at: datetime | None
    deleted_by: UUID | None
    blocked: bool
    overdue: bool


class NewTask(Struct):
    team_id: UUID
    title: str


class TaskPage(Struct):
    items: list[TaskRow]


_LABELS = (
    "ARRAY(SELECT l.name FROM task_labels x JOIN labels l ON l.team_id = x.team_id AND l.id = x.label_id"
    " WHERE x.team_id = t.team_id AND x.task_id = t.id ORDER BY 1)"
)
_FOLLOWERS = "ARRAY(SELECT x.user_id FROM task_followers x WHERE x.team_id = t.team_id AND x.task_id = t.id ORDER BY 1)"
_COMPUTED = {
    "labels": _LABELS,
    "followers": _FOLLOWERS,
    "blocked": BLOCKED,
    "overdue": "coalesce(t.due_at < now() AND t.status NOT IN ('done', 'cancelled'), FALSE)",
}
_COLUMNS = ", ".join(_COMPUTED.get(name, f"t.{name}") for name in TaskRow.__struct_fields__)
_ONE = f"SELECT {_COLUMNS} FROM tasks t WHERE t.id = $1 AND t.deleted_at IS NULL"  # noqa: S608  names of ours
_LIST = (
    f"SELECT {_COLUMNS} FROM tasks t WHERE t.team_id = $1 AND t.deleted_at IS NULL"  # noqa: S608
    " ORDER BY t.created_at DESC, t.id DESC LIMIT $2"
)
_CREATE = f"""WITH counter AS (
  UPDATE team_counters SET last_number = last_number + 1 WHERE team_id = $2 RETURNING last_number
), t AS (
  INSERT INTO tasks (id, team_id, number, key, title, created_by, rank, created_at, updated_at, description, status,
    priority, spent_minutes, version)
  SELECT $1, h.id, last_number, h.key || '-' || last_number, $3, u.id, 'i', $4, $4, '', 'open', 0, 0, 1
  FROM counter, teams h, (SELECT id FROM users LIMIT 1) u WHERE h.id = $2
  RETURNING *
), text AS (
  INSERT INTO task_texts (team_id, task_id, source_id, text) SELECT team_id, id, id, lower($3) FROM t
)
SELECT {", ".join(_COMPUTED.get(name, f"t.{name}") for name in TaskRow.__struct_fields__)} FROM t"""  # noqa: S608


@get("/v1/tasks/{task_id:uuid}")
async def read(task_id: UUID, state: State) -> TaskRow:
    row = await state.pool.fetchrow(_ONE, task_id)
    if row is None:
        raise NotFoundException
    return TaskRow(*row)


@get("/v1/tasks")
async def list_tasks(team: UUID, state: State, limit: Annotated[int, Parameter(le=200)] = 50) -> TaskPage:
    return TaskPage([TaskRow(*row) for row in await state.pool.fetch(_LIST, team, limit)])


@post("/v1/tasks")
async def create(data: NewTask, state: State) -> TaskRow:
    row: Any = await state.pool.fetchrow(_CREATE, uuid4(), data.team_id, data.title, datetime.now(UTC))
    return TaskRow(*row)


@asynccontextmanager
async def pool(app: Litestar) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["BENCH_DATABASE"], min_size=10, max_size=10) as connections:
        app.state.pool = connections
        yield


app = Litestar([read, list_tasks, create], lifespan=[pool], openapi_config=None, logging_config=None)
