"""Where SQLite and PostgreSQL differ: how a value is held, and the few words that are not the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from taskcore.events import instant_text, plain
from taskcore.expression.texts import Sought
from taskcore.values import Priority
from taskcore_sql import text_index

WEIGHTS = {priority: priority.weight for priority in Priority}
PRIORITIES = tuple(Priority)
Convert = Callable[[Any], Any]


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain).encode
"""Made once: a call of `json.dumps` with these would make it anew, for each event of an import."""


class Dialect(Protocol):
    """The words of one database. Statements are written with `:name` parameters."""

    name: str
    encoders: dict[str, Convert]
    """From a core value to what the driver takes, by column kind; absent: as it is."""
    decoders: dict[str, Convert]
    find: str
    """The function that tells where in a text another begins: 0 for nowhere."""
    character: str
    """The function that makes a character of its number."""
    next_text: str
    """What numbers a new row of texts, where rows are numbered."""
    row: str
    """What a page of `of_each` selects of its tasks `t`."""

    def of_each(self, table: str, page: str) -> str:
        """Tasks `t`: the page of each row of a table, whose columns the page may refer to."""

    def in_turn(self, nearer: str, further: str, limit: int) -> str:
        """The rows of one query, and those of another where the first gave fewer than `limit`."""

    def __hash__(self) -> int:
        """Of this very one: statements are worked out once a dialect."""

    def any_of(self, expression: str, parameter: str) -> str:
        """Whether an expression equals any of a parameter's values."""

    def several(self, values: list[Any]) -> Any:
        """A parameter of several values, as the driver takes it."""

    def member(self, column: str, *path: str) -> str:
        """What lies in a JSON column under these names, as text; NULL where nothing does."""

    def array(self, column: str, rest: str) -> str:
        """The values of a column in a subquery, sorted, as one value."""

    def joined(self, text: str, rest: str) -> str:
        """The texts in a subquery as one, a line each."""

    def all_of(self, table: str, tests: str) -> str:
        """Tasks `t`: those of all rows of a table for which these hold, which may refer to its columns."""

    def sought_in_index(self, text: Sought) -> str | None:
        """What an index on texts is asked to find a text; None, where it cannot."""

    def tasks_with(self, text: str, sought: str) -> str:
        """The query of the ids of all tasks of the teams in `mine` that have a text, from the index on texts.
        Both are parameters: the text, and what `sought_in_index` gave."""

    def each_row(self, source: str) -> str:
        """A subquery whose values are compared with an expression: `IN (…)`, read once."""


class SqliteDialect:
    name = "sqlite"
    encoders: dict[str, Convert] = {  # noqa: RUF012
        "uuid": str,
        "instant": instant_text,
        "day": date.isoformat,
        "flag": int,
        "json": _json,
        "ids": _json,
        "texts": _json,
        "priority": WEIGHTS.__getitem__,
    }
    decoders: dict[str, Convert] = {  # noqa: RUF012
        "uuid": UUID,
        "instant": datetime.fromisoformat,
        "day": date.fromisoformat,
        "flag": bool,
        "json": json.loads,
        "ids": lambda text: tuple(map(UUID, json.loads(text))),
        "texts": lambda text: tuple(json.loads(text)),
        "priority": PRIORITIES.__getitem__,
        "array": lambda text: tuple(json.loads(text)),
        "uuid_array": lambda text: tuple(map(UUID, json.loads(text))),
    }

    find = "instr"
    character = "char"
    next_text = "(SELECT coalesce(max(n), 0) + 1 FROM task_texts)"
    row = "t.rowid"

    def of_each(self, table: str, page: str) -> str:
        return f"{table} CROSS JOIN tasks t ON t.rowid IN ({page})"

    def in_turn(self, nearer: str, further: str, limit: int) -> str:  # noqa: ARG002
        # Always both: it would count the first anew for each row of the second.
        return f"SELECT * FROM ({nearer}) UNION ALL SELECT * FROM ({further})"  # noqa: S608

    def any_of(self, expression: str, parameter: str) -> str:
        return f"{expression} IN (SELECT value FROM json_each(:{parameter}))"  # noqa: S608  names of ours

    def several(self, values: list[Any]) -> str:
        return json.dumps(values)

    def member(self, column: str, *path: str) -> str:
        return f"json_extract({column}, '$.{'.'.join(path)}')"

    def array(self, column: str, rest: str) -> str:
        return f"(SELECT json_group_array(v) FROM (SELECT {column} AS v {rest} ORDER BY v))"  # noqa: S608

    def joined(self, text: str, rest: str) -> str:
        return f"(SELECT group_concat({text}, char(10)) {rest})"

    def all_of(self, table: str, tests: str) -> str:
        return f"{table} JOIN tasks t ON {tests}"

    def sought_in_index(self, text: Sought) -> str | None:
        return text_index.query(text.plain) if len(text.plain) >= text_index.TRIGRAM else None

    def tasks_with(self, text: str, sought: str) -> str:
        teams = f"(SELECT {text_index.ANY_TEAM} FROM mine)"  # noqa: S608  names of ours
        found = f"SELECT rowid FROM text_index WHERE text_index MATCH {teams} || ' AND ' || {sought}"  # noqa: S608
        return (
            "SELECT y.task_id FROM task_texts y"  # noqa: S608  names of ours
            f" WHERE y.n IN ({found}) AND y.team_id IN (SELECT team_id FROM mine) AND instr(y.text, {text}) > 0"
        )

    def each_row(self, source: str) -> str:
        return f"IN ({source})"


