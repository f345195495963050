"""
The description holds what the service does, whoever asks: Schemathesis sends what the schema allows and
what it forbids, as each role, and compares each answer with what is described.

Not asked: that all that fits the schema is accepted. A schema cannot say which task exists, whose turn it
is, or which cursor a query gave; those refusals have cases of their own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import httpx
import pytest

from tests.entry.http.conftest import CHEAP, PASSWORD, made
from tests.servers.service import served

LEFT_OUT = "^/v1/(auth|me/sessions|me/tokens|instance)"
"""Would sign out who asks, or is asked for in `tests/security`, right by right."""
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,ignored_auth"
)


@attrs.frozen
class Place:
    """A service with a team in it, and a token of each who is asked as."""

    address: str
    tokens: dict[str, str]
    parameters: dict[str, str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("described")
    with (
        served(f"sqlite:///{folder}/tasks.db", folder, hasher=CHEAP, rate_user="off") as address,
        httpx.Client(base_url=address) as http,
    ):
        tokens: dict[str, str] = {}
        for role in ("owner", "admin", "member", "guest"):
            account = {"email": f"{role}@example.org", "name": role.title(), "password": PASSWORD}
            tokens[role] = made(http.post("/v1/auth/signup", json=account))["access_token"]
        owner = {"authorization": f"Bearer {tokens['owner']}"}
        made(http.post("/v1/teams", json={"name": "Platform", "key": "PLAT"}, headers=owner))
        project = made(http.post("/v1/teams/PLAT/projects", json={"name": "Launch"}, headers=owner))["id"]
        for role in ("admin", "member", "guest"):
            asked = {"email": f"{role}@example.org", "role": role}
            invited = made(http.post("/v1/teams/PLAT/invitations", json=asked, headers=owner))
            ticket, own = {"token": invited["token"]}, {"authorization": f"Bearer {tokens[role]}"}
            assert http.post("/v1/invitations/accept", json=ticket, headers=own).status_code == 200
        guest = http.get("/v1/me", headers={"authorization": f"Bearer {tokens['guest']}"}).json()["id"]
        assert http.put(f"/v1/projects/{project}/guests/{guest}", headers=owner).status_code == 200
        for title in ("Ship it", "Tell of it"):
            new = {"team_id": "PLAT", "title": title, "project_id": project}
            made(http.post("/v1/tasks", json=new, headers=owner))
        known = {"team": "PLAT", "task": "PLAT-1", "predecessor": "PLAT-2", "project": project}
        yield Place(address, {**tokens, "nobody": ""}, known)


@pytest.mark.slow
@pytest.mark.parametrize("role", ["owner", "admin", "member", "guest", "nobody"])
def test_each_answer_is_one_that_the_description_holds(place: Place, role: str, tmp_path: Path) -> None:
    lines = ["[parameters]", *(f'"path.{name}" = "{value}"' for name, value in place.parameters.items())]
    (tmp_path / "schemathesis.toml").write_text("\n".join(lines))
    token = place.tokens[role]
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml"),
            *("run", f"{place.address}/v1/openapi.json", "--url", place.address, "--no-color"),
            *("--exclude-path-regex", LEFT_OUT, "--exclude-method", "DELETE", "--checks", CHECKS),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "6", "--seed", "20261125"),
            *(("-H", f"Authorization: Bearer {token}") if token else ()),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Tested: " in ran.stdout
