"""Telling people once, where they prefer it, of what they may see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import attrs
import pytest

from taskcore.delivery import noticing
from taskcore.delivery.inbox import Channel, Notice, Notification, Reason
from taskcore.delivery.mailing import MAIL
from taskcore.delivery.notices import MOST_MAILS, NOTICE_MAIL, told
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.identity.model import User
from taskcore.jobs.model import Job
from taskcore.jobs.registry import HANDLERS
from taskcore.ports import Unit
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role


async def tell(world: World, *notices: Notice) -> None:
    async def work(unit: Unit) -> None:
        await unit.save(await told(unit, notices, world.clock(), world.new_id))

    await world.store.transact(work)


def a_notice(person: Person, reason: Reason = Reason.ASSIGNED, **fields: Any) -> Notice:
    return Notice(person.user.id, reason, fields.pop("cause", uuid4().hex), "Something", **fields)


async def inbox(world: World, person: Person) -> list[Notification]:
    return await world.store.rows().find(Notification, user_id=person.user.id)


async def mails(world: World, person: Person) -> list[Job]:
    return await _jobs(world, person, NOTICE_MAIL)


async def _jobs(world: World, person: Person, kind: str) -> list[Job]:
    found = await world.store.rows().find(Job, user_id=person.user.id)
    return [each for each in found if each.kind == kind]


async def site(world: World, *, time_zone: str = "UTC") -> tuple[Person, Person, Team]:
    ada = await world.person("Ada")
    team = await world.team(ada)
    bob = await world.person("Bob", time_zone=time_zone)
    _, token = await ada.me.invitations.create(team.id, bob.user.email, Role.MEMBER)
    await bob.me.invitations.accept(token)
    return ada, bob, team


async def test_of_one_cause_everybody_is_told_once(world: World) -> None:
    ada, bob, team = await site(world)
    first = a_notice(bob, cause="a", team_id=team.id)
    await tell(world, first, attrs.evolve(first, reason=Reason.DUE), attrs.evolve(first, user_id=ada.user.id))
    await tell(world, first, attrs.evolve(first, cause="b"))

    assert [(each.cause, each.reason) for each in await inbox(world, bob)] == [
        ("a", Reason.ASSIGNED),
        ("b", Reason.ASSIGNED),
    ]
    assert len(await inbox(world, ada)) == 1
    assert len(await mails(world, bob)) == 2


async def test_each_reason_goes_where_it_is_preferred(world: World) -> None:
    _, bob, team = await site(world)
    await bob.me.notifications.edit_preferences(
        channels={"assigned": "none", "mentioned": "inbox", "commented": "digest"}
    )
    reasons = (Reason.ASSIGNED, Reason.MENTIONED, Reason.COMMENTED, Reason.DUE, Reason.REMINDER)
    await tell(world, *(a_notice(bob, reason, team_id=team.id) for reason in reasons))

    assert [(each.reason, each.channel) for each in await inbox(world, bob)] == [
        (Reason.MENTIONED, Channel.INBOX),
        (Reason.COMMENTED, Channel.DIGEST),
        (Reason.DUE, Channel.DIGEST),
        (Reason.REMINDER, Channel.MAIL),
    ]
    assert len(await mails(world, bob)) == 1


async def test_mail_waits_for_the_end_of_the_quiet_hours_where_they_live(world: World) -> None:
    _, bob, team = await site(world, time_zone="Asia/Tokyo")
    world.clock.now = datetime(2026, 11, 2, 16, tzinfo=UTC)  # 01:00 in Tokyo
    await bob.me.notifications.edit_preferences(quiet_from="22:00", quiet_until="06:30")
    await tell(world, a_notice(bob, team_id=team.id))
    world.clock.now = datetime(2026, 11, 2, 21, 30, tzinfo=UTC)
    await tell(world, a_notice(bob, team_id=team.id))

    assert [each.due_at for each in await mails(world, bob)] == [world.clock.now] * 2


async def test_so_many_mails_an_hour_and_the_rest_in_the_digest(world: World) -> None:
    _, bob, team = await site(world)
    await tell(world, *(a_notice(bob, team_id=team.id) for _ in range(MOST_MAILS - 1)))
    await tell(world, *(a_notice(bob, team_id=team.id) for _ in range(3)))
    first = [each.channel for each in await inbox(world, bob)]
    world.clock.advance(hours=1, seconds=1)
    await tell(world, a_notice(bob, team_id=team.id))

    assert first == [*[Channel.MAIL] * MOST_MAILS, Channel.DIGEST, Channel.DIGEST]
    assert len(await mails(world, bob)) == MOST_MAILS + 1


async def test_quiet_hours_end_with_no_more_mails_than_an_hour_has(world: World) -> None:
    _, bob, team = await site(world)
    await bob.me.notifications.edit_preferences(quiet_from="00:00", quiet_until="23:59")
    world.clock.now = datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
    for _ in range(4):
        world.clock.advance(hours=5)
        await tell(world, *(a_notice(bob, team_id=team.id) for _ in range(10)))

    assert len(await mails(world, bob)) == MOST_MAILS


@pytest.mark.parametrize("change", ["unverified", "disabled mail"])
async def test_whose_address_takes_no_mail_is_told_in_the_inbox(world: World, change: str) -> None:
    _, bob, team = await site(world)
    if change == "unverified":
        await _change(world, attrs.evolve(bob.user, email_verified_at=None, version=2))
    else:
        await bob.me.notifications.edit_preferences(mail_disabled=True)
    reasons = (Reason.ASSIGNED, Reason.DUE)
    await tell(world, *(a_notice(bob, reason, team_id=team.id) for reason in reasons))

    assert [each.channel for each in await inbox(world, bob)] == [Channel.INBOX] * 2
    assert await mails(world, bob) == []


async def test_who_may_not_see_it_is_not_told(world: World) -> None:
    ada, bob, team = await site(world)
    guest = await world.member(ada, team, Role.GUEST, "Gus")
    stranger, shut = await world.person("Eve"), await world.member(ada, team, name="Shu")
    await world.core.users.disable(shut.user.id)
    project = await ada.me.projects.create(team.id, "P")
    await ada.me.projects.share(project.id, guest.user.id)
    shared = await ada.me.tasks.create(team.id, "Shared", project_id=project.id)
    hidden = await ada.me.tasks.create(team.id, "Hidden")
    for person in (bob, guest, stranger, shut):
        for task in (shared, hidden):
            await tell(world, a_notice(person, team_id=team.id, task_id=task.id, task_key=task.key))
        await tell(world, a_notice(person, team_id=team.id))

    assert [each.task_key for each in await inbox(world, bob)] == [shared.key, hidden.key, None]
    assert [each.task_key for each in await inbox(world, guest)] == [shared.key, None]
    assert await inbox(world, stranger) == await inbox(world, shut) == []


async def test_what_is_of_no_team_is_for_whoever_it_is_for(world: World) -> None:
    eve = await world.person("Eve")
    await tell(world, a_notice(eve, Reason.TEAM_DELETED))

    assert [each.channel for each in await inbox(world, eve)] == [Channel.MAIL]


async def test_who_has_no_preferences_has_those_of_the_beginning(world: World) -> None:
    _, bob, team = await site(world)
    found = await world.store.rows().find(NotificationPreferences, user_id=bob.user.id)

    async def forget(unit: Unit) -> None:
        await unit.save([], removed=found)

    await world.store.transact(forget)
    await tell(world, a_notice(bob, team_id=team.id))

    assert [each.channel for each in await inbox(world, bob)] == [Channel.MAIL]


class Attempt:
    """A `Run` in one unit, of a job that is ours."""

    def __init__(self, world: World, job: Job) -> None:
        self.world = world
        self.job = job
        self.outside = world.core._outside

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Nobody looks."""

    async def finish(self, work: Any) -> Any:
        return await self.world.store.transact(work)


