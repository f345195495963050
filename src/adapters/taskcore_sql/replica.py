"""
Reads on standbys of PostgreSQL, which are a little behind (docs/adr/0026).

A standby is asked for lists. It answers where it has replayed all that the caller is to see, and where the
caller's rights there are those that the primary has at this moment; else, and whenever it does not answer,
the primary does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import cycle
from math import inf
from typing import Any, TypeVar
from uuid import UUID

import attrs

from taskcore.errors import TaskCoreError, Unavailable
from taskcore.events import Event
from taskcore.permissions import Actor
from taskcore.ports import E, EventSearch, Found, Rows, Seen, TaskSearch, Unit, UnreadSearch
from taskcore.progress import Progress
from taskcore.tasks.model import Comment, Dependency, SavedView, Task
from taskcore.tasks.reading import ReadMarker, Unread
from taskcore.tasks.reminding import Reminder
from taskcore.teams.model import Label, Project
from taskcore.values import TeamId
from taskcore_sql.database import LostRace
from taskcore_sql.postgres import Postgres
from taskcore_sql.postgres_connection import PostgresConnection
from taskcore_sql.rows import DatabaseRows, Reader
from taskcore_sql.standing import active, actor_params
from taskcore_sql.store import SqlStore

R = TypeVar("R")
log = logging.getLogger(__name__)

WAIT_SECONDS = 0.05
"""How long a read waits for a standby that has to replay more first."""
POLL_SECONDS = 0.005
ANSWER_SECONDS = 2.0
"""How long a standby may take for what the primary could have been asked."""
REST_SECONDS = 1.0
"""For how long one that failed is left alone; and how long it may be too slow before that counts as a failure."""
STALEST_SECONDS = 5.0
"""A state of less than that age may be shown to whoever has no token, one of twice that age never."""

CONTENT = frozenset({Comment, Dependency, Label, Project, ReadMarker, Reminder, SavedView, Task})
"""What teams work on. All else says who somebody is and what they may, and is read on the primary."""


class NotServed(Exception):
    """The standby is not to answer this: ask the primary."""


def _rights(actor: Actor) -> str:
    """Whatever the statements of `rows` and `search` and the policies judge a caller by, and where the log ends."""
    return f"""SELECT ROW(u.version, {active(actor)}, u.is_admin,
  ARRAY(SELECT ROW(m.team_id, m.role, h.suspended_at IS NULL, h.deleted_at IS NULL)::text
    FROM memberships m LEFT JOIN teams h ON h.id = m.team_id WHERE m.user_id = u.id ORDER BY m.team_id),
  ARRAY(SELECT g.project_id FROM project_guests g WHERE g.user_id = u.id ORDER BY 1))::text,
  CASE WHEN pg_is_in_recovery() THEN NULL ELSE ({_bytes("pg_current_wal_insert_lsn()")}) END
FROM users u WHERE u.id = :user_id"""  # noqa: S608  names of ours


def _bytes(position: str) -> str:
    """A position in the write-ahead log as a number."""
    return f"({position} - '0/0')::bigint"


_WRITTEN = f"SELECT {_bytes('pg_current_wal_insert_lsn()')}"
_REPLAYED = f"SELECT pg_is_in_recovery(), {_bytes('pg_last_wal_replay_lsn()')}"
_IDENTITY = """SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system()"""


@attrs.frozen
class Asked:
    """A read that a standby may serve."""

    actor: Actor
    rights: str
    """The caller's, as the primary has them now."""
    position: int
    """What the caller is to see at least."""
    floor: int
    """What everybody is."""
    overdue: bool
    """Whether a standby had more than enough time for that."""


@attrs.frozen
class Sample:
    """Where the primary's log ended at a moment."""

    at: float
    position: int


