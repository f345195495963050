from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.servers.postgres import Postgres
from tests.servers.postgres import postgres_server as running_postgres


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
