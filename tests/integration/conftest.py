from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.servers.postgres import Postgres
from tests.servers.walled import Instance, Site, populated, walled


@pytest.fixture(scope="module")
def site(postgres_server: Postgres) -> Iterator[Site]:
    """A database whose owner and whose app are two roles, and neither is a superuser."""
    with walled(postgres_server) as site:
        yield site


@pytest.fixture(scope="module")
def instance(site: Site) -> Instance:
    """Who and what is there. Tests change nothing of it."""
    return asyncio.run(populated(site))
