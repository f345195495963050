"""What sockets that wait take from others: nothing of the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from taskcore_http import from_settings
from tests.entry.http.conftest import Person, serving, settings_for
from tests.entry.realtime.listening import LIMITS, Follow, title
from tests.servers.postgres import Postgres

CONNECTIONS = 2
SOCKETS = 10


@pytest.fixture
def address(postgres_server: Postgres, migrated: str, tmp_path: Path) -> Iterator[str]:
    """A service with two connections to its database."""
    name = f"idle_{uuid4().hex}"
    url = postgres_server.create(name, template=migrated)
    with serving(from_settings(settings_for(f"{url}?pool_size={CONNECTIONS}", tmp_path), LIMITS)) as at:
        yield at
    postgres_server.drop(name)


def test_sockets_that_wait_hold_no_connection(
    ada: Person, team: dict[str, Any], task: dict[str, Any], follow: Follow
) -> None:
    listeners = [follow(ada, team["key"]) for _ in range(SOCKETS)]
    for listener in listeners:
        listener.until("ready")
    title(ada, task, "Shipped")

    assert [listener.hears()["kind"] for listener in listeners] == ["task.updated"] * SOCKETS
