"""JSON in and out, whatever it holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypedDict
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from taskcore.errors import Invalid, Malformed
from taskcore.events import Event, plain
from taskcore.tasks.model import Lease, Task, TaskFields
from taskcore.tasks.planning import TaskConstraint
from taskcore.values import ConstraintRule, EventId, TaskId, TeamId, UserId
from taskcore_http.answer import encoded
from taskcore_http.strict import decoded, structured

INSTANTS = st.one_of(
    st.datetimes(timezones=st.just(UTC)),
    st.datetimes(timezones=st.just(UTC)).map(lambda value: value.replace(microsecond=0)),
)
ID = UUID(int=7)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(
        ['"due_at":"2026-12-01T09:00:00Z"', "2026-12-01T09:00:00Z", '\\":\\"2026-12-01T09:00:00Z', '"']
    ),
)
TASKS = st.builds(
    Task,
    id=st.just(TaskId(ID)),
    team_id=st.just(TeamId(ID)),
    created_by=st.just(UserId(ID)),
    number=st.integers(1, 9),
    key=TEXTS,
    title=TEXTS,
    rank=TEXTS,
    description=TEXTS,
    external_id=st.none() | TEXTS,
    labels=st.lists(TEXTS, max_size=3).map(tuple),
    created_at=INSTANTS,
    updated_at=INSTANTS,
    start_at=st.none() | INSTANTS,
    due_at=st.none() | INSTANTS,
    due_on=st.none() | st.dates(),
    candidates=st.lists(st.just(UserId(ID)), max_size=1).map(tuple),
    required_skills=st.lists(TEXTS, max_size=2).map(tuple),
    constraints=st.lists(
        st.builds(TaskConstraint, st.sampled_from(ConstraintRule), st.none() | INSTANTS), max_size=2
    ).map(tuple),
    started_at=st.none() | INSTANTS,
    completed_at=st.none() | INSTANTS,
    planned_start=st.none() | INSTANTS,
    planned_finish=st.none() | INSTANTS,
    deleted_at=st.none() | INSTANTS,
    lease=st.none() | st.builds(Lease, user_id=st.just(UserId(ID)), until=INSTANTS),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(TASKS)
def test_a_task_is_spelt_as_in_the_log(task: Task) -> None:
    assert json.loads(encoded(task)) == plain(task)


@given(st.lists(TASKS, max_size=4))
def test_a_page_is_spelt_as_in_the_log(tasks: list[Task]) -> None:
    page = {"items": tasks, "next_cursor": None}

    assert json.loads(encoded(page)) == plain(page)


@given(INSTANTS, st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_an_event_is_spelt_as_it_is_kept(at: datetime, data: dict[str, str]) -> None:
    event = Event(
        EventId(ID), TeamId(ID), "task.updated", "task", ID, at, data={"changes": list(data.items())}
    )

    assert json.loads(encoded(event)) == plain(event)


@given(JSON_VALUES)
def test_json_is_read_as_it_is(value: object) -> None:
    assert decoded(json.dumps(value).encode()) == value


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        value = decoded(body)
    except Malformed:
        return

    assert msgspec.json.decode(body) == value or isinstance(value, int | float)


BODIES = st.dictionaries(
    st.sampled_from([*TaskFields.__annotations__, "bogus", "id"]), JSON_VALUES, max_size=6
)


@given(BODIES)
def test_any_body_is_taken_or_its_faults_are_named(document: dict[str, Any]) -> None:
    taken, faulty = outcome(document)

    assert faulty <= document.keys()
    assert bool(faulty) != (taken == document.keys())


def outcome(document: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The fields that are taken, or those that are refused."""
    try:
        return {*structured(document, TaskFields)}, set()
    except Invalid as refused:
        return set(), {fault.field.split("/")[0] for fault in refused.faults}


class Flat(TypedDict, total=False):
    text: str
    number: int
    truth: bool


@given(JSON_VALUES)
def test_nothing_is_coerced(value: object) -> None:
    right = {"text": type(value) is str, "number": type(value) is int, "truth": type(value) is bool}
    for name, fits in right.items():
        try:
            taken = structured({name: value}, Flat)
        except Invalid:
            assert not fits
        else:
            assert fits
            assert taken == {name: value}
