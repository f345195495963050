"""Texts of tasks and comments in a table of their own, and indexes on them"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import sqlalchemy as sa
from alembic import op

from taskcore.expression.texts import APART, marked
from taskcore_sql import column_types, text_index
from taskcore_sql.migrations.roles import APP, SEARCH, give_up_search, have_roles, run

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MINE = "(SELECT taskcore_teams())::uuid[]"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"
AT_ONCE = 2_000


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    texts = op.create_table(
        "task_texts",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("task_id", column_types.Id(), nullable=False),
        sa.Column("source_id", column_types.Id(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "task_id", "source_id"),
    )
    if not on_postgresql:
        op.create_index("ix_task_texts_n", "task_texts", ["n"], unique=True)
        for statement in text_index.DDL:
            run(statement)
    numbers = count(1)
    for found in batches():
        rows = [row if on_postgresql else {**row, "n": next(numbers)} for row in found]
        op.get_bind().execute(sa.insert(texts), rows)
    if on_postgresql:
        run("CREATE INDEX ix_task_texts_text ON task_texts USING gin (team_id, text gin_trgm_ops)")
        wall(run("SELECT quote_ident(current_schema())"))
    run("ALTER TABLE tasks DROP COLUMN search_text")


def batches() -> Iterator[list[dict[str, Any]]]:
    """What is searched of the tasks and comments that there are."""
    for rows in pages("tasks", "title", "description"):
        yield [text(team, task, task, title, rest) for team, task, title, rest in rows]
    for rows in pages("comments", "task_id", "body", "deleted_at"):
        kept = [
            text(team, task, comment, "", body)
            for team, comment, task, body, deleted_at in rows
            if deleted_at is None
        ]
        if kept:
            yield kept


def text(team_id: Any, task_id: Any, source_id: Any, title: str, rest: str) -> dict[str, Any]:
    key = {"team_id": team_id, "task_id": task_id, "source_id": source_id}
    return {**key, "text": f"{marked(title)}{APART}{marked(rest)}"}


def pages(table: str, *columns: str) -> Iterator[list[Any]]:
    """The team, id and these columns of all rows, some at a time."""
    key = [sa.column("team_id", column_types.Id()), sa.column("id", column_types.Id())]
    kinds: dict[str, Any] = {"task_id": column_types.Id(), "deleted_at": column_types.Instant()}
    wanted = [sa.column(name, kinds.get(name, sa.Text())) for name in columns]
    asked = sa.select(*key, *wanted).select_from(sa.table(table)).order_by(*key).limit(AT_ONCE)
    rows = list(op.get_bind().execute(asked))
    while rows:
        yield rows
        last = sa.tuple_(*(sa.bindparam(None, value, type_=column_types.Id()) for value in rows[-1][:2]))
        rows = list(op.get_bind().execute(asked.where(sa.tuple_(*key) > last)))


def wall(schema: str) -> None:
    """
    The texts of a team are for its members; and for the function that finds the tasks of a team by a text.

    Behind a policy PostgreSQL compares no text by an index, lest an operator tell what it was compared with. The
    function's role reads texts without one, where before it read tasks, and there is no other way in.
    """
    have_roles()
    run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON task_texts TO {APP}")
    run("ALTER TABLE task_texts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    mine = f"team_id = ANY ({MINE}) OR {INSTANCE}"
    run(f"CREATE POLICY inside ON task_texts USING (nullif({mine}, false) IS NOT NULL) WITH CHECK ({mine})")

    run("DROP POLICY searched ON tasks")
    run(f"REVOKE SELECT (team_id, id, search_text) ON tasks FROM {SEARCH}")  # noqa: S608  names of ours
    run(f"GRANT SELECT (team_id, task_id, text) ON task_texts TO {SEARCH}")
    run(f"CREATE POLICY searched ON task_texts FOR SELECT TO {SEARCH} USING (true)")
    run(f"GRANT CREATE ON SCHEMA {schema} TO {SEARCH}")
    run(f"SET LOCAL ROLE {SEARCH}")
    run(f"""CREATE OR REPLACE FUNCTION taskcore_tasks_with_text(team uuid, pattern text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = {schema}, pg_temp AS $$ BEGIN
  IF team = ANY (taskcore_teams()) OR {INSTANCE} THEN
    RETURN QUERY SELECT x.task_id FROM task_texts x WHERE x.team_id = team AND x.text LIKE pattern;
  END IF;
END $$""")  # noqa: S608  names of ours
    run("RESET ROLE")
    run(f"REVOKE CREATE ON SCHEMA {schema} FROM {SEARCH}")
    give_up_search()
