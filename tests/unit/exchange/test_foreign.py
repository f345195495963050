"""Samples of what other programs write, read as tasks: each field has its place, and what is no good is told."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from taskcore.exchange.files import FORMATS
from taskcore.exchange.foreign import jira, todoist, trello
from taskcore.tasks.incoming import Incoming, Note, Refusal
from taskcore.testing import World
from taskcore.values import Priority, Status

SAMPLES = Path(__file__).parent / "samples"


def read(form: str, text: bytes | None = None) -> tuple[dict[str, Incoming], list[Refusal]]:
    """The tasks in a sample (or another text) by title, and what was refused."""
    (sample,) = SAMPLES.glob(f"{form}.*")
    found = list(FORMATS[form].read(io.BytesIO(sample.read_bytes() if text is None else text)))
    items = {each.title: each for each in found if isinstance(each, Incoming)}
    return items, [each for each in found if isinstance(each, Refusal)]


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def test_a_project_of_todoist() -> None:
    items, refused = read("todoist")
    launch, print_, paper, water, call = items.values()

    assert list(items) == [
        "Plan the launch",
        "Print the posters",
        "Choose the paper",
        "Water the plants",
        "Call back",
    ]
    assert (launch.priority, launch.labels, launch.due_on) == (
        Priority.URGENT,
        ("marketing",),
        date(2026, 12, 1),
    )
    assert (launch.assignee, launch.estimate_minutes) == ("Ada", 90)
    assert launch.notes == (Note(at(2026, 11, 2, 9, 30), "**Bob** wrote:\n\nAsk the printer first"),)
    assert launch.description == (
        'Two lines\nof it\n\n```todoist\nauthor: "Ada (48422)"\ndeadline: "2026-12-24"\n```'
    )
    assert (print_.parent, paper.parent) == (launch.external_id, print_.external_id)
    assert print_.due_at == at(2026, 12, 2, 9, 0)
    assert (water.recurrence, water.labels, water.priority) == (
        None,
        ("Every week",),
        Priority.MEDIUM,
    )
    assert 'date: "every friday"' in water.description
    assert 'date: "sometime soon"' in call.description
    assert 'duration: "2 hour"' in call.description
    assert [(each.line, "no task, section or note" in each.reason) for each in refused] == [(12, True)]


def test_a_board_of_trello() -> None:
    items, refused = read("trello")
    post = items["Write the post"]

    assert {title: item.status for title, item in items.items()} == {
        "Write the post": Status.IN_PROGRESS,
        "Write the text": Status.DONE,
        "Find a picture": Status.OPEN,
        "Print": Status.OPEN,
        "Book the hall": Status.DONE,
        "Rent a boat": Status.CANCELLED,
    }
    assert (post.project, post.labels, post.assignee) == ("Launch", ("urgent", "green"), "Ada")
    assert (post.start_at, post.due_at) == (at(2026, 11, 20, 9), at(2026, 12, 1, 9))
    assert post.created_at == datetime.fromtimestamp(0x651BCAA0, UTC)
    assert [note.text for note in post.notes] == ["**Ada** wrote:\n\nFirst", "**Bob** wrote:\n\nSecond"]
    assert items["Print"].labels == ("Waiting for print",)
    assert items["Book the hall"].completed_at == at(2026, 11, 22, 10)
    assert (items["Find a picture"].parent, items["Find a picture"].assignee) == (post.external_id, "Bob")
    for told in ('members: ["Bob"]', '"name": "draft.odt"', '"Cost": {"number": "12"}', "Main Street"):
        assert told in post.description
    assert [each.line for each in refused] == [1, 5, 6]
    assert "stickers" in refused[0].reason


def test_issues_of_jira() -> None:
    items, refused = read("jira")
    checkout, pay, receipts, wording = items.values()

    assert (checkout.status, checkout.priority, checkout.labels) == (
        Status.IN_PROGRESS,
        Priority.URGENT,
        ("Epic",),
    )
    assert (checkout.project, checkout.assignee, checkout.created_by) == ("Web shop", "Ada", "Bob")
    assert (checkout.created_at, checkout.due_on) == (at(2026, 11, 2, 9, 30), date(2026, 12, 24))
    assert (pay.parent, pay.labels) == ("SHOP-1", ("payment", "frontend", "Story"))
    assert (pay.estimate_minutes, pay.spent_minutes) == (480, 2)
    assert pay.notes == (
        Note(at(2026, 11, 2, 13, 5), "**ada** wrote:\n\nWhich card?"),
        Note(at(2026, 11, 3, 8), "**bob** wrote:\n\nAll of them; please"),
    )
    assert 'Custom field (Story Points): "5"' in pay.description
    assert (receipts.status, receipts.predecessors) == (Status.CANCELLED, ("SHOP-2",))
    assert receipts.completed_at == at(2026, 11, 4, 11)
    assert (wording.status, wording.predecessors) == (Status.IN_PROGRESS, ("SHOP-2",))
    assert wording.notes == (Note(None, "no time here"),)
    assert [each.line for each in refused] == [5, 7]
    assert "blocks SHOP-99: not in this file" in refused[0].reason
    assert "'SHOP-5': Created: must be a time" in refused[1].reason


@pytest.mark.parametrize("form", ["todoist", "trello", "jira"])
async def test_a_sample_is_taken_whole_and_a_second_time_changes_nothing(form: str, world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    items, refused = read(form)
    first = await ada.me.imports.run(team.id, items.values())
    again = await ada.me.imports.run(team.id, items.values())
    tasks = (await ada.me.tasks.list(team=team.id, limit=200)).items

    assert first.created == len(items) == len(tasks)
    assert refused
    assert (again.created, again.known, again.dependencies) == (0, len(items), 0)
    assert sum(task.parent_id is not None for task in tasks) == sum(
        item.parent is not None for item in items.values()
    )
    assert {task.assignee_id for task in tasks} <= {ada.user.id, None}


async def test_rows_without_a_key_are_known_by_what_they_say(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)

    async def bring(text: str) -> tuple[int, int]:
        items = [
            each for each in FORMATS["csv"].read(io.BytesIO(text.encode())) if isinstance(each, Incoming)
        ]
        report = await ada.me.imports.run(team.id, items)
        return report.created, report.known

    assert await bring("title\nbuy milk\n") == (1, 0)
    assert await bring("title\npay rent\n") == (1, 0)
    assert await bring("title\nwater plants\nbuy milk\nbuy milk\n") == (2, 1)
    titles = [task.title for task in (await ada.me.tasks.list(team=team.id)).items]
    assert sorted(titles) == ["buy milk", "buy milk", "pay rent", "water plants"]


@pytest.mark.parametrize("form", ["todoist", "trello", "jira", "csv", "json", "ndjson"])
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        b"[1, 2",
        b'{"cards": 5}',
        b'"' * 9,
        b"[" * 100_000,
        b"a,b\n1,2\n",
        b"\0" * 50,
    ],
)
def test_a_file_of_something_else_is_told_and_gives_nothing(form: str, text: bytes) -> None:
    found = list(FORMATS[form].read(io.BytesIO(text)))

    assert all(isinstance(each, Refusal) for each in found)
    assert found or not text


@pytest.mark.parametrize("fields", [todoist.FIELDS, trello.FIELDS, jira.FIELDS])
def test_the_guide_tells_where_each_field_goes(fields: Mapping[str, str]) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guides" / "exchange.md").read_text(encoding="utf-8")

    for place in fields.values():
        assert f"| {place} |" in guide
