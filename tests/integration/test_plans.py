"""Every filter and every order is answered from an index: asked of the planners, not of the clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.indexes import Answer, on_postgresql, on_sqlite
from bench.million import fill_postgresql, fill_sqlite

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
async def test_sqlite_reads_no_table_of_tasks_from_end_to_end(tmp_path: Path) -> None:
    await fill_sqlite(tmp_path / "tasks.db", TASKS)

    assert found_without_index(on_sqlite(tmp_path / "tasks.db", TASKS)) == {}
