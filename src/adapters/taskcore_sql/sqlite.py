"""
`sqlite:///path`: WAL, one writer at a time (`BEGIN IMMEDIATE`), durable at commit.

Two ways to the same file: aiosqlite under an event loop; and, for the blocking door, the standard
library's `sqlite3` directly, whose calls need no loop and no thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from taskcore.errors import Invalid, TaskCoreError, Unavailable, invalid
from taskcore.permissions import Actor
from taskcore.ports import Unit
from taskcore_sql.database import Connection, Database, Params, not_unique, removed_meanwhile
from taskcore_sql.dialect import SQLITE
from taskcore_sql.schema import HEAD
from taskcore_sql.schema import SQLITE as SCHEMA
from taskcore_sql.store import SqlStore, SqlUnit

if TYPE_CHECKING:
    import aiosqlite

BUSY_SECONDS = 30
READERS = 4
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA cache_size = -65536",
)
_ALONE = "PRAGMA cache_size = -262144"
"""The one connection of its process may hold more: an import touches every page of every index."""
_VERSION_TABLE = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def open_sqlite(url: str, *, blocking: bool = False) -> SqlStore:
    """`sqlite:///relative/path.db` or `sqlite:////absolute/path.db`. Raises: Invalid."""
    parts = urlsplit(url)
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or parts.query or not path or path == ":memory:":
        raise invalid(
            "store", "must be sqlite:///path/to/file.db, with nothing behind it (memory:// for no file)"
        )
    return SqlStore(BlockingSqlite(path) if blocking else AsyncSqlite(path))


def translated(error: sqlite3.Error) -> TaskCoreError:
    """The vendor's error as ours."""
    text = str(error)
    if text.startswith("UNIQUE constraint failed: "):
        columns = text.removeprefix("UNIQUE constraint failed: ").split(", ")
        return not_unique(columns[0].partition(".")[0], [column.partition(".")[2] for column in columns])
    if "FOREIGN KEY" in text:
        return removed_meanwhile()
    if isinstance(error, sqlite3.DataError) or "binding parameter" in text:
        return Invalid(f"the SQLite store cannot hold a value: {text}")
    return Unavailable(f"the SQLite store does not answer: {text}")


@contextmanager
def translating() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise translated(error) from error


def connect(path: str) -> sqlite3.Connection:
    folder = Path(path).parent
    if not folder.is_dir():
        raise Unavailable(f"no SQLite store {path}: the folder {folder} does not exist")
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


class BlockingConnection:
    """A `Connection` whose coroutines never wait."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    async def fetch(self, sql: str, params: Params) -> list[Sequence[Any]]:
        with translating():
            return self._raw.execute(sql, params).fetchall()

    async def execute(self, sql: str, params: Params) -> int:
        with translating():
            return self._raw.execute(sql, params).rowcount

    async def execute_many(self, sql: str, params: Sequence[Params]) -> None:
        with translating():
            self._raw.executemany(sql, params)

    async def change_many(self, sql: str, params: Sequence[Params]) -> int:
        with translating():
            return self._raw.executemany(sql, params).rowcount


class AsyncConnection:
    """A `Connection` over aiosqlite's thread."""

    def __init__(self, raw: aiosqlite.Connection) -> None:
        self._raw = raw

    async def fetch(self, sql: str, params: Params) -> list[Sequence[Any]]:
        with translating():
            return list(await self._raw.execute_fetchall(sql, params))

    async def execute(self, sql: str, params: Params) -> int:
        with translating():
            cursor = await self._raw.execute(sql, params)
            return cursor.rowcount

    async def execute_many(self, sql: str, params: Sequence[Params]) -> None:
        with translating():
            await self._raw.executemany(sql, params)

    async def change_many(self, sql: str, params: Sequence[Params]) -> int:
        with translating():
            cursor = await self._raw.executemany(sql, params)
            return cursor.rowcount


@asynccontextmanager
async def transaction(connection: Connection) -> AsyncIterator[Connection]:
    """Committed on a clean exit, else rolled back; waits for the writer before, in any process."""
    try:
        await connection.execute("BEGIN IMMEDIATE", {})
        yield connection
        await connection.execute("COMMIT", {})
    except BaseException:
        # A cancellation may come while BEGIN or COMMIT is under way in aiosqlite's thread, which carries
        # it out all the same: the ROLLBACK queues behind it, and finds a transaction or none.
        with suppress(Unavailable):
            await connection.execute("ROLLBACK", {})
        raise


