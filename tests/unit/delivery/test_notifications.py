"""One's own inbox, and what one prefers to be told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from taskcore.delivery import notifications
from taskcore.delivery.consuming import Consumer
from taskcore.delivery.inbox import Channel, Notification, Reason
from taskcore.delivery.noticing import noticing
from taskcore.delivery.preferences import BY_USER, DEFAULTS, NotificationPreferences
from taskcore.errors import Invalid, NotFound, PreconditionFailed
from taskcore.ports import Unit
from taskcore.tasks.model import Task
from taskcore.teams.model import Project, Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import NotificationId, Role


async def keep(world: World, person: Person, count: int = 1, **fields: Any) -> list[Notification]:
    fields.setdefault("reason", Reason.ASSIGNED)
    made = [
        Notification(
            person.user.id,
            NotificationId(world.new_id()),
            cause=uuid4().hex,
            text="Something",
            created_at=world.clock(),
            **fields,
        )
        for _ in range(count)
    ]

    async def work(unit: Unit) -> None:
        await unit.save(made)

    await world.store.transact(work)
    return made


async def listed(person: Person, **asked: Any) -> list[NotificationId]:
    found, cursor = list[NotificationId](), None
    while True:
        page = await person.me.notifications.list(cursor=cursor, **asked)
        found += [each.id for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


async def site(world: World) -> tuple[Person, Person, Team, Project, Task]:
    """A task that a guest sees, in a project of a team."""
    ada = await world.person("Ada")
    team = await world.team(ada)
    guest = await world.member(ada, team, Role.GUEST, "Gus")
    project = await ada.me.projects.create(team.id, "P")
    await ada.me.projects.share(project.id, guest.user.id)
    return ada, guest, team, project, await ada.me.tasks.create(team.id, "T", project_id=project.id)


async def test_an_inbox_is_listed_newest_first_in_pages(world: World) -> None:
    ada, bob = await world.person(), await world.person()
    made = await keep(world, ada, 7)
    await keep(world, bob, 2)
    newest = [each.id for each in reversed(made)]

    assert await listed(ada, limit=3) == newest
    assert await listed(ada, limit=7) == newest
    assert (await ada.me.notifications.list(limit=2)).items == list(reversed(made))[:2]


async def test_it_is_listed_by_what_is_unread_by_reason_and_by_team(world: World) -> None:
    ada, _, team, _, _ = await site(world)
    first, due = await keep(world, ada), await keep(world, ada, reason=Reason.DUE, team_id=team.id)
    await ada.me.notifications.read(ids=[first[0].id])

    assert await listed(ada, unread=True) == [due[0].id]
    assert await listed(ada, reason="assigned") == [first[0].id]
    assert await listed(ada, reason=["due", Reason.ASSIGNED]) == [due[0].id, first[0].id]
    assert await listed(ada, team=team.slug) == [due[0].id]
    assert (await ada.me.notifications.unread()).unread == 1


async def test_what_nobody_is_told_for_and_whose_team_is_not_theirs_is_refused(world: World) -> None:
    ada, eve = await world.person(), await world.person()
    team = await world.team(ada)
    with pytest.raises(Invalid, match="reason"):
        await ada.me.notifications.list(reason="nonsense")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await eve.me.notifications.list(team=team.id)


async def test_a_cursor_is_good_for_the_same_question_alone(world: World) -> None:
    ada = await world.person()
    await keep(world, ada, 3)
    cursor = (await ada.me.notifications.list(limit=1)).next_cursor
    with pytest.raises(Invalid):
        await ada.me.notifications.list(limit=1, unread=True, cursor=cursor)


async def test_notices_are_read_by_id_up_to_one_or_all_and_unread_again(world: World) -> None:
    ada = await world.person()
    made = await keep(world, ada, 5)
    ids = [each.id for each in made]
    marks = ada.me.notifications

    assert (await marks.read(ids=[ids[4], str(ids[4])])).marked == 1
    assert (await marks.read(through=ids[1])).marked == 2
    assert await listed(ada, unread=True) == [ids[3], ids[2]]
    assert (await marks.read(ids=[ids[0], ids[3]], unread=True)).marked == 1
    assert await listed(ada, unread=True) == [ids[3], ids[2], ids[0]]
    assert (await marks.read(everything=True)).marked == 3
    assert (await marks.read(everything=True)).marked == 0
    assert (await marks.unread()).unread == 0


async def test_nobody_reads_the_notices_of_another(world: World) -> None:
    ada, eve = await world.person(), await world.person()
    made = await keep(world, ada)
    for asked in ({"ids": [made[0].id]}, {"through": made[0].id}):
        with pytest.raises(NotFound, match=str(made[0].id)):
            await eve.me.notifications.read(**asked)

    assert await listed(ada, unread=True) == [made[0].id]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"ids": [], "everything": True},
        {"everything": True, "unread": True},
        {"ids": ["nonsense"]},
        {"ids": "nonsense"},
        {"ids": [uuid4()] * (notifications.MOST_IDS + 1)},
        {"through": 7},
    ],
)
async def test_what_is_to_be_read_must_be_said_plainly(world: World, asked: dict[str, Any]) -> None:
    ada = await world.person()
    with pytest.raises(Invalid):
        await ada.me.notifications.read(**asked)


async def test_who_leaves_a_team_was_told_nothing_there(world: World) -> None:
    ada, _, team, _, task = await site(world)
    bob = await world.member(ada, team)
    elsewhere = await keep(world, bob)
    await keep(world, bob, team_id=team.id, task_id=task.id)
    await keep(world, ada, team_id=team.id, task_id=task.id)
    await bob.me.members.leave(team.id)
    kept = await world.store.rows().find(Notification, user_id=bob.user.id)

    assert kept == elsewhere
    assert await listed(bob) == [elsewhere[0].id]
    assert len(await listed(ada)) == 1


@pytest.mark.parametrize("change", ["unshared", "moved", "project deleted", "demoted", "team deleted"])
async def test_what_a_guest_sees_no_more_is_not_listed_from_then_on_and_goes(
    world: World, change: str
) -> None:
    ada, guest, team, project, task = await site(world)
    if change == "demoted":
        guest = await world.member(ada, team, name="Bob")
    about = {"team_id": team.id, "task_id": task.id}
    other = await ada.me.projects.create(team.id, "Other")
    if change != "demoted":
        await ada.me.projects.share(other.id, guest.user.id)
    still = await ada.me.tasks.create(team.id, "Still seen", project_id=other.id)
    await keep(world, guest, 3, **about)
    kept = await keep(world, guest, team_id=team.id, task_id=still.id)
    assert len(await listed(guest)) == 4
    if change == "unshared":
        await ada.me.projects.unshare(project.id, guest.user.id)
    elif change == "moved":
        await ada.me.tasks.edit(task.id, project_id=None)
    elif change == "project deleted":
        await ada.me.projects.delete(project.id)
    elif change == "demoted":
        await ada.me.members.edit(team.id, guest.user.id, role="guest")
        kept = []
    else:
        await ada.me.teams.delete(team.id)
        kept = []

    assert await listed(guest, limit=1) == [each.id for each in kept]
    assert (await guest.me.notifications.unread()).unread == len(kept)
    await _caught_up(noticing(world.core))
    if change != "team deleted":
        assert await world.store.rows().find(Notification, user_id=guest.user.id) == kept


async def _caught_up(consumer: Consumer) -> None:
    while await consumer.step():
        pass


async def test_with_a_task_goes_what_was_told_of_it(world: World) -> None:
    ada, _, team, _, task = await site(world)
    await keep(world, ada, team_id=team.id, task_id=task.id)
    await ada.me.tasks.delete(task.id)
    assert len(await listed(ada)) == 1
    await ada.me.tasks.purge(task.id)

    assert await listed(ada) == []


async def test_everybody_has_preferences_from_the_beginning(world: World) -> None:
    ada = await world.person(time_zone="Asia/Tokyo")
    signed = await world.core.auth.sign_up("new@example.org", name="New", password="correct horse battery")
    made = await world.store.rows().find(NotificationPreferences)

    assert {each.user_id for each in made} == {ada.user.id, signed.user.id}
    mine = await ada.me.notifications.preferences()
    assert (mine.channels, mine.digest_at, mine.quiet_from) == (DEFAULTS, "08:00", None)
    assert mine.next_digest_at == datetime(2026, 11, 2, 23, tzinfo=UTC)


async def test_preferences_change_field_by_field(world: World) -> None:
    ada = await world.person()
    preferences = ada.me.notifications
    one = await preferences.edit_preferences(
        channels={"due": "mail"}, quiet_from="22:00", quiet_until="06:00"
    )
    two = await preferences.edit_preferences(
        if_version=2, channels={Reason.ASSIGNED: Channel.NONE}, digest_at="10:00"
    )
    three = await preferences.edit_preferences(digest_at=None, channels={"due": None})
    same = await preferences.edit_preferences(weekly_report=False)
    four = await preferences.edit_preferences(weekly_report=True)
    last = await preferences.edit_preferences(channels=None, quiet_from=None, quiet_until=None)

    assert (one.channels[Reason.DUE], one.version) == (Channel.MAIL, 2)
    assert (two.channels[Reason.DUE], two.channels[Reason.ASSIGNED]) == (Channel.MAIL, Channel.NONE)
    assert two.next_digest_at == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert (three.digest_at, three.next_digest_at, three.weekly_report) == (None, None, False)
    assert four.next_digest_at == datetime(2026, 11, 3, 8, tzinfo=UTC)
    assert three.channels[Reason.DUE] is DEFAULTS[Reason.DUE]
    assert same == three
    assert (last.channels, last.quiet_from) == (DEFAULTS, None)


async def test_mail_is_switched_off_and_on(world: World) -> None:
    ada = await world.person()
    off = await ada.me.notifications.edit_preferences(mail_disabled=True)
    on = await ada.me.notifications.edit_preferences(mail_disabled=False)

    assert (off.mail_disabled_at, off.mail_disabled_reason) == (world.clock.now, BY_USER)
    assert (on.mail_disabled_at, on.mail_disabled_reason) == (None, None)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"quiet_from": "22:00"}, {"quiet_until"}),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, {"quiet_until"}),
        (
            {"quiet_from": "24:00", "quiet_until": "7:00", "digest_at": "noon"},
            {"quiet_from", "quiet_until", "digest_at"},
        ),
        ({"channels": {"nonsense": "mail", "due": "fax"}}, {"channels/nonsense", "channels/due"}),
        ({"channels": {"mail_disabled": "mail"}}, {"channels/mail_disabled"}),
        ({"channels": 7}, {"channels"}),
        ({"digest_at": 7}, {"digest_at"}),
        ({"nonsense": 7}, {"nonsense"}),
    ],
)
async def test_what_cannot_be_preferred_is_told_field_by_field(
    world: World, fields: dict[str, Any], where: set[str]
) -> None:
    ada = await world.person()
    with pytest.raises(Invalid) as told:
        await ada.me.notifications.edit_preferences(**fields)

    assert {each.field for each in told.value.faults} == where
    assert (await ada.me.notifications.preferences()).version == 1


async def test_a_stale_edit_is_refused(world: World) -> None:
    ada = await world.person()
    await ada.me.notifications.edit_preferences(weekly_report=True)
    with pytest.raises(PreconditionFailed):
        await ada.me.notifications.edit_preferences(weekly_report=False, if_version=1)


async def test_who_has_no_preferences_gets_them_by_an_edit(world: World) -> None:
    ada = await world.person()
    found = await world.store.rows().find(NotificationPreferences, user_id=ada.user.id)

    async def forget(unit: Unit) -> None:
        await unit.save([], removed=found)

    await world.store.transact(forget)
    assert (await ada.me.notifications.preferences()).version == 0
    assert (await ada.me.notifications.edit_preferences(weekly_report=True)).version == 1


async def test_who_moves_to_another_zone_has_the_digest_in_its_morning(world: World) -> None:
    ada = await world.person()
    await ada.me.me.edit(time_zone="Asia/Tokyo")

    assert (await ada.me.notifications.preferences()).next_digest_at == datetime(2026, 11, 2, 23, tzinfo=UTC)


async def test_with_an_account_goes_its_inbox(world: World) -> None:
    ada, _, team, _, _ = await site(world)
    bob = await world.member(ada, team)
    await keep(world, bob)
    await keep(world, bob, team_id=team.id)
    await bob.me.me.delete()

    for kind in (Notification, NotificationPreferences):
        assert await world.store.rows().find(kind, user_id=bob.user.id) == []
