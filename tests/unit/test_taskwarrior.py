"""What Taskwarrior exports, field by field, read as tasks to take in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.tasks.imports import Incoming, Note, Refusal
from taskcore.tasks.taskwarrior import FIELDS, incoming, parse
from taskcore.values import Priority, Status

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "data" / "taskwarrior-2.6.json"
GUIDE = ROOT / "docs" / "guides" / "taskwarrior.md"
UUID, OTHER = "cd613e30-d8f1-4adf-91b7-584a2265b1f5", "1e2feb89-414c-443c-9027-c4d1c386bbc4"
NINE, TEN = datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)


def taken(**fields: Any) -> Incoming:
    """A task as read, that has these fields besides what each has."""
    read = incoming(1, {"uuid": UUID, "description": "Ship it", "status": "pending", **fields})
    assert isinstance(read, Incoming), read
    return read


def refused(**fields: Any) -> str:
    read = incoming(7, {"uuid": UUID, "description": "Ship it", "status": "pending", **fields})
    assert isinstance(read, Refusal)
    assert read.line == 7
    return read.reason


def parsed(text: str | bytes) -> list[Incoming | Refusal]:
    return list(parse((text if isinstance(text, bytes) else text.encode()).splitlines(keepends=True)))


def block(**fields: object) -> str:
    return "\n".join(
        ["```taskwarrior", *(f"{name}: {json.dumps(value)}" for name, value in fields.items()), "```"]
    )


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        ({}, "external_id", UUID),
        ({"uuid": UUID.upper()}, "external_id", UUID),
        ({}, "external_source", "taskwarrior"),
        ({}, "title", "Ship it"),
        ({}, "status", Status.OPEN),
        ({"status": "waiting"}, "status", Status.OPEN),
        ({"status": "recurring"}, "status", Status.BACKLOG),
        ({"status": "completed"}, "status", Status.DONE),
        ({"status": "deleted"}, "status", Status.OPEN),
        ({"start": "20261201T090000Z"}, "status", Status.IN_PROGRESS),
        ({"start": "20261201T090000Z"}, "started_at", NINE),
        ({"status": "completed", "start": "20261201T090000Z"}, "status", Status.DONE),
        ({"status": "completed", "end": "20261201T100000Z"}, "completed_at", TEN),
        ({"status": "completed", "modified": "20261201T100000Z"}, "completed_at", TEN),
        ({"status": "deleted", "end": "20261201T100000Z"}, "deleted_at", TEN),
        ({"status": "deleted", "end": "20261201T100000Z"}, "completed_at", None),
        ({"entry": "20261201T090000Z"}, "created_at", NINE),
        ({"entry": "20261201T090000Z"}, "updated_at", NINE),
        ({"modified": "20261201T100000Z"}, "updated_at", TEN),
        ({"due": "20261201T090000Z"}, "due_at", NINE),
        ({"due": "2026-12-01T10:00:00+01:00"}, "due_at", NINE),
        ({"due": "1796115600"}, "due_at", NINE),
        ({"wait": "20261201T090000Z"}, "start_at", NINE),
        ({"scheduled": "20261201T090000Z"}, "start_at", NINE),
        ({"scheduled": "20261201T090000Z", "wait": "20261201T100000Z"}, "start_at", TEN),
        ({"project": "work.api"}, "project", "work.api"),
        ({"tags": ["ui", "bug", "ui"]}, "labels", ("ui", "bug")),
        ({"tags": "ui,bug"}, "labels", ("ui", "bug")),
        ({"tags": ["ui", "a,b", " ", "x" * 101, "x" * 100]}, "labels", ("ui", "x" * 100)),
        ({"due": "999999999"}, "due_at", datetime(2001, 9, 9, 1, 46, 39, tzinfo=UTC)),
        ({"priority": "H"}, "priority", Priority.HIGH),
        ({"priority": "M"}, "priority", Priority.MEDIUM),
        ({"priority": "L"}, "priority", Priority.LOW),
        ({"priority": ""}, "priority", Priority.NONE),
        ({"depends": [OTHER]}, "predecessors", (OTHER,)),
        ({"depends": f"{OTHER},{UUID}"}, "predecessors", (OTHER, UUID)),
        ({"depends": ""}, "predecessors", ()),
        ({"recur": "weekly", "mask": "-+", "rtype": "periodic"}, "recurrence", None),
    ],
)
def test_a_field_goes_where_the_table_says(fields: dict[str, Any], attribute: str, value: object) -> None:
    assert getattr(taken(**fields), attribute) == value


@pytest.mark.parametrize(
    "kept",
    [
        {"until": "20270601T000000Z"},
        {"priority": "U"},
        {"recur": "weekly", "parent": OTHER, "imask": 0},
        {"estimate": "PT3H"},
        {"size": 2.5},
        {"nested": {"a": [1]}},
        {"mask": "-" * 600},
        {"end": "20261201T100000Z"},
        {"tags": ["a,b", " ", "x" * 101]},
    ],
)
def test_what_has_no_place_is_kept_below_the_description(kept: dict[str, object]) -> None:
    assert taken(**kept).description == block(**kept)


def test_scheduled_is_kept_where_wait_takes_its_place() -> None:
    both = taken(scheduled="20261201T090000Z", wait="20261201T100000Z")

    assert both.description == block(scheduled="20261201T090000Z")


def test_what_taskwarrior_computes_is_not_kept() -> None:
    assert taken(id=3, urgency=4.94).description == ""


def test_a_block_cannot_be_ended_from_within() -> None:
    assert taken(ticket="``` ````").description.startswith("`````taskwarrior\n")


def test_a_long_description_is_kept_whole() -> None:
    text = "word " * 200
    read = taken(description=text)

    assert (len(read.title), read.title[-1]) == (500, "…")
    assert read.description == text


def test_annotations_become_comments_at_their_time() -> None:
    notes = [{"entry": "20261201T090000Z", "description": "first"}, {"description": "second"}]
    read = taken(entry="20261201T100000Z", annotations=notes, annotation_1796115600="very old")

    assert read.notes == (Note(NINE, "first"), Note(TEN, "second"), Note(NINE, "very old"))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"uuid": None}, "'Ship it': uuid: must be a UUID"),
        ({"uuid": "x"}, "uuid: must be a UUID"),
        ({"status": "lost"}, "status: must be one of pending, waiting"),
        ({"status": ["pending"]}, "status: must be text"),
        ({"description": " "}, "description: must not be blank"),
        ({"description": None}, "description: must not be blank"),
        ({"due": "tomorrow"}, "due: must be a time such as 20261201T090000Z, not 'tomorrow'"),
        ({"due": "20261301T090000Z"}, "due: must be a time"),
        ({"due": "2026-12-01T09:00:00"}, "due: must be a time"),
        ({"due": "99999999999999"}, "due: must be a time"),
        ({"entry": "2026"}, "entry: must be a time such as 20261201T090000Z, not '2026'"),
        ({"entry": 2026}, "entry: must be a time such as 20261201T090000Z, not '2026'"),
        ({"entry": "20261201"}, "entry: must be a time"),
        ({"entry": "202612010900"}, "entry: must be a time"),
        ({"entry": "20261201090000"}, "entry: must be a time"),
        ({"tags": [1]}, "tags: must be a list of words"),
        ({"tags": {"a": 1}}, "tags: must be a list of words"),
        ({"depends": 3}, "depends: must be a list of UUIDs"),
        ({"depends": ["x"]}, "depends: must be a UUID"),
        ({"annotations": "x"}, "annotations: must be a list of objects"),
        ({"annotations": [{"description": "when?"}]}, "annotations: one has no entry"),
        ({"project": 3}, "project: must be text, not 3"),
    ],
)
def test_a_task_that_cannot_be_read_is_refused_with_its_line(fields: dict[str, Any], reason: str) -> None:
    assert reason in refused(**fields)


def objects(count: int) -> list[dict[str, str]]:
    return [{"uuid": str(uuid4()), "description": f"Task {n}", "status": "pending"} for n in range(count)]


@pytest.mark.parametrize(
    "layout",
    [
        lambda tasks: "[\n" + ",\n".join(map(json.dumps, tasks)) + "\n]\n",
        lambda tasks: "[" + ",\n".join(map(json.dumps, tasks)) + "]",
        lambda tasks: "\n".join(map(json.dumps, tasks)),
        lambda tasks: "\ufeff[\r\n" + ",\r\n".join(map(json.dumps, tasks)) + "\r\n]\r\n",
        json.dumps,
        lambda tasks: json.dumps(tasks, indent=2),
        lambda tasks: "\n\n" + json.dumps(tasks, indent=2),
    ],
    ids=["taskwarrior", "tight", "json.array=off", "windows", "one line", "indented", "blank lines first"],
)
def test_an_export_is_read_however_it_is_laid_out(layout: Any) -> None:
    tasks = objects(3)
    read = parsed(layout(tasks))

    assert [each.external_id for each in read if isinstance(each, Incoming)] == [
        task["uuid"] for task in tasks
    ]
    assert len(read) == 3


def test_a_damaged_line_costs_that_line() -> None:
    lines = ["[", *(json.dumps(task) + "," for task in objects(4)), "]"]
    lines[1], lines[3] = '{"uuid": "cut o', lines[3] + " trailing"
    read = parsed("\n".join(lines))

    assert [(each.line, type(each).__name__) for each in read] == [
        (2, "Refusal"),
        (3, "Incoming"),
        (4, "Refusal"),
        (5, "Incoming"),
    ]


def test_a_line_that_is_not_utf_8_costs_that_line() -> None:
    first, second = (json.dumps(task).encode() for task in objects(2))
    read = parsed(first + b"\n" + b'{"uuid": "\xff"}\n' + second + b"\n")

    assert [isinstance(each, Incoming) for each in read] == [True, False, True]
    assert read[1] == Refusal(2, "is not UTF-8")


def test_behind_a_fault_in_one_long_line_nothing_is_read() -> None:
    text = json.dumps(objects(3)).replace('"Task 1"', '"Task 1', 1)
    read = parsed(text)

    assert [type(each).__name__ for each in read] == ["Incoming", "Refusal"]


def test_what_is_no_object_is_refused() -> None:
    assert parsed("[1, 2]") == [
        Refusal(1, "must be an object, not 1"),
        Refusal(1, "must be an object, not 2"),
    ]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' * 100_000, f'{{"size": {"9" * 5000}}}'])
def test_json_that_python_cannot_hold_is_refused(text: str) -> None:
    (read,) = parsed(text)

    assert isinstance(read, Refusal)


def test_an_empty_export_has_nothing_in_it() -> None:
    assert parsed("[\n]\n") == []


def test_a_file_of_the_real_program_is_taken_whole() -> None:
    with SAMPLE.open("rb") as file:
        read = list(parse(file))
    tasks = [each for each in read if isinstance(each, Incoming)]

    assert len(tasks) == len(read) == len(json.loads(SAMPLE.read_text()))
    assert {task.status for task in tasks} == {Status.OPEN, Status.BACKLOG, Status.IN_PROGRESS, Status.DONE}
    assert sum(task.deleted_at is not None for task in tasks) == 1
    assert sum(len(task.notes) for task in tasks) == 2
    assert sum(len(task.predecessors) for task in tasks) == 3


def test_every_field_of_the_sample_is_in_the_table_or_a_uda() -> None:
    known = {name for task in json.loads(SAMPLE.read_text()) for name in task} - set(FIELDS)

    assert known == {"estimate", "review", "size", "ticket"}


def test_the_guide_tells_where_each_field_goes() -> None:
    rows = [f"| {name if ' ' in name else f'`{name}`'} | {place} |" for name, place in FIELDS.items()]
    guide = GUIDE.read_text()

    assert [row for row in rows if row not in guide] == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from([name for name in FIELDS if " " not in name]) | st.text(min_size=1)


@given(st.dictionaries(names, json_values))
def test_any_object_is_taken_or_refused_but_never_an_error(value: dict[str, Any]) -> None:
    assert isinstance(incoming(1, {"uuid": UUID, "description": "x", **value}), Incoming | Refusal)


@given(st.binary())
def test_any_file_is_read_to_its_end(content: bytes) -> None:
    assert all(isinstance(each, Incoming | Refusal) for each in parsed(content))


@given(st.dictionaries(st.from_regex(r"uda_[a-z]{1,9}", fullmatch=True), st.text(min_size=1), min_size=1))
def test_no_uda_is_lost(udas: dict[str, str]) -> None:
    kept = taken(**udas).description.split("\n")[1:-1]

    assert dict(line.split(": ", 1) for line in "\n".join(kept).split("\n")) == {
        name: json.dumps(value, ensure_ascii=False) for name, value in udas.items()
    }
