"""Stages that every test of a session plays its own scenes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from taskcore.connect import STORES, resolve
from tests.entry.http.conftest import settings_for
from tests.security.stages import Service, Stage, library_stage, service_stage, sqlite_in
from tests.servers.postgres import Postgres

LARGEST = 50_000
"""The most bytes in a body."""


@pytest.fixture(scope="session")
def sqlite_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with library_stage(sqlite_in(tmp_path_factory.mktemp("stage"))) as opened:
        yield opened


@pytest.fixture(params=["memory", "sqlite"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The library on a store."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_stage")
        return
    with library_stage("memory://") as opened:
        yield opened


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service on a store."""
    folder = tmp_path_factory.mktemp("service")
    with service_stage(
        settings_for(_store_url(request, sqlite_in(folder)), folder, body_limit=LARGEST)
    ) as opened:
        yield opened


def _store_url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    if request.param == "sqlite":
        return sqlite_url
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.create(f"security_{uuid4().hex}")  # a stolen test may need it anew
    asyncio.run(_upgrade(url))
    return url


async def _upgrade(url: str) -> None:
    store = resolve(STORES, url)(url, blocking=False)
    await store.upgrade()
    await store.close()
