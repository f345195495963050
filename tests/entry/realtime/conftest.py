"""A service whose limits are short, and sockets to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.sync.client import connect

from taskcore_http import from_settings
from tests.entry.http.conftest import (  # noqa: F401  fixtures
    Person,
    ada,
    join,
    key,
    serving,
    settings_for,
    sign_up,
    stranger,
    task,
    team,
)
from tests.entry.realtime.listening import LIMITS, Follow, Listener, Open, bearer


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("realtime")
    settings = settings_for("memory://", folder, cors_origins=("https://app.example.org",))
    with serving(from_settings(settings, LIMITS)) as at:
        yield at


@pytest.fixture
def opened(address: str) -> Iterator[Open]:
    """Opens a socket to a team's events, at a place of the log; says nothing yet."""
    with ExitStack() as stack:

        def at(of: str, query: str = "", **more: Any) -> Listener:
            uri = f"{address.replace('http', 'ws', 1)}/v1/teams/{of}/events/ws{query}"
            options = {"compression": None, "proxy": None, "close_timeout": 1, **more}
            return Listener(stack.enter_context(connect(uri, **options)))

        yield at


@pytest.fixture
def follow(opened: Open) -> Follow:
    """Follows a team as somebody; `ready` is still to be heard."""

    def followed(person: Person, of: str, query: str = "") -> Listener:
        listener = opened(of, query)
        listener.say({"token": bearer(person)})
        return listener

    return followed