class BlockingSqlite:
    """One connection, for callers without an event loop."""

    dialect = SQLITE
    suspends = False
    creates = True

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: tuple[sqlite3.Connection, BlockingConnection] | None = None

    def _opened(self) -> BlockingConnection:
        if self._connection is None:
            with translating():
                raw = connect(self._path)
                raw.execute(_ALONE)
            self._connection = raw, BlockingConnection(raw)
        return self._connection[1]

    @asynccontextmanager
    async def reading(self, actor: Actor | None = None) -> AsyncIterator[Connection]:  # noqa: ARG002  no wall here
        yield self._opened()

    @asynccontextmanager
    async def writing(self, actor: Actor | None = None) -> AsyncIterator[Connection]:  # noqa: ARG002  as above
        async with transaction(self._opened()) as connection:
            yield connection

    @asynccontextmanager
    async def unit(self, actor: Actor | None = None) -> AsyncIterator[Unit]:  # noqa: ARG002  as above
        async with self.writing() as connection:
            yield SqlUnit(connection, SQLITE, locks=False)

    async def now(self) -> datetime | None:
        return None

    async def version(self) -> str | None:
        return await version_of(self._opened())

    async def upgrade(self) -> str:
        if not await create(self):
            migrate(self._path)
        return HEAD

    async def close(self) -> None:
        if self._connection is not None:
            self._connection[0].close()
            self._connection = None


class AsyncSqlite:
    """One writer, and a few readers that never wait for it."""

    dialect = SQLITE
    suspends = True
    creates = True

    def __init__(self, path: str) -> None:
        import asyncio  # noqa: PLC0415

        import aiosqlite  # noqa: PLC0415  an extra: if it is not there, that is told when the store is made

        self._connector = aiosqlite.Connection
        self._path = path
        self._writer: aiosqlite.Connection | None = None
        self._write_turn = asyncio.Lock()
        self._idle: list[aiosqlite.Connection] = []
        self._read_turn = asyncio.Semaphore(READERS)

    async def _connect(self) -> aiosqlite.Connection:
        import asyncio  # noqa: PLC0415

        connection = self._connector(lambda: connect(self._path), iter_chunk_size=64)
        try:
            return await connection
        except Exception:
            # Its thread has a last word to the loop, which may be closed soon after this.
            thread: Any = getattr(connection, "_thread", connection)  # below 0.22 it is one itself
            await asyncio.to_thread(thread.join)
            raise

    @asynccontextmanager
    async def reading(self, actor: Actor | None = None) -> AsyncIterator[Connection]:  # noqa: ARG002  no wall here
        async with self._read_turn:
            with translating():
                raw = self._idle.pop() if self._idle else await self._connect()
            try:
                yield AsyncConnection(raw)
            finally:
                self._idle.append(raw)

    @asynccontextmanager
    async def writing(self, actor: Actor | None = None) -> AsyncIterator[Connection]:  # noqa: ARG002  as above
        async with self._write_turn:
            with translating():
                self._writer = self._writer or await self._connect()
            async with transaction(AsyncConnection(self._writer)) as connection:
                yield connection

    @asynccontextmanager
    async def unit(self, actor: Actor | None = None) -> AsyncIterator[Unit]:  # noqa: ARG002  as above
        async with self.writing() as connection:
            yield SqlUnit(connection, SQLITE, locks=False)

    async def now(self) -> datetime | None:
        return None

    async def version(self) -> str | None:
        async with self.reading() as connection:
            return await version_of(connection)

    async def upgrade(self) -> str:
        import asyncio  # noqa: PLC0415

        if not await create(self):
            await asyncio.to_thread(migrate, self._path)
        return HEAD

    async def close(self) -> None:
        for connection in [*self._idle, *([self._writer] if self._writer else [])]:
            await connection.close()
        self._idle, self._writer = [], None


def migrate(path: str) -> None:
    """Run the migrations that an older file lacks."""
    from taskcore_sql.migrate import upgrade_sqlite  # noqa: PLC0415  imports SQLAlchemy and Alembic

    upgrade_sqlite(path)


async def create(database: Database) -> bool:
    """Make the schema of an empty file; False where there is one, perhaps made this moment by
    another process."""
    if await database.version() is not None:
        return False
    async with database.writing() as connection:
        if await version_of(connection) is not None:
            return True
        for statement in (*SCHEMA, _VERSION_TABLE):
            await connection.execute(statement, {})
        await connection.execute("INSERT INTO alembic_version VALUES (:head)", {"head": HEAD})
    return True


async def version_of(connection: Connection) -> str | None:
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if not await connection.fetch(known, {}):
        return None
    rows = await connection.fetch("SELECT version_num FROM alembic_version", {})
    return str(rows[0][0]) if rows else None
