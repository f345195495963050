"""Teams, and who is in them: what each role may do, and what never may come about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from taskcore.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role, Status
from tests.unit.refusals import refusal


async def kinds(person: Person, team: Team) -> list[str]:
    return [event.kind for event in (await person.me.events.list(team.id, limit=200)).items]


# Teams


async def test_who_founds_a_team_owns_it(world: World) -> None:
    ada = await world.person()
    team = await ada.me.teams.create("Rocket Science", time_zone="Asia/Tokyo")

    assert (team.key, team.slug, team.time_zone) == ("RS", "rocket-science", "Asia/Tokyo")
    assert [(m.user_id, m.role) for m in (await ada.me.members.list("RS")).items] == [
        (ada.user.id, Role.OWNER)
    ]
    assert await kinds(ada, team) == ["team.created", "member.joined"]


@pytest.mark.parametrize(
    ("name", "key", "slug"),
    [
        ("Platform", "PLAT", "platform"),
        ("Ärzte ohne Grenzen", "AOG", "arzte-ohne-grenzen"),
        ("a b", "AB", "a-b"),
        ("C-3PO", "CP", "c-3po"),
    ],
)
async def test_key_and_slug_are_forms_of_the_name(world: World, name: str, key: str, slug: str) -> None:
    team = await (await world.person()).me.teams.create(name)

    assert (team.key, team.slug) == (key, slug)


async def test_a_slug_that_is_taken_gets_the_key_behind_it(world: World) -> None:
    ada = await world.person()
    first = await ada.me.teams.create("Platform", key="PLAT")
    second = await ada.me.teams.create("Platform", key="PLATB")

    assert (first.slug, second.slug) == ("platform", "platform-platb")
    assert await refusal(ada.me.teams.create("Other", key="PLAT")) == (Conflict, "already_exists")


async def test_a_name_of_no_letters_needs_a_key(world: World) -> None:
    ada = await world.person()

    assert await refusal(ada.me.teams.create("数学")) == (Invalid, "invalid")
    assert (await ada.me.teams.create("数学", key="MATH")).slug == "math"


async def test_a_team_is_changed_by_its_owners_and_admins(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    admin = await world.member(ada, team, Role.ADMIN)
    member = await world.member(ada, team, Role.MEMBER)
    changed = await admin.me.teams.edit(team.key, name="Core", if_version=1)

    assert (changed.name, changed.version) == ("Core", 2)
    assert await ada.me.teams.edit(team.id, name="Core") == changed == await member.me.teams.get(team.slug)
    assert (await kinds(ada, team)).count("team.updated") == 1
    assert await refusal(member.me.teams.edit(team.id, name="Mine")) == (Forbidden, "forbidden")
    assert await refusal(ada.me.teams.edit(team.id, name="Old", if_version=1)) == (
        PreconditionFailed,
        "version_conflict",
    )
    assert await refusal(ada.me.teams.edit(team.id, slug="No Slug")) == (Invalid, "invalid")


async def test_a_deleted_team_is_gone_for_everybody_and_none_can_join_it(world: World) -> None:
    ada = await world.person()
    team, other = await world.team(ada), await world.team(ada)
    guest = await world.person("Eve")
    _, token = await ada.me.invitations.create(team.id, guest.user.email)
    await ada.me.teams.delete(team.id)

    assert [each.id for each in (await ada.me.teams.list()).items] == [other.id]
    assert await refusal(ada.me.teams.get(team.id)) == (NotFound, "not_found")
    assert await refusal(guest.me.invitations.accept(token)) == (NotFound, "not_found")


async def test_a_team_is_deleted_by_its_owner_alone(world: World) -> None:
    """By an instance admin only once it is suspended, which is not there yet."""
    ada = await world.person()
    team = await world.team(ada)
    admin = await world.member(ada, team, Role.ADMIN)
    operator = await world.core.users.register(
        "root@example.org", name="Root", password="correct horse battery", is_admin=True
    )

    assert await refusal(admin.me.teams.delete(team.id)) == (Forbidden, "forbidden")
    assert await refusal(world.core.acting_as(operator.id).teams.delete(team.id)) == (Forbidden, "forbidden")
    assert await refusal(ada.me.teams.delete(team.id, if_version=7)) == (
        PreconditionFailed,
        "version_conflict",
    )


async def test_an_instance_admin_sees_a_team_and_not_what_is_in_it(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    operator = await world.core.users.register(
        "root@example.org", name="Root", password="correct horse battery", is_admin=True
    )
    root = world.core.acting_as(operator.id)

    assert (await root.teams.get(team.id)).id == team.id
    assert [member.email for member in (await root.members.list(team.id)).items] == [None]
    assert await refusal(root.projects.list(team.id)) == (NotFound, "not_found")
    assert await refusal(root.tasks.list(team=team.key)) == (NotFound, "not_found")


# Members


async def test_a_guest_sees_no_e_mails(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    guest = await world.member(ada, team, Role.GUEST)

    assert {member.email for member in (await guest.me.members.list(team.id)).items} == {None}
    assert {member.email for member in (await ada.me.members.list(team.id)).items} == {
        ada.user.email,
        guest.user.email,
    }


ROLES = list(Role)


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("before", ROLES)
@pytest.mark.parametrize("after", ROLES)
async def test_roles_are_given_and_taken_by_those_above(
    world: World, actor: Role, before: Role, after: Role
) -> None:
    ada = await world.person()
    team = await world.team(ada)
    boss = await joined(world, ada, team, actor)
    other = await joined(world, ada, team, before)
    below = {Role.MEMBER, Role.GUEST}
    allowed = actor is Role.OWNER or (actor is Role.ADMIN and {before, after} <= below)

    if allowed:
        assert (await boss.me.members.edit(team.id, other.user.id, role=after)).role is after
    else:
        with pytest.raises(Forbidden):
            await boss.me.members.edit(team.id, other.user.id, role=after)


async def joined(world: World, owner: Person, team: Team, role: Role) -> Person:
    """A member of that role; owners are invited as admins, and then made owners."""
    person = await world.member(owner, team, Role.ADMIN if role is Role.OWNER else role)
    if role is Role.OWNER:
        await owner.me.members.edit(team.id, person.user.id, role=role)
    return person


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("other", ROLES)
async def test_members_are_removed_by_owners_and_lower_ones_by_admins(
    world: World, actor: Role, other: Role
) -> None:
    ada = await world.person()
    team = await world.team(ada)
    boss, leaving = await joined(world, ada, team, actor), await joined(world, ada, team, other)

    if actor is Role.OWNER or (actor is Role.ADMIN and other in (Role.MEMBER, Role.GUEST)):
        await boss.me.members.remove(team.id, leaving.user.id)
        assert await refusal(leaving.me.teams.get(team.id)) == (NotFound, "not_found")
    else:
        assert await refusal(boss.me.members.remove(team.id, leaving.user.id)) == (Forbidden, "forbidden")


async def test_nobody_changes_their_own_role(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)

    assert await refusal(ada.me.members.edit(team.id, ada.user.id, role=Role.MEMBER)) == (
        Forbidden,
        "own_role",
    )


async def test_a_team_always_has_an_active_owner(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await joined(world, ada, team, Role.OWNER)
    await world.core.users.disable(bob.user.email)
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: ada.me.members.leave(team.id),
        lambda: ada.me.members.remove(team.id, ada.user.id),
    ]

    for attempt in attempts:
        assert await refusal(attempt()) == (Conflict, "last_owner")
    await world.core.users.enable(bob.user.email)
    await ada.me.members.leave(team.id)
    assert await refusal(bob.me.members.leave(team.id)) == (Conflict, "last_owner")


@pytest.mark.parametrize("going", ["removed", "made a guest"])
async def test_unfinished_tasks_of_whoever_goes_become_nobodys(world: World, going: str) -> None:
    ada = await world.person()
    team = await world.team(ada, time_zone="Asia/Tokyo")
    bob = await world.member(ada, team, name="Bob")
    mine: dict[str, Any] = {"assignee_id": bob.user.id, "due_on": date(2026, 12, 1)}
    task = await ada.me.tasks.create(team.id, "Open", **mine)
    done = await ada.me.tasks.create(team.id, "Done", status=Status.DONE, **mine)
    if going == "removed":
        await ada.me.members.remove(team.id, bob.user.id)
    else:
        await ada.me.members.edit(team.id, bob.user.id, role=Role.GUEST)
    left = await ada.me.tasks.get(task.id)

    assert (left.assignee_id, left.version) == (None, 2)
    assert left.due_at == datetime(2026, 12, 1, 14, 59, 59, 999999, tzinfo=UTC), (
        "to the day's end in Tokyo now"
    )
    assert (await ada.me.tasks.get(done.id)).assignee_id == bob.user.id
    assert (await kinds(ada, team))[-2:] in (
        ["member.removed", "task.assigned"],
        ["member.role_changed", "task.assigned"],
    )


async def test_capacity_is_set_by_oneself_or_an_admin(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob, cyd = await world.member(ada, team), await world.member(ada, team, name="Cyd")
    own = await bob.me.members.edit(team.id, bob.user.id, capacity_minutes_per_day=240)

    assert (own.capacity_minutes_per_day, own.version) == (240, 2)
    assert await bob.me.members.edit(team.id, bob.user.id, capacity_minutes_per_day=240) == own
    assert (await ada.me.members.edit(team.id, bob.user.id, capacity_minutes_per_day=None)).version == 3
    assert (await kinds(ada, team)).count("member.capacity_changed") == 2
    assert await refusal(cyd.me.members.edit(team.id, bob.user.id, capacity_minutes_per_day=1)) == (
        Forbidden,
        "forbidden",
    )
    assert await refusal(bob.me.members.edit(team.id, bob.user.id, capacity_minutes_per_day=1441)) == (
        Invalid,
        "invalid",
    )


async def test_a_team_is_handed_over_whole(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob, guest = await world.member(ada, team), await world.member(ada, team, Role.GUEST, "Eve")

    assert await refusal(ada.me.members.transfer(team.id, guest.user.id)) == (Conflict, "not_eligible")
    assert await refusal(bob.me.members.transfer(team.id, bob.user.id)) == (Forbidden, "forbidden")
    await ada.me.members.transfer(team.id, bob.user.id)
    roles = {member.user_id: member.role for member in (await bob.me.members.list(team.id)).items}
    assert (roles[bob.user.id], roles[ada.user.id]) == (Role.OWNER, Role.ADMIN)


async def test_who_is_not_a_member_cannot_be_changed(world: World) -> None:
    ada, eve = await world.person(), await world.person("Eve")
    team = await world.team(ada)

    assert await refusal(ada.me.members.remove(team.id, eve.user.id)) == (NotFound, "not_found")
    assert await refusal(eve.me.members.list(team.id)) == (NotFound, "not_found")
