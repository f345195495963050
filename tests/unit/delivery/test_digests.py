"""Digests: each local day exactly one, at the time asked for, of what there is to do and to know."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from taskcore.delivery.digests import WEEKLY, digests
from taskcore.delivery.inbox import Channel, Notification, Reason
from taskcore.delivery.mailing import MAIL
from taskcore.delivery.mornings import morning
from taskcore.delivery.preferences import NotificationPreferences, with_next_digest
from taskcore.jobs.model import Job
from taskcore.ports import Unit
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import NotificationId, UserId

TWELVE: dict[str, str] = {
    "Europe/Berlin": "02:30",
    "America/New_York": "08:00",
    "Australia/Lord_Howe": "02:15",
    "Pacific/Apia": "06:00",
    "Pacific/Chatham": "03:00",
    "Asia/Kathmandu": "07:45",
    "Africa/Casablanca": "02:30",
    "America/Santiago": "00:00",
    "Europe/Dublin": "01:30",
    "America/Havana": "00:15",
    "America/Nuuk": "23:30",
    "Pacific/Kiritimati": "23:59",
}
"""Zones, and a time in each; where there is a change of the clocks, one that it leaves out or shows twice."""


async def preferences(world: World, who: UserId) -> NotificationPreferences:
    [found] = await world.store.rows().find(NotificationPreferences, user_id=who)
    return found


async def prefer(world: World, who: Person, **fields: Any) -> None:
    async def work(unit: Unit) -> None:
        [found] = await unit.find(NotificationPreferences, user_id=who.user.id)
        wanted = attrs.evolve(found, **fields)
        await unit.save([with_next_digest(wanted, who.user, world.clock())])

    await world.store.transact(work)


async def mails(world: World, what: str, who: Person) -> list[Job]:
    found = await world.store.rows().find(Job, user_id=who.user.id)
    return [job for job in found if job.kind == what]


async def digested(world: World, who: Person) -> list[Job]:
    return await mails(world, MAIL, who)


async def of_twelve(world: World) -> dict[str, Person]:
    """Somebody in each zone, with a task that stays overdue."""
    found = {}
    for name, at in TWELVE.items():
        person = await world.person(time_zone=name)
        team = await world.team(person)
        await person.me.tasks.create(
            team.id, "Old", assignee_id=person.user.id, due_at=world.clock() - timedelta(days=3)
        )
        await prefer(world, person, digest_at=at)
        found[name] = person
    return found


async def live_until(world: World, end: datetime) -> None:
    """Turn the clock from one morning to the next, and let the loop look at each."""
    loop = digests(world.core)
    while True:
        everybody = await world.store.rows().find(NotificationPreferences)
        due = min(each.next_digest_at for each in everybody if each.next_digest_at is not None)
        if due > end:
            return
        world.clock.now = due
        assert await loop.step() > 0
        assert await loop.step() == 0


def expected(name: str, start: datetime, end: datetime) -> dict[date, datetime]:
    """Of each local day the instant, in the words of the task: at that time; where it is none, when the gap ends."""
    zone, at = ZoneInfo(name), time.fromisoformat(TWELVE[name])
    first = start.astimezone(zone).date()
    days = (first + timedelta(days=place) for place in range(-1, (end - start).days + 2))
    found = {day: each.at for day in days if (each := morning(day, at, zone)) is not None}
    return {day: instant for day, instant in found.items() if start < instant <= end}


def days_between(start: datetime, end: datetime, name: str, sent: dict[date, datetime]) -> set[date]:
    """All that there are from the first to the last, which lie at the ends of the time."""
    zone = ZoneInfo(name)
    first, last = min(sent), max(sent)
    assert first - start.astimezone(zone).date() <= timedelta(days=1)
    assert end.astimezone(zone).date() - last <= timedelta(days=1)
    skipped = {date(2011, 12, 30)} if name == "Pacific/Apia" else set()
    return {first + timedelta(days=place) for place in range((last - first).days + 1)} - skipped


# All of a year, with both changes of each zone that has them; and that in which Samoa left out a day.
WINDOWS = [
    pytest.param("2026-01-01T00:00Z", "2027-01-01T00:00Z", id="a year"),
    pytest.param("2011-12-27T00:00Z", "2012-01-02T00:00Z", id="a day left out"),
]


@pytest.mark.parametrize(("since", "until"), WINDOWS)
async def test_each_local_day_has_exactly_one_at_the_time_asked_for(
    world: World, since: str, until: str
) -> None:
    start, end = datetime.fromisoformat(since), datetime.fromisoformat(until)
    world.clock.now = start
    people = await of_twelve(world)
    await live_until(world, end)

    for name, person in people.items():
        sent = {
            date.fromisoformat((each.unique_key or "")[-10:]): each.created_at
            for each in await digested(world, person)
        }
        assert sent == expected(name, start, end), name
        assert set(sent) == days_between(start, end, name, sent), name
        local = [at.astimezone(ZoneInfo(name)) for at in sent.values()]
        assert [each.date() for each in local] == list(sent), name
        off = [each for each in local if f"{each:%H:%M}" != TWELVE[name]]
        assert len(off) <= 1, name  # the one day on which that time was none


async def test_a_digest_has_what_is_overdue_and_due_that_day_in_all_teams(world: World) -> None:
    ada = await world.person(time_zone="Europe/Berlin")
    one, other = await world.team(ada, time_zone="Europe/Berlin"), await world.team(ada)
    me, who = ada.me.tasks, ada.user.id
    world.clock.now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    await prefer(world, ada)
    await me.create(one.id, "Late <b>one</b>", due_at=datetime(2026, 5, 4, 20, tzinfo=UTC), assignee_id=who)
    await me.create(other.id, "Today", due_on=date(2026, 5, 5), assignee_id=who)
    await me.create(other.id, "Tomorrow", due_on=date(2026, 5, 6), assignee_id=who)
    await me.create(other.id, "Nobody's", due_on=date(2026, 5, 4))
    done = await me.create(one.id, "Done", due_on=date(2026, 5, 4), assignee_id=who)
    await me.complete(done.id)
    gone = await me.create(one.id, "Gone", due_on=date(2026, 5, 4), assignee_id=who)
    await me.delete(gone.id)
    await live_until(world, datetime(2026, 5, 5, 7, tzinfo=UTC))
    [mail] = await digested(world, ada)
    message = mail.payload["content"]

    assert message["subject"] == "Your day: 1 overdue, 1 due today"
    assert "Late <b>one</b>" in message["text"]
    assert "Late &lt;b&gt;one&lt;/b&gt;" in message["html"]
    assert message["text"].index("Overdue") < message["text"].index("Late") < message["text"].index("Today\n")
    assert not any(word in message["text"] for word in ("Tomorrow", "Nobody's", "Done", "Gone"))
    assert mail.payload["until"] == "2026-05-05T21:59:59.999999+00:00"


async def test_what_lies_where_one_is_no_longer_is_not_told(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team)
    await bob.me.tasks.create(
        team.id, "Secret", assignee_id=bob.user.id, due_at=world.clock() - timedelta(days=1)
    )
    await ada.me.teams.delete(team.id)
    await live_until(world, world.clock() + timedelta(days=1))

    assert await digested(world, bob) == []


async def test_a_day_without_anything_to_tell_is_told_all_the_same(world: World) -> None:
    ada = await world.person()
    await live_until(world, world.clock() + timedelta(days=1))

    assert await digested(world, ada) == []
    assert (await preferences(world, ada.user.id)).last_digest_on == date(2026, 11, 3)


async def test_notices_that_wait_for_the_digest_are_told_once(world: World) -> None:
    ada = await world.person()
    notice = Notification(
        ada.user.id,
        NotificationId(world.new_id()),
        Reason.FOLLOWING,
        "cause",
        "PLAT-1 is done",
        world.clock(),
        channel=Channel.DIGEST,
    )
    beside = attrs.evolve(
        notice, id=NotificationId(world.new_id()), cause="another", text="Inbox", channel=Channel.INBOX
    )

    async def work(unit: Unit) -> None:
        await unit.save([notice, beside])

    await world.store.transact(work)
    await live_until(world, world.clock() + timedelta(days=3))
    [mail] = await digested(world, ada)

    assert mail.payload["content"]["subject"] == "Your day: 1 thing happened"
    assert "PLAT-1 is done" in mail.payload["content"]["text"]
    assert "Inbox" not in mail.payload["content"]["text"]


async def test_what_was_not_sent_yesterday_is_not_made_up_for_and_todays_is_however_late(
    world: World,
) -> None:
    people = await of_twelve(world)
    apia = people["Pacific/Apia"]
    loop = digests(world.core)
    world.clock.advance(days=2)
    at_once = await loop.step()
    await live_until(world, world.clock() + timedelta(hours=24))
    days: dict[UserId, list[str]] = defaultdict(list)
    for person in people.values():
        days[person.user.id] = [(each.unique_key or "")[-10:] for each in await digested(world, person)]

    assert at_once == 12
    # Where it is 09:30 UTC: in Apia 22:30 of the 4th, of which the morning is past.
    assert days[apia.user.id] == ["2026-11-04", "2026-11-05"]
    assert all(len(set(each)) == len(each) <= 2 for each in days.values())


async def test_the_weekly_report_is_sent_once_a_week_from_monday_on(world: World) -> None:
    ada = await world.person(time_zone="America/New_York")
    world.clock.now = datetime(2026, 11, 4, 12, tzinfo=UTC)
    await prefer(world, ada, weekly_report=True, digest_at=None)
    await live_until(world, datetime(2026, 11, 30, tzinfo=UTC))
    weekly = await mails(world, WEEKLY, ada)

    assert [each.payload["monday"] for each in weekly] == ["2026-11-09", "2026-11-16", "2026-11-23"]
    assert [each.created_at.hour for each in weekly] == [13, 13, 13]


async def test_a_monday_on_which_nothing_ran_has_its_report_later_that_week(world: World) -> None:
    ada = await world.person()
    await prefer(world, ada, weekly_report=True)
    await live_until(world, datetime(2026, 11, 15, tzinfo=UTC))
    world.clock.now = datetime(2026, 11, 18, 10, tzinfo=UTC)
    await digests(world.core).step()
    await live_until(world, datetime(2026, 11, 22, tzinfo=UTC))
    weekly = await mails(world, WEEKLY, ada)

    assert [(each.payload["monday"], each.created_at.day) for each in weekly] == [
        ("2026-11-09", 9),
        ("2026-11-16", 18),
    ]