class Replica:
    """One standby, and whether it is worth asking."""

    def __init__(self, database: Postgres, identity: Callable[[], Awaitable[Any]]) -> None:
        self._database = database
        self._identity = identity
        self._failing = False
        self._resting_until = 0.0
        self._tried = False
        """Whether somebody finds out at this moment if one that failed is back."""
        self._slow_since = inf
        self._known = False
        """Whether it is known to be a copy of the primary's database."""

    @property
    def rests(self) -> bool:
        return self._tried or asyncio.get_running_loop().time() < self._resting_until

    async def read(self, asked: Asked, ask: Callable[[Reader], Awaitable[R]]) -> R:
        """What `ask` gives there. Raises: NotServed."""
        self._tried = tries = self._failing
        try:
            answer = await self._read(asked, ask)
        except (TaskCoreError, LostRace, TimeoutError) as error:
            self._rest(error)
            raise NotServed from error
        finally:
            if tries:
                self._tried = False
        if self._failing:
            log.warning("a replica serves again")
        self._failing = False
        return answer

    async def _read(self, asked: Asked, ask: Callable[[Reader], Awaitable[R]]) -> R:
        connection, interrupted = await self._caught_up(asked), True
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._database.snapshot(connection, asked.actor)
                same = await _rights_of(connection, asked.actor) == asked.rights
                answers = [await ask(Reader(connection, self._database.dialect))] if same else []
            connection.leave("COMMIT")
            interrupted = False
        finally:
            self._database.pool.give(connection, interrupted=interrupted)
        if not answers:
            raise NotServed
        return answers[0]

    async def _caught_up(self, asked: Asked) -> PostgresConnection:
        """A connection to where all is replayed that is asked for; none is held while it is waited for."""
        now, least = asyncio.get_running_loop().time, max(asked.position, asked.floor)
        until = now() + WAIT_SECONDS
        while True:
            connection, replayed = await self._looked_at(until)
            if replayed >= least:
                return connection
            self._database.pool.give(connection)
            if replayed < asked.floor and asked.overdue:
                raise Unavailable("it is too far behind")
            if now() + 2 * POLL_SECONDS > until:
                raise NotServed
            await asyncio.sleep(POLL_SECONDS)

    def _too_slow(self) -> bool:
        """Whether it has not answered in time for a while: that once proves nothing, we may be busy ourselves."""
        now = asyncio.get_running_loop().time()
        self._slow_since = min(self._slow_since, now)
        return self._failing or now - self._slow_since > REST_SECONDS

    async def _looked_at(self, until: float) -> tuple[PostgresConnection, int]:
        """A connection, and how far the standby is."""
        pool = self._database.pool
        try:
            async with asyncio.timeout_at(until):
                connection = await pool.take()
                try:
                    replayed = await self._replayed(connection)
                except BaseException:
                    pool.give(connection, interrupted=True)
                    raise
        except TimeoutError:
            if self._too_slow():
                raise
            raise NotServed from None
        self._slow_since = inf
        return connection, replayed

    async def _replayed(self, connection: PostgresConnection) -> int:
        if connection.is_unfinished():
            await connection.finish()
        if not self._known:
            if await identity_of(connection) != await self._identity():
                raise Unavailable("it is no replica of this database")
            self._known = True
        rows = await connection.fetch(_REPLAYED, {})
        if not rows[0][0] or rows[0][1] is None:
            raise Unavailable("it is a replica no longer")
        return int(rows[0][1])

    def _rest(self, error: Exception) -> None:
        self._known, self._slow_since = False, inf
        self._resting_until = asyncio.get_running_loop().time() + REST_SECONDS
        known, self._failing = self._failing, True
        if not known:
            log.warning("a replica rests, the primary serves: %s", str(error) or type(error).__name__)

    async def close(self) -> None:
        await self._database.close()


async def identity_of(connection: Any) -> tuple[Any, ...]:
    """What a database and its standbys have in common, and no other database has."""
    return tuple((await connection.fetch(_IDENTITY, {}))[0])


async def _rights_of(connection: Any, actor: Actor) -> str | None:
    found = await _rights_and_position(connection, actor)
    return found[0] if found is not None else None


async def _rights_and_position(connection: Any, actor: Actor) -> tuple[str, Any] | None:
    rows = await connection.fetch(_rights(actor), actor_params(actor, lambda value: value))
    return (str(rows[0][0]), rows[0][1]) if rows else None


