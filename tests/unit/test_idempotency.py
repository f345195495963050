"""`idempotency_key=`: a call that is repeated under its key does nothing, and gives what it gave."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from taskcore import blocking
from taskcore.caller import UseCases
from taskcore.connect import assemble
from taskcore.errors import Invalid
from taskcore.idempotency import KEPT, IdempotencyRecord
from taskcore.identity.model import User
from taskcore.testing import World
from tests.unit.refusals import refusal

READING = set(
    """me.get sessions.list tokens.list tokens.list_team teams.list teams.get members.list invitations.list audit.list
    audit.export projects.list projects.get labels.list labels.get tasks.get tasks.list tasks.count tasks.expand
    dependencies.list followers.list comments.list views.list views.mine views.get events.list events.count
    events.activity events.count_activity exports.page exports.rows instance.users instance.get_user instance.teams
    instance.audit calendars.get calendars.get_member reminders.list schedule.get
    presence.follow presence.look presence.type events.follow comments.read_state comments.unread comments.unread_of webhooks.get
    webhooks.list webhooks.deliveries notifications.list notifications.unread notifications.preferences
    reports.file reports.make jobs.list jobs.get instance_jobs.list instance_jobs.get
    escalations.list escalations.get instance_jobs.schedules sagas.mine sagas.list sagas.get""".split()
)
KNOWN_AGAIN = {
    "imports.run",
    "imports.take_chunk",
    "imports.tie_chunk",
    "restores.run",
    "restores.take_chunk",
    "teams.export",
    "comments.mark_read",
    "presence.read",
}
"""What is brought in is known again by itself; a right to export is used each time; a marker never goes back."""


def verbs() -> dict[str, Callable[..., Any]]:
    """Every use case, by noun and verb."""
    acting = assemble("memory://").acting_as(UUID(int=0))
    return {
        f"{noun}.{verb}": method
        for noun, target in vars(acting).items()
        if isinstance(target, UseCases)
        for verb, method in inspect.getmembers(target, inspect.ismethod)
        if not verb.startswith("_")
    }


def test_whatever_changes_something_takes_a_key() -> None:
    without = {
        name for name, verb in verbs().items() if "idempotency_key" not in inspect.signature(verb).parameters
    }

    assert without == READING | KNOWN_AGAIN


async def test_a_repetition_does_nothing_and_gives_the_same(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    first, again = [await ada.me.tasks.create(team.id, "x", idempotency_key="k") for _ in range(2)]

    assert again == first
    assert (await ada.me.tasks.list(team=team.key)).items == [first]
    assert await refusal(ada.me.tasks.create(team.id, "y", idempotency_key="k")) == (
        Invalid,
        "idempotency_mismatch",
    )


async def test_a_secret_is_given_again(world: World) -> None:
    ada = await world.person()
    first, again = [await ada.me.tokens.create("ci", idempotency_key="k") for _ in range(2)]

    assert again == first


async def test_what_went_wrong_did_nothing_and_is_tried_again(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    with pytest.raises(Invalid):
        await ada.me.tasks.create(team.id, "x", labels=["later"], idempotency_key="k")
    await ada.me.labels.create(team.id, "later")

    assert (await ada.me.tasks.create(team.id, "x", labels=["later"], idempotency_key="k")).number == 1


async def test_a_key_is_its_users_own_and_forgotten_after_a_day(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team)
    ids = {(await each.me.tasks.create(team.id, "x", idempotency_key="k")).id for each in (ada, bob, ada)}
    world.clock.advance(seconds=KEPT.total_seconds())
    ids.add((await ada.me.tasks.create(team.id, "x", idempotency_key="k")).id)

    assert len(ids) == 3


async def test_a_version_read_meanwhile_makes_no_other_request(world: World) -> None:
    ada = await world.person()
    task = await ada.me.tasks.create((await world.team(ada)).id, "x")
    first, again = [
        await ada.me.tasks.edit(task.id, title="y", if_version=version, idempotency_key="k")
        for version in (1, 2)
    ]

    assert (first.version, again) == (2, first)


async def test_a_verb_that_stands_for_another_takes_one_too(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    task, other, last = [await ada.me.tasks.create(team.id, each) for each in "xyz"]
    ways: list[Callable[[], Awaitable[object]]] = [
        lambda: ada.me.tasks.start(task.id, idempotency_key="start"),
        lambda: ada.me.tasks.assign(task.id, ada.user.id, idempotency_key="assign"),
        lambda: ada.me.tasks.complete(task.id, idempotency_key="complete"),
        lambda: ada.me.tasks.reopen(task.id, idempotency_key="reopen"),
        lambda: ada.me.tasks.move(task.id, after=last.id, idempotency_key="move"),
        lambda: ada.me.dependencies.link(task.id, other.id, idempotency_key="link"),
        lambda: ada.me.batches.run([{"op": "start", "id": "?"}], idempotency_key="batch"),
        lambda: ada.me.batches.run(
            [{"op": "create", "team_id": team.key, "title": "of a batch"}], atomic=True, idempotency_key="all"
        ),
        lambda: ada.me.invitations.create(team.id, "new@example.org", idempotency_key="invite"),
        lambda: ada.me.me.edit(name="Augusta", idempotency_key="name"),
    ]
    first = [await way() for way in ways]
    await ada.me.tasks.move(other.id, after=last.id)  # so that there is another neighbour now
    events = await ada.me.events.count(team.id)
    again = [await way() for way in ways]

    assert [repr(each) for each in again] == [repr(each) for each in first]
    assert await ada.me.events.count(team.id) == events


async def test_who_claimed_the_last_task_is_given_it_again(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    await ada.me.tasks.create(team.id, "x")
    first, again = [await ada.me.tasks.claim(team.id, idempotency_key="k") for _ in range(2)]

    assert first is not None
    assert again == first
    assert await ada.me.tasks.claim(team.id) is None


@pytest.mark.parametrize("wrong", ["", "x" * 256, "schlüssel", 7])
async def test_what_is_no_key_is_refused(world: World, wrong: Any) -> None:
    ada = await world.person()
    with pytest.raises(Invalid) as refused:
        await ada.me.teams.create("Platform", idempotency_key=wrong)

    assert [fault.field for fault in refused.value.faults] == ["idempotency_key"]


async def test_a_password_cannot_be_guessed_from_what_is_kept(world: World) -> None:
    """The fingerprint of the same request under another key is another."""
    ada = await world.person()
    for key in ("k", "l"):
        await ada.me.me.edit(name="Augusta", idempotency_key=key)
    records = await world.store.rows().find(IdempotencyRecord, user_id=ada.user.id)

    assert len({each.fingerprint for each in records}) == 2


def test_the_blocking_door_takes_it_too() -> None:
    with blocking.open("memory://", hasher="scrypt://?n=2") as core:
        ada: User = core.users.register("ada@example.org", name="Ada", password="correct horse battery")
        me = core.acting_as(ada.id)
        teams = [me.teams.create("Platform", idempotency_key="k") for _ in range(2)]

        assert teams[0] == teams[1]
        assert me.teams.list().items == teams[:1]
