"""How often a request asks the database, counted in the server's own log."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from taskcore.connect import STORES, resolve
from tests.servers.postgres import Postgres, log_of
from tests.servers.service import served

LOGGED = re.compile(r"LOG:  (execute [^:]*|statement): *(.*)")
"""What the server ran: a prepared statement, or some without parameters at once."""
SAYS_WHO = re.compile(r"SET LOCAL taskcore\.user_id = '[0-9a-f]{32}'")
CONTEXT = ("BEGIN", "COMMIT", "SET")
"""First words of what begins and ends a transaction, and says in whose name it is."""


class Watched:
    """A service whose database writes down every statement."""

    def __init__(self, client: httpx.Client, log: Path) -> None:
        self.client = client
        self._log = log

    def statements(self, method: str, path: str, **sent: Any) -> list[str]:
        """The first words of what one request ran, its transaction and its context apart, when it is not the
        first of its kind: then the driver asks for the types that it does not know."""
        logged = self.logged(method, path, **sent)
        assert len(SAYS_WHO.findall(logged)) == 1, logged
        return [word for word in first_words(logged) if word not in CONTEXT]

    def logged(self, method: str, path: str, **sent: Any) -> str:
        """What the server wrote down of one request that is not the first of its kind."""
        self.client.request(method, path, **sent).raise_for_status()
        before = len(self._log.read_bytes())
        self.client.request(method, path, **sent).raise_for_status()
        return self._log.read_bytes()[before:].decode()


def first_words(logged: str) -> list[str]:
    """Of each statement, also of several that were sent as one."""
    words = []
    for kind, text in LOGGED.findall(logged):
        statements = text.split(";") if kind == "statement" else [text]
        words += [statement.split()[0] for statement in statements if statement.strip()]
    return words


@pytest.fixture
async def watched(
    postgres_server: Postgres, postgres_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Watched]:
    store = resolve(STORES, postgres_url)(postgres_url, blocking=False)
    await store.upgrade()
    await store.close()
    postgres_server.execute(f"ALTER DATABASE {postgres_url.rpartition('/')[2]} SET log_statement = 'all'")
    url = f"{postgres_url}?rls={getattr(request, 'param', 'on')}"
    with (
        served(url, tmp_path, relay="worker", jobs="worker://") as address,
        httpx.Client(base_url=address) as client,
    ):
        yield Watched(client, log_of(postgres_server.socket_dir))


def a_task_of(watched: Watched) -> dict[str, str]:
    """What makes a task, once somebody has signed up and has a team."""
    ada = {"email": "ada@example.org", "name": "Ada", "password": "correct horse battery"}
    token = watched.client.post("/v1/auth/signup", json=ada).json()["access_token"]
    watched.client.headers["authorization"] = f"Bearer {token}"
    team = watched.client.post("/v1/teams", json={"name": "Platform", "key": "PLAT"}).json()
    return {"team_id": team["id"], "title": "Ship it", "priority": "high"}


@pytest.mark.parametrize("watched", ["off"], indirect=True)
async def test_without_a_wall_a_creation_is_a_transaction_by_itself(watched: Watched) -> None:
    new = a_task_of(watched)

    assert first_words(watched.logged("POST", "/v1/tasks", json=new)) == ["WITH"]


async def test_get_list_and_create_are_one_statement_each(watched: Watched) -> None:
    new = a_task_of(watched)

    assert watched.statements("POST", "/v1/tasks", json=new) == ["WITH"]
    assert watched.statements("GET", "/v1/tasks/PLAT-1") == ["SELECT"]
    assert watched.statements("GET", "/v1/tasks", params={"team": "PLAT"}) == ["WITH"]
    assert watched.statements("GET", "/v1/tasks", params={"team": "PLAT", "status": "open,done"}) == ["WITH"]
