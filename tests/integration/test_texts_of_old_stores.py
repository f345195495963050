"""A store of an earlier version is searched as any other once it is upgraded: what lies in it is in the index."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from taskcore.connect import STORES, resolve
from taskcore.core import Acting
from taskcore.delivery.noticing import NOTICES
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.preferences import DEFAULTS, DIGEST_AT
from taskcore.ports import Store
from taskcore.testing import World
from taskcore.values import UserId
from taskcore_sql.migrate import config

BEFORE = "0004"
ADA, TEAM, TASK, GONE, SAID, TAKEN_BACK = (uuid4() for _ in range(6))
LAST_SEQ = 3
NOW = "2026-01-01T00:00:00.000000Z"
_OF_TASK = {
    "team_id": TEAM,
    "created_by": ADA,
    "rank": "V",
    "created_at": NOW,
    "updated_at": NOW,
    "status": "open",
}
_COUNTS = {"priority": 0, "spent_minutes": 0, "version": 1}
_OF_COMMENT = {
    "team_id": TEAM,
    "task_id": TASK,
    "author_id": ADA,
    "created_at": NOW,
    "mentions": "[]",
    "version": 1,
}
ROWS: list[tuple[str, dict[str, object]]] = [
    ("users", {"id": ADA, "email": "ada@example.org", "name": "Ada", "created_at": NOW, "time_zone": "UTC"}),
    (
        "teams",
        {"id": TEAM, "name": "Core", "slug": "core", "key": "CORE", "created_at": NOW, "time_zone": "UTC"},
    ),
    ("team_counters", {"team_id": TEAM, "last_number": 2, "last_seq": LAST_SEQ}),
    ("memberships", {"team_id": TEAM, "user_id": ADA, "role": "owner", "created_at": NOW, "version": 1}),
    (
        "tasks",
        {"id": TASK, "number": 1, "key": "CORE-1", "title": "Ship the Straße", "description": "before noon"},
    ),
    (
        "tasks",
        {"id": GONE, "number": 2, "key": "CORE-2", "title": "Ship", "description": "", "deleted_at": NOW},
    ),
    ("comments", {"id": SAID, "body": "Ask Grace"}),
    ("comments", {"id": TAKEN_BACK, "body": "", "deleted_at": NOW}),
]
_REST: dict[str, dict[str, object]] = {
    "users": {"is_admin": False, "version": 1},
    "teams": {"updated_at": NOW, "version": 1},
    "tasks": {**_OF_TASK, **_COUNTS, "search_text": "as that version had it"},
    "comments": _OF_COMMENT,
}


def filled_before(connection: Connection) -> None:
    """The schema of that version, and rows in it."""
    command.upgrade(config(connection), BEFORE)
    for table, row in ROWS:
        values = row | _REST.get(table, {})
        words = ", ".join(
            f"'{value}'" if isinstance(value, str | UUID) else str(value) for value in values.values()
        )
        connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({words})")  # noqa: S608


async def assert_people_are_told_from_now_on(store: Store, me: Acting) -> None:
    """Of what is past nobody is; and who is there prefers what who comes does."""
    (position,) = await store.rows().find(LogPosition, team_id=TEAM, consumer=NOTICES)
    preferred = await me.notifications.preferences()

    assert position.seq == LAST_SEQ
    assert (preferred.version, preferred.channels, preferred.digest_at) == (1, DEFAULTS, DIGEST_AT)
    assert preferred.next_digest_at is not None


async def assert_all_is_found(url: str) -> None:
    store = resolve(STORES, url)(url, blocking=False)
    await store.upgrade()
    me = World(store).core.acting_as(UserId(ADA))
    await assert_people_are_told_from_now_on(store, me)
    for words in ("ship", "STRASSE", '"before noon"', "grace", "ship noon ask", "hi"):
        found = (await me.tasks.list(text=words)).items

        assert [each.id for each in found] == [TASK], words
    assert (await me.tasks.list(text="grac e0")).items == []
    assert [each.id for each in (await me.tasks.list(text="ship", deleted=True)).items] == [GONE]
    await me.tasks.edit(TASK, title="Sail")
    assert (await me.tasks.list(text="strasse")).items == []
    assert [each.id for each in (await me.tasks.list(text="sail grace")).items] == [TASK]
    await store.close()


async def test_an_old_sqlite_file_is_indexed_by_the_upgrade(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/old.db", poolclass=NullPool)
    with engine.begin() as connection:
        filled_before(connection)
    engine.dispose()

    await assert_all_is_found(f"sqlite:///{tmp_path}/old.db")


@pytest.mark.slow
async def test_an_old_postgresql_database_is_indexed_by_the_upgrade(postgres_url: str) -> None:
    engine = create_async_engine(
        postgres_url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool
    )
    async with engine.begin() as connection:
        await connection.run_sync(filled_before)
    await engine.dispose()

    await assert_all_is_found(postgres_url)
