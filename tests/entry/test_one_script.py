"""The same script through every door, on every store: the same objects, log and errors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import taskcore.blocking
from taskcore.connect import assemble
from tests.entry.doors import CommandDoor, Door, HttpDoor, LibraryDoor
from tests.servers.service import served

ADA, BOB, GUS, EVE = (f"{name}@example.org" for name in ("ada", "bob", "gus", "eve"))
SCRIPT: list[tuple[Any, ...]] = [
    (ADA, "teams.create", "Platform", {"key": "PLAT"}),
    (ADA, "teams.create", "Platform again", {"key": "PLAT"}),
    (ADA, "teams.create", "Bad key", {"key": "plat"}),
    (ADA, "labels.create", "PLAT", "bug", {}),
    (ADA, "labels.create", "PLAT", "bug", {}),
    (ADA, "projects.create", "PLAT", "Launch", {}),
    (ADA, "tasks.create", "PLAT", "Ship it", {"priority": "high", "due_on": "2026-12-01"}),
    (ADA, "tasks.create", "PLAT", "Test it", {"labels": ["bug"], "estimate_minutes": 90}),
    (ADA, "tasks.create", "PLAT", "A part", {"parent_id": "PLAT-1"}),
    (ADA, "tasks.create", "NONE", "Nowhere", {}),
    (ADA, "tasks.create", "PLAT", "", {}),
    (ADA, "tasks.create", "PLAT", "Unlabelled", {"labels": ["no such"]}),
    (EVE, "tasks.get", "PLAT-1", {}),
    (EVE, "tasks.create", "PLAT", "Mine", {}),
    (ADA, "tasks.get", "PLAT-99", {}),
    (ADA, "tasks.edit", "PLAT-2", {"title": "Test it well", "assignee_id": ADA}),
    (ADA, "tasks.edit", "PLAT-2", {"title": "Test it well"}),
    (ADA, "tasks.edit", "PLAT-2", {"title": "Too late", "if_version": 1}),
    (ADA, "tasks.edit", "PLAT-2", {"status": "nonsense"}),
    (ADA, "dependencies.link", "PLAT-1", "PLAT-2", {}),
    (ADA, "dependencies.link", "PLAT-2", "PLAT-1", {}),
    (ADA, "dependencies.link", "PLAT-3", "PLAT-2", {"type": "SS", "lag_minutes": -30, "lag_unit": "elapsed"}),
    (ADA, "tasks.get", "PLAT-1", {}),
    (ADA, "tasks.complete", "PLAT-1", {}),
    (ADA, "tasks.start", "PLAT-2", {}),
    (ADA, "tasks.complete", "PLAT-2", {}),
    (ADA, "tasks.complete", "PLAT-1", {}),
    (ADA, "tasks.complete", "PLAT-1", {"force": True}),
    (ADA, "tasks.reopen", "PLAT-1", {}),
    (ADA, "tasks.cancel", "PLAT-3", {}),
    (ADA, "dependencies.unlink", "PLAT-3", "PLAT-2", {}),
    (ADA, "dependencies.unlink", "PLAT-3", "PLAT-2", {}),
    (ADA, "comments.create", "PLAT-1", "Done by @ada?", {}),
    (ADA, "comments.create", "PLAT-1", " ", {}),
    (ADA, "comments.list", "PLAT-1", {}),
    (BOB, "tasks.list", {"team": "PLAT"}),
    (BOB, "tasks.list", {}),
    (ADA, "tasks.list", {"team": "PLAT", "sort": "number"}),
    (
        ADA,
        "tasks.list",
        {"team": "PLAT", "status": ["open", "done"], "assignee": "none", "sort": "-priority"},
    ),
    (ADA, "tasks.list", {"team": "PLAT", "label": "bug", "blocked": False, "text": "TEST"}),
    (ADA, "tasks.list", {"limit": 0}),
    (ADA, "tasks.list", {"sort": "nonsense"}),
    (ADA, "tasks.list", {"cursor": "nonsense"}),
    (ADA, "tasks.delete", "PLAT-1", {}),
    (ADA, "tasks.get", "PLAT-1", {}),
    (ADA, "tasks.list", {"team": "PLAT", "deleted": True, "sort": "number"}),
    (ADA, "tasks.restore", "PLAT-1", {}),
    (
        ADA,
        "tasks.create",
        "PLAT",
        "Plan it",
        {
            "estimate_kind": "working",
            "estimate_optimistic_minutes": 60,
            "estimate_minutes": 90,
            "estimate_pessimistic_minutes": 240,
            "candidates": [ADA],
            "required_skills": ["sql", "design", "sql"],
            "splittable": True,
            "constraints": [
                {"rule": "as_late_as_possible"},
                {"rule": "not_before", "at": "2026-12-01T10:00:00+01:00"},
            ],
            "recurrence": "RRULE:FREQ=WEEKLY;BYDAY=MO",
        },
    ),
    (ADA, "tasks.edit", "PLAT-4", {"remaining_minutes": 30, "candidates": None, "constraints": None}),
    (ADA, "tasks.edit", "PLAT-4", {"estimate_optimistic_minutes": 91}),
    (ADA, "tasks.edit", "PLAT-4", {"recurrence": "every now and then"}),
    (ADA, "tasks.edit", "PLAT-4", {"candidates": [BOB]}),
    (ADA, "tasks.edit", "PLAT-4", {"constraints": [{"rule": "not_before"}]}),
    (ADA, "tasks.get", "PLAT-4", {}),
    (ADA, "members.edit", "PLAT", ADA, {"role": "member"}),
    (ADA, "members.list", "PLAT", {}),
    (ADA, "events.activity", "PLAT-2", {}),
    (ADA, "events.list", "PLAT", {"after": 2}),
    (EVE, "events.list", "PLAT", {}),
]


def perform(door: Door) -> list[Any]:
    """What the script gives, with what differs by nature made the same."""
    people = [door.register(email, email.partition("@")[0].title()) for email in (ADA, BOB, GUS, EVE)]
    for person in people:
        person.pop("email_verified_at")  # who registers somebody vouches for them; who signs up does not
    again = door.register(ADA, "Ada again")
    told = [door.act(who, verb, *arguments, **fields) for who, verb, *arguments, fields in SCRIPT]
    result: list[Any] = normalised([people, again, told])
    return result


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_DUE = "2026-12-01T23:59:59.999999Z"


def normalised(told: Any) -> Any:
    """Ids by the order of their first mention, moments and ranks by being there at all."""
    ids: dict[str, str] = {}

    def walk(value: Any, key: str = "") -> Any:
        if key == "rank":
            return "<rank>"
        if isinstance(value, dict):
            return {name: walk(value[name], name) for name in sorted(value)}
        if isinstance(value, list):
            return [walk(item, key) for item in value]
        if isinstance(value, str) and _ID.fullmatch(value):
            return ids.setdefault(value, f"#{len(ids)}")
        if isinstance(value, str) and _INSTANT.fullmatch(value) and value != _DUE:
            return "<instant>"
        return value

    return walk(told)


@pytest.fixture
def library(store_url: str) -> Iterator[Door]:
    loop = asyncio.new_event_loop()
    core = assemble(store_url, hasher_url="argon2://?m=8&t=1")
    loop.run_until_complete(core.store.check())
    yield LibraryDoor(core, loop.run_until_complete)
    loop.run_until_complete(core.close())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


@pytest.fixture
def blocking(store_url: str) -> Iterator[Door]:
    with taskcore.blocking.open(store_url, hasher="argon2://?m=8&t=1") as core:
        yield LibraryDoor(core, lambda result: result)


@pytest.fixture
def http(store_url: str, tmp_path: Path) -> Iterator[Door]:
    with served(store_url, tmp_path) as address:
        door = HttpDoor(address)
        yield door
        door.close()


@pytest.fixture
def command(store_url: str, tmp_path: Path) -> Door:
    return CommandDoor(store_url, tmp_path)


@pytest.fixture(scope="session")
def expected() -> list[Any]:
    """What the library gives in memory."""
    with taskcore.blocking.open("memory://", hasher="scrypt://?n=2") as core:
        return perform(LibraryDoor(core, lambda result: result))


def test_the_script_tells_something(expected: list[Any]) -> None:
    people, again, told = expected

    assert [person["name"] for person in people] == ["Ada", "Bob", "Gus", "Eve"]
    assert again == {"error": 5}
    assert sum("error" in (step or {}) for step in told) == 27
    assert [event["seq"] for event in told[-2]["items"]] == list(range(3, 24))


STORES = ("memory", "sqlite", "postgresql")
WAYS = [(door, store) for door in ("library", "blocking", "http") for store in STORES]
WAYS += [("command", "sqlite"), ("command", "postgresql")]
"""Not `command` on `memory`: each process would have a store of its own."""


@pytest.mark.slow
@pytest.mark.usefixtures("store_url")
@pytest.mark.parametrize(("door", "store_url"), WAYS, indirect=["store_url"])
def test_every_door_on_every_store_tells_the_same(
    door: str, expected: list[Any], request: pytest.FixtureRequest
) -> None:
    told = perform(request.getfixturevalue(door))

    for step, found, wanted in zip(
        ["people", "again", *SCRIPT], [*told[:2], *told[2]], [*expected[:2], *expected[2]], strict=True
    ):
        assert found == wanted, step
