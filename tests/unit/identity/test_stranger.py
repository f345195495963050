"""What somebody who came to break in found, held shut."""

from __future__ import annotations

from typing import Any

import pytest

from taskcore.errors import Forbidden, Invalid, Unauthenticated
from taskcore.identity.model import AuditEntry, ExternalIdentity, folded_email
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role
from tests.unit.refusals import refusal

PASSWORD = "correct horse battery"
INSUFFICIENT = (Forbidden, "insufficient_scope")


async def program(world: World, person: Person, **given: Any) -> Any:
    _, text = await person.me.tokens.create("ci", **given)
    return world.core.acting_as((await world.core.auth.api_token(text))[0])


async def test_a_token_makes_nobody_an_instance_admin(world: World) -> None:
    root, eve = await world.admin(), await world.person("Eve")
    with_token = await program(world, root, scopes=["admin"])

    assert await refusal(with_token.instance.edit_user(eve.user.id, is_admin=True)) == INSUFFICIENT
    assert await refusal(with_token.instance.edit_user(eve.user.id, disabled=True)) == INSUFFICIENT
    assert len((await with_token.instance.users()).items) == 2


async def test_a_token_invites_nobody_as_an_admin(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    with_token = await program(world, ada, scopes=["admin"])

    assert await refusal(with_token.invitations.create(team.id, "x@example.org", Role.ADMIN)) == INSUFFICIENT
    assert (await with_token.invitations.create(team.id, "x@example.org", Role.MEMBER))[1]


async def test_a_token_for_one_team_is_good_for_nothing_else(world: World) -> None:
    root, ada = await world.admin(), await world.person()
    home, other = await world.team(root), await world.team(ada)
    _, ticket = await ada.me.invitations.create(other.id, root.user.email)
    bound = await program(world, root, scopes=["admin"], team=home.id)
    attempts: list[Any] = [
        bound.me.edit(name="Eve"),
        bound.teams.create("Another"),
        bound.invitations.accept(ticket),
        bound.instance.users(),
        bound.instance.teams(),
        bound.instance.audit(),
        bound.tokens.list(),
        bound.teams.suspend(home.id),
    ]
    for attempt in attempts:
        assert (await refusal(attempt))[0] is Forbidden
    assert (await refusal(bound.teams.suspend(other.id)))[0] is not None
    assert (await bound.me.get()).id == root.user.id


async def test_a_token_takes_back_itself_and_no_other(world: World) -> None:
    ada = await world.person()
    other, _ = await ada.me.tokens.create("other")
    with_token = await program(world, ada, scopes=["admin"])

    assert await refusal(with_token.tokens.revoke(other.id)) == INSUFFICIENT


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ADA@Example.ORG ", "ada@example.org"),
        ("\u212aarl@example.org", "\u212aarl@example.org"),
        ("x@STRASSE.example", "x@strasse.example"),
        ("x@straße.example", "x@straße.example"),
        ("ÉVA@example.org", "éva@example.org"),
    ],
)
def test_an_address_is_folded_into_nobody_elses(typed: str, kept: str) -> None:
    assert folded_email(typed) == kept


async def test_another_issuer_cannot_vouch_for_an_address_that_only_looks_alike(world: World) -> None:
    karl = await world.core.users.register("karl@example.org", name="Karl", password=PASSWORD)
    vouched = ExternalIdentity(
        "https://id.example.org", "1", "\u212aarl@example.org", email_verified=True, name="K"
    )

    assert (await world.core.auth.external(vouched)).user_id != karl.id


async def test_who_claimed_an_address_first_keeps_no_token_of_its_owners(world: World) -> None:
    signed = await world.core.auth.sign_up("victim@example.org", name="Eve", password=PASSWORD)
    eve = world.core.acting_as(signed.user.id)
    _, text = await eve.tokens.create("later", scopes=["admin"])
    await world.core.auth.request_reset("victim@example.org")
    await world.core.auth.reset(world.mailbox.token("victim@example.org"), "another password")

    assert await refusal(world.core.auth.api_token(text)) == (Unauthenticated, "unauthenticated")


async def test_who_left_a_team_keeps_no_token_for_it(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team)
    _, text = await bob.me.tokens.create("ci", team=team.id)
    await ada.me.members.remove(team.id, bob.user.id)
    _, ticket = await ada.me.invitations.create(team.id, bob.user.email)
    await bob.me.invitations.accept(ticket)

    assert await refusal(world.core.auth.api_token(text)) == (Unauthenticated, "unauthenticated")


@pytest.mark.parametrize("name", ["Evil\nBcc: x", "Nl\x85Name", "tab\tname", "\x00"])
async def test_names_stand_on_one_line(world: World, name: str) -> None:
    ada = await world.person()

    assert await refusal(ada.me.me.edit(name=name)) == (Invalid, "invalid")
    assert await refusal(ada.me.teams.create(name, key="ABCD")) == (Invalid, "invalid")
    assert await refusal(world.core.auth.sign_up(f"q{name}@example.org", name="Q", password=PASSWORD)) == (
        Invalid,
        "invalid",
    )


async def test_a_suspended_teams_leaked_token_can_be_taken_back(world: World) -> None:
    root, ada = await world.admin(), await world.person()
    team = await world.team(ada)
    token, _ = await ada.me.tokens.create("leaked", team=team.id)
    await root.me.teams.suspend(team.id)

    await ada.me.tokens.revoke_other(team.id, token.id)


async def test_a_refusal_says_what_it_was_about(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team)
    assert await refusal(bob.me.members.remove(team.id, ada.user.id)) == (Forbidden, "forbidden")
    (entry,) = await world.store.rows().find(AuditEntry, allowed=False)

    assert (entry.action, entry.subject_type) == ("membership.remove_other", "member")
    assert entry.data == {"what": f"member {ada.user.id}", "code": "forbidden"}


async def test_the_instance_knows_what_its_admins_did_to_a_team(world: World) -> None:
    root, ada = await world.admin(), await world.person()
    team = await world.team(ada)
    await root.me.teams.suspend(team.id)
    await root.me.teams.delete(team.id)
    told = [(each.action, each.data.get("key")) for each in (await root.me.instance.audit()).items]

    assert told[:2] == [("team.delete", team.key), ("team.suspend", team.key)]


async def test_guests_see_names_alone_and_no_task_that_is_hidden_from_them(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    gus = await world.member(ada, team, Role.GUEST, "Gus")
    project = await ada.me.projects.create(team.id, "Open")
    await ada.me.projects.share(project.id, gus.user.id)
    hidden = await ada.me.tasks.create(team.id, "hidden")
    first, shown = [await ada.me.tasks.create(team.id, name, project_id=project.id) for name in "ab"]
    await ada.me.dependencies.link(shown.id, hidden.id)
    await ada.me.dependencies.link(shown.id, first.id)
    told = [*(await gus.me.events.list(team.id)).items, *(await gus.me.events.activity(shown.id)).items]

    assert hidden.key not in str(told)
    assert first.key in str(told)
    members = (await gus.me.members.list(team.id)).items
    assert [(each.email, each.role, each.capacity_minutes_per_day) for each in members] == [
        (None, None, None),
        (None, Role.GUEST, None),
    ]
