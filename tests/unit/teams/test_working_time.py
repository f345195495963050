"""The use cases of calendars: rights aside, which the matrix has, what is kept, told and refused."""

from __future__ import annotations

from datetime import date

import pytest

from taskcore.errors import Forbidden, Invalid, NotFound, PreconditionFailed
from taskcore.teams.model import Membership, Team
from taskcore.teams.resources import member_resource, working_calendar
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role
from taskcore_memory import MemoryStore

MONDAY, FRIDAY = date(2026, 12, 21), date(2026, 12, 25)
SHORT = {"mon-fri": ("09:00-12:00",)}


@pytest.fixture
def world() -> World:
    return World(MemoryStore())


async def founded(world: World) -> tuple[Person, Person, Team]:
    ada = await world.person("Ada")
    team = await world.team(ada)
    return ada, await world.member(ada, team, Role.MEMBER, "Bob"), team


async def newest(ada: Person, team: Team) -> tuple[str, dict[str, object]]:
    event = (await ada.me.events.list(team.id, limit=200)).items[-1]
    return event.kind, dict(event.data)


async def test_a_teams_calendar_is_put_and_told(world: World) -> None:
    ada, bob, team = await founded(world)

    put = await ada.me.calendars.put(team.id, {"hours": {"mon-fri": ["09:00-12:00"]}})
    again = await ada.me.calendars.put(team.id, put.calendar, if_version=put.version)
    found = await bob.me.calendars.get(team.id, first_day=MONDAY, last_day=MONDAY)

    assert (put.hours, put.version, again.version) == (SHORT, team.version + 1, put.version)
    assert found.effective is not None
    assert [(each.start.hour, each.end.hour) for each in found.effective] == [(9, 12)]
    kind, data = await newest(ada, team)
    assert (kind, data["hours"]) == ("team.updated", {"from": None, "to": {"mon-fri": ["09:00-12:00"]}})


async def test_a_member_works_without_holidays_and_time_off(world: World) -> None:
    ada, bob, team = await founded(world)
    await ada.me.calendars.put(team.id, {"exceptions": [{"from": FRIDAY, "name": "Christmas"}]})
    await bob.me.calendars.put_member(team.id, bob.user.id, {"hours": SHORT, "time_zone": "Asia/Tokyo"})
    off = await ada.me.calendars.add_time_off(
        team.id, bob.user.id, date(2026, 12, 22), date(2026, 12, 23), "Leave"
    )
    found = await ada.me.calendars.get_member(team.id, bob.user.id, first_day=MONDAY, last_day=FRIDAY)

    assert (off.effective, off.time_zone, off.hours) == (None, "Asia/Tokyo", SHORT)
    assert found.effective is not None
    assert [(each.start.day, each.start.hour, each.end.hour) for each in found.effective] == [
        (21, 0, 3),
        (24, 0, 3),
    ]
    kind, data = await newest(ada, team)
    assert (kind, data["member"]) == ("member.capacity_changed", {"name": "Bob", "role": "member"})
    assert data["exceptions"] == {
        "from": [],
        "to": [{"from": "2026-12-22", "to": "2026-12-23", "hours": None, "name": "Leave"}],
    }


async def test_time_off_is_taken_back_day_by_day(world: World) -> None:
    ada, bob, team = await founded(world)
    for _ in range(2):
        added = await bob.me.calendars.add_time_off(team.id, bob.user.id, MONDAY, FRIDAY)
    back = await bob.me.calendars.remove_time_off(team.id, bob.user.id, date(2026, 12, 23))

    assert [(each["from"].day, each["to"].day) for each in added.calendar["exceptions"]] == [(21, 25)]
    assert [(each["from"].day, each["to"].day) for each in back.calendar["exceptions"]] == [
        (21, 22),
        (24, 25),
    ]
    assert back.version == added.version + 1
    with pytest.raises(NotFound, match="no time off from 2026-12-23 to 2026-12-23"):
        await ada.me.calendars.remove_time_off(team.id, bob.user.id, date(2026, 12, 23))


async def test_a_stale_version_is_refused(world: World) -> None:
    ada, bob, team = await founded(world)
    await ada.me.teams.edit(team.id, name="Other")

    with pytest.raises(PreconditionFailed):
        await ada.me.calendars.put(team.id, {}, if_version=1)
    with pytest.raises(PreconditionFailed):
        await bob.me.calendars.put_member(team.id, bob.user.id, {"units": 0.5}, if_version=9)
    with pytest.raises(PreconditionFailed):
        await bob.me.calendars.add_time_off(team.id, bob.user.id, MONDAY, if_version=9)


async def test_faults_of_arguments_are_named_as_in_documents(world: World) -> None:
    _, bob, team = await founded(world)

    with pytest.raises(Invalid, match="to: is needed where the other day is given"):
        await bob.me.calendars.get(team.id, first_day=MONDAY)
    with pytest.raises(Invalid, match="to: must not be before 2026-12-25"):
        await bob.me.calendars.add_time_off(team.id, bob.user.id, FRIDAY, MONDAY)
    with pytest.raises(Invalid, match="exceptions/0/to: must not be before 2026-12-25"):
        await bob.me.calendars.put_member(
            team.id, bob.user.id, {"exceptions": [{"from": FRIDAY, "to": MONDAY}]}
        )


async def test_a_guest_reads_the_teams_calendar_and_their_own(world: World) -> None:
    ada, _, team = await founded(world)
    gus = await world.member(ada, team, Role.GUEST, "Gus")

    assert (await gus.me.calendars.get(team.id)).team_id == team.id
    assert (await gus.me.calendars.get_member(team.id, gus.user.id)).user_id == gus.user.id
    with pytest.raises(Forbidden, match="not when they work"):
        await gus.me.calendars.get_member(team.id, ada.user.id)


async def test_a_repetition_is_answered_as_the_first_was(world: World) -> None:
    ada, _, team = await founded(world)
    first, second = [
        await ada.me.calendars.add_time_off(team.id, ada.user.id, MONDAY, FRIDAY, "x", idempotency_key="k")
        for _ in range(2)
    ]

    assert first == second


async def test_a_plan_has_a_member_as_a_resource(world: World) -> None:
    ada, bob, team = await founded(world)
    await ada.me.members.edit(team.id, bob.user.id, capacity_minutes_per_day=240)
    await bob.me.calendars.put_member(
        team.id,
        bob.user.id,
        {"units": 0.5, "efficiency": 2, "max_minutes_per_week": 900, "skills": ["python"], "hours": SHORT},
    )
    (membership,) = await world.core.store.rows().find(Membership, team_id=team.id, user_id=bob.user.id)
    found = member_resource(team, membership, working_calendar(team))

    assert (found.user_id, found.skills) == (bob.user.id, frozenset({"python"}))
    resource = found.resource
    assert (resource.units, resource.efficiency, resource.rate) == (0.5, 2, 1)
    assert (resource.max_per_day, resource.max_per_week) == (240 * 60, 900 * 60)
    assert resource.calendar.works_on(MONDAY)
    assert member_resource(team, membership).resource.calendar == resource.calendar