_INDEXED = re.compile(r"[a-z0-9]{3}")
"""Three letters or digits in a row, as the index on texts has them; one asked for less would be read whole."""


class PostgresDialect:
    name = "postgresql"
    encoders: dict[str, Convert] = {  # noqa: RUF012
        "json": _json,
        "ids": _json,
        "texts": _json,
        "priority": WEIGHTS.__getitem__,
    }
    decoders: dict[str, Convert] = {  # noqa: RUF012
        "json": json.loads,
        "ids": lambda text: tuple(map(UUID, json.loads(text))),
        "texts": lambda text: tuple(json.loads(text)),
        "priority": PRIORITIES.__getitem__,
        "array": tuple,
        "uuid_array": tuple,
    }

    find = "strpos"
    character = "chr"
    next_text = ""
    row = "t.*"

    def of_each(self, table: str, page: str) -> str:
        return f"{table} CROSS JOIN LATERAL ({page}) t"

    def in_turn(self, nearer: str, further: str, limit: int) -> str:
        return (
            f"WITH nearer AS ({nearer}) SELECT * FROM nearer"  # noqa: S608
            f" UNION ALL SELECT * FROM ({further}) further WHERE (SELECT count(*) FROM nearer) < {limit}"
        )

    def any_of(self, expression: str, parameter: str) -> str:
        return f"{expression} = ANY(:{parameter})"

    def several(self, values: list[Any]) -> list[Any]:
        return values

    def member(self, column: str, *path: str) -> str:
        return f"{column} #>> '{{{','.join(path)}}}'"

    def array(self, column: str, rest: str) -> str:
        return f"ARRAY(SELECT {column} {rest} ORDER BY 1)"

    def joined(self, text: str, rest: str) -> str:
        return f"(SELECT string_agg({text}, chr(10)) {rest})"

    def all_of(self, table: str, tests: str) -> str:
        return f"{table} CROSS JOIN LATERAL (SELECT t.id FROM tasks t WHERE {tests}) t"  # noqa: S608

    def sought_in_index(self, text: Sought) -> str | None:
        if not _INDEXED.search(text.plain):
            return None
        escaped = text.part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"%{escaped}%"

    def tasks_with(self, text: str, sought: str) -> str:  # noqa: ARG002  a pattern says it all
        return (
            "SELECT y.task_id"  # noqa: S608  names of ours
            f" FROM mine JOIN task_texts y ON y.team_id = mine.team_id AND y.text LIKE {sought}"
        )

    def each_row(self, source: str) -> str:
        return f"= ANY(ARRAY({source}))"


class WalledDialect(PostgresDialect):
    """Behind row-level security, where an index on texts can only be asked by a function that may."""

    def tasks_with(self, text: str, sought: str) -> str:  # noqa: ARG002  as above
        return (
            "SELECT y.task_id"  # noqa: S608  names of ours
            f" FROM mine CROSS JOIN LATERAL taskcore_tasks_with_text(mine.team_id, {sought}) y(task_id)"
        )


SQLITE: Dialect = SqliteDialect()
POSTGRESQL: Dialect = PostgresDialect()
WALLED: Dialect = WalledDialect()
