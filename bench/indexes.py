"""
Is each filter alone answered from an index, in one of 200 teams of a million tasks?

`python -m bench indexes [TASKS] [postgresql|sqlite]` prints, for each question, how the database finds the rows,
and fails where it reads a table of tasks or links from end to end, or where a page that an index has in order
takes more than 60 buffers.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import attrs

from bench.million import fill_postgresql, fill_sqlite
from bench.questions import Question, questions
from taskcore.tasks.model import Task
from taskcore_sql.database import Params, positional
from taskcore_sql.dialect import SQLITE, WALLED, Dialect
from taskcore_sql.mapping import mapping
from taskcore_sql.search import listing
from taskcore_sql.wall import APP_ROLE
from tests.servers.postgres import postgres_server

TASKS = 1_000_000
LARGE = frozenset({"tasks", "task_texts", "comments", "task_labels", "task_followers", "dependencies"})
"""Tables of which no question may read all."""
PAGE_BUFFERS = 60
"""How many buffers a page may take to be found where an index has its order (`performance.md`)."""


@attrs.frozen
class Answer:
    """How a database answered a question."""

    question: str
    ways: tuple[str, ...]
    """Which indexes of tasks it used, in the plan's order."""
    scanned: tuple[str, ...]
    """Large tables that it read from end to end."""
    rows: int
    ms: float
    read: int = 0
    """Rows of tasks it looked at to find those."""
    page_buffers: int = 0
    buffers: int = 0
    """With all that hangs on the tasks found: labels, followers, whether they are blocked."""
    ordered: bool = False
    """Whether an index has the order asked for, of just the rows asked for."""


def from_row(question: Question, rows: Sequence[Sequence[Any]], dialect: Dialect) -> Question:
    """The question about the page behind the last of these rows."""
    last = mapping(Task, dialect).entity(rows[-1][4:])
    after = (tuple(getattr(last, field) for field, _ in question.search.order), last.id)
    return attrs.evolve(question, search=attrs.evolve(question.search, after=after))


def down_to(question: Question, dialect: Dialect) -> tuple[str, Params]:
    """The statement whose last row lies where the question's page begins."""
    return listing(attrs.evolve(question.search, limit=question.depth), dialect)


async def explained(connection: Any, question: Question, *, generic: bool) -> Answer:
    """How PostgreSQL answers it behind row-level security, knowing the parameters or, as a statement prepared long
    ago may be, without."""
    asker = question.search.scope.user_id
    await connection.execute(f"SET ROLE {APP_ROLE}; SET taskcore.user_id = '{asker}'")
    if question.depth:
        sql, params = down_to(question, WALLED)
        statement, names = positional(sql)
        question = from_row(
            question, await connection.fetch(statement, *[params[name] for name in names]), WALLED
        )
    sql, params = listing(question.search, WALLED)
    statement, names = positional(sql)
    mode = "force_generic_plan" if generic else "force_custom_plan"
    await connection.execute(f"SET plan_cache_mode = {mode}; DEALLOCATE ALL")
    await connection.execute(f"PREPARE question AS {statement}")
    given = f"({', '.join(literal(params[name]) for name in names)})" if names else ""
    analyse = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE question {given}"
    await connection.fetchval(analyse)  # the first run warms the cache
    plan = json.loads(await connection.fetchval(analyse))[0]
    return _postgresql_answer(question, plan)


def _postgresql_answer(question: Question, plan: Mapping[str, Any]) -> Answer:
    nodes = list(_nodes(plan["Plan"]))
    tasks = [node for node in nodes if _finds_tasks(node) and "Alias" in node]
    return Answer(
        question.name,
        ways=_ways(nodes),
        scanned=tuple({node["Relation Name"] for node in nodes if _is_scan(node)}),
        rows=int(plan["Plan"]["Actual Rows"]),
        ms=plan["Execution Time"],
        read=sum(_read(node) for node in tasks),
        page_buffers=sum(
            _own_blocks(node) - _wall_blocks(node, nodes) for node in nodes if _finds_tasks(node)
        ),
        buffers=_blocks(plan["Plan"]),
        ordered=question.ordered,
    )


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _own_blocks(node: Mapping[str, Any]) -> int:
    return _blocks(node) - sum(_blocks(part) for part in node.get("Plans", ()))


_INIT_PLAN = re.compile(r"InitPlan \d+|\$\d+")


def _wall_blocks(node: Mapping[str, Any], nodes: Iterable[Mapping[str, Any]]) -> int:
    """What its policy took to know the caller's teams: no part of finding the page, but asked within this node."""
    asked = set(_INIT_PLAN.findall(node.get("Filter", "")))
    return sum(
        _blocks(each)
        for each in nodes
        if each.get("Parent Relationship") == "InitPlan"
        and each not in node.get("Plans", ())
        and not asked.isdisjoint(_INIT_PLAN.findall(each["Subplan Name"]))
    )


def _finds_tasks(node: Mapping[str, Any]) -> bool:
    """Whether a node reads tasks, or an index of them for the node above it, to find those asked for."""
    if "Alias" in node:
        return node.get("Relation Name") == "tasks" and node["Alias"].startswith("t")
    return "tasks" in node.get("Index Name", "")


