"""Comments, and who is mentioned in one."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore.tasks import discussion
from taskcore.values import UserId
from tests.unit.examples import ADA, BOB, LATER, new_id, stamp, task

PEOPLE = [ADA, BOB]
ABOUT = task()


@pytest.mark.parametrize(
    ("body", "mentioned"),
    [
        ("@ada have a look", [ADA]),
        ("thanks @ada@example.org!", [ADA]),
        ("ping @AdaLovelace, please", [ADA]),
        ("(@BOB)", [BOB]),
        ("@bob. And @ada.", [BOB, ADA]),
        ("@ada @ada @bob @ada", [ADA, BOB]),
        ("**@bob** and ~~@ada~~", [BOB, ADA]),
        ("`@bob`", []),
        ("mail ada@example.org or bob@example.org", []),
        ("someone@bob", []),
        ("@nobody and @ adrift", []),
        ("@adam", []),
        ("", []),
    ],
)
def test_a_person_is_mentioned_by_e_mail_or_name(body: str, mentioned: list[object]) -> None:
    found = discussion.mentions(body, PEOPLE)

    assert [person for who in found for person in PEOPLE if person.id == who] == mentioned


def test_a_name_that_two_people_share_mentions_neither() -> None:
    other = attrs.evolve(ADA, id=UserId(new_id()), email="ada@example.net", name="Ada King")

    assert discussion.mentions("@ada", [ADA, other]) == ()
    assert discussion.mentions("@adaking @ada@example.org", [ADA, other]) == (other.id, ADA.id)


@given(body=st.text())
def test_no_text_mentions_anybody_twice(body: str) -> None:
    found = discussion.mentions(f"@bob {body} @bob", PEOPLE)

    assert BOB.id in found
    assert len(found) == len(set(found))


def test_a_new_comment_is_told_with_an_excerpt_and_whom_it_mentions() -> None:
    comment, (event,) = discussion.write(ABOUT, "@bob " + "x" * 500, PEOPLE, stamp())

    assert (comment.mentions, comment.author_id, comment.created_at) == ((BOB.id,), ADA.id, LATER)
    assert (event.kind, event.task_id, event.subject_id) == ("comment.created", ABOUT.id, comment.id)
    assert event.data["comment"] == {"excerpt": comment.body[:200], "mentions": [str(BOB.id)]}


def test_an_edited_comment_has_the_mentions_of_its_new_words_and_the_log_the_old_words() -> None:
    comment, _ = discussion.write(ABOUT, "@bob", PEOPLE, stamp())
    edited, (event,) = discussion.rewrite(comment, ABOUT, "@ada", PEOPLE, stamp())

    assert (edited.mentions, edited.version, edited.edited_at) == ((ADA.id,), 2, LATER)
    assert event.data["body"] == {"from": "@bob", "to": "@ada"}
    assert discussion.rewrite(edited, ABOUT, "@ada", PEOPLE, stamp()) == (edited, [])


def test_a_deleted_comment_keeps_its_place_not_its_words() -> None:
    comment, _ = discussion.write(ABOUT, "@bob, never mind", PEOPLE, stamp())
    erased, (event,) = discussion.erase(comment, ABOUT, stamp())

    assert (erased.id, erased.body, erased.mentions, erased.deleted_at) == (comment.id, "", (), LATER)
    assert "never mind" not in str(event.data)


@pytest.mark.parametrize("body", ["", "  ", "x" * 100_001, "\x00"])
def test_an_empty_or_endless_comment_is_refused(body: str) -> None:
    comment, _ = discussion.write(ABOUT, "sound", PEOPLE, stamp())

    with pytest.raises(Invalid):
        discussion.write(ABOUT, body, PEOPLE, stamp())
    with pytest.raises(Invalid):
        discussion.rewrite(comment, ABOUT, body, PEOPLE, stamp())
