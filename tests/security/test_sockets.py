"""Who may follow a team over a WebSocket: the same as over HTTP, said by the code with which the socket ends."""

from __future__ import annotations

import json
from typing import cast

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from taskcore.permissions import SCOPES, table
from tests.security.matrix import MATRIX
from tests.security.scene import CALLERS, Scene
from tests.security.stages import Service, said
from tests.security.test_scopes import allowed
from tests.security.ways import DONE, FORBIDDEN, HIDDEN, SIGNED_OUT, Outcome, Way

pytestmark = pytest.mark.slow

ROW = "realtime.subscribe_team"
CLOSED = {4401: SIGNED_OUT, 4403: FORBIDDEN, 4404: HIDDEN}
WAYS = cast("tuple[Way, ...]", MATRIX[ROW])
CELLS = [pytest.param(way, caller, id=f"{n}-{caller}") for n, way in enumerate(WAYS, 1) for caller in CALLERS]


def outcome(service: Service, told: Scene, way: Way, token: str) -> Outcome:
    """What becomes of following the same as the way's stream does."""
    assert way.http is not None
    path = said(way.http.path, told.names).replace("/events", "/events/ws")
    with connect(f"{service.http.base_url}{path}".replace("http", "ws", 1), proxy=None) as socket:
        socket.send(json.dumps({"token": token}))
        try:
            first = json.loads(socket.recv(timeout=20))
        except ConnectionClosed as closed:
            return CLOSED[closed.rcvd.code if closed.rcvd else 0]
    return DONE if first["type"] == "ready" else FORBIDDEN


@pytest.mark.parametrize(("way", "caller"), CELLS)
def test_the_table_decides(service: Service, way: Way, caller: str) -> None:
    told = service.set(caller, way)

    assert outcome(service, told, way, service.bearer(told)) is way.outcome(ROW, caller, table())


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_follows_if_a_scope_of_its_allows_it(service: Service, scope: str) -> None:
    way = WAYS[0]
    told = service.set("member", way, scopes=(scope,))

    assert outcome(service, told, way, told["bearer"]) is (DONE if allowed(ROW, way, scope) else FORBIDDEN)


@pytest.mark.parametrize("caller", ["owner", "guest"])
def test_a_suspended_team_is_followed_on(service: Service, caller: str) -> None:
    told = service.set(caller, WAYS[0], suspended=True)

    assert outcome(service, told, WAYS[0], service.bearer(told)) is DONE