async def mailed(world: World, person: Person) -> list[Job]:
    """What becomes of the notices that are to be mailed."""
    for job in await mails(world, person):
        await noticing.mail(Attempt(world, job))
    return await _jobs(world, person, MAIL)


async def test_a_notice_becomes_a_mail(world: World) -> None:
    ada, bob, team = await site(world)
    task = await ada.me.tasks.create(team.id, "Ship it")
    await tell(world, a_notice(bob, team_id=team.id, task_id=task.id, task_key=task.key))
    letters = await mailed(world, bob)

    assert HANDLERS[NOTICE_MAIL] == f"{noticing.__name__}:{noticing.mail.__name__}"
    assert [(each.payload["to"], each.payload["content"]["subject"]) for each in letters] == [
        (bob.user.email, f"{task.key} Ship it")
    ]
    assert "Something" in letters[0].payload["content"]["text"]
    assert letters[0].payload["unsubscribe"] == Reason.ASSIGNED


async def _change(world: World, user: User) -> None:
    async def work(unit: Unit) -> None:
        await unit.save([user])

    await world.store.transact(work)


@pytest.mark.parametrize("meanwhile", ["read", "left", "deleted", "no mail", "purged"])
async def test_what_was_read_or_may_not_be_seen_any_more_is_not_mailed(world: World, meanwhile: str) -> None:
    ada, bob, team = await site(world)
    task = await ada.me.tasks.create(team.id, "Ship it")
    await tell(world, a_notice(bob, team_id=team.id, task_id=task.id))
    if meanwhile == "read":
        await bob.me.notifications.read(everything=True)
    elif meanwhile == "left":
        await bob.me.members.leave(team.id)
    elif meanwhile == "no mail":
        await bob.me.notifications.edit_preferences(mail_disabled=True)
    else:
        await ada.me.tasks.delete(task.id)
        if meanwhile == "purged":
            await ada.me.tasks.purge(task.id)

    assert await mailed(world, bob) == []
