"""A file is not believed: nobody gets in by it, nobody is made to have done what they did not, nothing breaks."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from taskcore.errors import Conflict, Invalid
from taskcore.exchange.records import Record, stand_in
from taskcore.tasks.model import Comment
from taskcore.tasks.undo import reversal
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role, UserId
from taskcore_memory import MemoryStore

AT = "2026-11-01T00:00:00Z"


@pytest.fixture
def world() -> World:
    return World(MemoryStore())


async def brought(who: Person, team: Team, *things: tuple[str, dict[str, Any]], log: bool = False) -> Any:
    head: tuple[str, dict[str, Any]] = ("taskcore_export", {"version": 2, "with": ["events"] if log else []})
    origin = ("team", {"id": str(uuid4()), "key": "X", "name": "X"})
    records = [Record(kind, data, line) for line, (kind, data) in enumerate((head, origin, *things), 1)]
    return await who.me.restores.run(team.id, records)


def a_person(**more: Any) -> tuple[str, dict[str, Any]]:
    return "person", {"id": str(uuid4()), "name": "Eve", **more}


def a_task(by: str, **more: Any) -> tuple[str, dict[str, Any]]:
    given = {"id": str(uuid4()), "number": 1, "key": "X-1", "title": "t", "created_by": by, "rank": "V"}
    return "task", {**given, "created_at": AT, "updated_at": AT, **more}


def an_event(by: str, **more: Any) -> tuple[str, dict[str, Any]]:
    given = {"id": str(uuid4()), "kind": "task.updated", "subject_type": "task", "subject_id": str(uuid4())}
    return "event", {**given, "at": AT, "actor_id": by, "data": {}, **more}


async def test_nobody_signs_up_as_the_stand_in_of_somebody_else(world: World) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)
    address = stand_in("ceo@corp.example", UserId(uuid4()), team.id)

    with pytest.raises(Invalid, match="nobody has an address"):
        await world.core.auth.sign_up(address, name="Eve", password="correct horse battery")

    mail = {"email": "ceo@corp.example", "role": "owner"}
    assert (await brought(ada, team, a_person(**mail))).people == 1


async def test_a_log_is_an_owners_to_bring_in_and_every_import_is_audited(world: World) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)
    admin = await world.member(ada, team, Role.ADMIN, "Adm")
    victim = await world.member(ada, team, Role.MEMBER, "Vic")
    told = a_person(email=victim.user.email)
    forged = an_event(told[1]["id"], kind="task.deleted")

    report = await brought(admin, team, told, a_task(told[1]["id"]), forged, log=True)

    assert (report.created, report.events) == (1, 0)
    assert "takes an owner" in report.refused[0].reason
    newest = (await ada.me.events.list(team.id, limit=200)).items[-1]
    assert (newest.kind, newest.actor_id) == ("task.created", admin.user.id)
    entry = next(each for each in (await ada.me.audit.list(team.id)).items if each.action == "import.run")
    assert (entry.actor_id, entry.data["new"]) == (admin.user.id, 1)


async def test_a_repeated_log_of_several_chunks_is_known(world: World) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)
    told = a_person()
    events = [an_event(told[1]["id"]) for _ in range(1500)]

    taken = [(await brought(ada, team, told, *events, log=True)).events for _ in range(3)]

    assert taken == [1500, 0, 0]


async def test_a_guest_reads_a_log_whatever_was_brought_in(world: World) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)
    project = await ada.me.projects.create(team.id, "P")
    guest = await world.member(ada, team, Role.GUEST, "Gus")
    await ada.me.projects.share(project.id, guest.user.id)
    task = await ada.me.tasks.create(team.id, "t", project_id=project.id)
    told = a_person(email=ada.user.email)
    odd = [
        an_event(told[1]["id"], task_id=str(task.id), data=data)
        for data in ({"dependency": "x"}, {"dependency": {"predecessor": 7}}, {"nope": {"from": 1, "to": 2}})
    ]

    assert (await brought(ada, team, told, *odd, log=True)).events == 3

    log = (await guest.me.events.activity(task.id)).items
    assert len(log) >= 3
    for event in log[:1]:
        with pytest.raises(Conflict, match="cannot be undone"):
            reversal(task, event)


@pytest.mark.parametrize("field", ["number", "version"])
async def test_a_number_that_nothing_can_follow_is_refused(world: World, field: str) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)
    told = a_person()

    report = await brought(ada, team, told, a_task(told[1]["id"], **{field: 2**31 - 1}))

    assert report.created == 0
    assert field in report.refused[0].reason
    assert (await ada.me.tasks.create(team.id, "next")).number == 1


@pytest.mark.parametrize(
    "field", [{"email": "x\x1b[31m y\n@c.example"}, {"calendar": "x"}, {"version": 2**31}]
)
async def test_odd_people_are_refused(world: World, field: dict[str, Any]) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)

    report = await brought(ada, team, a_person(role="member", **field))

    assert (report.people, next(iter(field)) in report.refused[0].reason) == (0, True)


@pytest.mark.parametrize(
    ("calendar", "place"),
    [
        ({"units": 2}, "units"),
        ({"exceptions": [{"from": "2026-12-32"}]}, "exceptions/0/from"),
        ({"x": 1}, "x"),
    ],
)
async def test_an_odd_calendar_of_a_person_is_refused(
    world: World, calendar: dict[str, Any], place: str
) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)

    report = await brought(ada, team, a_person(role="member", calendar=calendar))

    assert report.people == 0
    assert f"calendar/{place}: " in report.refused[0].reason


async def test_a_member_who_said_nothing_of_their_time_has_what_the_file_says(world: World) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)
    bob = await world.member(ada, team, Role.MEMBER, "Bob")
    await bob.me.calendars.put_member(team.id, bob.user.id, {"units": 0.25})
    told = [a_person(email=each.user.email, calendar={"units": 0.5}) for each in (ada, ada, bob)]

    for _ in range(2):
        report = await brought(ada, team, *told)

    assert report.refused == []
    found = [await ada.me.calendars.get_member(team.id, each.user.id) for each in (ada, bob)]
    assert [each.calendar["units"] for each in found] == [0.5, 0.25]
    kinds = [each.kind for each in (await ada.me.events.list(team.id, limit=200)).items]
    assert kinds.count("member.capacity_changed") == 2


async def bring_calendar(who: Person, team: Team, calendar: Any) -> Any:
    head = Record("taskcore_export", {"version": 2, "with": []}, 1)
    home = Record("team", {"id": str(uuid4()), "key": "X", "name": "X", "calendar": calendar}, 2)
    return await who.me.restores.run(team.id, [head, home])


async def test_a_team_that_said_nothing_of_its_hours_has_those_of_the_file(world: World) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)

    odd = await bring_calendar(ada, team, {"hours": {"mon": ["17:00-09:00"]}})
    refused = (await ada.me.calendars.get(team.id)).calendar
    await bring_calendar(ada, team, {"hours": {"mon": ["09:00-17:00"]}})
    await bring_calendar(ada, team, {"hours": {"tue": ["09:00-17:00"]}})

    assert "calendar/hours/mon/0: must end after it begins" in odd.refused[0].reason
    assert refused == {"hours": None, "exceptions": ()}
    assert (await ada.me.calendars.get(team.id)).hours == {"mon": ("09:00-17:00",)}
    assert [each.kind for each in (await ada.me.events.list(team.id)).items].count("team.updated") == 1


async def test_a_deleted_comment_says_nothing(world: World) -> None:
    ada = await world.person("Ada")
    team = await world.team(ada)
    told = a_person()
    task = a_task(told[1]["id"])
    comment = {
        "id": str(uuid4()),
        "task_id": task[1]["id"],
        "author_id": told[1]["id"],
        "body": "x" * 5_000_000,
    }

    await brought(ada, team, told, task, ("comment", {**comment, "created_at": AT, "deleted_at": AT}))

    (kept,) = await world.store.rows().find(Comment, team_id=team.id)
    assert kept.body == ""
