"""
A team's log over a WebSocket: the client says who it is, then hears what it may, until it goes or may no longer.

Nothing is queued for anybody: each socket pulls from the log, as fast as its client takes it, and holds no
connection to the store meanwhile (docs/adr/0041).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from typing import Any

import attrs
from litestar.types import Message, Receive, Send

from taskcore.errors import Malformed, TaskCoreError
from taskcore.events import CaughtUp, Event
from taskcore_http.admission import Acquaintances, count, identified
from taskcore_http.answer import encoded
from taskcore_http.realtime.asking import asked
from taskcore_http.realtime.closing import (
    BROKEN,
    MALFORMED,
    RESYNC,
    SIGNED_OUT,
    TOO_LARGE,
    TOO_SLOW,
    Closed,
    closed,
    reason,
)
from taskcore_http.realtime.connection import FRAME
from taskcore_http.realtime.encoding import Encodings, message, together
from taskcore_http.realtime.limits import CLOSING_SECONDS, Limits
from taskcore_http.realtime.patience import Patience, until_one_ends
from taskcore_http.realtime.talking import Client, Handler, Talk
from taskcore_http.strict import decoded
from taskcore_http.wire import Call

log = logging.getLogger(__name__)
Heard = Sequence[Event] | CaughtUp
Events = AsyncGenerator[Heard, None]


class Gone(Exception):
    """The client has left, or the server ends."""


_TOLD = Encodings(message)


def _text(content: Mapping[str, Any]) -> Message:
    return {"type": "websocket.send", "bytes": None, "text": encoded(content).decode()}


@attrs.frozen
class Sockets:
    """All that a service has."""

    acquaintances: Acquaintances
    talks: Sequence[Talk]

    async def serve(self, call: Call, team: str, receive: Receive, send: Send) -> None:
        """Everything between a socket's handshake and its end."""
        try:
            await receive()  # that it wants to connect
            await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
            await self._listen(call, team, receive, send)
        except (Gone, OSError):
            return
        except Closed as end:
            await _close(send, end)
        except TaskCoreError as error:
            await _close(send, closed(error))
        except Exception:
            log.exception("a socket failed")
            await _close(send, Closed(BROKEN, "something broke here"))

    async def _listen(self, call: Call, team: str, receive: Receive, send: Send) -> None:
        wanted, limits = asked(call), call.instance.limits
        call.refuse_query()
        actor = call.actor = await identified(call, await _token(receive, limits), self.acquaintances)
        await count(call, "user", str(actor.user_id), call.instance.settings.rate_user)
        async with aclosing(call.me.events.follow(team, **wanted)) as events:
            first = await anext(events)
            try:
                async with Patience(send, limits.blocked_seconds) as patience, AsyncExitStack() as stack:
                    client = Client(call, team, actor.user_id, lambda content: patience.send(_text(content)))
                    handlers: dict[str, Handler] = {}
                    for talk in self.talks:
                        handlers |= await stack.enter_async_context(talk(client))
                    await until_one_ends(
                        _tell(first, events, client, patience.send),
                        _hear(client, handlers, receive, limits),
                    )
            except TimeoutError:
                raise Closed(TOO_SLOW, "what was sent was not taken in time") from None


async def _token(receive: Receive, limits: Limits) -> str:
    """What the first message says. Raises: Closed, Gone."""
    try:
        async with asyncio.timeout(limits.first_message_seconds):
            first = _object(await _heard(receive, limits.message_bytes))
    except TimeoutError:
        raise Closed(SIGNED_OUT, "no token came in time") from None
    except Malformed as error:
        raise closed(error) from error
    token = first.get("token")
    if first.keys() != {"token"} or not isinstance(token, str):
        raise Closed(MALFORMED, "the first message is an object with a token, a text, and nothing else")
    return token


async def _heard(receive: Receive, most_bytes: int) -> str:
    """What the client says next. Raises: Malformed, where that is no text; Closed; Gone."""
    heard = await receive()
    if heard["type"] != "websocket.receive":
        raise Gone
    text, content = heard.get("text"), heard.get("bytes")
    said = text.encode() if text is not None else content or b""
    if len(said) > most_bytes:
        raise Closed(TOO_LARGE, f"a message has {most_bytes} bytes at most")
    if text is None:
        raise Malformed("a message is a text frame")
    return text


async def _tell(first: Heard, events: Events, client: Client, send: Send) -> None:
    """Tell all there is to be told, by a server that may take frames. Raises: what following does."""
    framed = FRAME in client.call.scope
    heard = first
    while True:
        if isinstance(heard, CaughtUp):
            await send(_text({"type": "ready", "seq": heard.seq}))
            client.ready.set()
        else:
            messages = [_TOLD.of(event) for event in heard]
            for each in together(messages) if framed and len(messages) > 1 else messages:
                await send(each)
        heard = await anext(events)


async def _hear(client: Client, handlers: Mapping[str, Handler], receive: Receive, limits: Limits) -> None:
    """Take what the client says, as often as anybody may ask for anything. Raises: RateLimited, Closed, Gone."""
    while True:
        said: Mapping[str, Any] | Malformed
        try:
            said = _object(await _heard(receive, limits.said_bytes))
        except Malformed as error:
            said = error
        await count(client.call, "user", str(client.user_id), client.call.instance.settings.rate_user)
        if isinstance(said, Malformed):
            await _refuse(client, said)
        else:
            await _answer(client, handlers, said)


async def _answer(client: Client, handlers: Mapping[str, Handler], said: Mapping[str, Any]) -> None:
    kind = said.get("type")
    handler = handlers.get(kind) if isinstance(kind, str) else None
    try:
        if handler is None:
            there = f"there are {', '.join(handlers)}" if handlers else "there are none"
            raise Malformed(f"no such type of message; {there}")
        await handler(said)
    except TaskCoreError as error:
        await _refuse(client, error)


async def _refuse(client: Client, error: TaskCoreError) -> None:
    await client.tell({"type": "error", "code": error.code, "detail": reason(error)})


def _object(text: str) -> dict[str, Any]:
    """A message's JSON. Raises: Malformed."""
    with suppress(Malformed):
        said = decoded(text.encode())
        if isinstance(said, dict):
            return said
    raise Malformed("a message is a JSON object, none of whose members is there twice")


async def _close(send: Send, end: Closed) -> None:
    """Say why, in the time that a client has to take it; one that takes nothing is cut by the server."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(CLOSING_SECONDS):
            if end.code == RESYNC:
                await send(_text({"type": "resync_required"}))
            await send({"type": "websocket.close", "code": end.code, "reason": end.reason})
