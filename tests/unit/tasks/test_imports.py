"""Bringing tasks in from elsewhere: all of it, once, whatever is wrong with some of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

import attrs
import pytest

from taskcore.errors import Forbidden
from taskcore.tasks.imports import ImportReport, Incoming, Note, Refusal
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Priority, Role, Status
from tests.unit.examples import NOW
from tests.unit.refusals import refusal


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


def item(name: str, line: int = 1, **fields: Any) -> Incoming:
    return Incoming(line=line, external_source="elsewhere", external_id=name, title=name.title(), **fields)


async def titles(ada: Person, team: Team, **filters: Any) -> list[str]:
    return sorted(task.title for task in (await ada.me.tasks.list(team=team.id, limit=200, **filters)).items)


async def test_a_task_comes_in_with_all_that_it_has(ada: Person, team: Team) -> None:
    given = item(
        "ship",
        status=Status.DONE,
        priority=Priority.HIGH,
        project="Engine",
        labels=("ui", "bug", "ui"),
        due_at=NOW,
        created_at=NOW - timedelta(days=9),
        started_at=NOW - timedelta(days=2),
        completed_at=NOW - timedelta(days=1),
        notes=(Note(NOW, "well done"),),
    )
    report = await ada.me.imports.run(team.id, [given])
    (task,) = (await ada.me.tasks.list(team=team.id)).items
    (comment,) = (await ada.me.comments.list(task.id)).items

    assert report == ImportReport(read=1, created=1, comments=1, labels=2, projects=1)
    assert (task.title, task.status, task.priority, task.labels) == (
        "Ship",
        Status.DONE,
        Priority.HIGH,
        ("bug", "ui"),
    )
    assert (task.created_at, task.completed_at) == (given.created_at, given.completed_at)
    assert (await ada.me.projects.get(task.project_id or "")).name == "Engine"
    assert (comment.body, comment.created_at, comment.author_id) == ("well done", NOW, ada.user.id)


async def test_what_is_deleted_elsewhere_comes_into_the_trash(ada: Person, team: Team) -> None:
    await ada.me.imports.run(team.id, [item("gone", deleted_at=NOW), item("here")])

    assert await titles(ada, team) == ["Here"]
    assert await titles(ada, team, deleted=True) == ["Gone"]


async def test_a_second_import_changes_nothing(ada: Person, team: Team) -> None:
    items = [item("a", project="P", labels=("l",)), item("b", predecessors=("a",)), item("c", parent="a")]
    first = await ada.me.imports.run(team.id, items)
    log = (await ada.me.events.list(team.id, limit=200)).items
    again = await ada.me.imports.run(team.id, [*items, item("a")])

    assert (first.created, first.dependencies) == (3, 1)
    assert again == ImportReport(read=4, known=4)
    assert (await ada.me.events.list(team.id, limit=200)).items == log


async def test_ties_are_made_once_all_tasks_are_there(ada: Person, team: Team) -> None:
    await ada.me.imports.run(team.id, [item("b", predecessors=("a",)), item("c", parent="a"), item("a")])
    tasks = {task.title: task for task in (await ada.me.tasks.list(team=team.id)).items}

    assert tasks["B"].blocked
    assert tasks["C"].parent_id == tasks["A"].id


async def test_what_is_faulty_is_refused_with_its_line_and_the_rest_goes_on(ada: Person, team: Team) -> None:
    report = await ada.me.imports.run(
        team.id,
        [
            Refusal(1, "is not JSON"),
            attrs.evolve(item("blank", 2), title=" "),
            item("project", 3, project="x" * 201),
            item("label", 4, labels=("a,b",)),
            item("note", 5, notes=(Note(NOW, ""),)),
            item("dangling", 6, predecessors=("nowhere",)),
            item("sound", 7),
        ],
    )

    assert await titles(ada, team) == ["Dangling", "Sound"]
    assert (report.read, report.created) == (7, 2)
    assert [refused.line for refused in report.refused] == [1, 2, 3, 4, 5, 6]


async def test_progress_is_told_after_each_commit_and_what_was_told_stays(ada: Person, team: Team) -> None:
    """Interrupted after the first chunk, a second run goes on behind it."""
    told: list[int] = []

    def interrupt(report: ImportReport) -> None:
        told.append(report.created)
        if len(told) == 2:
            raise KeyboardInterrupt

    items = [item(f"{number}") for number in range(3000)]
    with pytest.raises(KeyboardInterrupt):
        await ada.me.imports.run(team.id, items, progress=interrupt)
    again = await ada.me.imports.run(team.id, islice(items, 2000))

    assert 0 < told[0] < told[1] <= len(items)
    assert again.known == min(told[1], 2000)
    assert again.created == max(0, 2000 - told[1])


@pytest.mark.parametrize("role", [Role.MEMBER, Role.GUEST])
async def test_owners_and_admins_import(world: World, ada: Person, team: Team, role: Role) -> None:
    other = await world.member(ada, team, role)

    assert await refusal(other.me.imports.run(team.id, [])) == (Forbidden, "forbidden")
    assert await refusal(other.me.imports.take_chunk(team.id, [])) == (Forbidden, "forbidden")
    assert await refusal(other.me.imports.tie_chunk(team.id, [])) == (Forbidden, "forbidden")


async def test_what_is_refused_leaves_no_label_and_no_project_behind(ada: Person, team: Team) -> None:
    faulty = Incoming(1, "elsewhere", "faulty", "", project="Lost", labels=("lost",))
    report = await ada.me.imports.run(team.id, [faulty, item("sound", project="Kept", labels=("kept",))])

    assert (report.created, len(report.refused), report.labels, report.projects) == (1, 1, 1, 1)
    assert [label.name for label in (await ada.me.labels.list(team.id)).items] == ["kept"]
    assert [project.name for project in (await ada.me.projects.list(team.id)).items] == ["Kept"]


async def test_an_import_tells_of_each_thing_it_makes(ada: Person, team: Team) -> None:
    taken = item("x", priority=Priority.HIGH, notes=(Note(NOW, "said"),), project="P", labels=("l",))
    await ada.me.imports.run(team.id, [taken])

    events = (await ada.me.events.list(team.id, after=2)).items

    assert sorted(event.kind for event in events) == [
        "comment.created",
        "label.created",
        "project.created",
        "task.created",
    ]
    created = next(event for event in events if event.kind == "task.created")
    assert created.data["priority"] == {"from": None, "to": "high"}
