"""The read side: filter, scope and order as one SELECT of flat rows; no entity is loaded to list another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import attrs

from taskcore.events import Event
from taskcore.permissions import Actor, Standing
from taskcore.ports import DUE, E, EventSearch, Found, Seen, TaskSearch, UnreadSearch
from taskcore.tasks.model import Comment, Task
from taskcore.tasks.reading import Unread
from taskcore.teams.model import Project, Team
from taskcore.values import Role, TeamId
from taskcore_sql.database import Connection, Database, Params
from taskcore_sql.dialect import Dialect
from taskcore_sql.mapping import Mapping, mapping
from taskcore_sql.reading import unread, unread_in
from taskcore_sql.search import clean, counting, listing, team_ref
from taskcore_sql.standing import active, actor_params, only_team

ROLES = {role.value: role for role in Role}


class Reader:
    """Reads through one connection."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        table = mapping(kind, self._dialect)
        condition, value = by_ref(kind, ref)
        params = actor_params(actor, self._id)
        params["ref"] = self._id(value) if isinstance(value, UUID) else value
        rows = await self._connection.fetch(_see(table, condition, active(actor), only_team(actor)), params)
        return _seen(table, rows, actor)

    async def find(
        self,
        kind: type[E],
        /,
        *,
        after: Any = None,
        limit: int | None = None,
        newest_first: bool = False,
        due: datetime | None = None,
        locking: bool = False,
        **where: Any,
    ) -> list[E]:
        table = mapping(kind, self._dialect)
        last = table.key[-1]
        conditions = [table.condition(field, value) for field, value in where.items()]
        if any(isinstance(value, str) and clean(value) != value for value in where.values()):
            return []
        where = {field: _cleaned(value) for field, value in where.items()}
        params = {
            field: table.encode_wanted(field, value) for field, value in where.items() if value is not None
        }
        if after is not None:
            conditions.append(f"t.{last} {'<' if newest_first else '>'} :after")
            params["after"] = table.encode(last, after)
        order = f"t.{last}" + (" DESC" if newest_first else "")
        if due is not None:
            conditions.append(f"t.{DUE[kind]} <= :due")
            params["due"] = table.encode(DUE[kind], due)
            order = f"t.{DUE[kind]}, {order}"
        sql = f"SELECT {table.select} FROM {table.table} t"  # noqa: S608  names of ours
        sql += f" WHERE {' AND '.join(conditions)}" if conditions else ""
        sql += f" ORDER BY {order}"
        sql += f" LIMIT {int(limit)}" if limit is not None else ""
        sql += " FOR NO KEY UPDATE OF t SKIP LOCKED" if locking else ""
        return [table.entity(row) for row in await self._connection.fetch(sql, params)]

    async def search(self, search: TaskSearch) -> Found:
        sql, params = listing(search, self._dialect)
        rows = await self._connection.fetch(sql, params)
        if not rows:
            return Found(active=False, standings={}, items=[])
        active, is_admin, teams = bool(rows[0][0]), bool(rows[0][1]), rows[0][2]
        standings = _standings(search, teams, is_admin=is_admin, active=active) if search.teams else {}
        tasks = mapping(Task, self._dialect)
        found = [row for row in rows if row[4] is not None] if active else []
        ranks = [int(row[3]) for row in found] if search.ranked else ()
        return Found(active, standings, [tasks.entity(row[4:]) for row in found], ranks)

    async def count(self, search: TaskSearch | EventSearch) -> int:
        if isinstance(search, EventSearch):
            conditions, params = self._told(
                attrs.evolve(search, after=None) if search.newest_first else search
            )
            sql = f"SELECT count(*) FROM events t WHERE {conditions}"  # noqa: S608  names of ours
        else:
            sql, params = counting(search, self._dialect)
        rows = await self._connection.fetch(sql, params)
        return int(rows[0][0])

    async def events(self, search: EventSearch) -> list[Event]:
        table = mapping(Event, self._dialect)
        conditions, params = self._told(search)
        direction = "DESC" if search.newest_first else "ASC"
        sql = (
            f"SELECT {table.select} FROM events t WHERE {conditions}"  # noqa: S608  names of ours
            f" ORDER BY t.seq {direction} LIMIT {int(search.limit)}"
        )
        return [table.entity(row) for row in await self._connection.fetch(sql, params)]

    async def heads(self, teams: Sequence[TeamId] | None) -> dict[TeamId, int]:
        table, params = mapping(Event, self._dialect), {}
        sql = "SELECT team_id, last_seq FROM team_counters WHERE last_seq > 0"
        if teams is not None:
            sql += f" AND {self._dialect.any_of('team_id', 'teams')}"
            params["teams"] = table.encode_wanted("team_id", tuple(teams))
        found = await self._connection.fetch(sql, params)
        return {TeamId(each if isinstance(each, UUID) else UUID(each)): int(seq) for each, seq in found}

    async def unread(self, search: UnreadSearch) -> list[Unread]:
        sql, params = unread(search, self._id)
        return [unread_in(row) for row in await self._connection.fetch(sql, params)]

    def _told(self, search: EventSearch) -> tuple[str, Params]:
        """Which events are searched."""
        params: Params = {"team_id": self._id(search.team_id)}
        conditions = ["t.team_id = :team_id"]
        if search.task_id is not None:
            conditions.append("t.task_id = :task_id")
            params["task_id"] = self._id(search.task_id)
        if search.after is not None:
            conditions.append("t.seq < :after" if search.newest_first else "t.seq > :after")
            params["after"] = search.after
        if search.shared_with is not None:
            conditions.append(_TOLD)
            params["user_id"] = self._id(search.shared_with)
        if search.kinds:
            conditions.append(_of_kinds(search.kinds, self._dialect))
            params["kinds"] = self._dialect.several([*search.kinds])
        if search.project_id is not None:
            conditions.append(_of_project(self._dialect))
            params["project_id"] = self._id(search.project_id)
            params["project_text"] = str(search.project_id)
        return " AND ".join(conditions), params

    def _id(self, value: UUID) -> Any:
        encode = self._dialect.encoders.get("uuid")
        return encode(value) if encode else value


