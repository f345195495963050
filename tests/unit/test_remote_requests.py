"""The table of requests: complete, and of requests that the service answers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from inspect import isfunction, signature
from pathlib import Path
from uuid import UUID

import pytest

from taskcore.caller import Caller
from taskcore.core import Acting
from taskcore.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from taskcore.permissions import Actor
from taskcore.values import UserId
from taskcore_cli.remote.problems import FAMILIES, error_of
from taskcore_cli.remote.request import Request, arguments_of, request_for
from taskcore_cli.remote.routes import NOUNS, ROUTES, use_case
from taskcore_http import errors
from taskcore_http.app import OPERATIONS

CLI = Path(__file__).parents[2] / "src" / "entrypoints" / "taskcore_cli"

LOCAL = {"reports.make"}
"""What is called on a local store alone: a service makes reports in the background, as `reports.status` asks it to."""


def asked(name: str, *args: object, **kwargs: object) -> Request:
    return request_for(ROUTES[name], arguments_of(name, args, kwargs))


def called(tree: ast.AST) -> Iterator[str]:
    """Each `….me.NOUN.VERB` in a module."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=verb, value=ast.Attribute(attr=noun, value=ast.Attribute(attr="me"))):
                yield f"{noun}.{verb}"


def test_every_use_case_that_the_command_line_calls_is_in_the_table() -> None:
    names = {name for path in CLI.rglob("*.py") for name in called(ast.parse(path.read_text()))}

    assert len(names) > 40
    assert names - ROUTES.keys() == LOCAL


def test_a_noun_of_the_table_is_the_cores() -> None:
    acting = Acting(Caller(Actor(UserId(UUID(int=0))), outside=None))  # type: ignore[arg-type]  # nothing is asked of it

    assert {noun: type(getattr(acting, noun)) for noun in NOUNS if noun != "auth"} == {
        noun: kind for noun, kind in NOUNS.items() if noun != "auth"
    }


@pytest.mark.parametrize("name", ROUTES)
def test_a_row_names_the_arguments_of_its_use_case(name: str) -> None:
    taken = signature(use_case(name)).parameters
    places = re.findall(r"\{(\w+)\}", ROUTES[name].path)

    assert isfunction(use_case(name))
    assert {*places, *ROUTES[name].calls} <= taken.keys()


def test_every_row_is_a_request_that_the_service_answers() -> None:
    known = {
        (method, re.sub(r"\{.*?\}", "{}", path))
        for handler in OPERATIONS
        for path in handler.paths
        for method in handler.http_methods
    }
    rows = {(route.method, re.sub(r"\{.*?\}|(?<=members/)me", "{}", route.path)) for route in ROUTES.values()}

    assert rows - known == set()


def test_arguments_go_where_the_service_looks_for_them() -> None:
    task = UUID("01936f2e-7c1a-7000-8000-000000000123")

    assert asked("tasks.edit", task, if_version=3, merge=True, force=True, title="x", due_on=None) == Request(
        "PATCH",
        f"/v1/tasks/{task}",
        {"force": "true"},
        {"title": "x", "due_on": None},
        {"If-Match": '"3"', "Prefer": "merge"},
    )
    assert asked("tasks.list", team="PLAT", assignee=[task, None], blocked=False, cursor=None) == Request(
        "GET", "/v1/tasks", {"team": "PLAT", "assignee": f"{task},none", "blocked": "false"}
    )
    assert asked("tasks.assign", "PLAT-1", None).body == {"assignee_id": None}
    assert asked("teams.create", "Platform", key=None, slug=None, time_zone="UTC").body == {
        "name": "Platform"
    }
    assert asked("tasks.delete", "PLAT-1").body is None
    assert asked("teams.get", "a/b c?").path == "/v1/teams/a%2Fb%20c%3F"


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_lead_elsewhere_is_nobodys(name: str) -> None:
    with pytest.raises(NotFound):
        asked("dependencies.unlink", "PLAT-1", name)


def test_a_problem_is_the_error_that_it_was() -> None:
    body = b'{"code": "blocked", "detail": "PLAT-2 is blocked", "status": 409, "blockers": ["PLAT-1"], "message": "x"}'
    error = error_of(409, body)
    fault = error_of(
        422, b'{"code": "invalid", "detail": "name: no", "errors": [{"pointer": "/name", "detail": "no"}]}'
    )

    assert isinstance(error, Conflict)
    assert (error.code, error.message, error.data) == (
        "blocked",
        "PLAT-2 is blocked",
        {"blockers": ["PLAT-1"]},
    )
    assert isinstance(fault, Invalid)
    assert [str(each) for each in fault.faults] == ["name: no"]
    assert isinstance(error_of(403, b'{"code": "own_role", "detail": ""}'), Forbidden)
    assert isinstance(error_of(404, b"nothing of ours"), Unavailable)


def test_every_status_of_the_service_has_its_family_back() -> None:
    """Those that only HTTP knows come back as the family that they belong to."""
    for family, status in errors.FAMILIES.items():
        assert issubclass(family, FAMILIES[status])
