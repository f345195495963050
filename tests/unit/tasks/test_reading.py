"""Up to where somebody has read, and what is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore import blocking
from taskcore.errors import Invalid, Malformed, NotFound
from taskcore.tasks.reading import ReadMarker, marked
from taskcore.values import CommentId
from tests.unit.examples import ADA, NOW, task

COMMENTS = st.none() | st.integers(1, 9).map(lambda place: CommentId(UUID(int=place)))
ABOUT = task()


@given(st.lists(COMMENTS, min_size=1))
def test_a_marker_is_where_the_furthest_reading_went(read: list[CommentId | None]) -> None:
    marker: ReadMarker | None = None
    for comment_id in read:
        before = marker
        marker = marked(marker, ABOUT, ADA.id, comment_id, NOW)
        moved = before is None or marker.comment_id != before.comment_id
        assert marker.version == (before.version if before else 0) + moved

    assert marker is not None
    assert marker.comment_id == max((each for each in read if each is not None), default=None)


@pytest.fixture
def people() -> Iterator[tuple[Any, Any]]:
    """Ada, who owns a team with one task, and Bob, a member."""
    with blocking.open("memory://", hasher="scrypt://?n=2") as core:
        ada, bob = (
            core.acting_as(core.users.register(f"{name}@example.org", name=name, password="correct horse battery").id)
            for name in ("ada", "bob")
        )  # fmt: skip
        ada.teams.create("Platform", key="PLAT")
        bob.invitations.accept(ada.invitations.create("PLAT", "bob@example.org", "member")[1])
        ada.tasks.create("PLAT", "Ship it")
        yield ada, bob


def test_what_was_said_is_unread_until_it_is_marked(people: tuple[Any, Any]) -> None:
    ada, bob = people
    said = [bob.comments.create("PLAT-1", text) for text in ("one", "two", "three")]
    ada.comments.create("PLAT-1", "mine")

    assert ada.comments.unread_of("PLAT-1") == 3
    ada.comments.mark_read("PLAT-1", said[1].id)
    assert ada.comments.unread_of("PLAT-1") == 1
    ada.comments.mark_read("PLAT-1", str(said[0].id))  # never back
    assert ada.comments.read_state("PLAT-1").comment_id == said[1].id
    ada.comments.mark_read("PLAT-1")
    assert ada.comments.read_state("PLAT-1").unread == 0


def test_it_is_nobody_elses_and_no_event_tells_of_it(people: tuple[Any, Any]) -> None:
    ada, bob = people
    bob.comments.create("PLAT-1", "hello")
    before = ada.events.count("PLAT")
    ada.comments.mark_read("PLAT-1")

    assert ada.events.count("PLAT") == before
    assert bob.comments.read_state("PLAT-1").comment_id is None


@pytest.mark.parametrize("concern", ["created", "assigned", "followed", "commented", "marked"])
def test_only_what_concerns_one_is_unread(people: tuple[Any, Any], concern: str) -> None:
    ada, bob = people
    ada.tasks.create("PLAT", "Another")
    about = bob.tasks.create("PLAT", "Bob's").key if concern == "created" else "PLAT-2"
    if concern == "assigned":
        ada.tasks.assign(about, bob.user_id)
    elif concern == "followed":
        bob.followers.add(about, bob.user_id)
    elif concern == "commented":
        bob.comments.create(about, "mine")
    elif concern == "marked":
        bob.comments.mark_read(about)
    for key in ("PLAT-1", about):
        ada.comments.create(key, "for Bob to read")

    assert bob.comments.unread_of("PLAT-1") == 0
    assert [bob.tasks.get(each.task_id).key for each in bob.comments.unread("PLAT").items] == [about]


def test_a_guest_has_nothing_unread_in_what_is_not_shared(people: tuple[Any, Any]) -> None:
    ada, bob = people
    ada.members.edit("PLAT", bob.user_id, role="guest")
    project = ada.projects.create("PLAT", "Open")
    ada.tasks.create("PLAT", "Inside", project_id=project.id)
    ada.projects.share(project.id, bob.user_id)
    bob.comments.mark_read("PLAT-2")
    ada.comments.create("PLAT-2", "for Bob to read")
    assert bob.comments.unread_of("PLAT-2") == 1

    ada.projects.unshare(project.id, bob.user_id)
    assert bob.comments.unread("PLAT").items == []


def test_pages_go_from_the_newest_to_the_oldest(people: tuple[Any, Any]) -> None:
    ada, bob = people
    keys = ["PLAT-1", *(ada.tasks.create("PLAT", str(place)).key for place in range(4))]
    newest = {key: bob.comments.create(key, "hello").id for key in keys}
    found, cursor = [], None
    while True:
        page = ada.comments.unread("PLAT", limit=2, cursor=cursor)
        found += [each.last_comment_id for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == sorted(newest.values(), reverse=True)
    with pytest.raises(Malformed):
        ada.comments.unread("PLAT", cursor="nonsense")


def test_a_comment_that_is_not_of_the_task_is_not_there(people: tuple[Any, Any]) -> None:
    ada, _ = people
    ada.tasks.create("PLAT", "Another")
    elsewhere = ada.comments.create("PLAT-2", "hello")
    for each in (UUID(int=10), elsewhere.id):
        with pytest.raises(NotFound):
            ada.comments.mark_read("PLAT-1", each)
    with pytest.raises(Invalid):
        ada.comments.mark_read("PLAT-1", "nonsense")


def test_of_a_task_in_the_trash_nothing_is_read(people: tuple[Any, Any]) -> None:
    ada, bob = people
    bob.comments.create("PLAT-1", "hello")
    ada.tasks.delete("PLAT-1")

    assert ada.comments.unread("PLAT").items == []
    for ask in (ada.comments.mark_read, ada.comments.read_state, ada.comments.unread_of):
        with pytest.raises(NotFound):
            ask("PLAT-1")
