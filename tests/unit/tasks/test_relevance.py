"""What is searched of a task, which terms are in it, and how relevant it then is."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.expression.texts import APART, ENDS, STARTS, asked_for, marked, sought
from taskcore.tasks.model import Comment
from taskcore.tasks.relevance import has, relevance, searched
from taskcore.values import CommentId
from tests.unit.examples import ADA, NOW, task

WORDS = st.text("aB1é\u0301ßİ日- _%\n" + STARTS + ENDS + APART, max_size=8)


def comment(body: str) -> str:
    found = task()
    return searched(Comment(CommentId(uuid4()), found.team_id, found.id, ADA.id, body, NOW))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Login PAGE login", ("login", "page")),
        ('a "Two words" b', ("a", "two words", "b")),
        ('5" disk', ('5"', "disk")),
        ('say"two words"', ('say"two', 'words"')),
        ('"never closed', ('"never', "closed")),
        ('""', ('""',)),
        ("STRASSE -x or\u3000y", ("strasse", "-x", "or", "y")),
    ],
)
def test_a_text_asks_for_each_of_its_words_and_for_phrases(text: str, terms: tuple[str, ...]) -> None:
    assert asked_for(text) == terms


@given(before=WORDS, text=WORDS, after=WORDS)
def test_whatever_was_found_as_one_text_is_found_by_its_words(before: str, text: str, after: str) -> None:
    own = searched(task(title="x", description=before + text + after))

    assert all(has(term, [own]) for term in asked_for(text))


@given(text=WORDS, term=WORDS)
def test_a_marked_text_has_what_the_text_has(text: str, term: str) -> None:
    """And a whole word begins and ends where no letter or digit is beside it."""
    no_marks = str.maketrans(dict.fromkeys(STARTS + ENDS + APART, " "))
    plain, part = text.casefold().translate(no_marks), term.casefold().translate(no_marks)
    found = sought(term)

    assert (found.part in marked(text)) == (part in plain)
    assert found.plain == part
    assert (found.quality(marked(text)) > 0) == (part in plain)


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        ("the ship sails", 3),
        ("Ship", 3),
        ("ship-shape", 3),
        ("under_ship", 3),
        ("ships", 2),
        ("flagship", 1),
        ("ship\u0301", 2),
        ("shi p", 0),
    ],
)
def test_a_term_is_a_word_or_the_start_of_one_or_within_one(text: str, quality: int) -> None:
    assert sought("SHIP").quality(marked(text)) == quality


@pytest.mark.parametrize(("term", "quality"), [("login page", 3), ("gin page", 1), ("login pa", 2), ("%", 3)])
def test_a_phrase_is_judged_by_its_two_ends(term: str, quality: int) -> None:
    assert sought(term).quality(marked("Login page at 100%")) == quality


@pytest.mark.parametrize(
    ("terms", "worth"),
    [
        (["ship"], 3 * 10 + 2 * 3 + 3 * 1),
        (["hip"], 10 + 3 + 1),
        (["ship", "docks"], 39 + 3),
        (["never"], 0),
        (["sails the"], 0),
        ([], 0),
    ],
)
def test_relevance_sums_where_each_term_is_and_how(terms: list[str], worth: int) -> None:
    own = searched(task(title="The ship sails", description="The shipment"))

    assert relevance(terms, own, [comment("a ship"), comment("ships of docks")]) == worth


def test_a_part_of_a_title_is_worth_more_than_whole_words_elsewhere() -> None:
    title = relevance(["hip"], searched(task(title="Ships")), [])

    assert title > relevance(["hip"], searched(task(description="hip")), []) > 0
    assert relevance(["hip"], searched(task(description="hip")), []) > relevance(
        ["hip"], searched(task()), [comment("hip")]
    )
