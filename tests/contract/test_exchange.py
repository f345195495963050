"""What leaves a team comes back as it was: from every store, into another team there and into a new instance."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import attrs
import pytest

from taskcore.connect import STORES, resolve
from taskcore.core import Acting
from taskcore.exchange.move import Move
from taskcore.exchange.parsing import records_in_document, records_in_lines
from taskcore.exchange.records import SECTIONS
from taskcore.exchange.table import tasks_in
from taskcore.exchange.writing import WRITERS
from taskcore.ports import Store, Unit
from taskcore.tasks.model import Comment, Task
from taskcore.teams.model import Membership, Team
from taskcore.testing import World
from taskcore.testing.strategies import A_MEMBERS_CALENDAR, Instance, instance
from taskcore.values import Role, TeamId

Document = dict[str, Any]


async def text_of(me: Acting, team: Any, form: str = "json", **fields: Any) -> str:
    writer = WRITERS[form]()
    ask = me.exports.rows if form == "csv" else me.exports.page
    page = await ask(team, **fields)
    parts = [writer.write(page.items)]
    while page.next_cursor is not None:
        page = await ask(team, cursor=page.next_cursor, **fields)
        parts.append(writer.write(page.items))
    return "".join([*parts, writer.end()])


async def document_of(me: Acting, team: Any, **fields: Any) -> Document:
    document: Document = json.loads(await text_of(me, team, **fields))
    return document


async def saved(store: Store, seed: int) -> tuple[Acting, Team, Instance]:
    """A random instance, in which the first user owns the first team that is not deleted and did something."""
    told = instance(seed)
    team = next((each for each in told.teams if each.deleted_at is None), None)
    if team is None:
        return await saved(store, seed + 100)
    ada = told.users[0]
    things = [
        # Deleting a comment leaves nothing of what it said, which is not so of these.
        attrs.evolve(thing, body="") if isinstance(thing, Comment) and thing.deleted_at else thing
        for thing in told.things
        if not (isinstance(thing, Membership) and (thing.team_id, thing.user_id) == (team.id, ada.id))
    ]
    place = next(place for place, thing in enumerate(things) if thing is told.teams[-1]) + 1
    things.insert(
        place, Membership(team.id, ada.id, Role.OWNER, team.created_at, calendar=A_MEMBERS_CALENDAR)
    )

    async def work(unit: Unit) -> None:
        await unit.save(things)

    await store.transact(work)
    me = World(store).core.acting_as(ada.id)
    for task in [task for task in told.tasks if task.team_id == team.id and task.deleted_at is None][:3]:
        await me.comments.create(task.id, f"about {task.title} @{ada.email}")
        await me.tasks.edit(task.id, title="Changed", force=True)
    await me.views.create(team.id, "mine", query={"assignee": [str(ada.id)], "status": "open"})
    await me.views.create(team.id, "ours", shared=True)
    return me, team, told


def things_in(document: Document, importer: str) -> Document:
    """All that has to be the same: without the team, the seq of events, and how the importer came in."""
    found = {part: [dict(each) for each in document[part]] for part in SECTIONS}
    for event in found["events"]:
        del event["seq"]
    found["people"] = sorted(
        ({**each, "id": ""} for each in found["people"] if each["email"] != importer),
        key=lambda each: str(each["email"]),
    )
    return found


def calendar_of(document: Document, email: str) -> Any:
    (found,) = [each["calendar"] for each in document["people"] if each["email"] == email]
    return found


def in_order(document: Document) -> Document:
    """The same, whatever the order of ids is, which is that of many lists."""
    for thing in (*document["projects"], *document["tasks"]):
        thing |= {
            name: sorted(thing[name]) for name in ("guests", "followers", "candidates") if name in thing
        }
    for part in SECTIONS.keys() - {"events"}:
        document[part].sort(key=json.dumps)
    return document


def renamed(document: Document, left: Document, came: Document, *, renames: bool) -> Document:
    """What left, with the ids that things and people have where they came to."""
    ids = {each["email"]: each["id"] for each in came["people"]}
    team = attrs.evolve(A_TEAM, id=TeamId(UUID(came["team"]["id"])))
    move = Move(team, renames=renames)
    people = {each["id"]: ids[each["email"]] for each in left["people"]}
    text = json.dumps(document)
    for old, new in people.items():
        text = text.replace(old, new)
    text = text.replace(left["team"]["id"], came["team"]["id"])
    if not renames:
        found: Document = json.loads(text)
        return found
    kept = {*people.values(), came["team"]["id"]}
    changed: Document = _with_ids(json.loads(text), move, kept)
    return changed


def _with_ids(value: Any, move: Move, kept: set[str]) -> Any:
    if isinstance(value, str):
        return value if value in kept else move.moved(value)
    if isinstance(value, dict):
        return {name: _with_ids(each, move, kept) for name, each in value.items()}
    return [_with_ids(each, move, kept) for each in value] if isinstance(value, list) else value


A_TEAM = instance(0).teams[0]
BEGUN = 2
"""Events of a new team, which are there before anything comes in."""


@pytest.mark.parametrize("seed", range(8))
async def test_what_leaves_comes_into_a_new_instance_as_it_was(store: Store, seed: int) -> None:
    me, team, told = await saved(store, seed)
    text = await text_of(me, team.id, limit=3)
    new = World(resolve(STORES, "memory://")("memory://"))
    ada = await new.core.users.register(told.users[0].email, name="Ada", password="correct horse battery")
    there = new.core.acting_as(ada.id)
    home = await there.teams.create("New", key=team.key)
    report = await there.restores.run(home.id, records_in_document([text.encode()]))
    left, came = json.loads(text), await document_of(there, home.id)
    came["events"] = came["events"][BEGUN:]

    assert report.refused == []
    assert calendar_of(came, ada.email) == calendar_of(left, ada.email) == A_MEMBERS_CALENDAR
    assert came["team"]["calendar"] == left["team"]["calendar"]
    expected = renamed(things_in(left, ada.email), left, came, renames=False)
    assert in_order(things_in(came, ada.email)) == in_order(expected)


@pytest.mark.parametrize("seed", range(8))
async def test_what_leaves_comes_into_another_team_under_other_ids(store: Store, seed: int) -> None:
    me, team, told = await saved(store, seed)
    text = await text_of(me, team.id, "ndjson")
    home = await me.teams.create("Other", key="".join(reversed(team.key)) + "X"[: 10 - len(team.key)])
    report = await me.restores.run(home.id, records_in_lines(text.encode().splitlines(keepends=True)))
    left, came = await document_of(me, team.id), await document_of(me, home.id)
    again = await me.restores.run(home.id, records_in_lines(text.encode().splitlines(keepends=True)))
    came["events"] = came["events"][BEGUN:]
    for task in left["tasks"]:
        task["key"] = f"{home.key}-{task['number']}"

    assert (report.refused, again.refused) == ([], [])
    assert (again.created, again.events, again.comments, again.people) == (0, 0, 0, 0)
    assert came["team"]["calendar"] == left["team"]["calendar"]
    email = told.users[0].email
    expected = renamed(things_in(left, email), left, came, renames=True)
    assert in_order(things_in(came, email)) == in_order(expected)
    assert report.created == len(left["tasks"])


async def test_numbers_that_others_have_are_given_anew(store: Store) -> None:
    world = World(store)
    ada = await world.person()
    one, other = await world.team(ada), await world.team(ada)
    for title in ("a", "b", "c"):
        await ada.me.tasks.create(one.id, title)
    await ada.me.tasks.create(other.id, "x")
    text = await text_of(ada.me, one.id)
    report = await ada.me.restores.run(other.id, records_in_document([text.encode()]))
    after = await ada.me.tasks.create(other.id, "y")
    tasks = await store.rows().find(Task, team_id=other.id)

    assert report.refused == []
    assert {task.title: task.number for task in tasks} == {"x": 1, "a": 4, "b": 2, "c": 3, "y": 5}
    assert after.key == f"{other.key}-5"


async def test_a_table_comes_back_with_all_that_it_holds(store: Store) -> None:
    me, team, _ = await saved(store, 3)
    text = await text_of(me, team.id, "csv", deleted=True)
    home = await me.teams.create("Other", key="CSVXY")
    report = await me.imports.run(home.id, tasks_in(text.encode().splitlines(keepends=True)))
    before = {each["key"]: each for each in rows(text)}
    after = {each["external_id"]: each for each in rows(await text_of(me, home.id, "csv", deleted=True))}
    keys = {each["key"]: old for old, each in after.items()}

    assert report.created == len(before)
    for key, row in before.items():
        again = after[key]
        again["parent"] = keys.get(again["parent"], "")
        again["predecessors"] = ",".join(
            sorted(keys[each] for each in again["predecessors"].split(",") if each)
        )
        for name in ("title", "description", "status", "priority", "labels", "due_at", "completed_at", "deleted_at",
                     "created_at", "parent", "project"):  # fmt: skip
            assert (name, again[name]) == (name, row[name])


def rows(text: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(text, newline=""))


async def test_a_part_of_a_file_and_then_all_of_it_is_all_of_it(store: Store) -> None:
    me, team, _ = await saved(store, 5)
    lines = (await text_of(me, team.id, "ndjson")).encode().splitlines(keepends=True)
    home = await me.teams.create("Other", key="PARTS")
    for end in (len(lines) // 3, len(lines) - 2):
        await me.restores.run(home.id, records_in_lines(lines[:end]))
    report = await me.restores.run(home.id, records_in_lines(lines))
    left, came = await document_of(me, team.id), await document_of(me, home.id)

    assert report.refused == []
    assert {part: len(came[part]) for part in SECTIONS} == {
        **{part: len(left[part]) for part in SECTIONS},
        "events": len(left["events"]) + BEGUN,
    }
    assert [event["kind"] for event in came["events"][BEGUN:]] == [event["kind"] for event in left["events"]]


async def test_a_large_file_is_never_held_whole() -> None:
    world = World(resolve(STORES, "memory://")("memory://"))
    ada = await world.person()
    team = await world.team(ada)
    filler = "x" * 20_000

    def lines(count: int) -> Iterator[bytes]:
        yield b'{"type": "taskcore_export", "data": {"version": 2}}\n'
        for _ in range(count):
            data = {"id": str(world.new_id()), "description": filler, "title": 5}
            yield json.dumps({"type": "task", "data": data}).encode() + b"\n"

    def pieces(count: int) -> Iterator[bytes]:
        yield b'{"taskcore_export": 2, "tasks": ['
        yield b",".join([json.dumps({"title": 5, "description": filler}).encode()])
        for _ in range(count):
            yield b"," + json.dumps({"title": 5, "description": filler}).encode()
        yield b"]}"

    tracemalloc.start()
    seen = sum(1 for _ in records_in_document(pieces(5_000)))
    document_peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    read = sum(1 for _ in records_in_lines(lines(5_000)))
    lines_peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (seen, read) == (5_002, 5_001)
    assert max(document_peak, lines_peak) < 5_000_000  # of a hundred million bytes
    report = await ada.me.restores.run(team.id, records_in_lines(lines(10)))
    assert len(report.refused) == 10
