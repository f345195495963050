"""Every filter and every order is answered from an index: asked of the planners, not of the clock."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from bench.indexes import Answer, on_postgresql, on_sqlite
from bench.million import fill_postgresql, fill_sqlite
from bench.questions import questions
from taskcore_sql.database import positional
from taskcore_sql.dialect import WALLED
from taskcore_sql.search import listing
from taskcore_sql.wall import APP_ROLE, in_name_of

TASKS = 20_000


def found_without_index(answers: list[Answer]) -> dict[str, tuple[str, ...]]:
    return {each.question: each.scanned for each in answers if each.scanned}


@pytest.mark.slow
async def test_postgresql_reads_no_table_of_tasks_from_end_to_end(postgres_url: str) -> None:
    await fill_postgresql(postgres_url, TASKS)
    known, unknown = await on_postgresql(postgres_url, TASKS)

    assert found_without_index(known) == {}
    assert found_without_index(unknown) == {}


@pytest.mark.slow
async def test_a_text_is_found_by_its_index_behind_row_level_security(postgres_url: str) -> None:
    await fill_postgresql(postgres_url, TASKS)
    connection = await asyncpg.connect(postgres_url)
    for name in ("text, rare", "text, in a comment"):
        asked = next(each.search for each in questions(TASKS) if each.name == name)
        sql, params = listing(asked, WALLED)
        statement, names = positional(sql)
        for _ in range(7):  # after five, a function's plan may be one that knows no parameters
            before = await connection.fetchrow(_READ)
            async with connection.transaction():
                await connection.execute(f"SET LOCAL ROLE {APP_ROLE}; {in_name_of(asked.scope.actor)}")
                found = await connection.fetch(statement, *(params[name] for name in names))
            after = await connection.fetchrow(_READ)
            by_index, *whole, texts = (now - then for now, then in zip(after, before, strict=True))

            assert len(found) > 1
            assert (by_index, whole) == (1, [0, 0])
            assert texts <= 4 * len(found)
    await connection.close()


_READ = """SELECT pg_stat_get_xact_numscans('ix_task_texts_text'::regclass), pg_stat_get_xact_numscans('task_texts'::regclass),
  pg_stat_get_xact_numscans('tasks'::regclass), pg_stat_get_xact_tuples_fetched('task_texts'::regclass)"""
"""How often this connection has read the index on texts, and the tables from end to end; and how many texts."""


@pytest.mark.slow
async def test_sqlite_reads_no_table_of_tasks_from_end_to_end(tmp_path: Path) -> None:
    await fill_sqlite(tmp_path / "tasks.db", TASKS)

    assert found_without_index(on_sqlite(tmp_path / "tasks.db", TASKS)) == {}