class ReplicatedStore(SqlStore):
    """A `Store` on a primary and its standbys."""

    def __init__(
        self, primary: Postgres, standbys: Sequence[Postgres], *, stalest_seconds: float = STALEST_SECONDS
    ) -> None:
        super().__init__(primary)
        self._primary = primary
        self._replicas = [Replica(each, self._identity) for each in standbys]
        self._turns = cycle(self._replicas)
        self._identified: tuple[Any, ...] | None = None
        self._stalest_seconds = stalest_seconds
        self._samples = (Sample(-inf, 0), Sample(-inf, 0))

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Rows:
        newest = DatabaseRows(self._primary, actor)
        if actor is None or progress is None:
            return newest
        return ReplicatedRows(self, newest, actor, progress)

    async def transact(self, work: Callable[[Unit], Awaitable[R]], actor: Actor | None = None) -> R:
        result = await super().transact(work, actor)
        # Only now: inside, the position would be that before the commit.
        async with self._primary.pool.connection() as connection:
            self.written = max(self.written, int((await connection.fetch(_WRITTEN, {}))[0][0]))
        return result

    async def read(self, actor: Actor, progress: Progress, ask: Callable[[Reader], Awaitable[R]]) -> R:
        """What `ask` gives on the next standby. Raises: NotServed; Unavailable."""
        replica = next((each for each in (next(self._turns) for _ in self._replicas) if not each.rests), None)
        if replica is None:
            raise NotServed
        needed = progress.position(await self.secret())
        async with self._primary.reading(actor) as connection:
            found = await _rights_and_position(connection, actor)
        if found is None:
            raise NotServed
        rights, position = found
        if needed > position:
            raise NotServed  # of a history that this database does not have
        floor = self._floor(position)
        overdue = asyncio.get_running_loop().time() - floor.at >= self._stalest_seconds
        return await replica.read(Asked(actor, rights, needed, floor.position, overdue), ask)

    def _floor(self, position: int) -> Sample:
        """Where the log ended between once and twice `stalest_seconds` ago; now, where nobody has asked since."""
        now, (older, newer) = asyncio.get_running_loop().time(), self._samples
        if now - newer.at >= self._stalest_seconds:
            older, newer = newer, Sample(now, position)
        if now - older.at > 2 * self._stalest_seconds:
            older = newer = Sample(now, position)
        self._samples = older, newer
        return older

    async def _identity(self) -> tuple[Any, ...]:
        if self._identified is None:
            async with self._primary.pool.connection() as connection:
                self._identified = await identity_of(connection)
        return self._identified

    async def close(self) -> None:
        for replica in self._replicas:
            await replica.close()
        await super().close()


class ReplicatedRows:
    """Reads in somebody's name: lists where they can be had, and single things, with the right to them, on the
    primary, which is asked for the rights in any case."""

    def __init__(
        self, store: ReplicatedStore, newest: DatabaseRows, actor: Actor, progress: Progress
    ) -> None:
        self._store = store
        self._newest = newest
        self._actor = actor
        self._progress = progress

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        return await self._newest.see(kind, ref, actor)

    async def find(
        self,
        kind: type[E],
        /,
        *,
        after: Any = None,
        limit: int | None = None,
        newest_first: bool = False,
        due: datetime | None = None,
        **where: Any,
    ) -> list[E]:
        async def ask(reader: Reader | DatabaseRows) -> list[E]:
            return await reader.find(
                kind, after=after, limit=limit, newest_first=newest_first, due=due, **where
            )

        return await self._answer(ask, may=kind in CONTENT and after is None)

    async def search(self, search: TaskSearch) -> Found:
        return await self._answer(lambda reader: reader.search(search), may=search.after is None)

    async def count(self, search: TaskSearch | EventSearch) -> int:
        return await self._answer(lambda reader: reader.count(search), may=True)

    async def events(self, search: EventSearch) -> list[Event]:
        # From a seq on, what is older has only an earlier end.
        begun = search.newest_first and search.after is not None
        return await self._answer(lambda reader: reader.events(search), may=not begun)

    async def heads(self, teams: Sequence[TeamId] | None = None) -> dict[TeamId, int]:
        return await self._newest.heads(teams)

    async def unread(self, search: UnreadSearch) -> list[Unread]:
        return await self._answer(lambda reader: reader.unread(search), may=search.before is None)

    async def _answer(self, ask: Callable[[Reader | DatabaseRows], Awaitable[R]], *, may: bool) -> R:
        """`may`: whether a standby may. Not for a page after the first, which was read in a newer state, maybe:
        what came in between would be left out."""
        if may:
            try:
                return await self._store.read(self._actor, self._progress, ask)
            except NotServed:
                pass
        return await ask(self._newest)
