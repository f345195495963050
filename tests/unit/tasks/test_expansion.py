"""What comes with a task when it is asked for: as far as whoever asks may see it."""

from __future__ import annotations

import pytest

from taskcore.errors import Malformed
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role
from tests.unit.refusals import refusal

ALL = "assignee,project,labels"


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


async def test_a_task_comes_with_what_it_refers_to(ada: Person, team: Team) -> None:
    project = await ada.me.projects.create(team.id, "Launch")
    label = await ada.me.labels.create(team.id, "bug")
    task = await ada.me.tasks.create(
        team.id, "Ship it", assignee_id=ada.user.id, project_id=project.id, labels=["bug"]
    )
    plain = await ada.me.tasks.create(team.id, "Sail it")
    first, second = await ada.me.tasks.expand([task, plain], ALL)
    (alone,) = await ada.me.tasks.expand([task], "labels")

    assert first.assignee is not None
    assert (first.assignee.id, first.assignee.email) == (ada.user.id, ada.user.email)
    assert (first.project, first.labels) == (project, (label,))
    assert (second.assignee, second.project, second.labels) == (None, None, ())
    assert (alone.assignee, alone.project, alone.labels) == (None, None, (label,))


async def test_a_guest_sees_no_address_and_no_project_that_is_not_shared(
    world: World, ada: Person, team: Team
) -> None:
    bob = await world.member(ada, team, Role.GUEST)
    shared = await ada.me.projects.create(team.id, "Launch")
    hidden = await ada.me.projects.create(team.id, "Moon")
    shared = await ada.me.projects.share(shared.id, bob.user.id)
    tasks = [
        await ada.me.tasks.create(team.id, "Ship it", assignee_id=ada.user.id, project_id=project.id)
        for project in (shared, hidden)
    ]
    seen, unseen = await bob.me.tasks.expand(tasks, ALL)

    assert seen.assignee is not None
    assert (seen.assignee.name, seen.assignee.email) == (ada.user.name, None)
    assert (seen.project, unseen.project) == (shared, None)


async def test_what_cannot_be_expanded_is_told_so(ada: Person) -> None:
    assert (await refusal(ada.me.tasks.expand([], "assignee,owner")))[0] is Malformed
