"""The matrix is whole: no row, no use case, no route and no command is outside it but for a reason given here."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from csv import DictReader
from pathlib import Path
from typing import Any

import click
import pytest

from taskcore.caller import UseCases
from taskcore.connect import assemble
from taskcore.core import Acting
from taskcore.mirror import run_unsuspended
from taskcore.paging import Page
from taskcore.permissions import COLUMNS, table
from taskcore_cli.program import program
from taskcore_http.app import OPERATIONS
from taskcore_http.description import document
from taskcore_http.operation import Operation
from tests.security.matrix import MATRIX, ways
from tests.security.scene import Scene, new_id, scene
from tests.security.stages import said
from tests.security.ways import Never, Unbuilt, Way

OPERATORS_LIBRARY = "core.users and core.jobs are the operator's: whoever has the machine asks no permission"
OPERATORS_COMMAND = "whoever has the machine and the settings is the operator, and asks no permission"
OPEN_ROUTES = {
    "/healthz": "for whoever watches over the service; tells one word",
    "/readyz": "as /healthz",
    "/.well-known/jwks.json": "public keys are public",
    "/v1/unsubscribe/{link:str}": "the link that somebody was mailed is the right to end such mail to them",
}
COMMANDS_WITHOUT_RIGHTS = {
    **dict.fromkeys(
        (
            *(
                "saga list",
                "saga show",
                "saga resume",
                "saga cancel",
                "saga hasten",
                "saga export",
                "user add",
                "user list",
                "user show",
                "user disable",
                "user enable",
                "user admin",
                "user logout",
            ),
            *(
                "user reset-password",
                "mail bounce",
                "mail unsubscribe",
                "db status",
                "db upgrade",
                "config",
                "doctor",
                "serve",
                "worker",
                "demo",
            ),
            *("report project", "report show"),
            *("job list", "job dead", "job show", "job retry", "job cancel", "job drop", "job schedules"),
        ),
        OPERATORS_COMMAND,
    ),
    **dict.fromkeys(
        ("login", "logout", "context add", "context list", "context rm", "context use"),
        "about what this machine remembers of services; a service asks for rights itself",
    ),
    "event tail": "has no end: realtime.subscribe_team is asked by what it calls, which test_sockets and test_http try",
    "api": "a request as it is, to a service, which asks for rights itself",
    "undo": "does what the use cases in the matrix do, one after the other",
}
OPERATIONS_SAID: list[Operation] = [handler.opt["operation"] for handler in OPERATIONS]


class Recorder:
    """Stands for `Acting`, and notes which use cases are called; none is."""

    def __init__(self, called: set[str], path: str = "") -> None:
        self._called = called
        self._path = path

    def __getattr__(self, name: str) -> Recorder:
        return Recorder(self._called, f"{self._path}.{name}".removeprefix("."))

    def __call__(self, *_: Any, **__: Any) -> Any:
        self._called.add(self._path)
        return nothing()


async def nothing() -> Page[Any]:
    """What a use case that is only noted gives."""
    return Page([])


@pytest.fixture(scope="module")
def called() -> set[str]:
    """Every use case that some way leads through, as `noun.verb`."""
    found: set[str] = set()
    for _, _, way in ways():
        if way.library is not None:
            told = scene("owner", "")
            told.core = Recorder(found, "core")
            run_unsuspended(_awaited(way.library(Recorder(found), told)))  # type: ignore[arg-type]
    return found


async def _awaited(attempt: Any) -> None:
    await attempt


def verbs(target: object) -> list[str]:
    """The names of an object's public coroutine methods."""
    return [
        name
        for name, value in inspect.getmembers(type(target))
        if inspect.iscoroutinefunction(value) and not name.startswith("_")
    ]


def acting() -> Acting:
    return assemble("memory://").acting_as(new_id())


def nouns() -> dict[str, UseCases]:
    return {name: value for name, value in vars(acting()).items() if isinstance(value, UseCases)}


def test_every_row_of_the_table_is_in_the_matrix() -> None:
    assert MATRIX.keys() == table().keys()
    assert all(MATRIX.values())


@pytest.mark.parametrize("row", [row for row, entry in MATRIX.items() if isinstance(entry, Unbuilt | Never)])
def test_what_is_not_built_is_not_there(row: str) -> None:
    entry = MATRIX[row]
    assert isinstance(entry, Unbuilt | Never)
    there = nouns()
    found = [
        name
        for name in entry.absent
        for noun, _, verb in [name.partition(".")]
        if noun in there and (not verb or verb in verbs(there[noun]))
    ]

    assert entry.why
    assert found == [], "it is there now: give its row the ways to do it"


