"""A team's log as server-sent events (WHATWG HTML, section 9.2): the same as over a WebSocket, one way only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import cast

from litestar.types import Message, Receive, Scope, Send

from taskcore.errors import ResyncRequired, TaskCoreError
from taskcore.events import CaughtUp, Event
from taskcore_http.answer import EVENT_STREAM, UNSTORED, Answer, encoded
from taskcore_http.realtime.accepting import qualities
from taskcore_http.realtime.asking import asked
from taskcore_http.realtime.closing import reason
from taskcore_http.realtime.connection import CONNECTION, Connection, Nowhere
from taskcore_http.realtime.encoding import Encodings, block
from taskcore_http.realtime.limits import MEDIA_TYPE, Limits
from taskcore_http.realtime.patience import Patience, until_one_ends
from taskcore_http.wire import Call

_PAGE = ("application/json", "application/*", "*/*")
"""What a page is accepted by: the most specific range counts (RFC 9110, section 12.5.1)."""
LAST_EVENT_ID = b"last-event-id"
Heard = Sequence[Event] | CaughtUp
Events = AsyncGenerator[Heard, None]
_LAST = (b"connection", b"close")
_UNBUFFERED = (b"x-accel-buffering", b"no")
"""What nginx, which keeps answers back until they are whole or large, heeds."""


_TOLD = Encodings(block)


def asks_for_stream(call: Call) -> bool:
    """Whether a stream is accepted by its name, and no less than a page: `*/*` is whoever would take a page too."""
    accepted = qualities(call.field(b"accept"))
    stream = accepted.get(MEDIA_TYPE, 0.0)
    page = next((accepted[each] for each in _PAGE if each in accepted), 0.0)
    return stream > 0 and stream >= page


async def streamed(call: Call, team: str) -> Answer:
    """A team's log from where the request says on. Raises: what following does, before anything is sent; Malformed."""
    wanted = asked(call)
    if seen := call.field(LAST_EVENT_ID):
        wanted["after"] = seen
    events = call.me.events.follow(team, **wanted)
    try:
        first = await anext(events)
        call.refuse_query()
    except BaseException:
        await events.aclose()
        raise
    headers = [EVENT_STREAM, UNSTORED, _UNBUFFERED, _LAST, *call.of_success]
    return EventStream(headers, call.instance.limits, first, events)


class EventStream(Answer):
    """An answer that ends when the client goes, may follow no longer, takes nothing, or the server ends."""

    __slots__ = ("_events", "_first", "_limits")

    def __init__(
        self, headers: list[tuple[bytes, bytes]], limits: Limits, first: Heard, events: Events
    ) -> None:
        super().__init__(200, headers)
        self._limits = limits
        self._first = first
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = cast("Connection", scope.get(CONNECTION) or Nowhere())
        connection.read_no_more()
        async with aclosing(self._events):
            await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
            if scope.get("method") != "HEAD":
                try:
                    async with Patience(send, self._limits.blocked_seconds) as patience:
                        await until_one_ends(
                            self._tell(patience.send),
                            _beat(patience.send, self._limits.heartbeat_seconds),
                            _left(receive),
                            _ended(connection),
                        )
                except TimeoutError:
                    connection.abort()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, send: Send) -> None:
        heard = self._first
        try:
            while True:
                if isinstance(heard, CaughtUp):
                    await send(_sent(b'id: %d\nevent: ready\ndata: {"seq":%d}\n\n' % (heard.seq, heard.seq)))
                else:
                    for event in heard:
                        await send(_TOLD.of(event))
                heard = await anext(self._events)
        except ResyncRequired:
            await send(_sent(b"event: resync_required\ndata: {}\n\n"))
        except TaskCoreError as error:
            content = encoded({"code": error.code, "detail": reason(error)})
            await send(_sent(b"event: refused\ndata: %b\n\n" % content))


async def _beat(send: Send, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        await send(_sent(b": heartbeat\n\n"))


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _ended(connection: Connection) -> None:
    await connection.ending.wait()


def _sent(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}
