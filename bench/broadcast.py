"""
The least that could tell a thousand sockets of something: what is posted goes to all, as it came.

No users, no rights, no log, no filters, nobody who comes late. `uvicorn bench.broadcast:app`.
"""

from __future__ import annotations

from typing import Any

_ends: dict[int, Any] = {}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application: POST tells, a WebSocket is told."""
    if scope["type"] == "websocket":
        await _socket(receive, send)
    elif scope["type"] == "http":
        await _post(receive, send)


async def _socket(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": '{"type":"ready"}'})
    _ends[id(send)] = send
    try:
        while (await receive())["type"] != "websocket.disconnect":
            pass
    finally:
        del _ends[id(send)]


async def _post(receive: Any, send: Any) -> None:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
    text = body.decode()
    for end in [*_ends.values()]:
        await end({"type": "websocket.send", "text": text})
