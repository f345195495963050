"""An end to every request but a stream of events: what takes too long is undone, and told so."""

from __future__ import annotations

import asyncio

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from taskcore_http.answer import EVENT_STREAM, SECURITY

_BODY = (
    b'{"type":"/problems/timeout","title":"It took too long","status":503,'
    b'"detail":"the request took too long, and was given up","code":"timeout","request_id":""}'
)


def within(app: ASGIApp, seconds: float) -> ASGIApp:
    """`app`, given up after so long; what was not committed by then is undone."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start" and EVENT_STREAM in message["headers"]:
                limit.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(seconds) as limit:
                await app(scope, receive, watched)
        except TimeoutError:
            if started:
                raise
            headers = [
                (b"content-type", b"application/problem+json"),
                (b"cache-control", b"no-store"),
                *SECURITY,
            ]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": _BODY, "more_body": False})

    return limited
