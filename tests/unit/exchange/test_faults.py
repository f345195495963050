"""What is no good in a file is told with its line and why, and costs itself alone."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from taskcore.exchange.parsing import records_in_document, records_in_lines
from taskcore.exchange.records import Record
from taskcore.tasks.incoming import Refusal
from taskcore.tasks.model import Dependency, Task
from taskcore.testing import World
from taskcore_memory import MemoryStore

HEAD = b'{"type": "taskcore_export", "data": {"version": 2, "with": []}}\n'
AT = "2026-11-01T00:00:00Z"


def refused(records: Any) -> list[Refusal]:
    return [each for each in records if isinstance(each, Refusal)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\xff\n", "is not UTF-8"),
        (b"{\n", "is not JSON"),
        (b"[1]\n", "must be an object such as"),
        (b'{"type": 1, "data": {}}\n', "must be an object such as"),
        (b'{"type": "task", "data": {}, "more": 1}\n', "beside type and data it has more"),
        (b'{"type": "taskcore_export", "data": 1}\n', "is of version None"),
        (b'{"type": "taskcore_export", "data": {"version": 99}}\n', "is of version 99"),
        (b'{"a": 1, "a": 2}\n', "a member twice"),
        (b'{"a": NaN}\n', "NaN is no JSON"),
        (b"[" * 100_000 + b"\n", "nested too deep"),
    ],
)
def test_a_line_that_cannot_be_read_costs_that_line(line: bytes, why: str) -> None:
    found = list(records_in_lines([HEAD, b"\n", line, b'{"type": "label", "data": {}}\n']))

    (refusal,) = refused(found)
    assert (refusal.line, why in refusal.reason) == (3, True), refusal
    assert [each.type for each in found if isinstance(each, Record)][-1] == "label"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (b"\xff", 1, "is not UTF-8, and nothing behind it"),
        (b"", 1, "'{' was expected, not 'the end'"),
        (b'{"taskcore_export": 2\n "team": {}}', 2, "',' was expected"),
        (b'{"taskcore_export": 2, "team": {}, "team": {}}', 1, "a member twice"),
        (b"{1: 2}", 1, "a name must be a text"),
        (b'{"taskcore_export": 7}', 1, "is of version 7"),
        (b'{"taskcore_export": 2,\n "odd": 1}', 2, "'odd' is no part of an export"),
        (b'{"taskcore_export": 2} x', 1, "something follows the document"),
        (b'{"team": {}}', 1, "it has no taskcore_export"),
        (b'{"taskcore_export": 2, "labels": [{} {}]}', 1, "',' was expected"),
        (b'{"taskcore_export": 2, "labels": [' + b"[" * 100_000, 1, "nested too deep"),
    ],
)
def test_a_document_is_read_up_to_its_fault(text: bytes, line: int, why: str) -> None:
    (refusal,) = refused(records_in_document([text]))

    assert (refusal.line, why in refusal.reason) == (line, True), refusal


def test_a_document_comes_in_pieces() -> None:
    whole = b'{"taskcore_export": 2, "with": ["events"], "labels": [{"name": "a"}, {"name": "b"}], "team": {"n": 12}}'

    assert list(records_in_document(bytes([each]) for each in whole)) == list(records_in_document([whole]))


TASK = {"number": 1, "key": "X-1", "title": "t", "rank": "V", "created_at": AT, "updated_at": AT}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("a task", "must be an object"),
        ({"title": 1}, "must be a text, not 1"),
        ({"title": "a\x00b"}, "NUL"),
        ({"title": "\ud800"}, "surrogate"),
        ({"number": True}, "must be a whole number below 2^31"),
        ({"number": 2**40}, "must be a whole number below 2^31"),
        ({"id": "7"}, "must be an id"),
        ({"due_on": "soon"}, "must be a day"),
        ({"created_at": "soon"}, "must be a time"),
        ({"status": "odd"}, "must be one of"),
        ({"labels": "a"}, "must be a list"),
        ({"lease": {"user_id": "x"}}, "lease"),
        ({"title": None}, "title"),
    ],
)
async def test_a_value_that_is_no_good_is_told_by_its_field(data: Any, why: str) -> None:
    world = World(MemoryStore())
    ada = await world.person("Ada")
    team = await world.team(ada)
    given = (
        {"id": str(uuid4()), "created_by": str(uuid4()), **TASK, **data} if isinstance(data, dict) else data
    )

    report = await ada.me.restores.run(team.id, [*records_in_lines([HEAD]), Record("task", given, 2)])

    assert (report.created, len(report.refused)) == (0, 1)
    assert (report.refused[0].line, why in report.refused[0].reason) == (2, True), report.refused


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (1, "must be an object"),
        ({"q": "status:nonsense"}, "query"),
        ({"text": "\x00"}, "NUL"),
        ({"label": [1, [2], {"a": float("inf")}]}, "finite"),
        ({"label": 2**70}, "beyond 2^63"),
        (json.loads('{"a":' * 40 + "1" + "}" * 40), "nested too deep"),
    ],
)
async def test_a_view_of_nothing_is_refused(query: Any, why: str) -> None:
    world = World(MemoryStore())
    ada = await world.person("Ada")
    team = await world.team(ada)
    view = {"id": str(uuid4()), "name": "v", "query": query, "owner_id": str(uuid4()), "shared": True}
    view |= {"created_at": AT, "updated_at": AT}

    report = await ada.me.restores.run(team.id, [*records_in_lines([HEAD]), Record("view", view, 2)])

    assert (report.views, len(report.refused)) == (0, 1)
    assert why in report.refused[0].reason, report.refused


async def test_what_a_record_points_at_and_is_not_there_is_left_out_or_refused() -> None:
    world = World(MemoryStore())
    ada = await world.person("Ada")
    team = await world.team(ada)
    one, two, gone, by = (str(uuid4()) for _ in range(4))

    def a_task(id_: str, number: int, **more: Any) -> Record:
        return Record("task", {**TASK, "id": id_, "number": number, "created_by": by, **more}, number + 1)

    def a_tie(line: int, before: str, after: str) -> Record:
        return Record("dependency", {"predecessor_id": before, "successor_id": after, "created_at": AT}, line)

    records = [
        *records_in_lines([HEAD]),
        a_task(one, 1, parent_id=gone, project_id=gone, labels=["nobody's"]),
        a_task(two, 2, external_source="jira", external_id="J-1"),
        a_task(gone, 3, external_source="jira", external_id="J-1"),
        a_tie(5, one, two),
        a_tie(6, two, one),
        a_tie(7, one, gone),
        Record(
            "comment",
            {"id": str(uuid4()), "task_id": gone, "author_id": by, "body": "b", "created_at": AT},
            8,
        ),
        Record("task", {**TASK, "id": str(uuid4()), "odd": 1}, 9),
        Record("strange", {}, 10),
    ]

    report = await ada.me.restores.run(team.id, records)

    told = {
        each.line: [other.reason for other in report.refused if other.line == each.line]
        for each in report.refused
    }
    assert len(told[2]) == 3, told
    for line, why in ((4, "another task came from"), (6, "cycle"), (7, "not there"), (8, "not there")):
        assert why in told[line][0], told
    assert "created_by: is missing" in told[9][0]
    assert "is no type of record" in told[10][0]
    rows = world.store.rows()
    assert [task.parent_id for task in await rows.find(Task, team_id=team.id)] == [None, None]
    assert len(await rows.find(Dependency, team_id=team.id)) == 1
    again = await ada.me.restores.run(team.id, records)
    assert (again.created, again.known) == (0, 3)