def test_every_use_case_is_in_the_matrix(called: set[str]) -> None:
    there = {f"{noun}.{verb}" for noun, cases in nouns().items() for verb in verbs(cases)}

    assert there - called == set()
    assert {name for name in called if not name.startswith("core.")} - there == set()


def test_everything_by_which_one_signs_in_is_in_the_matrix(called: set[str]) -> None:
    core = assemble("memory://")
    elsewhere = {
        "core.auth.api_token": "gives what the token's scopes allow: test_scopes",
        "core.auth.external": "gives an account what its role allows: tests/unit/identity/test_auth.py",
    }
    there = {f"core.auth.{verb}" for verb in verbs(core.auth)}

    assert there - called == elsewhere.keys()


def test_the_operators_use_cases_are_offered_by_no_route(called: set[str]) -> None:
    assert OPERATORS_LIBRARY
    assert {name for name in called if name.startswith(("core.users", "core.jobs"))} == set()
    sources = {inspect.getsource(handler.fn) for handler in OPERATIONS}
    assert [source for source in sources if "core.users" in source or "core.jobs" in source] == []


def operation_of(way: Way, told: Scene) -> Operation:
    """The one that a way's request comes to."""
    assert way.http is not None
    path = said(way.http.path, told.names).partition("?")[0].split("/")
    fitting = [
        each
        for each in OPERATIONS_SAID
        if each.method == way.http.method and _fits(each.path.split("/"), path)
    ]
    exact = [each for each in fitting if each.path.count("{") == min(one.path.count("{") for one in fitting)]
    assert len(exact) == 1, (way.http, fitting)
    return exact[0]


def _fits(pattern: list[str], path: list[str]) -> bool:
    same = (wanted == given or wanted.startswith("{") for wanted, given in zip(pattern, path, strict=False))
    return len(pattern) == len(path) and all(same)


def ways_by_operation() -> dict[str, tuple[Operation, list[tuple[str, Way]]]]:
    """Each operation with the ways that lead to it, by its method and path."""
    told = scene("owner", "")
    found: dict[str, tuple[Operation, list[tuple[str, Way]]]] = {
        f"{each.method} {each.path}": (each, []) for each in OPERATIONS_SAID
    }
    for row, _, way in ways():
        if way.http is not None:
            about = operation_of(way, told)
            found[f"{about.method} {about.path}"][1].append((row, way))
    return found


def test_every_route_says_which_rights_decide_it_and_is_in_the_matrix() -> None:
    for about in OPERATIONS_SAID:
        if about.path in OPEN_ROUTES:
            assert about.public
            assert not about.rights
            continue
        assert about.rights, about.path
        assert set(about.rights) <= table().keys(), about.path


def test_every_right_of_a_route_has_a_way_and_every_way_its_right() -> None:
    unnamed, unproved = [], []
    for name, (about, through) in ways_by_operation().items():
        proved = {right for row, way in through for right in (row, *way.needs)}
        unnamed += [f"{name}: {right}" for right in proved - {*about.rights}]
        unproved += [f"{name}: {right}" for right in {*about.rights} - proved]

    assert unnamed == []
    assert unproved == []


def test_the_documentation_tells_the_rights() -> None:
    paths = document(OPERATIONS)["paths"]

    assert paths["/v1/tasks/{task}"]["delete"]["x-rights"] == [
        "task.read",
        "task.delete_own",
        "task.delete_other",
    ]
    assert all("x-rights" in each for path in paths.values() for each in path.values())


def commands() -> Iterator[str]:
    root = program()
    yield from _commands(root, click.Context(root), "")


def _commands(command: click.Command, context: click.Context, path: str) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield path.strip()
        return
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from _commands(inner, click.Context(inner, info_name=name, parent=context), f"{path} {name}")


def test_every_command_is_in_the_matrix() -> None:
    there = set(commands())
    led_to = {
        path
        for _, _, way in ways()
        if way.words is not None
        for path in (" ".join(way.words[:2]), way.words[0])
        if path in there
    }

    assert there - led_to - COMMANDS_WITHOUT_RIGHTS.keys() == set()
    assert led_to & COMMANDS_WITHOUT_RIGHTS.keys() == set()
    assert COMMANDS_WITHOUT_RIGHTS.keys() - there == set()


def test_the_table_is_what_was_agreed() -> None:
    """Whoever changes a letter changes it here too, and says why."""
    with Path(__file__).with_name("permissions.csv").open(encoding="utf-8") as file:
        agreed = {row["action"]: {column: row[column] for column in COLUMNS} for row in DictReader(file)}

    assert agreed == table()
