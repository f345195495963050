"""HTTP/1.1 as uvicorn has it over httptools, which bounds neither how large a request's head is nor how long it takes."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from taskcore_http.realtime.connection import CONNECTION
from taskcore_http.unread import NO_HTTP, TOO_LARGE, refusal

MOST_HEAD_BYTES = 65_536
"""Request line and header fields together."""
MOST_HEADER_FIELDS = 100
HEAD_SECONDS = 15
"""From a connection's first byte of a request to the end of its head."""


class BoundedHttp(HttpToolsProtocol):
    """
    Refuses what is no HTTP (400) and a head that is too large (431, RFC 6585), and hangs up on one that does not end.

    Of several requests that came one behind the other, uvicorn knows the last, and tells that one when the client is
    gone: here the one that is being answered hears of it too.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._in_head = False
        self._overdue: asyncio.TimerHandle | None = None
        self._answered: RequestResponseCycle | None = None
        self._is_last = False
        self.ending = asyncio.Event()
        """Set when the server is to end: a stream has to end by itself."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._in_head = True
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing() or self._is_last:
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES:
            self._refuse_head()

    def on_message_begin(self) -> None:
        self._in_head = True
        if self._overdue is None:
            self._await_head()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        size = sum(len(each) + len(other) for each, other in self.headers[-1:])
        if len(self.headers) > MOST_HEADER_FIELDS or size > MOST_HEAD_BYTES:
            self._refuse_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        if not self.transport.is_closing():
            super().on_headers_complete()
            self.scope[CONNECTION] = self  # type: ignore[literal-required]  # more than ASGI names

    def shutdown(self) -> None:
        self.ending.set()
        super().shutdown()

    def read_no_more(self) -> None:
        """
        The answer under way is the connection's last (RFC 9112, section 9.6): what else was asked for is passed over.

        Only a connection that is read tells that its client is gone, and uvicorn reads none with a request in wait.
        """
        self._is_last = True
        self._head_came()
        self.pipeline.clear()
        if self._answered is not None:
            self.cycle = self._answered
        self.flow.resume_reading()

    def abort(self) -> None:
        """Cut the connection: nobody takes what is still to be sent."""
        self.transport.abort()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, _undelimited(cycle, app) if _knows_no_chunks(cycle) else app)

    def _should_upgrade(self) -> bool:
        """HTTP/1.0 knows no upgrade: there it is passed over (RFC 9110, section 7.8)."""
        return self.scope["http_version"] != "1.0" and super()._should_upgrade()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.transport.is_closing():
            super().on_message_complete()

    def _await_head(self) -> None:
        self._overdue = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _head_came(self) -> None:
        self._in_head, self._head_bytes = False, 0
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def _hang_up(self) -> None:
        self._overdue = None
        if not self.transport.is_closing() and (self._in_head or self.cycle is None):
            self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  ours says it as all problems are said
        if not self.transport.is_closing():
            self.transport.write(refusal(NO_HTTP))
            self.transport.close()

    def _refuse_head(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(refusal(TOO_LARGE))
            self.transport.close()


def _knows_no_chunks(cycle: RequestResponseCycle) -> bool:
    return cycle.scope["http_version"] == "1.0"


def _undelimited(cycle: RequestResponseCycle, app: ASGI3Application) -> ASGI3Application:
    """`app` for one who knows no chunks (RFC 9112, section 6.1): where an answer names no length, it ends with the connection."""

    async def answering(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        async def sending(message: ASGISendEvent) -> None:
            if message["type"] == "http.response.body":
                cycle.expected_content_length = len(message.get("body", b""))  # what uvicorn holds it against
            await send(message)

        cycle.chunked_encoding = False
        await app(scope, receive, sending)

    return answering
