"""
WebSockets as uvicorn has them, which waits for ever until a client takes what was sent to it last, and frames a
message for each of a thousand clients anew.
"""

from __future__ import annotations

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidMethod, InvalidProtocol, InvalidUpgrade, SecurityError
from websockets.http11 import Request
from websockets.protocol import State

from taskcore_http.realtime.connection import FRAME
from taskcore_http.realtime.limits import CLOSING_SECONDS
from taskcore_http.unread import NO_HANDSHAKE, NO_HTTP, NO_SOCKET, TOO_LARGE, UPGRADE, Problem, refusal


class BoundedSocket(WebSocketsSansIOProtocol):
    """Cuts a connection that was closed, where its other side does not take that in time; refuses a handshake that
    cannot be read, of which uvicorn would say nothing, and keep the connection."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        unread = self.conn.handshake_exc
        if unread is not None and not self.handshake_initiated and not self.transport.is_closing():
            self._refuse(TOO_LARGE if isinstance(unread, SecurityError) else NO_HTTP)

    def handle_connect(self, event: Request) -> None:
        self.conn.accept(event)  # which says no more than whether it would
        unfit = self.conn.handshake_exc
        if unfit is not None:
            self._refuse(UPGRADE if _wants_other(event, unfit) else NO_HANDSHAKE)
            return
        super().handle_connect(event)
        self.scope[FRAME] = True  # type: ignore[literal-required]  # more than ASGI names

    def shutdown(self) -> None:
        super().shutdown()
        self._cut_later()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.disconnected = True  # what is sent from now on finds nobody
        self.transport.abort()

    async def send(self, message: ASGISendEvent) -> None:
        frames: bytes | None = message.get(FRAME)  # type: ignore[assignment]  # as above
        if frames is not None:
            if not self.writable.is_set():
                await self.writable.wait()
            if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
                raise ClientDisconnected
            self.transport.write(frames)
            return
        if message["type"] == "websocket.close" and not self.handshake_complete:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
            self._refuse(NO_SOCKET)  # the service refuses its own with an answer
            return
        if message["type"] == "websocket.close":
            self._cut_later()  # it is told why, if it takes anything until then
        await super().send(message)

    def _refuse(self, problem: Problem) -> None:
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.transport.write(refusal(problem))
        self.transport.close()

    def _cut_later(self) -> None:
        self.loop.call_later(CLOSING_SECONDS, self._cut)

    def _cut(self) -> None:
        if self in self.connections:
            self.transport.abort()


def _wants_other(request: Request, unfit: Exception) -> bool:
    """Whether it is well formed, and wants what is no WebSocket, or none of the version that there is."""
    version = request.headers.get_all("Sec-WebSocket-Version")
    other = isinstance(unfit, InvalidMethod | InvalidProtocol | InvalidUpgrade)
    return other or (len(version) == 1 and version[0] != "13")
