"""
`postgresql://…`, 15 or newer, over asyncpg.

Statements run on the driver's own connections and a pool of ours: the query layer above them is ours, and a
second one between would cost more than the queries do. Every read and every unit of work runs in a
transaction in its caller's name, behind row-level security; a unit begins its own when it first needs one.

Two roles are enough: one that owns the tables and runs `taskcore db upgrade`, and one for the app, which owns
nothing: `CREATE ROLE myapp LOGIN; GRANT taskcore_app TO myapp`. The upgrade makes `taskcore_app`, or says what
a superuser has to run where the owner may make no roles. One role for both works too: each transaction
takes `taskcore_app` for as long as it lasts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

import asyncpg

from taskcore.errors import invalid
from taskcore.events import Event
from taskcore.permissions import Actor
from taskcore.ports import E, Entity, EventSearch, Seen, Unit
from taskcore.tasks.lifecycle import numbered
from taskcore.tasks.model import Task
from taskcore.tasks.relevance import searched
from taskcore.teams.model import Team
from taskcore.values import TeamId
from taskcore_sql.database import (
    LostRace,
)
from taskcore_sql.dialect import POSTGRESQL, WALLED
from taskcore_sql.mapping import mapping
from taskcore_sql.pool import Pool
from taskcore_sql.postgres_connection import PostgresConnection, other_schema, translating
from taskcore_sql.postgres_create import creation
from taskcore_sql.schema import HEAD
from taskcore_sql.standing import active, actor_params, only_team
from taskcore_sql.store import SqlStore, SqlUnit
from taskcore_sql.wall import WHAT_HOLDS, Reading, Transaction, entering, in_name_of

POOL_SIZE = 10
CONNECT_SECONDS = 10
_REMEMBERED = 10_000


def open_postgresql(url: str, *, blocking: bool = False) -> SqlStore:  # noqa: ARG001  it always waits
    """
    `postgresql://user:password@host:port/database`, with libpq's parameters and four of our own:
    `pool_size` (10); `statement_cache_size` (512; 0 behind PgBouncer in transaction mode); `rls`
    (on); and `replica`, the percent-encoded URL of a standby, with parameters of its own; several are
    used in turn. With `rls=off` a read is one round trip instead of three and a third cheaper, behind one
    wall less: that of the statements. It is for a role that the other would not hold (BYPASSRLS).

    Raises: Invalid.
    """
    primary, replicas = _database(url)
    if not replicas:
        return SqlStore(primary)
    from taskcore_sql.replica import ReplicatedStore  # noqa: PLC0415  builds on this module

    return ReplicatedStore(primary, [_standby(each) for each in replicas])


def _database(url: str) -> tuple[Postgres, list[str]]:
    """What the URL names, and the URLs of its replicas."""
    parts = urlsplit(url)
    own: dict[str, Any] = {}
    rest, replicas = [], []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name in ("pool_size", "statement_cache_size"):
            own[name] = _whole_number(name, value)
        elif name == "rls":
            own[name] = _on_or_off(name, value)
        elif name == "replica":
            replicas.append(value)
        else:
            rest.append((name, value))
    return Postgres(urlunsplit(parts._replace(query=urlencode(rest))), **own), replicas


def _standby(url: str) -> Postgres:
    scheme = urlsplit(url).scheme
    if scheme != "postgresql":
        raise invalid(
            "store", f"replica must be a postgresql:// URL, percent-encoded, not one of {scheme!r}://"
        )
    standby, replicas = _database(url)
    if replicas:
        raise invalid("store", "a replica has no replica of its own")
    return standby


def _whole_number(name: str, value: str) -> int:
    if not value.isdecimal() or len(value) > 5:
        raise invalid("store", f"{name} must be a whole number, not {value!r}")
    return int(value)


def _on_or_off(name: str, value: str) -> bool:
    if value not in ("on", "off"):
        raise invalid("store", f"{name} must be on or off, not {value!r}")
    return value == "on"


class Postgres:
    """A pool of connections to one database."""

    suspends = True
    creates = False

    def __init__(
        self, dsn: str, *, pool_size: int = POOL_SIZE, statement_cache_size: int = 512, rls: bool = True
    ) -> None:
        self._dsn = dsn
        self._statement_cache_size = statement_cache_size
        self.pool = Pool(self._connect, pool_size)
        self._rls = rls
        self._enter: str | None = None
        """The words that bring a transaction behind the wall, once they are known."""
        self.dialect = WALLED if rls else POSTGRESQL
        self.standings: dict[tuple[UUID | str, Actor], Seen[Team]] = {}
        """Teams as callers last saw them; relied on only by statements that check it again."""

    async def _connect(self) -> PostgresConnection:
        with translating():
            raw = await asyncpg.connect(
                self._dsn, statement_cache_size=self._statement_cache_size, timeout=CONNECT_SECONDS
            )
        return PostgresConnection(raw)

    def reading(self, actor: Actor | None = None) -> AbstractAsyncContextManager[PostgresConnection]:
        if not self._rls and self._statement_cache_size:
            return self.pool.connection()
        return self._transaction(
            "BEGIN READ ONLY", actor, Reading if self._statement_cache_size else Transaction
        )

    def writing(self, actor: Actor | None = None) -> AbstractAsyncContextManager[PostgresConnection]:
        return self._transaction("BEGIN", actor)

    def writing_once(self, actor: Actor | None) -> AbstractAsyncContextManager[PostgresConnection]:
        """For one statement that is a transaction by itself, where nothing has to be said before it."""
        if not self._rls and self._statement_cache_size:
            return self.pool.connection()
        return self.writing(actor)

    async def snapshot(self, connection: PostgresConnection, actor: Actor | None) -> None:
        """Begin to read, all statements in the same state. Raises: Unavailable."""
        if self._enter is None:
            async with Transaction(self.pool, "BEGIN READ ONLY") as other:
                await self._look_at_wall(other)
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        await connection.run(f"{begin}; {self._enter}{in_name_of(actor)}")

    def _transaction(
        self,
        begin: str,
        actor: Actor | None,
        kind: type[Transaction[PostgresConnection]] = Transaction,
    ) -> AbstractAsyncContextManager[PostgresConnection]:
        if self._enter is None:
            return self._first_transaction(begin, actor)
        return kind(self.pool, f"{begin}; {self._enter}{in_name_of(actor)}")

    @asynccontextmanager
    async def _first_transaction(self, begin: str, actor: Actor | None) -> AsyncIterator[PostgresConnection]:
        async with Transaction(self.pool, "BEGIN READ ONLY") as connection:
            await self._look_at_wall(connection)
        async with self._transaction(begin, actor) as connection:
            yield connection

    async def _look_at_wall(self, connection: PostgresConnection) -> None:
        """Raises: Unavailable, where the wall is not there, or would not hold."""
        rows = await connection.fetch(WHAT_HOLDS, {})
        if not rows:
            raise other_schema()
        may_take, unheld, may_read, user = rows[0]
        self._enter = entering(str(user), rls=self._rls, may_take=may_take, unheld=unheld, may_read=may_read)

    @asynccontextmanager
    async def unit(self, actor: Actor | None = None) -> AsyncIterator[Unit]:
        async with AsyncExitStack() as begun:
            unit = PostgresUnit(self, begun, actor)
            try:
                yield unit
            except LostRace:
                raise
            except Exception:
                await unit.confirm()
                raise
            await unit.confirm()

    def remember(self, ref: UUID | str, actor: Actor, seen: Seen[Team]) -> None:
        if seen.thing is not None and seen.standing.role is not None and seen.standing.active:
            if len(self.standings) >= _REMEMBERED:
                self.standings.clear()
            self.standings[ref, actor] = seen

    async def now(self) -> datetime | None:
        async with self.reading() as connection:
            now: datetime = (await connection.fetch("SELECT clock_timestamp()", {}))[0][0]
            return now

    async def version(self) -> str | None:
        async with Transaction(self.pool, "BEGIN READ ONLY") as connection:
            version = await connection.version()
            if version == HEAD and self._enter is None:
                await self._look_at_wall(connection)
            return version

    async def upgrade(self) -> str:
        from taskcore_sql.migrate import upgrade_postgresql  # noqa: PLC0415  imports SQLAlchemy and Alembic

        with translating():
            return await upgrade_postgresql(self._dsn)

    async def close(self) -> None:
        with translating():
            await self.pool.close()


class PostgresUnit:
    """
    A `Unit` that begins its transaction when it first needs one.

    A team is seen as it was last seen, and the statement that saves checks that it still is so:
    the commonest command, the creation of a task that refers to nothing, is then one statement.
    """

    def __init__(self, database: Postgres, begun: AsyncExitStack, actor: Actor | None) -> None:
        self._database = database
        self._actor = actor
        self._begun = begun
        self._unit: SqlUnit | None = None
        self._assumed: dict[tuple[UUID | str, Actor], Seen[Team]] = {}

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        if kind is not Team:
            return await (await self._begin()).see(kind, ref, actor)
        known = self._database.standings.get((ref, actor)) if self._unit is None else None
        if known is not None:
            self._assumed[ref, actor] = known
            return known  # type: ignore[return-value]  # a Seen[Team], as kind is Team
        seen = await (await self._begin()).see(Team, ref, actor)
        self._database.remember(ref, actor, seen)
        return seen  # type: ignore[return-value]

    async def find(self, kind: type[E], /, *, free: bool = False, **where: Any) -> list[E]:
        return await (await self._begin()).find(kind, free=free, **where)

    async def events(self, search: EventSearch) -> list[Event]:
        return await (await self._begin()).events(search)

    async def lock(self, team_id: TeamId | None) -> None:
        await (await self._begin()).lock(team_id)

    async def hold(self, name: str) -> bool:
        return await (await self._begin()).hold(name)

    async def save(
        self,
        changed: Sequence[Entity],
        *,
        removed: Sequence[Entity] = (),
        events: Sequence[Event] = (),
        verbatim: bool = False,
    ) -> list[Any]:
        alone = _lone_task(changed, removed, events)
        if alone is not None and not verbatim and self._unit is None and len(self._assumed) == 1:
            return [await self._create(alone, events[0])]
        return await (await self._begin()).save(changed, removed=removed, events=events, verbatim=verbatim)

    async def purge(self, team_id: TeamId, most: int) -> int:
        return await (await self._begin()).purge(team_id, most)

    async def confirm(self) -> None:
        """Look again at what was assumed, where nothing has: what comes of it must not be told of an old state.

        Raises: LostRace.
        """
        if self._unit is None and self._assumed:
            await self._begin()

    async def _begin(self) -> SqlUnit:
        """The transaction; what was assumed before it is looked at again within it."""
        if self._unit is None:
            connection = await self._begun.enter_async_context(self._database.writing(self._actor))
            self._unit = SqlUnit(connection, self._database.dialect, locks=True)
            for (ref, actor), assumed in self._assumed.items():
                if await self._unit.see(Team, ref, actor) != assumed:
                    raise self._mistaken()
        return self._unit

    async def _create(self, task: Task, event: Event) -> Task:
        """One statement: if the team and the role are still as assumed, number, task, event."""
        (assumed,) = self._assumed.values()
        assert assumed.thing is not None  # noqa: S101  only such are remembered
        dialect = self._database.dialect
        params = {f"task_{name}": value for name, value in mapping(Task, dialect).params(task).items()}
        params |= {f"event_{name}": value for name, value in mapping(Event, dialect).params(event).items()}
        actor = assumed.standing.actor
        params |= {
            **actor_params(actor, lambda value: value),
            "task_text": searched(task),
            "role": assumed.standing.role,
            "version": assumed.thing.version,
            "team_key": assumed.thing.key,
        }
        async with self._database.writing_once(self._actor) as connection:
            rows = await connection.fetch(creation(active(actor), only_team(actor)), params)
        if not rows:
            raise self._mistaken()
        self._assumed.clear()  # the statement has looked
        return numbered(task, str(rows[0][1]), int(rows[0][0]), [])[0]

    def _mistaken(self) -> LostRace:
        for key in self._assumed:
            self._database.standings.pop(key, None)
        return LostRace()


def _lone_task(changed: Sequence[Entity], removed: Sequence[Entity], events: Sequence[Event]) -> Task | None:
    """The new task, if nothing but its own row and its event has to be written."""
    match changed:
        case [Task(number=0, version=1, labels=(), followers=()) as task] if not removed and len(events) == 1:
            return task
    return None
