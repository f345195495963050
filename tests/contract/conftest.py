"""The stores that the contract is run over; PostgreSQL from a template that is migrated once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from taskcore.connect import STORES, resolve
from taskcore.ports import Store
from tests.servers.postgres import Postgres


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


@pytest.fixture(params=["memory", "sqlite", "sqlite-blocking", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param != "postgresql":
        yield "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/store.db"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    name = f"store_{uuid4().hex}"
    yield server.create(name, template=request.getfixturevalue("migrated"))
    server.drop(name)


@pytest.fixture
async def store(store_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An open, empty store of each kind."""
    blocking = "sqlite-blocking" in request.node.name
    opened: Store = resolve(STORES, store_url)(store_url, blocking=blocking)
    await opened.check()
    yield opened
    await opened.close()
