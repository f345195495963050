from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from taskcore.connect import STORES, resolve
from tests.servers.postgres import Postgres
from tests.servers.postgres import postgres_server as running_postgres
from tests.servers.standby import Standby, replicated_postgres

TESTS = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the core's own tests: of its units, and the contract and the table of rights in memory."""
    for item in items:
        if _is_in_memory(item):
            item.add_marker("in_memory")


def _is_in_memory(item: pytest.Item) -> bool:
    if item.path.is_relative_to(TESTS / "unit"):
        return True
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return "memory" in (given.get("store_url"), given.get("stage"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A real PostgreSQL, started when first asked for; each pytest-xdist worker has its own."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """An empty database of the test's own."""
    name = f"test_{uuid4().hex}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def migrated(postgres_server: Postgres) -> str:
    """The name of a database with the schema, to be cloned."""
    url = postgres_server.create("migrated")

    async def upgrade() -> None:
        store = resolve(STORES, url)(url, blocking=False)
        await store.upgrade()
        await store.close()

    asyncio.run(upgrade())
    return "migrated"


@pytest.fixture(scope="session")
def replicated() -> Iterator[Standby]:
    """A primary of its own with the schema in a database to be cloned, and a replica that is 120 ms behind."""
    with replicated_postgres(delay_milliseconds=120) as (primary, standby):
        url = primary.create("migrated")

        async def upgrade() -> None:
            store = resolve(STORES, url)(url, blocking=False)
            await store.upgrade()
            await store.close()

        asyncio.run(upgrade())
        yield standby


@pytest.fixture
def replicated_url(replicated: Standby) -> Iterator[str]:
    """A store on both, empty."""
    name = f"replicated_{uuid4().hex}"
    url = replicated.primary.create(name, template="migrated")
    replicated.replay()
    yield f"{url}?replica={quote(replicated.server.url(name), safe='')}"
    replicated.primary.drop(name)


@pytest.fixture(params=["memory", "sqlite", "sqlite-blocking", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param != "postgresql":
        yield "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/store.db"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    name = f"store_{uuid4().hex}"
    yield server.create(name, template=request.getfixturevalue("migrated"))
    server.drop(name)
