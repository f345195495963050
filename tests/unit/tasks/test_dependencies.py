"""What ties tasks to tasks, and people to them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from taskcore.errors import Conflict, Forbidden, Invalid, NotFound
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import DependencyType, Role
from tests.unit.refusals import refusal

MISSING = (NotFound, "not_found")


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


async def test_a_dependency_is_new_once_and_then_changed(ada: Person, team: Team) -> None:
    first, second = await ada.me.tasks.create(team.id, "First"), await ada.me.tasks.create(team.id, "Second")
    made, new = await ada.me.dependencies.put(second.id, first.key)
    again, new_again = await ada.me.dependencies.put(second.id, first.id)
    late = await ada.me.dependencies.link(second.id, first.id, type=DependencyType.SS, lag_minutes=30)

    assert (new, new_again, again) == (True, False, made)
    assert (late.version, late.type, late.lag_minutes) == (2, DependencyType.SS, 30)
    assert (
        list(await ada.me.dependencies.list(first.id))
        == [late]
        == list(await ada.me.dependencies.list(second.key))
    )


async def test_a_chain_is_not_closed_and_the_way_round_is_named(ada: Person, team: Team) -> None:
    tasks = [await ada.me.tasks.create(team.id, title) for title in "abcd"]
    for before, after in pairwise(tasks):
        await ada.me.dependencies.link(after.id, before.id)
    with pytest.raises(Conflict) as refused:
        await ada.me.dependencies.link(tasks[0].id, tasks[3].id)

    keys = [task.key for task in tasks]
    assert (refused.value.code, refused.value.data) == ("cycle", {"cycle": [keys[3], *keys]})
    assert await refusal(ada.me.dependencies.link(tasks[0].id, tasks[0].id)) == (Conflict, "cycle")


async def test_both_ends_are_of_one_team_and_out_of_the_trash(world: World, ada: Person, team: Team) -> None:
    elsewhere = await ada.me.tasks.create((await world.team(ada)).id, "Elsewhere")
    task, gone = await ada.me.tasks.create(team.id, "Task"), await ada.me.tasks.create(team.id, "Gone")
    await ada.me.dependencies.link(task.id, gone.id)
    await ada.me.tasks.delete(gone.id)

    assert await refusal(ada.me.dependencies.link(task.id, elsewhere.id)) == (Invalid, "invalid")
    assert await refusal(ada.me.dependencies.link(gone.id, task.id)) == MISSING
    assert await refusal(ada.me.dependencies.unlink(task.id, elsewhere.id)) == MISSING
    assert list(await ada.me.dependencies.list(task.id)) == []


async def test_a_dependency_taken_away_holds_nothing_up(ada: Person, team: Team) -> None:
    first, second = await ada.me.tasks.create(team.id, "First"), await ada.me.tasks.create(team.id, "Second")
    await ada.me.dependencies.link(second.id, first.id)
    await ada.me.dependencies.unlink(second.id, first.id)

    assert not (await ada.me.tasks.get(second.id)).blocked
    assert await refusal(ada.me.dependencies.unlink(second.id, first.id)) == MISSING


async def test_a_guest_sees_those_dependencies_whose_ends_are_both_shared(
    world: World, ada: Person, team: Team
) -> None:
    guest = await world.member(ada, team, Role.GUEST, "Eve")
    project = await ada.me.projects.create(team.id, "Shared")
    await ada.me.projects.share(project.id, guest.user.id)
    seen, also, hidden = [
        await ada.me.tasks.create(team.id, title, project_id=where)
        for title, where in (("seen", project.id), ("also", project.id), ("hidden", None))
    ]
    tie = await ada.me.dependencies.link(seen.id, also.id)
    await ada.me.dependencies.link(seen.id, hidden.id)

    assert list(await guest.me.dependencies.list(seen.id)) == [tie]
    assert await refusal(guest.me.dependencies.unlink(seen.id, also.id)) == (Forbidden, "forbidden")


async def test_one_follows_a_task_oneself_or_is_made_to_by_a_member(
    world: World, ada: Person, team: Team
) -> None:
    bob = await world.member(ada, team, name="Bob")
    task = await ada.me.tasks.create(team.id, "Task")
    await bob.me.followers.add(task.id, bob.user.id)
    followed = await bob.me.followers.add(task.id, ada.user.id)

    assert set(followed.followers) == {ada.user.id, bob.user.id} == set(await ada.me.followers.list(task.id))
    assert await bob.me.followers.add(task.id, ada.user.id) == followed
    assert (await ada.me.followers.remove(task.id, bob.user.id)).followers == (ada.user.id,)
    await ada.me.tasks.delete(task.id)
    assert await refusal(ada.me.followers.remove(task.id, ada.user.id)) == MISSING


async def test_a_follower_can_see_the_task_and_is_active(world: World, ada: Person, team: Team) -> None:
    eve, stranger = await world.member(ada, team, Role.GUEST, "Eve"), await world.person("Mallory")
    bob = await world.member(ada, team, name="Bob")
    await world.core.users.disable(bob.user.email)
    project = await ada.me.projects.create(team.id, "Shared")
    task = await ada.me.tasks.create(team.id, "Task", project_id=project.id)

    for who in (eve, stranger, bob):
        assert await refusal(ada.me.followers.add(task.id, who.user.id)) == (Invalid, "invalid")
    await ada.me.projects.share(project.id, eve.user.id)
    assert (await ada.me.followers.add(task.id, eve.user.id)).followers == (eve.user.id,)


async def test_a_guest_follows_for_nobody_else(world: World, ada: Person, team: Team) -> None:
    eve = await world.member(ada, team, Role.GUEST, "Eve")
    project = await ada.me.projects.create(team.id, "Shared")
    await ada.me.projects.share(project.id, eve.user.id)
    task = await ada.me.tasks.create(team.id, "Task", project_id=project.id)

    assert (await eve.me.followers.add(task.id, eve.user.id)).followers == (eve.user.id,)
    assert await refusal(eve.me.followers.add(task.id, ada.user.id)) == (Forbidden, "forbidden")
