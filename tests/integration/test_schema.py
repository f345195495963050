"""The schema is said once, in `tables.py`: what is rendered from it and what migrations make agree with it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Index, Table, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import taskcore.blocking
from taskcore_sql import schema
from taskcore_sql.migrate import upgrade_postgresql, upgrade_sqlite
from taskcore_sql.render import rendered
from taskcore_sql.tables import Base


def test_what_is_rendered_is_not_stale() -> None:
    assert Path(schema.__file__).read_text() == rendered(), "run `python -m taskcore_sql.render`"


def test_migrations_make_of_an_empty_sqlite_file_what_the_models_say(tmp_path: Path) -> None:
    path = tmp_path / "migrated.db"
    upgrade_sqlite(str(path))

    assert differences_in_sqlite(path) == []


def test_a_sqlite_file_that_opening_made_is_the_one_that_migrations_make(tmp_path: Path) -> None:
    made, migrated = tmp_path / "made.db", tmp_path / "migrated.db"
    with taskcore.blocking.open(f"sqlite:///{made}"):
        pass
    upgrade_sqlite(str(migrated))

    assert described(made) == described(migrated)


async def test_migrations_make_of_an_empty_postgresql_database_what_the_models_say(postgres_url: str) -> None:
    await upgrade_postgresql(postgres_url)
    url = postgres_url.replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []


def differences_in_sqlite(path: Path) -> list[object]:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        found = differences(connection)
    engine.dispose()
    return found


def differences(connection: Connection) -> list[object]:
    def is_wanted_here(thing: object, *_: object) -> bool:
        """Some indexes are for one database only; FTS5 keeps tables of its own."""
        if isinstance(thing, Table) and str(thing.name).startswith("text_index"):
            return False
        only = thing._ddl_if if isinstance(thing, Index) else None
        return only is None or only.dialect == connection.dialect.name

    context = MigrationContext.configure(connection, opts={"include_object": is_wanted_here})
    return list(compare_metadata(context, Base.metadata))


def described(path: Path) -> dict[str, object]:
    """Each table with its columns, keys and indexes as SQLite sees them, whatever their order."""
    connection = sqlite3.connect(path)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    facts = {
        "table_info": "*",
        "foreign_key_list": '"table", "from", "to", on_update, on_delete',
        "index_list": '"unique", origin, partial',
    }
    found: dict[str, object] = {
        f"{table} {fact}": sorted(
            map(str, connection.execute(f"SELECT {columns} FROM pragma_{fact}(?)", [table]))  # noqa: S608
        )
        for table in tables
        for fact, columns in facts.items()
    }
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    )
    found["indexes"] = sorted(map(str, indexes))
    found["triggers"] = sorted(connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'"))
    connection.close()
    return found
