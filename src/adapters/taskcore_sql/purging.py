"""The end of a team: the rows of each of its tables, some at a time, those that point at others first."""

from __future__ import annotations

from typing import Any

from taskcore.ports import KEYS, OUTLIVING
from taskcore.tasks.model import Task
from taskcore_sql.database import Connection
from taskcore_sql.mapping import TABLES
from taskcore_sql.schema import COLUMNS

_TEXTS = ("task_texts", ("task_id", "source_id"))
"""Each comment has one, and goes before its task does; what else hangs on a thing is little, and goes with it."""
_OF_TEAMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    _TEXTS,
    *(
        (table, tuple(field for field in KEYS.get(kind, ("seq",)) if field != "team_id"))
        for kind, table in reversed(TABLES.items())
        if "team_id" in COLUMNS[table] and kind not in OUTLIVING
    ),
)
"""Tables and the rest of their keys, what points at others first; the log, which points at nothing, among them."""
_IS_LEAF = " AND NOT EXISTS (SELECT 1 FROM tasks c WHERE c.team_id = t.team_id AND c.parent_id = t.id)"


async def purge(connection: Connection, team_id: Any, most: int) -> int:
    """As `Unit.purge`."""
    removed = 0
    for table, key in _OF_TEAMS:
        while removed < most and (gone := await _some(connection, table, key, team_id, most - removed)):
            removed += gone
    if removed < most:
        sql = "DELETE FROM teams WHERE id = :team_id"
        removed += await connection.execute(sql, {"team_id": team_id})
    return removed


async def _some(connection: Connection, table: str, key: tuple[str, ...], team_id: Any, most: int) -> int:
    columns = ", ".join(key)
    leaf = _IS_LEAF if table == TABLES[Task] else ""
    some = f"SELECT {columns} FROM {table} t WHERE team_id = :team_id{leaf} LIMIT {int(most)}"  # noqa: S608  names of ours
    sql = f"DELETE FROM {table} WHERE team_id = :team_id AND ({columns}) IN ({some})"  # noqa: S608
    return await connection.execute(sql, {"team_id": team_id})
