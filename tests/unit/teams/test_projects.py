"""What a team sorts its tasks by: projects and labels."""

from __future__ import annotations

from datetime import date

import pytest

from taskcore.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role
from tests.unit.refusals import refusal

MISSING = (NotFound, "not_found")
REFUSED = (Forbidden, "forbidden")
STALE = (PreconditionFailed, "version_conflict")


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


async def told(ada: Person, team: Team, noun: str) -> list[str]:
    events = (await ada.me.events.list(team.id, limit=200)).items
    return [event.kind for event in events if event.subject_type == noun]


# Projects


async def test_a_project_is_made_and_changed_by_those_who_may(world: World, ada: Person, team: Team) -> None:
    bob = await world.member(ada, team, name="Bob")
    project = await bob.me.projects.create(
        team.id, "Engine", description="Hot", lead_id=ada.user.id, target_on=date(2027, 1, 1)
    )

    assert (project.name, project.created_by, project.lead_id) == ("Engine", bob.user.id, ada.user.id)
    assert await bob.me.projects.get(project.id) == project
    changed = await ada.me.projects.edit(project.id, name="Motor", if_version=1)
    assert await ada.me.projects.edit(project.id, name="Motor") == changed
    assert await refusal(ada.me.projects.edit(project.id, name="Old", if_version=1)) == STALE
    assert await told(ada, team, "project") == ["project.created", "project.updated"]


async def test_a_project_is_archived_by_its_creator_its_lead_or_an_admin(
    world: World, ada: Person, team: Team
) -> None:
    bob, cyd, dan = [await world.member(ada, team, name=name) for name in ("Bob", "Cyd", "Dan")]
    project = await bob.me.projects.create(team.id, "Engine", lead_id=cyd.user.id)

    assert await refusal(dan.me.projects.edit(project.id, archived=True)) == REFUSED
    archived = await cyd.me.projects.edit(project.id, archived=True)
    assert archived.archived_at == world.clock.now
    assert await bob.me.projects.edit(project.id, archived=True) == archived
    assert (await bob.me.projects.edit(project.id, archived=False)).archived_at is None
    assert await told(ada, team, "project") == ["project.created", "project.archived", "project.updated"]


async def test_a_lead_is_a_worker_of_the_team(world: World, ada: Person, team: Team) -> None:
    guest, stranger = await world.member(ada, team, Role.GUEST, "Eve"), await world.person("Mallory")

    for who in (guest, stranger):
        assert await refusal(ada.me.projects.create(team.id, "P", lead_id=who.user.id)) == (
            Invalid,
            "invalid",
        )
    assert await refusal(ada.me.projects.create(team.id, "")) == (Invalid, "invalid")


async def test_tasks_of_a_deleted_project_are_in_none(ada: Person, team: Team) -> None:
    project = await ada.me.projects.create(team.id, "Engine")
    task = await ada.me.tasks.create(team.id, "Task", project_id=project.id)

    assert await refusal(ada.me.projects.delete(project.id, if_version=3)) == STALE
    await ada.me.projects.delete(project.id, if_version=1)
    assert (await ada.me.tasks.get(task.id)).project_id is None
    assert await refusal(ada.me.projects.get(project.id)) == MISSING
    assert await refusal(ada.me.tasks.create(team.id, "Task", project_id=project.id)) == (Invalid, "invalid")


async def test_a_guest_sees_a_project_from_sharing_to_unsharing(
    world: World, ada: Person, team: Team
) -> None:
    guest, bob = await world.member(ada, team, Role.GUEST, "Eve"), await world.member(ada, team, name="Bob")
    assert await refusal(guest.me.projects.create(team.id, "Mine")) == REFUSED
    project, other = [await ada.me.projects.create(team.id, name) for name in ("Engine", "Hull")]

    assert await refusal(ada.me.projects.share(project.id, bob.user.id)) == (Invalid, "invalid")
    shared = await ada.me.projects.share(project.id, guest.user.id)
    assert await ada.me.projects.share(project.id, guest.user.id) == shared
    assert (await guest.me.projects.list(team.id)).items == [shared]
    assert await refusal(guest.me.projects.get(other.id)) == MISSING
    assert (await ada.me.projects.unshare(project.id, guest.user.id)).guests == ()
    assert (await guest.me.projects.list(team.id)).items == []


# Labels


async def test_a_label_is_one_of_its_name_in_a_team(world: World, ada: Person, team: Team) -> None:
    bug = await ada.me.labels.create(team.id, "bug", colour="#ff0000")

    assert (await ada.me.labels.list(team.id)).items == [bug] == [await ada.me.labels.get(bug.id)]
    assert await refusal(ada.me.labels.create(team.id, "bug")) == (Conflict, "already_exists")
    assert (await ada.me.labels.create((await world.team(ada)).id, "bug")).name == "bug"
    for name, colour in (("a,b", "#ff0000"), ("", "#ff0000"), ("ok", "red")):
        assert await refusal(ada.me.labels.create(team.id, name, colour=colour)) == (Invalid, "invalid")


async def test_a_renamed_label_is_renamed_on_its_tasks_and_told_once(ada: Person, team: Team) -> None:
    bug, ui = [await ada.me.labels.create(team.id, name) for name in ("bug", "ui")]
    task = await ada.me.tasks.create(team.id, "Task", labels=["ui", "bug"])
    renamed = await ada.me.labels.edit(bug.id, name="zzz", if_version=1)

    assert (await ada.me.tasks.get(task.id)).labels == ("ui", "zzz")
    assert await ada.me.labels.edit(bug.id, name="zzz") == renamed
    assert await refusal(ada.me.labels.edit(bug.id, name="ui")) == (Conflict, "already_exists")
    assert await refusal(ada.me.labels.edit(ui.id, name="x", if_version=7)) == STALE
    assert await told(ada, team, "label") == ["label.created", "label.created", "label.updated"]


async def test_a_deleted_label_is_taken_off_its_tasks(ada: Person, team: Team) -> None:
    bug, _ = [await ada.me.labels.create(team.id, name) for name in ("bug", "ui")]
    task = await ada.me.tasks.create(team.id, "Task", labels=["ui", "bug"])
    await ada.me.labels.delete(bug.id)
    left = await ada.me.tasks.get(task.id)

    assert (left.labels, left.version) == (("ui",), 2)
    assert await refusal(ada.me.labels.get(bug.id)) == MISSING


async def test_guests_have_no_part_in_labels(world: World, ada: Person, team: Team) -> None:
    guest = await world.member(ada, team, Role.GUEST, "Eve")
    bug = await ada.me.labels.create(team.id, "bug")

    assert await refusal(guest.me.labels.create(team.id, "mine")) == REFUSED
    assert await refusal(guest.me.labels.delete(bug.id)) == REFUSED
