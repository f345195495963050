"""Reports on a real PostgreSQL: each event has its effect once, whoever reads it how often, and dies when."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import uuid4

import asyncpg
import pytest

from taskcore.errors import Conflict, NotFound, Unavailable
from taskcore.events import Event
from taskcore.reporting.facts import IN_PROGRESS
from taskcore.reporting.measures import days
from taskcore.reporting.ports import Reports
from taskcore.values import Status
from taskcore_reporting.schema import FOUNDATION, VERSIONS
from tests.integration.report_tables import in_one_pass, opened, tables
from tests.servers.postgres import Postgres
from tests.unit.reporting.ledger import Ledger, book_of, by_day
from tests.unit.reporting.tales import VERBS, lived

CHANCE = Random(6)  # noqa: S311  the same tale each time
TALE = lived(
    [
        (
            CHANCE.choice(("create", "edit", "edit", *VERBS)),
            CHANCE.randint(0, 1),
            CHANCE.randint(0, 5),
            CHANCE.choice(list(Status)),
            CHANCE.randint(0, 2),
            CHANCE.choice((1, 600, 1500)),
        )
        for _ in range(150)
    ]
)
LOGS = TALE.logs
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "reporting.md"


@pytest.fixture
async def reports(postgres_url: str) -> AsyncIterator[Reports]:
    reports = opened(postgres_url)
    await reports.prepare()
    yield reports
    await reports.close()


@pytest.fixture
def another_url(postgres_server: Postgres) -> Iterator[str]:
    name = f"other_{uuid4().hex}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


async def restarting(reports: Reports, log: list[Event], seed: int) -> None:
    """Read a log in stretches, each of which may begin anywhere in what was read."""
    chance = Random(seed)  # noqa: S311  as above
    seq = 0
    while seq < len(log):
        begin = chance.randint(0, seq)
        seq = await reports.take(log[0].team_id, log[begin : begin + chance.randint(1, 40)])


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_restarts_anywhere_ends_with_equal_tables(
    reports: Reports, postgres_url: str, another_url: str, seed: int
) -> None:
    for log in LOGS:
        await restarting(reports, log, seed)

    assert await tables(postgres_url) == await in_one_pass(another_url, LOGS)


async def test_readers_at_once_end_with_equal_tables(
    reports: Reports, postgres_url: str, another_url: str
) -> None:
    others = [opened(postgres_url) for _ in range(3)]
    await asyncio.gather(*(other.prepare() for other in others))
    await asyncio.gather(*(_overlapping(other, number) for number, other in enumerate((reports, *others))))
    for other in others:
        await other.close()

    assert await tables(postgres_url) == await in_one_pass(another_url, LOGS)


async def _overlapping(reports: Reports, number: int) -> None:
    """Read each log in small stretches, those of which an event is missing once more."""
    for log in LOGS[:: 1 if number % 2 else -1]:
        seq = 0
        while seq < len(log):
            seq = await reports.take(log[0].team_id, log[seq : seq + number + 2])


async def test_the_tables_hold_what_the_projection_says(reports: Reports, postgres_url: str) -> None:
    ledger = Ledger()
    for log in LOGS:
        await reports.take(log[0].team_id, log)
        await ledger.take(log[0].team_id, log)
    kept = {each.team_id: each for each in await reports.read()}
    connection = await asyncpg.connect(postgres_url)
    rows = await connection.fetch("SELECT * FROM taskcore_report.tasks")
    await connection.close()
    facts = {facts.id: facts for book in ledger.books.values() for facts in book.facts.values()}

    assert {(row["task_id"], row["cycle_time"], row["lead_time"], row["reopened"]) for row in rows} == {
        (each.id, each.cycle_time, each.lead_time, each.reopened) for each in facts.values()
    }
    assert {(row["task_id"], row["completed_on"]) for row in rows} == {
        (each.id, each.completed_at.date() if each.completed_at else None) for each in facts.values()
    }
    for team_id, book in ledger.books.items():
        figures = {
            day: {name: count for name, count in names.items() if count}
            for day, names in kept[team_id].figures.items()
        }
        assert {day: names for day, names in figures.items() if names} == {
            day: {name: count for name, count in names.items() if count}
            for day, names in by_day(book.figures).items()
            if any(names.values())
        }
        assert kept[team_id].key == book.key
        assert len(kept[team_id].completed) == sum(len(each.completions) for each in book.facts.values())


async def test_the_view_has_what_was_there_at_the_end_of_each_day(
    reports: Reports, postgres_url: str
) -> None:
    for log in LOGS:
        await reports.take(log[0].team_id, log)
    connection = await asyncpg.connect(postgres_url)
    for report in await reports.read():
        last = max(report.figures)
        sums = await connection.fetchrow(
            "SELECT sum(wip) AS wip, sum(done) AS done, sum(dropped) AS dropped, sum(backlog) AS backlog FROM ("
            "SELECT DISTINCT ON (project_id) * FROM taskcore_report.daily WHERE team_id = $1"
            " ORDER BY project_id, day DESC) AS latest",
            report.team_id,
        )
        (day,) = days(report, last, last)

        assert dict(sums) == {name: getattr(day, name) for name in ("wip", "done", "dropped", "backlog")}
    await connection.close()


async def test_a_gap_is_refused_and_changes_nothing(reports: Reports, postgres_url: str) -> None:
    log = LOGS[0]
    await reports.take(log[0].team_id, log[:5])
    before = await tables(postgres_url)
    with pytest.raises(Conflict, match=r"events 6 to 9 of team .* are missing") as refused:
        await reports.take(log[0].team_id, log[9:20])

    assert refused.value.code == "log_gap"
    assert await tables(postgres_url) == before


async def test_from_start_forgets_all_of_it(reports: Reports, postgres_url: str, another_url: str) -> None:
    for log in LOGS:
        await reports.take(log[0].team_id, log[: len(log) // 2])

    assert len(await reports.prepare()) == 2
    assert await reports.prepare(from_start=True) == {}
    for log in LOGS:
        await reports.take(log[0].team_id, log)
    assert await tables(postgres_url) == await in_one_pass(another_url, LOGS)


async def test_of_tasks_only_what_was_asked_for_is_read(reports: Reports) -> None:
    for log in LOGS:
        await reports.take(log[0].team_id, log)
    (every, *_) = await reports.read()
    middle = sorted(each.completed_at for each in every.completed)[len(every.completed) // 2].date()
    (late,) = await reports.read(every.key.lower(), middle)

    begin = datetime(middle.year, middle.month, middle.day, tzinfo=UTC)
    assert len(late.completed) == sum(each.completed_at >= begin for each in every.completed)
    assert late.figures == every.figures
    assert await reports.read(str(every.team_id)) == [every]
    assert await reports.read("NOBODY") == []


async def test_tables_of_another_version_are_refused(reports: Reports, postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("UPDATE taskcore_report.version SET number = 99")
    for attempt in (reports.prepare, reports.read):
        with pytest.raises(Unavailable, match="newer version's"):
            await attempt()
    await connection.execute("UPDATE taskcore_report.version SET number = 0")
    with pytest.raises(Unavailable, match="older version's"):
        await reports.read()
    await connection.close()


async def test_tables_of_the_first_version_are_read_anew(postgres_url: str, another_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(FOUNDATION + VERSIONS[0])
    await connection.execute("INSERT INTO taskcore_report.version VALUES (1)")
    await connection.execute("INSERT INTO taskcore_report.positions VALUES ($1, 5)", LOGS[0][0].team_id)
    await connection.close()

    assert await in_one_pass(postgres_url, LOGS) == await in_one_pass(another_url, LOGS)


async def test_what_is_not_there_is_told(postgres_url: str) -> None:
    empty, nowhere = opened(postgres_url), opened("postgresql://postgres@127.0.0.1:1/nowhere")
    with pytest.raises(NotFound, match="no reports yet"):
        await empty.read()
    await empty.close()
    with pytest.raises(Unavailable, match="the database of the reports: "):
        await nowhere.prepare()


async def test_what_the_guide_asks_can_be_asked(reports: Reports, postgres_url: str) -> None:
    for log in LOGS:
        await reports.take(log[0].team_id, log)
    key, today = LOGS[0][0].data["team"]["key"], LOGS[0][-1].at.date()
    asked = [
        sql.replace("'PLAT'", f"'{key}'")
        .replace("current_date", f"date '{today}'")
        .replace("now()", f"timestamptz '{today}'")
        for sql in re.findall(r"```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    ]
    connection = await asyncpg.connect(postgres_url)
    weeks, flow, _, days_of_berlin = [await connection.fetch(sql) for sql in asked]
    await connection.close()
    facts = [each for each in book_of(LOGS[0]).facts.values() if not each.gone]

    assert sum(row["completed"] for row in weeks) == sum(row["count"] for row in days_of_berlin) > 0
    assert flow[-1]["day"] == today
    assert flow[-1]["done"] == sum(each.status is Status.DONE for each in facts)
    assert flow[-1]["wip"] == sum(each.status in IN_PROGRESS for each in facts)
