"""
Bringing a database's schema to this code's version, by Alembic, on both databases alike.

SQLAlchemy and Alembic are imported here and nowhere on the way of a query.
"""

from __future__ import annotations

import argparse

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from taskcore_sql.render import MIGRATIONS
from taskcore_sql.schema import HEAD


def config(connection: Connection) -> Config:
    settings = Config(cmd_opts=argparse.Namespace(quiet=True))
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection) -> str:
    """Run what is missing; other processes that want the same wait."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7236251)")
        # Row-level security holds the owner of the tables too: a migration sees every row.
        connection.exec_driver_sql("SET LOCAL taskcore.scope = 'instance'")
    command.upgrade(config(connection), "head")
    return HEAD


def upgrade_sqlite(path: str) -> str:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        version = upgrade(connection)
    engine.dispose()
    return version


async def upgrade_postgresql(dsn: str) -> str:
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415  not for SQLite

    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    async with engine.begin() as connection:
        version = await connection.run_sync(upgrade)
    await engine.dispose()
    return version
