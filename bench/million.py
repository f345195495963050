"""
A store as it is after years: tasks in 200 teams, made as text that both databases load in bulk.

Everything follows from a task's place in the sequence, so that two stores hold the same rows. Teams take
turns: the tasks of one lie as far apart on disk as in a store that has grown.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg

from taskcore.expression.texts import APART, marked
from taskcore.values import Priority
from taskcore_sql.postgres import open_postgresql
from taskcore_sql.schema import COLUMNS
from taskcore_sql.sqlite import open_sqlite

TEAMS = 200
MEMBERS = 10
PROJECTS = 20
LABELS = 10
EPOCH = datetime(2023, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Row = tuple[Any, ...]
Rows = dict[str, Iterator[Row]]

_STATUSES = (
    ["done"] * 58
    + ["open"] * 20
    + ["in_progress"] * 8
    + ["in_review"] * 4
    + ["backlog"] * 8
    + ["cancelled"] * 2
)
_WEIGHTS = (
    [Priority.NONE] * 60
    + [Priority.LOW] * 10
    + [Priority.MEDIUM] * 20
    + [Priority.HIGH] * 8
    + [Priority.URGENT] * 2
)
_WORDS = (
    "login page report invoice export server backup budget design review contract meeting release test mobile search"
    " cache index queue worker email calendar holiday travel hiring team customer support ticket error"
).split()


def identity(kind: int, number: int) -> str:
    """The id of the number-th thing of a kind; ids rise with the numbers, as UUIDv7 do with time."""
    return f"01850000-{kind:04x}-7000-8000-{number:012x}"


def team_id(team: int) -> str:
    return identity(1, team)


def user_id(team: int, member: int) -> str:
    return identity(2, team * MEMBERS + member)


def project_id(team: int, project: int) -> str:
    return identity(3, team * PROJECTS + project)


def label_id(team: int, label: int) -> str:
    return identity(4, team * LABELS + label)


def task_id(number: int) -> str:
    return identity(5, number)


def session_id(team: int, member: int) -> str:
    return identity(6, team * MEMBERS + member)


def comment_id(number: int) -> str:
    return identity(7, number)


def team_key(team: int) -> str:
    return f"T{chr(65 + team // 26)}{chr(65 + team % 26)}"


def instant(number: int, tasks: int) -> datetime:
    """When the number-th of so many tasks was created: evenly between the epoch and now."""
    return EPOCH + (NOW - EPOCH) / tasks * number


def _text(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _chance(number: int, salt: int) -> int:
    """An even number from 0 to 2**32, the same at every call."""
    mixed = (number * 2654435761 + salt * 40503) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 2246822519) & 0xFFFFFFFF
    return (mixed ^ (mixed >> 13)) & 0xFFFFFFFF


def _title(number: int) -> str:
    chance = _chance(number, 1)
    words = [_WORDS[(chance >> shift) % len(_WORDS)] for shift in (0, 6, 12, 18)]
    rare = " zeppelin" if number % 1000 < TEAMS and number // 1000 % 5 == 0 else ""
    return f"{' '.join(words).capitalize()} {number:x}{rare}"


def trashed(number: int) -> bool:
    """Whether the number-th task is in the trash."""
    return _chance(number, 4) % 100 == 99


def _task(number: int, tasks: int) -> dict[str, Any]:
    team, place = number % TEAMS, number // TEAMS
    first, second, third = (_chance(number, salt) for salt in (2, 3, 4))
    created = instant(number, tasks)
    status = _STATUSES[first % 100]
    finished = status in ("done", "cancelled")
    title = _title(number)
    row: dict[str, Any] = {
        "id": task_id(number),
        "team_id": team_id(team),
        "number": place + 1,
        "key": f"{team_key(team)}-{place + 1}",
        "title": title,
        "created_by": user_id(team, (first >> 8) % MEMBERS),
        "rank": f"{second:08x}i",
        "created_at": _text(created),
        "updated_at": _text(created + timedelta(minutes=third % 50_000)),
        "description": f"About {title}. " * (first % 4),
        "status": status,
        "priority": _WEIGHTS[(first >> 12) % 100].weight,
        "spent_minutes": second % 600,
        "version": 1 + second % 5,
    }
    if (first >> 20) % 10:
        row["project_id"] = project_id(team, second % PROJECTS)
    if (second >> 8) % 10 < 7:
        row["assignee_id"] = user_id(team, (second >> 12) % MEMBERS)
    if (second >> 20) % 100 < 15 and place > 10:
        row["parent_id"] = task_id(number - TEAMS * (1 + second % 10))
    if third % 10 < 4:
        row["due_at"] = _text(created + timedelta(days=1 + (third >> 4) % 90))
    if status not in ("backlog", "open"):
        row["started_at"] = _text(created + timedelta(hours=third % 500))
    if finished:
        row["completed_at"] = _text(created + timedelta(minutes=third % 50_000))
    if trashed(number):
        row |= {"deleted_at": _text(created + timedelta(days=9)), "deleted_by": user_id(team, 0)}
    if third % 100 < 5:
        row |= {"external_source": "taskwarrior", "external_id": f"{number:x}"}
    return row


def _tasks(tasks: int) -> Iterator[Row]:
    columns = tuple(COLUMNS["tasks"])
    for number in range(tasks):
        row = _task(number, tasks)
        yield tuple(row.get(column) for column in columns)


def _comments(tasks: int) -> Iterator[Row]:
    for number, team, chance in _linked(tasks, 8, 30):
        author, said = user_id(team, chance % MEMBERS), _text(instant(number, tasks))
        key = team_id(team), comment_id(number), task_id(number)
        yield *key, author, _said(number), said, "[]", None, None, 1


def _said(number: int) -> str:
    rare = " What a quagmire." if number // TEAMS % 10 == 0 else ""
    return f"I looked at it once more: {_title(_chance(number, 9))}.{rare}"


def _task_texts(tasks: int) -> Iterator[Row]:
    for number in range(tasks):
        row = _task(number, tasks)
        text = f"{marked(row['title'])}{APART}{marked(row['description'])}"
        yield row["team_id"], row["id"], row["id"], text, number + 1
    for number, team, _ in _linked(tasks, 8, 30):
        text = f"{APART}{marked(_said(number))}"
        yield team_id(team), task_id(number), comment_id(number), text, tasks + number + 1


def _linked(tasks: int, salt: int, percent: int) -> Iterator[tuple[int, int, int]]:
    """Some tasks, with their team and a chance."""
    for number in range(tasks):
        chance = _chance(number, salt)
        if chance % 100 < percent:
            yield number, number % TEAMS, chance >> 8


def _task_labels(tasks: int) -> Iterator[Row]:
    for number, team, chance in _linked(tasks, 5, 40):
        for label in sorted({chance % LABELS, (chance >> 4) % LABELS}):
            yield team_id(team), task_id(number), label_id(team, label)


def _task_followers(tasks: int) -> Iterator[Row]:
    for number, team, chance in _linked(tasks, 6, 20):
        for member in sorted({chance % MEMBERS, (chance >> 4) % MEMBERS}):
            yield team_id(team), task_id(number), user_id(team, member)


def _dependencies(tasks: int) -> Iterator[Row]:
    for number, team, chance in _linked(tasks, 7, 20):
        back = 1 + chance % 20
        if number // TEAMS >= back:
            kind = ("FS", "FS", "FS", "SS", "FF", "SF")[(chance >> 8) % 6]
            before = task_id(number - TEAMS * back)
            yield team_id(team), before, task_id(number), _text(instant(number, tasks)), kind, 0, "working", 1


def _teams() -> Iterator[Row]:
    for team in range(TEAMS):
        yield (
            team_id(team),
            f"Team {team}",
            f"team-{team}",
            team_key(team),
            _text(EPOCH),
            _text(EPOCH),
            "UTC",
            None,
            None,
            1,
            None,
        )


def _users() -> Iterator[Row]:
    for team in range(TEAMS):
        for member in range(MEMBERS):
            name = f"user-{team}-{member}"
            yield (
                user_id(team, member),
                f"{name}@example.org",
                name,
                _text(EPOCH),
                "UTC",
                0,
                None,
                1,
                _text(EPOCH),
                None,
            )


def _sessions() -> Iterator[Row]:
    """Everybody is signed in, once."""
    for team in range(TEAMS):
        for member in range(MEMBERS):
            since, until = _text(EPOCH), _text(NOW + timedelta(days=36_500))
            yield session_id(team, member), user_id(team, member), since, until, since, None, None, 1


def _memberships() -> Iterator[Row]:
    roles = ["owner", "admin", *["member"] * (MEMBERS - 3), "guest"]
    for team in range(TEAMS):
        for member, role in enumerate(roles):
            yield team_id(team), user_id(team, member), role, _text(EPOCH), None, None, 1


def _projects() -> Iterator[Row]:
    for team in range(TEAMS):
        for project in range(PROJECTS):
            owner = user_id(team, 0)
            now = _text(EPOCH)
            yield (
                team_id(team),
                project_id(team, project),
                f"Project {project}",
                owner,
                now,
                now,
                "",
                owner,
                None,
                None,
                1,
                "pull_and_push",
            )


def _labels() -> Iterator[Row]:
    for team in range(TEAMS):
        for label in range(LABELS):
            yield team_id(team), label_id(team, label), f"label-{label}", _text(EPOCH), "#888888", 1


def _counters(tasks: int) -> Iterator[Row]:
    for team in range(TEAMS):
        yield team_id(team), (tasks - team + TEAMS - 1) // TEAMS, 0


def everything(tasks: int) -> Rows:
    """Rows by table, in the order of the table's columns."""
    return {
        "teams": _teams(),
        "users": _users(),
        "sessions": _sessions(),
        "memberships": _memberships(),
        "team_counters": _counters(tasks),
        "projects": _projects(),
        "project_guests": (
            (team_id(team), project_id(team, 3), user_id(team, MEMBERS - 1)) for team in range(TEAMS)
        ),
        "labels": _labels(),
        "tasks": _tasks(tasks),
        "task_labels": _task_labels(tasks),
        "task_followers": _task_followers(tasks),
        "dependencies": _dependencies(tasks),
        "comments": _comments(tasks),
        "task_texts": _task_texts(tasks),
    }


