"""One end of a socket, and what makes it hear something."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import attrs
import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from taskcore_http.realtime.limits import Limits
from tests.entry.http.conftest import Person

SECONDS = 20
"""After which a test gives up; nothing is said of how fast anything is."""
LIMITS = Limits(first_message_seconds=1.0, blocked_seconds=1.0, heartbeat_seconds=0.2, message_bytes=4096)


@attrs.frozen
class Listener:
    """One end of a socket."""

    socket: ClientConnection

    def say(self, content: Any) -> None:
        with suppress(ConnectionClosed):  # which is heard of anyway
            self.socket.send(content if isinstance(content, str | bytes) else json.dumps(content))

    def hears(self) -> dict[str, Any]:
        """The next message."""
        told: dict[str, Any] = json.loads(self.socket.recv(timeout=SECONDS))
        return told

    def until(self, kind: str) -> list[dict[str, Any]]:
        """Messages up to the next of this type, and that one."""
        heard = [self.hears()]
        while heard[-1]["type"] != kind:
            heard.append(self.hears())
        return heard

    def ends(self) -> tuple[int, str]:
        """The code and the reason with which it is closed; whatever comes before is passed over."""
        with pytest.raises(ConnectionClosed) as closed:
            self._hear_all()
        assert closed.value.rcvd is not None, "it broke"
        return int(closed.value.rcvd.code), closed.value.rcvd.reason

    def _hear_all(self) -> NoReturn:
        while True:
            self.socket.recv(timeout=SECONDS)


Open = Callable[..., Listener]
Follow = Callable[..., Listener]


def bearer(person: Person) -> str:
    return person.http.headers["authorization"].removeprefix("Bearer ")


def head(person: Person, team: dict[str, Any]) -> int:
    """The seq of the last event that a team has."""
    page = person.get(f"/v1/teams/{team['key']}/events", params={"limit": 200}).json()
    assert page["next_cursor"] is None
    seq: int = page["items"][-1]["seq"]
    return seq


def title(person: Person, task: dict[str, Any], new: str) -> httpx.Response:
    """Make an event."""
    answer = person.patch(f"/v1/tasks/{task['id']}", {"title": new})
    assert answer.status_code == 200, answer.text
    return answer
