"""A connection of asyncpg's as the store uses it, and the driver's errors as ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg

from taskcore.errors import Forbidden, Invalid, Unavailable
from taskcore_sql.database import LostRace, Params, constraints, not_unique, positional, removed_meanwhile


def translated(error: Exception) -> Exception:
    """The vendor's error as ours."""
    if isinstance(error, asyncpg.UniqueViolationError):
        table, fields = constraints().get(str(error.constraint_name), (str(error.table_name), ("id",)))
        return not_unique(table, fields)
    if isinstance(error, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError):
        return other_schema()
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return removed_meanwhile()
    if isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError):
        return LostRace()
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return Forbidden(f"the database does not let you: {error}")
    if isinstance(error, asyncpg.DataError):
        return Invalid(f"PostgreSQL cannot hold a value: {error}")
    return Unavailable(f"PostgreSQL does not answer: {type(error).__name__}: {error}")


def other_schema() -> Unavailable:
    return Unavailable("the schema is not this version's: run `taskcore db upgrade`", code="schema_version")


_VENDORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


@contextmanager
def translating() -> Iterator[None]:
    try:
        yield
    except _VENDORS as error:
        raise translated(error) from error


class PostgresConnection:
    """A `Connection` on asyncpg's."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.is_closed = raw.is_closed
        self._left = ""
        self.terminate = raw.terminate
        self.close = raw.close

    def is_in_transaction(self) -> bool:
        return not self._left and bool(self._raw.is_in_transaction())

    def is_unfinished(self) -> bool:
        return bool(self._left)

    def leave(self, statement: str) -> None:
        """Leave a statement to be run by whoever uses the connection next."""
        self._left = f"{statement}; "

    async def finish(self) -> None:
        await self.run("")

    async def run(self, statements: str) -> str:
        """Statements without parameters or rows, after those that were left; one round trip. What the last did."""
        left, self._left = self._left, ""
        try:
            done: str = await self._raw.execute(left + statements)
        except _VENDORS as error:
            raise translated(error) from error
        return done

    async def fetch(self, sql: str, params: Params) -> list[Sequence[Any]]:
        statement, names = positional(sql)
        try:
            rows: list[Sequence[Any]] = await self._raw.fetch(statement, *[params[name] for name in names])
        except _VENDORS as error:
            raise translated(error) from error
        return rows

    async def execute(self, sql: str, params: Params) -> int:
        statement, names = positional(sql)
        with translating():
            done: str = await self._raw.execute(statement, *[params[name] for name in names])
        return int(done.rpartition(" ")[2])

    async def execute_many(self, sql: str, params: Sequence[Params]) -> None:
        statement, names = positional(sql)
        with translating():
            await self._raw.executemany(statement, [[each[name] for name in names] for each in params])

    async def change_many(self, sql: str, params: Sequence[Params]) -> int:
        statement, names = positional(f"{sql} RETURNING 1")
        with translating():
            rows = await self._raw.fetchmany(statement, [[each[name] for name in names] for each in params])
        return len(rows)

    async def version(self) -> str | None:
        if (await self.fetch("SELECT to_regclass('alembic_version')", {}))[0][0] is None:
            return None
        found = await self.fetch("SELECT version_num FROM alembic_version", {})
        return str(found[0][0]) if found else None