def _ways(nodes: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The indexes by which tasks are found."""
    return tuple(
        dict.fromkeys(
            str(node["Index Name"]) for node in nodes if _finds_tasks(node) and "Index Name" in node
        )
    )


def _is_scan(node: Mapping[str, Any]) -> bool:
    return node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE and node["Actual Loops"] > 0


def _blocks(node: Mapping[str, Any]) -> int:
    return int(node["Shared Hit Blocks"] + node["Shared Read Blocks"])


def _read(node: Mapping[str, Any]) -> int:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])


def literal(value: Any) -> str:
    """A parameter as SQL says it."""
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case list():
            kind = "uuid[]" if value and isinstance(value[0], UUID) else "smallint[]"
            kind = "text[]" if value and isinstance(value[0], str) else kind
            return f"ARRAY[{', '.join(map(literal, value))}]::{kind}"
        case datetime():
            return f"'{value.isoformat()}'"
        case _:
            return "'" + str(value).replace("'", "''") + "'"


async def on_postgresql(url: str, tasks: int) -> tuple[list[Answer], list[Answer]]:
    """All answers, and those of plans made without knowing the parameters."""
    connection = await asyncpg.connect(url, statement_cache_size=0)
    try:
        asked = list(questions(tasks))
        custom = [await explained(connection, question, generic=False) for question in asked]
        generic = [await explained(connection, question, generic=True) for question in asked]
        return custom, generic
    finally:
        await connection.close()


_STEP = re.compile(r"(SEARCH|SCAN) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
_ALIASES = {"t": "tasks", "p": "tasks", "k": "tasks", "x": "links", "d": "dependencies"}


def on_sqlite(path: Path, tasks: int) -> list[Answer]:
    connection = sqlite3.connect(path)
    try:
        return [sqlite_answer(connection, question) for question in questions(tasks)]
    finally:
        connection.close()


def sqlite_answer(connection: sqlite3.Connection, question: Question) -> Answer:
    if question.depth:
        question = from_row(question, connection.execute(*down_to(question, SQLITE)).fetchall(), SQLITE)
    sql, params = listing(question.search, SQLITE)
    steps = connection.execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
    # What lies in no other step reads the page that was found.
    found = [match for _, within, _, step in steps if within and (match := _STEP.match(step))]
    connection.execute(sql, params).fetchall()
    start = time.perf_counter()
    rows = connection.execute(sql, params).fetchall()
    return Answer(
        question.name,
        ways=tuple(dict.fromkeys(match[3] for match in found if match[2] == "t" and match[3])),
        scanned=tuple({_ALIASES[match[2]] for match in found if match[1] == "SCAN" and match[2] in _ALIASES}),
        rows=len(rows),
        ms=(time.perf_counter() - start) * 1000,
    )


def table(title: str, answers: Iterable[Answer]) -> str:
    """The answers, a line each."""
    lines = [
        f"\n{title}",
        f"{'question':34} {'rows':>4} {'read':>6} {'page':>5} {'all':>6} {'ms':>8}  indexes",
    ]
    for each in answers:
        how = ", ".join(each.ways) + "".join(f"  SCANS {name}" for name in each.scanned)
        figures = f"{each.rows:4} {each.read:6} {each.page_buffers:5} {each.buffers:6} {each.ms:8.2f}"
        lines.append(f"{each.question:34} {figures}  {how}")
    return "\n".join(lines)


async def measured(tasks: int, stores: Sequence[str]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {}
    if "postgresql" in stores:
        with postgres_server() as server:
            url = server.create("million")
            await fill_postgresql(url, tasks)
            custom, generic = await on_postgresql(url, tasks)
            name = f"PostgreSQL {server.major_version}"
            found |= {name: custom, f"{name}, plans made without the parameters": generic}
    if "sqlite" in stores:
        with tempfile.TemporaryDirectory() as folder:
            await fill_sqlite(Path(folder, "million.db"), tasks)
            found["SQLite"] = on_sqlite(Path(folder, "million.db"), tasks)
    return found


def main(arguments: list[str]) -> int:
    """Print all, and return 1 if any question is answered without an index."""
    tasks = next((int(word) for word in arguments if word.isdigit()), TASKS)
    stores = [word for word in arguments if not word.isdigit()] or ["postgresql", "sqlite"]
    found = asyncio.run(measured(tasks, stores))
    for title, answers in found.items():
        sys.stdout.write(table(f"{title}, {tasks:,} tasks in 200 teams", answers) + "\n")
    bad = [
        f"{title}: {each.question} reads all of {', '.join(each.scanned)}"
        for title, answers in found.items()
        for each in answers
        if each.scanned
    ]
    bad += [
        f"{title}: {each.question} takes {each.page_buffers} buffers, not at most {PAGE_BUFFERS}"
        for title, answers in found.items()
        for each in answers
        if each.ordered and each.page_buffers > PAGE_BUFFERS and tasks >= TASKS
    ]
    sys.stdout.write("\n".join(["", *bad, ""]) if bad else "\nevery question has its index\n")
    return 1 if bad else 0
