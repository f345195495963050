"""The service itself: health, settings, description, pages."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import httpx
import pytest

from taskcore_http import from_settings
from taskcore_http.app import OPERATIONS
from taskcore_http.description import EXAMPLES
from taskcore_http.errors import FAMILIES
from taskcore_http.problems import KINDS
from taskcore_http.strict import structured
from tests.entry.http.conftest import PASSWORD, serving, settings_for
from tests.entry.http.test_conventions import problem

SRC = Path(__file__).parents[3] / "src"


def at(folder: Path, store: str = "memory://", **given: Any) -> Iterator[httpx.Client]:
    with (
        serving(from_settings(settings_for(store, folder, **given))) as address,
        httpx.Client(base_url=address) as http,
    ):
        yield http


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[httpx.Client]:
    yield from at(tmp_path, signup="closed")


@pytest.fixture
def with_origins(tmp_path: Path) -> Iterator[httpx.Client]:
    yield from at(tmp_path, cors_origins=("https://app.example.org",))


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[httpx.Client]:
    database = sqlite3.connect(tmp_path / "tasks.db")
    database.execute("CREATE TABLE alembic_version (version_num TEXT)")
    database.execute("INSERT INTO alembic_version VALUES ('from the future')")
    database.commit()
    database.close()
    yield from at(tmp_path, f"sqlite:///{tmp_path}/tasks.db")


ACCOUNT = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}


def test_sign_up_can_be_closed(closed: httpx.Client) -> None:
    problem(closed.post("/v1/auth/signup", json=ACCOUNT), 403, "signup_closed")


@pytest.fixture
def invited_only(tmp_path: Path) -> Iterator[httpx.Client]:
    yield from at(tmp_path, signup="invited")


def test_sign_up_can_be_for_the_invited(invited_only: httpx.Client) -> None:
    problem(invited_only.post("/v1/auth/signup", json=ACCOUNT), 403, "signup_closed")


def test_a_page_elsewhere_may_call_if_it_is_listed(with_origins: httpx.Client) -> None:
    asked = {
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "if-match,authorization",
    }
    listed = with_origins.options("/v1/me", headers={"origin": "https://app.example.org", **asked})
    other = with_origins.options("/v1/me", headers={"origin": "https://evil.example.org", **asked})
    refused = with_origins.get("/v1/me", headers={"origin": "https://app.example.org"})

    assert listed.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "access-control-allow-origin" not in other.headers
    assert "ETag" in refused.headers["access-control-expose-headers"]


def test_a_server_whose_store_is_no_use_lives_and_is_not_ready(broken: httpx.Client) -> None:
    refused = broken.get("/readyz")

    assert broken.get("/healthz").status_code == 200
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")


async def test_head_has_no_body_whatever_the_server_does(tmp_path: Path) -> None:
    app: Any = from_settings(settings_for("memory://", tmp_path))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        head = await client.head("/openapi.json")

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0


def test_a_server_is_ready(stranger: httpx.Client) -> None:
    assert stranger.get("/readyz").json() == {"status": "ready"}


def test_the_pages_need_nothing_from_elsewhere(stranger: httpx.Client) -> None:
    page = stranger.get("/docs")
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert wanted
    for path in wanted:
        assert path.startswith("/")
        assert stranger.get(path).status_code == 200


def test_every_code_has_a_page(stranger: httpx.Client) -> None:
    raised = {
        code
        for file in (*SRC.glob("taskcore/**/*.py"), *SRC.glob("adapters/**/*.py"))
        for code in re.findall(r'code="([a-z_]+)"', file.read_text())
    }
    usual = {family.default_code for family in FAMILIES} - {"error"}
    told_elsewhere = {"log_gap"}  # by the command line alone

    assert (raised | usual) - told_elsewhere <= KINDS.keys()
    for code in KINDS:
        page = stranger.get(f"/problems/{code}")
        assert (page.status_code, code in page.text) == (200, True)
    problem(stranger.get("/problems/none"), 404, "not_found")


@pytest.fixture
def described(stranger: httpx.Client) -> dict[str, Any]:
    body: dict[str, Any] = stranger.get("/openapi.json").json()
    return body


def test_every_route_is_described(described: dict[str, Any], stranger: httpx.Client) -> None:
    abouts = [handler.opt["operation"] for handler in OPERATIONS]
    routes = {(about.method.lower(), re.sub(r":str}", "}", path)) for about in abouts for path in about.paths}
    newest = stranger.get("/v2/openapi.json").json()["paths"]

    assert described["openapi"] == "3.1.0"
    assert routes == {
        (method, path) for path, methods in {**described["paths"], **newest}.items() for method in methods
    }


def test_operations_have_names_of_their_own(described: dict[str, Any]) -> None:
    names = [each["operationId"] for path in described["paths"].values() for each in path.values()]

    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", str(described))):
        found = described
        for step in reference.split("/"):
            found = found[step]
        assert found


def test_every_refusal_is_described_as_a_problem(described: dict[str, Any]) -> None:
    for path in described["paths"].values():
        for operation in path.values():
            refusals = {s: each for s, each in operation["responses"].items() if s >= "400"}
            assert refusals.keys() >= {"400"}
            for reference in refusals.values():
                each = described["components"]["responses"][reference["$ref"].rpartition("/")[2]]
                assert each["content"].keys() == {"application/problem+json"}


def test_every_body_has_an_example_that_is_accepted(described: dict[str, Any]) -> None:
    bodies = {about.body for about in (handler.opt["operation"] for handler in OPERATIONS) if about.body}
    for body in bodies:
        structured(EXAMPLES[body.__name__], body)
        named = described["components"]["schemas"][body.__name__]
        assert named["properties"].keys() == get_type_hints(body).keys()
        assert named["additionalProperties"] is False


@pytest.mark.parametrize("relay", ["inline", "worker"])
@pytest.mark.parametrize("jobs", ["inline://", "worker://"])
async def test_a_service_does_what_workers_do_not(relay: str, jobs: str, tmp_path: Path) -> None:
    app = from_settings(settings_for("memory://", tmp_path, relay=relay, jobs=jobs))
    async with app.lifespan():
        tasks = {task.get_name() for task in asyncio.all_tasks()}
    left = {task.get_name() for task in asyncio.all_tasks()}

    assert ("background relay" in tasks) is (relay == "inline")
    assert ("background jobs" in tasks) is ("background ticks" in tasks) is (jobs == "inline://")
    assert not any(name.startswith("background") for name in left)
