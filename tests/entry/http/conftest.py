"""A real server on a real socket over each store, and people who use it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import attrs
import httpx
import pytest
import uvicorn
from litestar import Litestar

from taskcore.connect import STORES, resolve
from taskcore_app.settings import Settings
from taskcore_http import from_settings
from taskcore_http.server import options
from tests.servers.postgres import Postgres

PASSWORD = "correct horse battery"
CHEAP = "argon2://?m=8&t=1&p=1"
ANSWERS_WITHIN_SECONDS = 30
_numbers = count()


@contextmanager
def serving(app: Litestar) -> Iterator[str]:
    """The address at which a server answers for `app`."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="on", **options())
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = _address(server)
    _wait_until(lambda: httpx.get(f"{address}/healthz", timeout=ANSWERS_WITHIN_SECONDS).status_code == 200)
    yield address
    server.should_exit = True
    thread.join(ANSWERS_WITHIN_SECONDS)


def _address(server: uvicorn.Server) -> str:
    _wait_until(lambda: server.started)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return f"http://{host}:{port}"


def _wait_until(ready: Callable[[], bool]) -> None:
    latest = time.monotonic() + ANSWERS_WITHIN_SECONDS
    while not ready():
        assert time.monotonic() < latest, "the server does not start"
        threading.Event().wait(0.01)


def settings_for(store: str, folder: Path, **given: Any) -> Settings:
    usual = {
        "store": store,
        "hasher": CHEAP,
        "secret": "k3Jx9-Lw7Qp2-Zt5Vb8-Rm4Yd6-Nc1Fg0",
        "secret_file": str(folder),
        "rate_auth": None,  # all of a test's people have one address
        "rate_user": None,
        "relay": "worker",  # nobody is told of what tests do, and nothing follows from it
        "jobs": "worker://",
    }
    return Settings(**{**usual, **given})


@pytest.fixture(scope="session", params=["memory", "sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    with serving(from_settings(settings_for(_store_url(request, folder), folder))) as at:
        yield at


def _store_url(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "memory":
        return "memory://"
    if request.param == "sqlite":
        return f"sqlite:///{folder}/tasks.db"
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.create(f"served_{uuid4().hex}")  # a stolen test may need it anew
    asyncio.run(_upgrade(url))
    return url


async def _upgrade(url: str) -> None:
    store = resolve(STORES, url)(url, blocking=False)
    await store.upgrade()
    await store.close()


@attrs.frozen
class Person:
    """Somebody signed in, and what they send."""

    http: httpx.Client
    id: str
    email: str

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return self.http.post(path, json=json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return self.http.patch(path, json=json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return self.http.put(path, json=json, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.http.delete(path, **more)


@pytest.fixture
def stranger(address: str) -> Iterator[httpx.Client]:
    """Somebody without an account."""
    with httpx.Client(base_url=address, timeout=ANSWERS_WITHIN_SECONDS) as http:
        yield http


@pytest.fixture
def sign_up(address: str) -> Iterator[Callable[[str], Person]]:
    """Makes accounts; each name gets an e-mail address of its own."""
    clients: list[httpx.Client] = []

    def new(name: str) -> Person:
        email = f"{name.lower()}{next(_numbers)}@example.org"
        http = httpx.Client(base_url=address, timeout=ANSWERS_WITHIN_SECONDS)
        clients.append(http)
        said = http.post("/v1/auth/signup", json={"email": email, "name": name, "password": PASSWORD})
        assert said.status_code == 201, said.text
        http.headers["authorization"] = f"Bearer {said.json()['access_token']}"
        return Person(http, said.json()["user"]["id"], email)

    yield new
    for client in clients:
        client.close()


@pytest.fixture
def ada(sign_up: Callable[[str], Person]) -> Person:
    return sign_up("Ada")


@pytest.fixture
def key() -> str:
    """A team's key that nobody has had."""
    digits = f"{next(_numbers):04}"
    return "T" + "".join(chr(ord("A") + int(digit)) for digit in digits)


@pytest.fixture
def team(ada: Person, key: str) -> dict[str, Any]:
    """A team of which Ada is the owner."""
    return made(ada.post("/v1/teams", {"name": f"Team {key}", "key": key}))


@pytest.fixture
def join(ada: Person, team: dict[str, Any], sign_up: Callable[[str], Person]) -> Callable[[str, str], Person]:
    """Somebody new, whom Ada asked into her team with a role."""

    def joined(name: str, role: str) -> Person:
        person = sign_up(name)
        asked = made(ada.post(f"/v1/teams/{team['key']}/invitations", {"email": person.email, "role": role}))
        assert person.post("/v1/invitations/accept", {"token": asked["token"]}).status_code == 200
        return person

    return joined


@pytest.fixture
def task(ada: Person, team: dict[str, Any]) -> dict[str, Any]:
    return made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "Ship it"}))


def made(answer: httpx.Response) -> dict[str, Any]:
    """What a creation gave."""
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body
