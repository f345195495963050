"""The SQL store: a unit of work is a transaction on one connection, written once, at its end."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

from taskcore.errors import PreconditionFailed, Unavailable
from taskcore.events import Event
from taskcore.permissions import Actor
from taskcore.ports import E, Entity, EventSearch, Rows, Seen, Unit, refuse_lasting
from taskcore.progress import Progress
from taskcore.tasks.lifecycle import numbered
from taskcore.tasks.model import Comment, Task
from taskcore.teams.model import Membership, Team
from taskcore.values import TaskId, TeamId
from taskcore_sql import purging, texts
from taskcore_sql.database import Connection, Database, LostRace, Params
from taskcore_sql.dialect import Convert, Dialect
from taskcore_sql.mapping import TABLES, Link, Mapping, mapping
from taskcore_sql.rows import DatabaseRows, Reader, by_ref
from taskcore_sql.schema import HEAD

R = TypeVar("R")
_PLACE = {kind: place for place, kind in enumerate(TABLES)}
_ATTEMPTS = 10
INSTANCE_LOCK = 7236252
"""The advisory lock of whatever counts on the whole instance."""


class StaleWrite(PreconditionFailed):
    """What a unit loaded was changed before it saved: worth another attempt."""


class SqlUnit:
    """A `Unit` on a connection in a transaction."""

    def __init__(self, connection: Connection, dialect: Dialect, *, locks: bool) -> None:
        self._connection = connection
        self._dialect = dialect
        self._reader = Reader(connection, dialect)
        self._locks = locks
        """Whether rows have to be locked: where writers run one at a time, nothing has."""
        self._loaded: dict[tuple[Any, ...], Any] = {}

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        if self._locks and kind is not Team:
            condition, value = by_ref(kind, ref)
            table = mapping(kind, self._dialect).table
            sql = f"SELECT 1 FROM {table} t WHERE {condition} FOR NO KEY UPDATE"  # noqa: S608  names of ours
            await self._connection.fetch(sql, {"ref": value})
        seen = await self._reader.see(kind, ref, actor)
        self._remember([seen.thing] if seen.thing is not None else [])
        return seen

    async def find(self, kind: type[E], /, *, free: bool = False, **where: Any) -> list[E]:
        found = await self._reader.find(kind, locking=free and self._locks, **where)
        self._remember(found)
        return found

    def _remember(self, things: Iterable[Any]) -> None:
        for thing in things:
            self._loaded[_identity(thing, mapping(type(thing), self._dialect))] = thing

    async def events(self, search: EventSearch) -> list[Event]:
        return await self._reader.events(search)

    async def lock(self, team_id: TeamId | None) -> None:
        if not self._locks:
            return
        if team_id is None:
            await self._connection.fetch(f"SELECT pg_advisory_xact_lock({INSTANCE_LOCK})", {})
        else:
            await self._connection.fetch(
                "SELECT 1 FROM teams WHERE id = :team_id FOR NO KEY UPDATE", {"team_id": team_id}
            )

    async def hold(self, name: str) -> bool:
        if not self._locks:
            return True
        key = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
        rows = await self._connection.fetch("SELECT pg_try_advisory_xact_lock(:key)", {"key": key})
        return bool(rows[0][0])

    async def save(
        self,
        changed: Sequence[Entity],
        *,
        removed: Sequence[Entity] = (),
        events: Sequence[Event] = (),
        verbatim: bool = False,
    ) -> list[Any]:
        refuse_lasting(changed, removed)
        if verbatim:
            await self._raise_numbers(thing for thing in changed if isinstance(thing, Task))
        written, told = await self._numbered(changed, events)
        by_table = sorted(written, key=lambda thing: _PLACE[type(thing)])
        for (kind, new), group in groupby(
            by_table, key=lambda thing: (type(thing), verbatim or thing.version == 1)
        ):
            things = list(group)
            table = mapping(kind, self._dialect)
            await (self._insert(table, things) if new else self._update(table, things))
        left = [thing for thing in removed if isinstance(thing, Membership)]
        await self._remove([thing for thing in removed if not isinstance(thing, Membership)])
        await self._append(told)
        # Last of all: whoever has left a team can write nothing there, the event of it neither.
        await self._remove(left)
        return written

    async def purge(self, team_id: TeamId, most: int) -> int:
        return await purging.purge(self._connection, self._id(team_id), most)

    async def _remove(self, things: Sequence[Entity]) -> None:
        for thing in sorted(things, key=lambda thing: -_PLACE[type(thing)]):
            table = mapping(type(thing), self._dialect)
            if isinstance(thing, Comment):
                await self._connection.execute(texts.REMOVE, texts.key(thing, self._dialect))
            await self._connection.execute(table.delete, _key_params(table, thing))

    async def _numbered(
        self, changed: Sequence[Entity], events: Sequence[Event]
    ) -> tuple[list[Any], Sequence[Event]]:
        """New tasks with the numbers that follow the last of their team."""
        fresh = [thing for thing in changed if isinstance(thing, Task) and thing.number == 0]
        if not fresh:
            return list(changed), events
        numbers: dict[TeamId, Any] = {}
        keys: dict[TeamId, str] = {}
        for team_id in sorted({task.team_id for task in fresh}):
            count = sum(task.team_id == team_id for task in fresh)
            last, keys[team_id] = await self._advance("last_number", team_id, count)
            numbers[team_id] = iter(range(last - count + 1, last + 1))
        told = {event.id: event for event in events}
        by_task: dict[TaskId | None, list[Event]] = {}
        for event in events:
            by_task.setdefault(event.task_id, []).append(event)
        written: list[Any] = list(changed)
        for place, thing in enumerate(changed):
            if isinstance(thing, Task) and thing.number == 0:
                number, mine = next(numbers[thing.team_id]), by_task.get(thing.id, [])
                written[place], renamed = numbered(thing, f"{keys[thing.team_id]}-{number}", number, mine)
                told |= {event.id: event for event in renamed}
        return written, list(told.values())

    async def _raise_numbers(self, tasks: Iterable[Task]) -> None:
        """Let no later task have a number that is not beyond these."""
        highest: dict[TeamId, int] = {}
        for task in tasks:
            highest[task.team_id] = max(task.number, highest.get(task.team_id, 0))
        sql = "UPDATE team_counters SET last_number = :number WHERE team_id = :team_id AND last_number < :number"
        for team_id in sorted(highest):
            await self._connection.execute(sql, {"number": highest[team_id], "team_id": self._id(team_id)})

    async def _advance(self, counter: str, team_id: TeamId, count: int) -> tuple[int, str]:
        """Raise a team's counter, which holds its row to the end; its value then, and the team's key."""
        sql = (
            f"UPDATE team_counters SET {counter} = {counter} + :count WHERE team_id = :team_id"  # noqa: S608
            f" RETURNING {counter}, (SELECT key FROM teams WHERE id = :team_id)"
        )
        params = {"count": count, "team_id": self._id(team_id)}
        rows = await self._connection.fetch(sql, params)
        return int(rows[0][0]), str(rows[0][1])

    async def _insert(self, table: Mapping, things: Sequence[Any]) -> None:
        await self._each(table.insert, [table.params(thing) for thing in things])
        if table.kind is Team:
            start = "INSERT INTO team_counters (team_id, last_number, last_seq) VALUES (:team_id, 0, 0)"
            await self._each(start, [{"team_id": self._id(team.id)} for team in things])
        for field, link in table.links.items():
            await self._link(link, things, field)
        if table.kind in (Task, Comment):
            await self._keep_texts(things)

    async def _keep_texts(self, things: Sequence[Any]) -> None:
        """What is searched of tasks and comments; nothing of a comment that is deleted."""
        kept = [texts.params(each, self._dialect) for each in things if texts.is_searched(each)]
        await self._each(texts.keep(self._dialect), kept)

    async def _update(self, table: Mapping, things: Sequence[Any]) -> None:
        params = [table.params(thing) for thing in things]
        if len(params) == 1:
            changed = await self._connection.execute(table.update, params[0])
        else:
            changed = await self._connection.change_many(table.update, params)
        if changed < len(things):
            raise StaleWrite("it was changed by somebody else: read it again")
        for thing in things:
            before = self._loaded.get(_identity(thing, table))
            if table.kind in (Task, Comment) and texts.changed(before, thing):
                if not texts.is_searched(thing):
                    await self._connection.execute(texts.REMOVE, texts.key(thing, self._dialect))
                await self._keep_texts([thing])
            for field, link in table.links.items():
                if before is None or getattr(before, field) != getattr(thing, field):
                    unlink = f"DELETE FROM {link.table} WHERE team_id = :team_id AND {link.owner} = :id"  # noqa: S608
                    await self._connection.execute(unlink, _key_params(table, thing))
                    await self._link(link, [thing], field)

    async def _link(self, link: Link, things: Sequence[Any], field: str) -> None:
        if link.labels:
            sql = (
                f"INSERT INTO {link.table} (team_id, {link.owner}, {link.column})"  # noqa: S608  names of ours
                " SELECT l.team_id, :owner, l.id FROM labels l WHERE l.team_id = :team_id AND l.name = :value"
            )
        else:
            columns = f"team_id, {link.owner}, {link.column}"
            sql = f"INSERT INTO {link.table} ({columns}) VALUES (:team_id, :owner, :value)"  # noqa: S608
        encode: Convert = (lambda value: value) if link.labels else self._id
        rows = [
            {"team_id": self._id(thing.team_id), "owner": self._id(thing.id), "value": encode(value)}
            for thing in things
            for value in getattr(thing, field)
        ]
        await self._each(sql, rows)

    async def _append(self, events: Sequence[Event]) -> None:
        """Into the log, last of all: the counter's row is the last lock, so that seqs are in the
        order of commits."""
        table = mapping(Event, self._dialect)
        for team_id in sorted({event.team_id for event in events}):
            own = [event for event in events if event.team_id == team_id]
            last, _ = await self._advance("last_seq", team_id, len(own))
            params = [table.params(event) for event in own]
            for seq, each in enumerate(params, start=last - len(own) + 1):
                each["seq"] = seq
            await self._each(table.insert, params)

    async def _each(self, sql: str, params: Sequence[Params]) -> None:
        if len(params) == 1:
            await self._connection.execute(sql, params[0])
        elif params:
            await self._connection.execute_many(sql, params)

    def _id(self, value: Any) -> Any:
        encode = self._dialect.encoders.get("uuid")
        return encode(value) if encode else value


def _identity(thing: Any, table: Mapping) -> tuple[Any, ...]:
    return (table.kind, *(getattr(thing, field) for field in table.key))


def _key_params(table: Mapping, thing: Any) -> Params:
    return {field: table.encode(field, getattr(thing, field)) for field in table.key}


class SqlStore:
    """A `Store` on a database."""

    written = 0

    def __init__(self, database: Database) -> None:
        self._database = database
        self._secret: bytes | None = None
        self.suspends = database.suspends

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Rows:  # noqa: ARG002  nothing is older here
        return DatabaseRows(self._database, actor)

    async def transact(self, work: Callable[[Unit], Awaitable[R]], actor: Actor | None = None) -> R:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._database.unit(actor) as unit:
                    return await work(unit)
            except LostRace as race:
                if attempt == _ATTEMPTS:
                    raise Unavailable("too many others change the same: try again") from race
            except StaleWrite:
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    async def now(self) -> datetime | None:
        return await self._database.now()

    async def secret(self) -> bytes:
        if self._secret is None:
            async with self._database.writing() as connection:
                new = {"value": secrets.token_bytes(32)}
                await connection.execute(
                    "INSERT INTO instance (name, value) VALUES ('cursor_key', :value) ON CONFLICT DO NOTHING",
                    new,
                )
                rows = await connection.fetch("SELECT value FROM instance WHERE name = 'cursor_key'", {})
            self._secret = bytes(rows[0][0])
        return self._secret

    async def check(self) -> None:
        version = await self._database.version()
        if version is None and self._database.creates:
            version = await self._database.upgrade()
        if version != HEAD:
            found = f"at version {version}" if version else "missing"
            raise Unavailable(
                f"the schema is {found}, this code wants {HEAD}: run `taskcore db upgrade`",
                code="schema_version",
            )

    async def upgrade(self) -> str:
        return await self._database.upgrade()

    async def close(self) -> None:
        await self._database.close()