_TOLD = """EXISTS (
  SELECT 1 FROM tasks k JOIN project_guests g ON g.team_id = k.team_id AND g.project_id = k.project_id
  WHERE k.team_id = t.team_id AND k.id = t.task_id AND g.user_id = :user_id)"""


def _of_kinds(kinds: Sequence[str], dialect: Dialect) -> str:
    """As `events.is_of_kinds`."""
    exact = dialect.any_of("t.kind", "kinds")
    if not any(kind.endswith(".*") for kind in kinds):
        return exact
    every = dialect.any_of(f"substr(t.kind, 1, {dialect.find}(t.kind, '.')) || '*'", "kinds")
    return f"({exact} OR {every})"


def _of_project(dialect: Dialect) -> str:
    """As `events.is_of_project`."""
    places = (("task", "project_id"), ("project_id", "from"), ("project_id", "to"))
    told = " OR ".join(f"{dialect.member('t.data', *place)} = :project_text" for place in places)
    return f"(t.subject_id = :project_id OR {told})"


_SHARED = {
    Task: "EXISTS (SELECT 1 FROM project_guests g"
    " WHERE g.team_id = t.team_id AND g.project_id = t.project_id AND g.user_id = u.id)",
    Project: "EXISTS (SELECT 1 FROM project_guests g"
    " WHERE g.team_id = t.team_id AND g.project_id = t.id AND g.user_id = u.id)",
    Comment: "EXISTS (SELECT 1 FROM tasks k JOIN project_guests g"
    " ON g.team_id = k.team_id AND g.project_id = k.project_id"
    " WHERE k.team_id = t.team_id AND k.id = t.task_id AND g.user_id = u.id)",
}


