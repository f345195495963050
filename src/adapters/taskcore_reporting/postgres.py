"""`postgresql://…` as a place for reports: what a batch tells and how far it goes, in one transaction."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import asyncpg

from taskcore.codec import decoded
from taskcore.errors import NotFound, Unavailable
from taskcore.events import Event, plain
from taskcore.reporting.facts import COUNTED, Completed
from taskcore.reporting.measures import TeamReport
from taskcore.reporting.projection import Change, following, news, projected
from taskcore.reporting.stories import Story
from taskcore.values import TaskId, TeamId
from taskcore_reporting import statements
from taskcore_reporting.schema import FOUNDATION, TABLES, VERSIONS

CONNECT_SECONDS = 10
LOCK = 7236252
"""Who makes the tables, among the advisory locks of the database."""


def open_postgresql(url: str, *, blocking: bool = False) -> PostgresReports:  # noqa: ARG001  it always waits
    """`postgresql://user:password@host:port/database`, with libpq's parameters; 15 or newer."""
    return PostgresReports(url)


class PostgresReports:
    """`Reports` over one connection, which is made when it is first needed."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Any = None

    async def prepare(self, *, from_start: bool = False) -> dict[TeamId, int]:
        async with self._transaction() as connection:
            await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            await connection.execute(FOUNDATION)
            known = await connection.fetchval("SELECT number FROM taskcore_report.version")
            if known is None:
                await connection.execute("INSERT INTO taskcore_report.version VALUES (0)")
            _refuse_newer(known or 0)
            for each in VERSIONS[known or 0 :]:
                await connection.execute(each)
            await connection.execute("UPDATE taskcore_report.version SET number = $1", len(VERSIONS))
            if from_start:
                await connection.execute(
                    "TRUNCATE " + ", ".join(f"taskcore_report.{each}" for each in TABLES)
                )
            positions = await connection.fetch("SELECT team_id, seq FROM taskcore_report.positions")
        return {TeamId(team_id): seq for team_id, seq in positions}

    async def take(self, team_id: TeamId, events: Sequence[Event]) -> int:
        async with self._transaction() as connection:
            await connection.execute(statements.MEET_TEAM, team_id)
            known: int = await connection.fetchval(statements.LOCK_TEAM, team_id)
            new = following(team_id, known, events)
            if not new:
                return known
            stories = await self._stories(connection, team_id, list(news(new)))
            await self._write(connection, team_id, projected(stories, new))
            await connection.execute(statements.ADVANCE, team_id, new[-1].seq)
            return new[-1].seq

    async def _stories(self, connection: Any, team_id: TeamId, tasks: list[TaskId]) -> dict[TaskId, Story]:
        rows = await connection.fetch(statements.STORIES, team_id, tasks) if tasks else []
        return {TaskId(task_id): decoded(json.loads(story), Story) for task_id, story in rows}

    async def _write(self, connection: Any, team_id: TeamId, change: Change) -> None:
        if change.facts:
            rows = [
                (
                    *(each.id, change.keys.get(each.id), each.project_id, each.status),
                    *(each.created_at, each.started_at, each.completed_at, each.reopened, each.gone),
                    json.dumps(plain(change.stories[each.id])),
                )
                for each in change.facts
            ]
            await connection.execute(statements.WRITE_TASKS, team_id, *zip(*rows, strict=True))
            await self._write_completions(connection, team_id, change)
        if change.figures:
            figures = [
                (project, day, *(counts[name] for name in COUNTED))
                for (project, day), counts in change.figures.items()
            ]
            await connection.execute(statements.ADD_CHANGES, team_id, *zip(*figures, strict=True))
            await connection.execute(statements.TIDY, team_id, [day for _, day in change.figures])
        if change.projects:
            names = list(change.projects), list(change.projects.values())
            await connection.execute(statements.NAME_PROJECTS, team_id, *names)
        if change.team is not None:
            team = change.team
            await connection.execute(statements.NAME_TEAM, team_id, team.key, team.name, team.at)

    async def _write_completions(self, connection: Any, team_id: TeamId, change: Change) -> None:
        """All of each task: what is told late may come before what is known."""
        await connection.execute(statements.FORGET_COMPLETIONS, team_id, [each.id for each in change.facts])
        rows = [
            (each.id, number, done.project_id, done.completed_at, done.cycle_time, done.lead_time)
            for each in change.facts
            for number, done in enumerate(each.completions, 1)
        ]
        if rows:
            await connection.execute(statements.WRITE_COMPLETIONS, team_id, *zip(*rows, strict=True))

    async def read(self, team: str | None = None, since: date | None = None) -> list[TeamReport]:
        begin = datetime.combine(since or date.min, time.min, UTC)
        async with self._transaction("repeatable_read") as connection:
            await self._refuse_other_version(connection)
            teams = await connection.fetch(statements.TEAMS, team)
            ids = [row["team_id"] for row in teams]
            changes = await connection.fetch(statements.CHANGES, ids)
            completions = await connection.fetch(statements.COMPLETED, ids, begin)
        return [_report(row["team_id"], row["key"], changes, completions) for row in teams]

    async def _refuse_other_version(self, connection: Any) -> None:
        try:
            known = await connection.fetchval("SELECT number FROM taskcore_report.version")
        except asyncpg.UndefinedTableError as error:
            raise NotFound("there are no reports yet: taskcore report project makes them") from error
        _refuse_newer(known or 0)
        if (known or 0) < len(VERSIONS):
            raise Unavailable(
                "the reports are an older version's: taskcore report project brings them up to date"
            )

    async def close(self) -> None:
        if self._connection is not None:
            with _translated():
                await self._connection.close(timeout=CONNECT_SECONDS)

    @asynccontextmanager
    async def _transaction(self, isolation: Any = "read_committed") -> AsyncIterator[Any]:
        with _translated():
            if self._connection is None:
                self._connection = await asyncpg.connect(self._dsn, timeout=CONNECT_SECONDS)
            async with self._connection.transaction(isolation=isolation):
                yield self._connection


def _refuse_newer(known: int) -> None:
    if known > len(VERSIONS):
        raise Unavailable("the reports are a newer version's than this program: use that one")


def _report(team_id: UUID, key: str, changes: Sequence[Any], completions: Sequence[Any]) -> TeamReport:
    return TeamReport(
        TeamId(team_id),
        key,
        {row["day"]: {name: row[name] for name in COUNTED} for row in changes if row["team_id"] == team_id},
        [
            Completed(row["completed_at"], row["cycle_time"], row["lead_time"], project_id=row["project_id"])
            for row in completions
            if row["team_id"] == team_id
        ],
    )


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's errors as ours."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        said = str(error) or type(error).__name__
        raise Unavailable(f"the database of the reports: {said}") from error
