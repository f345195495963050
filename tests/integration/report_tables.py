"""What the tables of the reports hold, and should."""

from __future__ import annotations

from typing import Any

import asyncpg

from taskcore.connect import REPORTS, build, resolve
from taskcore.events import Event
from taskcore.reporting.ports import Reports

TABLES = ("positions", "teams", "projects", "tasks", "completions", "changes", "daily")


def opened(url: str) -> Reports:
    reports: Reports = build(resolve(REPORTS, url), url, "report")
    return reports


async def tables(url: str) -> dict[str, list[Any]]:
    """All that the tables hold."""
    connection = await asyncpg.connect(url)
    try:
        return {
            table: sorted(map(repr, await connection.fetch(f"TABLE taskcore_report.{table}")))
            for table in TABLES
        }
    finally:
        await connection.close()


async def in_one_pass(url: str, logs: list[list[Event]]) -> dict[str, list[Any]]:
    """What the tables hold, of a database that reads each log once."""
    reports = opened(url)
    await reports.prepare()
    for log in logs:
        await reports.take(log[0].team_id, log)
    await reports.close()
    return await tables(url)