async def fill_postgresql(url: str, tasks: int) -> None:
    """An empty database gets the schema and so many tasks; its secondary indexes are made last, which is faster."""
    store = open_postgresql(url)
    await store.upgrade()
    await store.close()
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes JOIN pg_class ON relname = indexname"
            " WHERE schemaname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = pg_class.oid)"
        )
        for name, _ in indexes:
            await connection.execute(f'DROP INDEX "{name}"')
        for table, rows in everything(tasks).items():
            await connection.copy_to_table(table, source=_lines(rows), columns=list(COLUMNS[table]))
        for _, definition in indexes:
            await connection.execute(definition)
        await connection.execute("VACUUM (ANALYZE, FREEZE)")
    finally:
        await connection.close()


async def _lines(rows: Iterable[Row]) -> AsyncIterator[bytes]:
    """COPY's text, some thousand rows at a time."""
    rest = iter(rows)
    while lines := ["\t".join(map(_field, row)) for row in islice(rest, 5_000)]:
        yield ("\n".join(lines) + "\n").encode()


def _field(value: object) -> str:
    return "\\N" if value is None else str(value).replace("\n", "\\n")


async def fill_sqlite(path: Path, tasks: int) -> None:
    """The same in a new file; without ANALYZE, which nobody runs on one."""
    store = open_sqlite(f"sqlite:///{path}", blocking=True)
    await store.upgrade()
    await store.close()
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -262144", "BEGIN"):
        connection.execute(setting)
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    )
    made_last = indexes.fetchall()
    for name, _ in made_last:
        connection.execute(f"DROP INDEX {name}")
    for table, rows in everything(tasks).items():
        places = ", ".join("?" for _ in COLUMNS[table])
        connection.executemany(f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) VALUES ({places})", rows)  # noqa: S608
    for _, definition in made_last:
        connection.execute(definition)
    connection.execute("COMMIT")
    connection.close()
