"""
Writes `schema.py` from the typed models: `python -m taskcore_sql.render`.

Queries run without SQLAlchemy, whose import alone would cost the command line more than the
queries do; what they need of the schema is rendered ahead of time. A test fails when it is stale.
"""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Column, Index, LargeBinary
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from taskcore_sql import text_index
from taskcore_sql.tables import Base

MIGRATIONS = Path(__file__).with_name("migrations")
_HEADER = '"""Rendered from `tables.py` by `python -m taskcore_sql.render`. Do not edit."""\n\n# fmt: off\n'


def head() -> str:
    """The newest migration."""
    script = ScriptDirectory(str(MIGRATIONS))
    return script.get_current_head() or ""


def kind(column: Column[object]) -> str:
    if isinstance(column.type, LargeBinary):
        return "bytes"
    return str(getattr(column.type, "kind", column.type.python_type.__name__))


def ddl() -> list[str]:
    """What makes an empty SQLite file into this schema: the same as all migrations do."""
    statements = []
    for table in Base.metadata.sorted_tables:
        statements.append(_statement(CreateTable(table)))
        indexes = sorted(filter(_is_for_sqlite, table.indexes), key=lambda index: str(index.name))
        statements += [_statement(CreateIndex(index)) for index in indexes]
    return [*statements, *text_index.DDL]


def _is_for_sqlite(index: Index) -> bool:
    only = index._ddl_if  # noqa: SLF001  asked nowhere else
    return only is None or only.dialect == "sqlite"


def _statement(element: ExecutableDDLElement) -> str:
    lines = str(element.compile(dialect=sqlite.dialect())).strip().expandtabs(4).splitlines()
    return "\n".join(line.rstrip() for line in lines)


def rendered() -> str:
    lines = [_HEADER, f'HEAD = "{head()}"', "", "COLUMNS: dict[str, dict[str, str]] = {"]
    for table in Base.metadata.sorted_tables:
        columns = ", ".join(f'"{column.name}": "{kind(column)}"' for column in table.columns)
        lines.append(f'    "{table.name}": {{{columns}}},')
    lines += ["}", "", "SQLITE: tuple[str, ...] = ("]
    lines += [f'    """{statement}""",' for statement in ddl()]
    return "\n".join([*lines, ")", ""])


if __name__ == "__main__":
    Path(__file__).with_name("schema.py").write_text(rendered(), encoding="utf-8")
