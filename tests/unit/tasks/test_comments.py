"""What is said about a task: who may say it, change it, and take it back."""

from __future__ import annotations

import pytest

from taskcore.errors import Forbidden, NotFound, PreconditionFailed
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role
from tests.unit.examples import new_id
from tests.unit.refusals import refusal

MISSING = (NotFound, "not_found")
REFUSED = (Forbidden, "forbidden")


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


async def test_comments_are_listed_oldest_first_page_by_page(ada: Person, team: Team) -> None:
    task = await ada.me.tasks.create(team.id, "Task")
    said = [await ada.me.comments.create(task.id, f"{number}") for number in range(5)]
    first = await ada.me.comments.list(task.key, limit=3)
    second = await ada.me.comments.list(task.key, limit=3, cursor=first.next_cursor)

    assert [*first.items, *second.items] == said
    assert second.next_cursor is None


async def test_a_comment_is_changed_by_its_author_alone(world: World, ada: Person, team: Team) -> None:
    bob = await world.member(ada, team, name="Bob")
    task = await bob.me.tasks.create(team.id, "Task")
    comment = await bob.me.comments.create(task.id, "first")
    edited = await bob.me.comments.edit(comment.id, "second", if_version=1)

    assert (edited.body, edited.version) == ("second", 2)
    assert await bob.me.comments.edit(comment.id, "second") == edited
    assert await refusal(ada.me.comments.edit(comment.id, "mine")) == REFUSED
    assert await refusal(bob.me.comments.edit(comment.id, "third", if_version=1)) == (
        PreconditionFailed,
        "version_conflict",
    )


async def test_a_comment_is_taken_back_by_its_author_or_a_moderator(
    world: World, ada: Person, team: Team
) -> None:
    bob, cyd = [await world.member(ada, team, name=name) for name in ("Bob", "Cyd")]
    task = await bob.me.tasks.create(team.id, "Task")
    own, other = [await bob.me.comments.create(task.id, body) for body in ("own", "other")]

    assert await refusal(cyd.me.comments.delete(own.id)) == REFUSED
    await bob.me.comments.delete(own.id)
    await ada.me.comments.delete(other.id)
    assert (await bob.me.comments.list(task.id)).items == []
    for attempt in (bob.me.comments.delete(own.id), bob.me.comments.edit(own.id, "again")):
        assert await refusal(attempt) == MISSING


async def test_a_guest_speaks_about_shared_tasks_alone(world: World, ada: Person, team: Team) -> None:
    guest = await world.member(ada, team, Role.GUEST, "Eve")
    project = await ada.me.projects.create(team.id, "Shared")
    shared = await ada.me.tasks.create(team.id, "Shared", project_id=project.id)
    hidden = await ada.me.tasks.create(team.id, "Hidden")
    secret = await ada.me.comments.create(hidden.id, "not for @eve")

    assert secret.mentions == ()
    assert await refusal(guest.me.comments.create(shared.id, "early")) == MISSING
    await ada.me.projects.share(project.id, guest.user.id)
    said = await guest.me.comments.create(shared.id, "@ada thanks")
    assert (await guest.me.comments.list(shared.id)).items == [said]
    assert await refusal(guest.me.comments.list(hidden.id)) == MISSING
    assert await refusal(guest.me.comments.edit(secret.id, "mine")) == MISSING


async def test_only_those_who_can_still_come_in_are_mentioned(world: World, ada: Person, team: Team) -> None:
    bob = await world.member(ada, team, name="Bob")
    task = await ada.me.tasks.create(team.id, "Task")
    assert (await ada.me.comments.create(task.id, "@bob")).mentions == (bob.user.id,)
    await world.core.users.disable(bob.user.email)

    assert (await ada.me.comments.create(task.id, "@bob")).mentions == ()


async def test_nothing_is_said_of_what_is_not_there(world: World, ada: Person, team: Team) -> None:
    stranger = await world.person("Mallory")
    task = await ada.me.tasks.create(team.id, "Task")
    comment = await ada.me.comments.create(task.id, "words")

    assert await refusal(stranger.me.comments.delete(comment.id)) == MISSING
    assert await refusal(ada.me.comments.delete(new_id())) == MISSING
    await ada.me.tasks.delete(task.id)
    for attempt in (ada.me.comments.create(task.id, "late"), ada.me.comments.edit(comment.id, "late")):
        assert await refusal(attempt) == MISSING
