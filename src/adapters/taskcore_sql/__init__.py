"""SQLite and PostgreSQL: one set of statements, from one schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskcore_sql.store import SqlStore


def open_sqlite(url: str, *, blocking: bool = False) -> SqlStore:
    """The store in a file: `sqlite:///path.db`."""
    from taskcore_sql import sqlite  # noqa: PLC0415  each database's driver only where it is used

    return sqlite.open_sqlite(url, blocking=blocking)


def open_postgresql(url: str, *, blocking: bool = False) -> SqlStore:
    """The store on a server: `postgresql://user:password@host/database`."""
    from taskcore_sql import postgres  # noqa: PLC0415

    return postgres.open_postgresql(url, blocking=blocking)
