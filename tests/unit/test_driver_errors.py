"""A value that a database cannot hold is no database that is away: trying again is of no use."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest

from taskcore.errors import Invalid, Unavailable
from taskcore_sql import postgres_connection, sqlite


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InvalidTextRepresentationError("Token NaN is invalid"),
        asyncpg.UntranslatableCharacterError("\\u0000 cannot be converted to text"),
        asyncpg.DataError("invalid input for query argument $1"),
    ],
)
def test_what_postgresql_cannot_hold_is_invalid(error: Exception) -> None:
    assert isinstance(postgres_connection.translated(error), Invalid)
    assert isinstance(postgres_connection.translated(asyncpg.InterfaceError("closed")), Unavailable)


def test_what_sqlite_cannot_hold_is_invalid() -> None:
    with sqlite3.connect(":memory:") as connection, pytest.raises(sqlite3.Error) as refused:
        connection.execute("SELECT :a", {"a": object()})
    closed = sqlite3.ProgrammingError("Cannot operate on a closed database.")

    assert isinstance(sqlite.translated(refused.value), Invalid)
    assert isinstance(sqlite.translated(closed), Unavailable)
