"""What can be asked for, in the same words through every door; and the cursor that continues it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taskcore.errors import Invalid, Malformed
from taskcore.query import (
    BOUNDS,
    FIELDS,
    SORTS,
    TaskQuery,
    parse_position,
    position_of,
    seal,
    task_query,
    unseal,
)
from taskcore.values import Priority, Status

ID, OTHER = UUID(int=1), UUID(int=2)
KEY = b"k" * 32
DAY, NOON = date(2026, 12, 1), datetime(2026, 12, 1, 12, tzinfo=UTC)

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9).filter(
    lambda word: word.strip() and word not in ("none", "me")
)
people = st.uuids() | st.sampled_from(["me", None])
instants = st.datetimes(timezones=st.just(UTC))
queries = st.builds(
    TaskQuery,
    **dict.fromkeys(("team", "label"), st.lists(words, unique=True).map(tuple)),
    project=st.lists(st.none() | st.uuids(), unique=True).map(tuple),
    status=st.lists(st.sampled_from(Status), unique=True).map(tuple),
    priority=st.lists(st.sampled_from(Priority), unique=True).map(tuple),
    **dict.fromkeys(("assignee", "created_by", "follower"), st.lists(people, unique=True).map(tuple)),
    parent=st.lists(st.none() | words, unique=True).map(tuple),
    **dict.fromkeys(BOUNDS, st.none() | st.dates() | instants),
    **dict.fromkeys(("overdue", "blocked"), st.none() | st.booleans()),
    text=st.none() | words,
    q=st.sampled_from([None, "status:open", " Status:open  or -assignee:ME"]),
    deleted=st.booleans(),
    sort=st.lists(st.sampled_from(SORTS), unique=True, max_size=3).map(tuple),
)


def faults_of(**fields: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        task_query(fields)
    return {fault.field: fault.reason for fault in refused.value.faults}


# Fields


@pytest.mark.parametrize(
    ("field", "given", "meant"),
    [
        ("team", "PLAT, core", ("PLAT", "core")),
        ("team", ["PLAT", "PLAT"], ("PLAT",)),
        ("project", f"{ID},none", (ID, None)),
        ("project", [OTHER, None], (OTHER, None)),
        ("status", "open,in_review", (Status.OPEN, Status.IN_REVIEW)),
        ("status", Status.DONE, (Status.DONE,)),
        ("priority", {"urgent"}, (Priority.URGENT,)),
        ("assignee", "me,none", ("me", None)),
        ("assignee", ID, (ID,)),
        ("created_by", str(ID).upper(), (ID,)),
        ("label", "bug", ("bug",)),
        ("label", ("a,b",), ("a,b",)),
        ("parent", ["PLAT-1", None, "none"], ("PLAT-1", None)),
        ("follower", [OTHER], (OTHER,)),
        ("overdue", "true", True),
        ("blocked", False, False),
        ("text", "a, b", "a, b"),
        ("q", "a  or B", "a  or B"),
        ("deleted", "false", False),
        ("sort", "-priority,due_at", ("-priority", "due_at")),
        ("limit", "200", 200),
        ("limit", 1, 1),
        ("cursor", "x", "x"),
        *((bound, "2026-12-01", DAY) for bound in BOUNDS),
        ("due_after", DAY, DAY),
        ("due_after", NOON, NOON),
        ("due_before", "2026-12-01T13:00:00+01:00", NOON),
        ("due_before", NOON.astimezone(timezone(timedelta(hours=5))), NOON),
    ],
)
def test_a_field_takes_pythons_values_and_the_text_of_a_url(field: str, given: object, meant: object) -> None:
    assert getattr(task_query({field: given}), field) == meant


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("nothing", [None, (), []])
def test_nothing_given_is_nothing_asked(field: str, nothing: object) -> None:
    assert task_query({field: nothing}) == TaskQuery()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("team", ""),
        ("team", "x" * 501),
        ("project", "me"),
        ("status", "finished"),
        ("status", 3),
        ("priority", "open,urgent"),
        ("assignee", "ada@example.org"),
        ("label", "bug,\x00"),
        ("parent", [" "]),
        ("follower", "nobody"),
        ("due_after", "tomorrow"),
        ("due_after", 20261201),
        ("due_after", "2026-12-01T12:00:00"),
        ("due_before", datetime(2026, 12, 1)),  # noqa: DTZ001  that is what is refused
        ("due_before", "2026-13-01"),
        ("overdue", "yes"),
        ("blocked", 1),
        ("text", ""),
        ("q", ""),
        ("q", "a or"),
        ("q", 3),
        ("deleted", "1"),
        ("sort", "colour"),
        ("sort", "-due_at,due_at"),
        ("sort", "title,number,rank,due_at"),
        ("sort", 3),
        ("limit", 0),
        ("limit", 201),
        ("limit", "many"),
        ("limit", True),
        ("limit", "9" * 20),
        ("colour", "red"),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_its_field(field: str, value: object) -> None:
    assert faults_of(**{field: value}).keys() == {field}


def test_all_faults_are_told_at_once() -> None:
    assert faults_of(status="x", limit="y", due_after="z", colour="red", team="PLAT").keys() == {
        "status",
        "limit",
        "due_after",
        "colour",
    }


@pytest.mark.parametrize(
    ("fields", "kind"), [({"limit": 0}, Malformed), ({"x": 1}, Malformed), ({"text": ""}, Invalid)]
)
def test_a_name_or_limit_that_is_wrong_makes_the_request_itself_unreadable(
    fields: dict[str, Any], kind: type[Invalid]
) -> None:
    with pytest.raises(Invalid) as refused:
        task_query({"status": "x", **fields})

    assert type(refused.value) is kind


# The query as JSON


@given(query=queries)
def test_a_query_is_saved_as_json_and_read_back_the_same(query: TaskQuery) -> None:
    assert task_query(json.loads(json.dumps(query.params()))) == query


def test_what_is_usual_and_where_the_page_stands_are_not_saved() -> None:
    assert TaskQuery(cursor="x", limit=7).params() == {}
    assert TaskQuery(assignee=(None, "me"), deleted=True).params() == {
        "assignee": ["none", "me"],
        "deleted": True,
    }


def test_an_order_tells_which_field_descends() -> None:
    assert task_query({"sort": "-priority,title"}).order == (("priority", True), ("title", False))


# Relevance

BEST = (("relevance", True), ("created_at", True))
NEWEST = (("created_at", True),)


@pytest.mark.parametrize(
    ("fields", "order", "terms"),
    [
        ({}, NEWEST, ()),
        ({"text": 'Login "two words"'}, BEST, ("login", "two words")),
        ({"q": "status:open (Login or page)"}, BEST, ("login", "page")),
        ({"q": "login -page -(a or -b)", "text": "b x"}, BEST, ("b", "x", "login")),
        ({"q": "-login status:open"}, NEWEST, ()),
        ({"q": "login", "sort": "title"}, (("title", False),), ("login",)),
        ({"text": "a", "sort": "relevance,-title"}, (("relevance", False), ("title", True)), ("a",)),
    ],
)
def test_where_a_text_is_looked_for_the_most_relevant_is_first(
    fields: dict[str, Any], order: object, terms: object
) -> None:
    query = task_query(fields)

    assert (query.order, query.terms) == (order, terms)
    assert query.ranked == (order[0][0] == "relevance")  # type: ignore[index]


@pytest.mark.parametrize("fields", [{}, {"q": "-login"}, {"status": "open"}])
@pytest.mark.parametrize("sort", ["relevance", "-relevance", "title,-relevance"])
def test_there_is_no_order_by_relevance_without_a_text(fields: dict[str, Any], sort: str) -> None:
    assert faults_of(**fields, sort=sort).keys() == {"sort"}


def test_a_text_has_32_words_at_most() -> None:
    words = [f"w{number}" for number in range(33)]

    assert len(task_query({"text": " ".join(words[:32])}).terms) == 32
    assert faults_of(text=" ".join(words)).keys() == {"text"}
    assert task_query({"text": f'"{" ".join(words)}"'}).terms == (" ".join(words),)


# The cursor

bindings = st.recursive(
    st.none() | st.text(max_size=5) | st.uuids(), lambda inner: st.lists(inner, max_size=3)
)
positions = st.tuples(st.lists(st.none() | st.text(max_size=9) | st.integers()).map(tuple), st.uuids())


@given(binding=bindings, position=positions)
def test_a_cursor_gives_back_its_place(binding: object, position: Any) -> None:
    values, task_id = unseal(KEY, binding, seal(KEY, binding, position))

    assert (tuple(values), UUID(task_id)) == position


@given(position=positions, data=st.data())
def test_a_cursor_with_any_character_changed_is_refused(position: object, data: st.DataObject) -> None:
    cursor = seal(KEY, "query", position)
    place = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(
        st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=ä ")
    )
    assume(cursor[place] != other)

    with pytest.raises(Malformed) as refused:
        unseal(KEY, "query", cursor[:place] + other + cursor[place + 1 :])
    assert [fault.field for fault in refused.value.faults] == ["cursor"]


@given(cursor=st.text() | st.binary().map(repr), position=positions)
def test_what_is_no_cursor_or_longer_or_shorter_than_one_is_refused(cursor: str, position: object) -> None:
    true = seal(KEY, "query", position)
    for text in (cursor, true[:-1], true + "=", true + "A", true + cursor + "A"):
        with pytest.raises(Malformed):
            unseal(KEY, "query", text)


@given(query=queries, other=queries)
def test_a_cursor_is_good_for_its_own_query_alone(query: TaskQuery, other: TaskQuery) -> None:
    assume(query.params() != other.params())

    with pytest.raises(Malformed):
        unseal(KEY, other.params(), seal(KEY, query.params(), [1]))
    with pytest.raises(Malformed):
        unseal(b"o" * 32, query.params(), seal(KEY, query.params(), [1]))


@pytest.mark.parametrize(
    "values",
    [
        {"due_at": NOON, "priority": Priority.HIGH, "number": 7},
        {"completed_at": None, "title": "Ship it", "rank": "V"},
    ],
)
def test_a_place_is_read_back_as_pythons_values(values: dict[str, Any]) -> None:
    order = tuple((field, False) for field in values)
    sealed = unseal(KEY, None, seal(KEY, None, position_of(values.values(), ID)))

    assert parse_position(order, sealed) == (tuple(values.values()), ID)