@cache
def _see(table: Mapping, condition: str, active: str, only_team: str) -> str:
    """The caller, their standing, and the thing, each where it is there: one row for a known caller."""
    if "team_id" not in table.kinds and table.kind is not Team:
        return f"""SELECT {active}, u.is_admin, NULL, NULL, NULL, TRUE, {table.select}
FROM users u LEFT JOIN {table.table} t ON {condition} WHERE u.id = :user_id"""  # noqa: S608  names of ours
    team = "t.id" if table.kind is Team else "t.team_id"
    shared = _SHARED.get(table.kind, "TRUE")
    return f"""SELECT {active}, u.is_admin, h.id, m.role, h.suspended_at, {shared}, {table.select}
FROM users u
LEFT JOIN ({table.table} t JOIN teams h ON h.id = {team} AND h.deleted_at IS NULL) ON {condition}
LEFT JOIN memberships m ON m.team_id = h.id AND m.user_id = u.id{only_team}
WHERE u.id = :user_id"""  # noqa: S608  names of ours


def by_ref(kind: type[Any], ref: UUID | str) -> tuple[str, UUID | str]:
    """The predicate by which a ref is found, and its parameter `ref`."""
    if isinstance(ref, UUID):
        return "t.id = :ref", ref
    if kind is Team:
        column, value = team_ref(ref)
        return f"t.{column} = :ref", value
    try:
        return "t.id = :ref", UUID(ref)
    except ValueError:
        return ("t.key = :ref", clean(ref.upper())) if kind is Task else ("t.id = :ref", UUID(int=0))


def _cleaned(value: object) -> object:
    """Several values without those that no database could hold."""
    if isinstance(value, tuple):
        return tuple(each for each in value if not isinstance(each, str) or clean(each) == each)
    return value


_BEFORE = 6
"""Columns of `_see` before those of the thing."""


def _seen(table: Mapping, rows: Sequence[Sequence[Any]], actor: Actor) -> Seen[Any]:
    if not rows:
        return Seen(Standing(actor, active=False), None)
    active, is_admin, team_id, role, suspended_at, shared = rows[0][:_BEFORE]
    thing = rows[0][_BEFORE:]
    standing = Standing(
        actor,
        TeamId(team_id if isinstance(team_id, UUID) else UUID(team_id)) if team_id is not None else None,
        ROLES[role] if role is not None else None,
        active=bool(active),
        is_admin=bool(is_admin),
        suspended=suspended_at is not None,
    )
    return Seen(standing, table.entity(thing) if thing[0] is not None else None, shared=bool(shared))


def _standings(search: TaskSearch, teams: str | None, *, is_admin: bool, active: bool) -> dict[str, Standing]:
    """By the name asked; `teams` are `id slug key role`, a line each, as the listing packs them."""
    found: dict[str, Standing] = {}
    for packed in (teams or "").splitlines():
        team_id, slug, key, role = packed.split(" ")
        standing = Standing(
            search.scope.actor, TeamId(UUID(team_id)), ROLES[role], active=active, is_admin=is_admin
        )
        for ref in search.teams:
            column, value = team_ref(ref)
            if str(value) == {"id": team_id, "slug": slug, "key": key}[column]:
                found[ref] = standing
    return found


class DatabaseRows:
    """Reads in somebody's name, each on a connection of its own."""

    def __init__(self, database: Database, actor: Actor | None) -> None:
        self._database = database
        self._actor = actor

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        async with self._database.reading(self._actor) as connection:
            return await Reader(connection, self._database.dialect).see(kind, ref, actor)

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
        async with self._database.reading(self._actor) as connection:
            return await Reader(connection, self._database.dialect).find(
                kind, after=after, limit=limit, newest_first=newest_first, due=due, **where
            )

    async def search(self, search: TaskSearch) -> Found:
        async with self._database.reading(self._actor) as connection:
            return await Reader(connection, self._database.dialect).search(search)

    async def count(self, search: TaskSearch | EventSearch) -> int:
        async with self._database.reading(self._actor) as connection:
            return await Reader(connection, self._database.dialect).count(search)

    async def events(self, search: EventSearch) -> list[Event]:
        async with self._database.reading(self._actor) as connection:
            return await Reader(connection, self._database.dialect).events(search)

    async def heads(self, teams: Sequence[TeamId] | None = None) -> dict[TeamId, int]:
        async with self._database.reading(self._actor) as connection:
            return await Reader(connection, self._database.dialect).heads(teams)

    async def unread(self, search: UnreadSearch) -> list[Unread]:
        async with self._database.reading(self._actor) as connection:
            return await Reader(connection, self._database.dialect).unread(search)
