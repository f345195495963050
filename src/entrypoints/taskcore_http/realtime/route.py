"""Where sockets are opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from litestar import WebSocket, route, websocket
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.types import Method, Receive, Scope, Send

from taskcore.errors import Forbidden
from taskcore_http.admission import Acquaintances
from taskcore_http.answer import UNSTORED, encoded
from taskcore_http.errors import PROBLEM_JSON, problem
from taskcore_http.realtime.closing import FORBIDDEN
from taskcore_http.realtime.origin import allowed
from taskcore_http.realtime.socket import Sockets
from taskcore_http.realtime.talking import Talk
from taskcore_http.versions import VERSIONS, in_version
from taskcore_http.wire import Call

PATHS = [in_version("/v1/teams/{team:str}/events/ws", version) for version in VERSIONS]
METHODS: list[Method] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


class Handshake(WebSocket):  # type: ignore[type-arg]  # of nothing that Litestar knows
    """As Litestar has it, with the server's own ends beneath: what each message need not pass through."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self.ends = receive, send


def sockets(
    bound: Callable[[Scope], Call], acquaintances: Acquaintances, talks: Sequence[Talk]
) -> list[BaseRouteHandler]:
    """The routes; `bound` makes a call of a handshake, which has all that a request has but a body."""
    served = Sockets(acquaintances, talks)

    @websocket(PATHS, websocket_class=Handshake)
    async def follow_by_socket(socket: Handshake, team: FromPath[str]) -> None:
        call, (receive, send) = bound(socket.scope), socket.ends
        origin = call.field(b"origin") or None
        if allowed(origin, call.field(b"host"), call.instance.settings.cors_origins):
            await served.serve(call, team, receive, send)
        else:
            await _turn_away(call, receive, send)

    return [follow_by_socket, no_socket]


@route(PATHS, http_method=METHODS, status_code=200)
async def no_socket(team: FromPath[str]) -> None:  # noqa: ARG001  a path's parameter is to be taken
    """Tell a request that opens no socket what it should do (RFC 9110, section 15.5.22)."""
    headers = {"upgrade": "websocket", "connection": "upgrade", "sec-websocket-version": "13"}
    raise HTTPException(status_code=426, headers=headers)


async def _turn_away(call: Call, receive: Receive, send: Send) -> None:
    """Refuse the handshake, before there is a socket."""
    await receive()  # that it wants to connect
    if "websocket.http.response" not in (call.scope.get("extensions") or {}):
        await send(
            {"type": "websocket.close", "code": FORBIDDEN, "reason": ""}
        )  # a server makes this a bare 403
        return
    refused = problem(call, Forbidden("pages of this origin may open no socket", code="foreign_origin"))
    headers = [(b"content-type", PROBLEM_JSON.encode()), UNSTORED, *call.common]
    await send({"type": "websocket.http.response.start", "status": 403, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": encoded(refused), "more_body": False})
