"""The language of `q=`: what is read, what is refused and where, and that what is written is read back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskcore.errors import Invalid, Malformed
from taskcore.expression.parser import MAX_CHARACTERS, MAX_DEPTH, MAX_TERMS, NAMES, parsed
from taskcore.expression.terms import DATES, Both, Compared, Either, Moment, Node, Not, Term, written
from taskcore.query import BOUNDS, FIELDS, task_query
from taskcore.testing.strategies import trees
from taskcore.values import Priority, Status

ID = UUID(int=1)
DAY, NOON = date(2026, 12, 1), datetime(2026, 12, 1, 12, tzinfo=UTC)
A, B, C = (Term("text", (letter,)) for letter in "abc")


def compared(field: str, sign: str, base: Any, **shift: int) -> Compared:
    return Compared(field, sign, Moment(base, timedelta(**shift)))


# What is read


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("a b", Both((A, B))),
        ("a and b", Both((A, B))),
        ("  a\tAND\n b ", Both((A, B))),
        ("a or b", Either((A, B))),
        ("a b or c", Either((Both((A, B)), C))),
        ("a or b c", Either((A, Both((B, C))))),
        ("a (b or c)", Both((A, Either((B, C))))),
        ("a(b)c", Both((A, B, C))),
        ("(((a)))", A),
        ("-a", Not(A)),
        ("not a", Not(A)),
        ("NOT a b", Both((Not(A), B))),
        ("-(a b)", Not(Both((A, B)))),
        ("--a", Not(Not(A))),
        ("not -a", Not(Not(A))),
        ("not(a)or(b)", Either((Not(A), B))),
        ("origin android nothing", Both(tuple(Term("text", (w,)) for w in ("origin", "android", "nothing")))),
        ('"or"', Term("text", ("or",))),
        (r"\or", Term("text", ("or",))),
        ('"login page"', Term("text", ("login page",))),
        (r"login\ page", Term("text", ("login page",))),
        (r'"say \"hi\" \\o/"', Term("text", (r'say "hi" \o/',))),
        ('"a:b"', Term("text", ("a:b",))),
        ("well-known", Term("text", ("well-known",))),
        ("x,y", Term("text", ("x,y",))),
        ("7d", Term("text", ("7d",))),
        ("text:a,b", Term("text", ("a", "b"))),
        ("status:open", Term("status", (Status.OPEN,))),
        ("STATUS:Open,done,open", Term("status", (Status.OPEN, Status.DONE))),
        ("priority:none", Term("priority", (Priority.NONE,))),
        ("assignee:Me,none", Term("assignee", ("me", None))),
        (f"created_by:{ID}", Term("created_by", (ID,))),
        ("created-by:me", Term("created_by", ("me",))),
        ("project:NONE", Term("project", (None,))),
        ("parent:PLAT-1,none", Term("parent", ("PLAT-1", None))),
        ("label:none", Term("label", ("none",))),
        ('label:"needs review",area:ui', Term("label", ("needs review", "area:ui"))),
        ('label:"a,b"', Term("label", ("a,b",))),
        ("team:PLAT", Term("team", ("PLAT",))),
        ("overdue:TRUE", Term("overdue", (True,))),
        ("blocked:false", Term("blocked", (False,))),
        ("is:overdue", Term("overdue", (True,))),
        ("-is:Blocked", Not(Term("blocked", (True,)))),
        ("due<2026-12-01", compared("due", "<", DAY)),
        ("due<=2026-12-01T13:00:00+01:00", compared("due", "<=", NOON)),
        ("created>now", compared("created", ">", "now")),
        ("updated>=NOW-90M", compared("updated", ">=", "now", minutes=-90)),
        ("completed:today", compared("completed", ":", "today")),
        ("due<now+7d", compared("due", "<", "now", days=7)),
        ("due<today-2w", compared("due", "<", "today", days=-14)),
        ("due:tomorrow", compared("due", ":", "today", days=1)),
        ("due:yesterday+1d", compared("due", ":", "today")),
        ("due:none", Compared("due", ":", None)),
        ("due:today,none", Either((compared("due", ":", "today"), Compared("due", ":", None)))),
        ('due<now "7d"', Both((compared("due", "<", "now"), Term("text", ("7d",))))),
        ("due<now+1d 7d", Both((compared("due", "<", "now", days=1), Term("text", ("7d",))))),
    ],
)
def test_an_expression_says(text: str, means: Node) -> None:
    assert parsed(text) == means


def test_every_field_of_a_query_can_stand_in_an_expression_or_is_told_where_it_stands() -> None:
    beside = {"q", "deleted", "sort", "limit", "cursor"}
    compared_ones = {bound.rpartition("_")[0] for bound in BOUNDS}

    assert set(NAMES) == (set(FIELDS) - beside - set(BOUNDS)) | compared_ones | {"is"}
    for field in {*beside, *BOUNDS}:
        assert "parameter of its own" in fault(f"{field}:x")[0] or "write" in fault(f"{field}:x")[0]


# What is refused


def fault(text: str) -> tuple[str, int]:
    with pytest.raises(Malformed) as refused:
        task_query({"q": text})
    (only,) = refused.value.faults
    column = refused.value.data["column"]
    assert only.field == "q"
    assert f"at column {column}" in only.reason
    assert isinstance(column, int)
    return only.reason, column


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "says nothing"),
        (" \n ", 1, "says nothing"),
        ("stat:open", 1, "did you mean status?"),
        ("a (lable:bug)", 4, "did you mean label?"),
        ("http://example.org", 1, "quote it"),
        ("due_before:2026-12-01", 1, "write due<"),
        ("due_at<now", 1, "write due:"),
        ("a sort:title", 3, "a parameter of its own"),
        ("is:deleted", 4, "a parameter of its own"),
        ("is:late", 4, "overdue or blocked"),
        ("is:overdue,blocked", 12, "one value"),
        ("overdue:true,false", 14, "one value"),
        ("overdue:yes", 9, "true or false"),
        ("status:opne", 8, "in_progress"),
        ("status:open,opne", 13, "in_progress"),
        ("status:open, done", 13, "missing after the comma"),
        ("status: open", 8, "missing after status:"),
        ("status:", 8, "missing after status:"),
        ("due<", 5, "missing after due<"),
        ("status=open", 7, "write status:"),
        ("a status!=open", 9, "write -status:"),
        ("priority>low", 9, "only dates"),
        ("assignee:ada@example.org", 10, "a user's id, me or none"),
        ("project:Launch", 9, "an id or none"),
        ('label:""', 7, "characters"),
        ("due<soon", 5, "now+7d"),
        ("due<2026-13-01", 5, "2026-12-01"),
        ("due<2026-12-01T12:00:00", 5, "zone"),
        ("due<now+7", 5, "now+7d"),
        ("due<now+7y", 5, "now+7d"),
        ("due<now+123456d", 5, "now+7d"),
        ("due<now+\u0667d", 5, "now+7d"),
        ("due<today+3h", 5, "days and weeks"),
        ("due<none", 5, "2026-12-01"),
        ("due<today,now", 11, "one moment"),
        ("due<now 7d", 9, "%2B"),
        ("a or", 5, "missing"),
        ("a or ", 6, "missing"),
        ("or a", 1, "both its sides"),
        ("a and and b", 7, "both its sides"),
        ("a or or b", 6, "both its sides"),
        ("not", 4, "missing"),
        ("-", 1, "right before"),
        ("a - b", 3, "right before"),
        ("(-)", 2, "right before"),
        ("-or", 2, "both its sides"),
        ("(a", 1, "never closed"),
        ("a (b (c)", 3, "never closed"),
        ("a)", 2, "no parenthesis is open"),
        ("()", 2, "missing before the )"),
        ("(a or)", 6, "missing before the )"),
        ('a "b', 3, "never closed"),
        ('label:"b', 7, "never closed"),
        ('"b\\"', 1, "never closed"),
        ('a"b"', 2, "in quotes"),
        ('"a"b', 4, "in quotes"),
        ('label:a"b"', 8, "in quotes"),
        ("<b", 1, "in quotes"),
        ("12:30", 3, "in quotes"),
        ("a\\", 2, "nothing after it"),
        ("label:a\\", 8, "nothing after it"),
        ("label:\\", 7, "missing"),
        ("a\x00", 2, "no text can have"),
        ("ab \ud800", 4, "no text can have"),
        ("x" * (MAX_CHARACTERS + 1), MAX_CHARACTERS + 1, "longer than"),
        ("(" * MAX_DEPTH + "(a", MAX_DEPTH + 1, "in each other"),
        ("-" * MAX_DEPTH + "-a", MAX_DEPTH + 2, "in each other"),
        ("a " * MAX_TERMS + "a", 2 * MAX_TERMS + 1, "terms"),
        ("x" * 501, 1, "characters"),
    ],
)
def test_a_fault_is_told_with_its_column(text: str, column: int, says: str) -> None:
    reason, place = fault(text)

    assert (place, says in reason) == (column, True), reason


def test_what_is_just_short_enough_is_read() -> None:
    assert parsed("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == A
    assert parsed(" ".join(["a"] * MAX_TERMS)) == Both((A,) * MAX_TERMS)
    assert parsed("a".ljust(MAX_CHARACTERS)) == A


def test_a_fault_is_told_beside_those_of_other_fields() -> None:
    with pytest.raises(Malformed) as refused:
        task_query({"status": "x", "q": "(a"})

    assert {each.field for each in refused.value.faults} == {"status", "q"}
    assert refused.value.data == {"column": 1}


def test_what_is_no_text_is_no_expression() -> None:
    with pytest.raises(Invalid, match="must be a text"):
        task_query({"q": 3})


_ALPHABET = st.sampled_from(
    [*'()"\\-:<>=, ', "or", "and", "not", "due", "status:", "now", "+7d", "x", "me", "\n"]
)


@given(text=st.text(max_size=60) | st.lists(_ALPHABET, max_size=25).map("".join))
@example("-" * 3000)
@example("(" * 3000)
@example("due<0001-01-01")
def test_any_text_is_read_or_refused_within_it(text: str) -> None:
    place, node = 1, None
    try:
        node = parsed(text)
    except Malformed as refused:
        place = int(str(refused.data["column"]))

    assert 1 <= place <= len(text) + 1
    assert node is None or parsed(written(node)) == node


# What is written

words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=9
).filter(str.strip)
ids = st.uuids() | st.none()
people = ids | st.just("me")
parents = words.filter(lambda word: word.lower() not in ("none", "me")) | st.none()
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("team", "label", "text"), words),
    **dict.fromkeys(("assignee", "created_by", "follower"), people),
    "project": ids,
    "parent": parents,
    "status": st.sampled_from(Status),
    "priority": st.sampled_from(Priority),
}
shifts = st.builds(
    lambda size, unit: size * timedelta(**{unit: 1}),
    st.integers(-99999, 99999),
    st.sampled_from(["weeks", "days", "hours", "minutes"]),
)
moments = st.one_of(
    st.builds(Moment, st.dates() | st.datetimes(timezones=st.just(UTC))),
    st.builds(Moment, st.just("now"), shifts),
    st.builds(Moment, st.just("today"), st.integers(-99999, 99999).map(lambda days: timedelta(days=days))),
)
terms: st.SearchStrategy[Any] = st.one_of(
    *(
        st.builds(Term, st.just(field), st.lists(values, min_size=1, max_size=3, unique=True).map(tuple))
        for field, values in VALUES.items()
    ),
    *(st.builds(Term, st.just(field), st.tuples(st.booleans())) for field in ("overdue", "blocked")),
    st.builds(Compared, st.sampled_from(DATES), st.sampled_from(["<", "<=", ">", ">=", ":"]), moments),
    st.builds(Compared, st.sampled_from(DATES), st.just(":"), st.none()),
)


@given(node=trees(terms))
@example(Term("text", ("7d",)))
@example(Both((compared("due", "<", "now"), Term("text", ("7d",)))))
@example(Term("text", ("-x",)))
@example(Term("text", ("NOT",)))
def test_what_is_written_is_read_back_the_same(node: Node) -> None:
    assert parsed(written(node)) == node
