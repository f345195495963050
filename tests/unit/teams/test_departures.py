"""Whoever leaves a team, or sees less of it, leaves nothing of theirs behind."""

from __future__ import annotations

import pytest

from taskcore.errors import Conflict, Forbidden
from taskcore.testing import World
from taskcore.values import DependencyType, Role, Status
from taskcore_memory import MemoryStore


@pytest.fixture
def world() -> World:
    return World(MemoryStore())


async def test_who_is_removed_works_on_and_follows_nothing_any_more(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team)
    both = await ada.me.tasks.create(team.id, "both", assignee_id=bob.user.id)
    await ada.me.followers.add(both.id, bob.user.id)
    done = await ada.me.tasks.create(team.id, "done", assignee_id=bob.user.id, status="done")
    await ada.me.members.remove(team.id, bob.user.id)

    left, history = await ada.me.tasks.get(both.id), await ada.me.tasks.get(done.id)

    assert (left.assignee_id, left.followers, left.version) == (None, (), 3)
    assert history.assignee_id == bob.user.id
    assert (await ada.me.tasks.reopen(done.id)).assignee_id is None


async def test_a_guest_follows_nothing_of_a_project_that_is_no_longer_shared(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    gus = await world.member(ada, team, Role.GUEST)
    project = await ada.me.projects.create(team.id, "Open")
    await ada.me.projects.share(project.id, gus.user.id)
    task = await ada.me.tasks.create(team.id, "x", project_id=project.id)
    await gus.me.followers.add(task.id, gus.user.id)
    await ada.me.projects.unshare(project.id, gus.user.id)

    assert (await ada.me.tasks.get(task.id)).followers == ()


async def test_a_guest_who_is_removed_finds_nothing_shared_when_invited_again(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    gus = await world.member(ada, team, Role.GUEST)
    project = await ada.me.projects.create(team.id, "Open")
    await ada.me.projects.share(project.id, gus.user.id)
    await ada.me.members.remove(team.id, gus.user.id)

    assert (await ada.me.projects.get(project.id)).guests == ()


@pytest.mark.parametrize("role", [Role.MEMBER, Role.GUEST])
async def test_who_may_change_no_member_learns_nothing_by_changing_nothing(world: World, role: Role) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team, role)
    for fields in ({}, {"role": Role.OWNER}, {"role": "bogus"}, {"capacity_minutes_per_day": 60}):
        with pytest.raises(Forbidden):
            await bob.me.members.edit(team.id, ada.user.id, if_version=99, **fields)


async def test_the_last_owner_and_the_last_admin_cannot_be_disabled(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    root = await world.core.users.register(
        "root@example.org", name="Root", password="correct horse battery", is_admin=True
    )
    for user, code in ((ada.user, "last_owner"), (root, "last_admin")):
        with pytest.raises(Conflict) as refused:
            await world.core.users.disable(user.email)
        assert refused.value.code == code
    bob = await world.member(ada, team)
    await ada.me.members.edit(team.id, bob.user.id, role="owner")

    assert not (await world.core.users.disable(ada.user.id)).active


async def test_a_member_trashes_no_other_persons_task_by_way_of_a_subtask(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team)
    own = await bob.me.tasks.create(team.id, "own")
    foreign = await ada.me.tasks.create(team.id, "foreign", parent_id=own.id)
    with pytest.raises(Forbidden):
        await bob.me.tasks.delete(own.id)

    assert (await ada.me.tasks.get(foreign.id)).deleted_at is None


async def test_a_task_whose_predecessor_has_not_started_is_not_finished_without_force(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    first, second = [await ada.me.tasks.create(team.id, title) for title in ("first", "second")]
    await ada.me.dependencies.link(second.id, first.id, type=DependencyType.SS)
    with pytest.raises(Conflict, match="blocked"):
        await ada.me.tasks.complete(second.id)
    started = await ada.me.tasks.start(second.id)

    assert not started.blocked
    assert (await ada.me.tasks.complete(second.id)).status is Status.DONE
