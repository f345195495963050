"""What a store keeps of what people are told."""

from __future__ import annotations

from uuid import uuid4

import pytest

from taskcore.delivery.consuming import Consumer
from taskcore.delivery.inbox import Channel, Notification, Reason
from taskcore.delivery.noticing import NOTICES, noticing
from taskcore.delivery.positions import LogPosition
from taskcore.errors import Conflict
from taskcore.ports import Store, Unit
from taskcore.system import uuid7_ids
from taskcore.tasks.model import Task
from taskcore.teams.model import Team
from taskcore.testing.samples import NOW, log_of
from taskcore.testing.world import Person, World
from taskcore.values import NotificationId, Role

_new_id = uuid7_ids()


class NoticeContract:
    """The part of `StoreContract` that is about it."""

    async def test_a_cause_is_kept_once_for_each_user(self, world: World) -> None:
        ada, bob = await world.person(), await world.person()
        await _save(world.store, _told(ada, "a"), _told(bob, "a"), _told(ada, "b"))
        with pytest.raises(Conflict) as refused:
            await _save(world.store, _told(ada, "a"))

        assert (refused.value.code, refused.value.data["field"]) == ("already_exists", "cause")

    async def test_notices_go_with_their_task_and_with_who_leaves(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        bob, tom = await world.member(ada, team), await world.member(ada, team, name="Tom")
        stays, goes = [await ada.me.tasks.create(team.id, title) for title in ("stays", "goes")]
        for person in (ada, bob, tom):
            about = [_told(person, uuid4().hex, team, task) for task in (stays, goes, None)]
            await _save(world.store, *about, _told(person, "of no team"))
        await ada.me.tasks.delete(goes.id)
        await ada.me.tasks.purge(goes.id)
        await bob.me.members.leave(team.id)
        await ada.me.members.remove(team.id, tom.user.id)

        left = {
            person.user.id: [each.task_id for each in await _kept(world, person) if each.team_id == team.id]
            for person in (ada, bob, tom)
        }
        assert left == {ada.user.id: [stays.id, None], bob.user.id: [], tom.user.id: []}
        assert [each.cause for each in await _kept(world, tom)] == ["of no team"]

    async def test_people_are_told_of_the_log_once(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        bob, guest = await world.member(ada, team), await world.member(ada, team, Role.GUEST, "Gus")
        task = await ada.me.tasks.create(team.id, "Ship it", assignee_id=bob.user.id)
        await ada.me.comments.create(task.id, f"@{bob.user.email} soon")
        for _ in range(2):
            await caught_up(noticing(world.core), team)
        await ada.me.tasks.start(task.id)
        await caught_up(noticing(world.core), team)
        log = await log_of(world, team)
        positions = await world.store.rows().find(LogPosition, team_id=team.id, consumer=NOTICES)

        assert [(each.reason, each.channel) for each in await _kept(world, bob)] == [
            (Reason.ASSIGNED, Channel.MAIL),
            (Reason.MENTIONED, Channel.MAIL),
            (Reason.FOLLOWING, Channel.INBOX),
        ]
        assert [each.id for each in (await bob.me.notifications.list()).items] == [
            each.id for each in reversed(await _kept(world, bob))
        ]
        assert await _kept(world, ada) == await _kept(world, guest) == []
        assert [each.seq for each in positions] == [log[-1].seq]

    async def test_what_a_guest_sees_no_more_goes(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        guest = await world.member(ada, team, Role.GUEST, "Gus")
        project = await ada.me.projects.create(team.id, "P")
        await ada.me.projects.share(project.id, guest.user.id)
        task = await ada.me.tasks.create(team.id, "T", project_id=project.id)
        await guest.me.followers.add(task.id, guest.user.id)
        await ada.me.tasks.start(task.id)
        await caught_up(noticing(world.core), team)
        before = (await guest.me.notifications.list()).items
        await ada.me.projects.unshare(project.id, guest.user.id)
        hidden = (await guest.me.notifications.list()).items
        await caught_up(noticing(world.core), team)

        assert [each.reason for each in before] == [Reason.FOLLOWING]
        assert hidden == []
        assert await _kept(world, guest) == []

    async def test_an_inbox_is_read_and_preferred_in_its_users_name(self, world: World) -> None:
        ada = await world.person()
        made = [_told(ada, cause) for cause in "abc"]
        await _save(world.store, *made)
        marked = await ada.me.notifications.read(through=made[1].id)
        preferred = await ada.me.notifications.edit_preferences(
            channels={"due": "none"}, quiet_from="22:00", quiet_until="06:00", if_version=1
        )

        assert marked.marked == 2
        assert (await ada.me.notifications.unread()).unread == 1
        assert await ada.me.notifications.preferences() == preferred
        assert preferred.channels[Reason.DUE] is Channel.NONE


async def caught_up(consumer: Consumer, team: Team) -> None:
    """Until a consumer has nothing left to do for a team."""
    while await consumer.step([team.id]):
        pass


async def _kept(world: World, person: Person) -> list[Notification]:
    return await world.store.rows().find(Notification, user_id=person.user.id)


def _told(person: Person, cause: str, team: Team | None = None, task: Task | None = None) -> Notification:
    return Notification(
        person.user.id,
        NotificationId(_new_id()),
        Reason.ASSIGNED,
        cause,
        "It is yours",
        NOW,
        team_id=team.id if team is not None else None,
        task_id=task.id if task is not None else None,
    )


async def _save(store: Store, *things: Notification) -> None:
    async def work(unit: Unit) -> None:
        await unit.save(things)

    await store.transact(work)
