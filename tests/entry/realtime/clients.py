"""Clients of the log as docs/realtime.md has them: they follow, and when cut off go on from what they saw last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidHandshake, InvalidMessage

SECONDS_OF_SILENCE = 0.5
"""After which a client takes its connection for lost."""
LOST = (OSError, TimeoutError, InvalidHandshake, InvalidMessage, httpx.TransportError)


class Follower:
    """What it has seen of a team's log, from a seq on, over however many connections that took."""

    def __init__(self, path: str, token: str, after: int) -> None:
        self._path = path
        self._token = token
        self.first = after
        self.seqs: list[int] = []
        self.connections = 0
        self.told_since = 0
        """How many messages came by the connection of this moment."""
        self._changed = asyncio.Event()

    @property
    def last(self) -> int:
        return self.seqs[-1] if self.seqs else self.first

    async def run(self, open_: Callable[[str, str, int], AsyncIterator[dict[str, Any]]]) -> None:
        """Follow until cancelled. Raises: what a server says that means the end, as ConnectionClosedError."""
        while True:
            with suppress(*LOST):
                async with aclosing(open_(self._path, self._token, self.last)) as messages:  # type: ignore[type-var]
                    self.connections += 1
                    self.told_since = 0
                    async for message in messages:
                        self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "event":
            self.seqs.append(message["seq"])
        self.told_since += 1
        self._changed.set()

    async def until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            self._changed.clear()
            await self._changed.wait()


async def by_socket(path: str, token: str, after: int) -> AsyncIterator[dict[str, Any]]:
    """What a WebSocket tells. Raises: OSError, once the connection is lost; ConnectionClosedError, if it was refused."""
    uri = f"{path.replace('http', 'ws', 1)}/ws?after={after}"
    silence = {"ping_interval": SECONDS_OF_SILENCE, "ping_timeout": SECONDS_OF_SILENCE}
    async with connect(uri, **silence, close_timeout=0.1, compression=None, proxy=None) as socket:  # type: ignore[arg-type]
        await socket.send(json.dumps({"token": token}))
        try:
            async for text in socket:
                yield json.loads(text)
        except ConnectionClosedError as closed:
            if closed.rcvd is not None and closed.rcvd.code >= 4000:
                raise
            raise OSError from closed


async def by_stream(path: str, token: str, after: int) -> AsyncIterator[dict[str, Any]]:
    """What server-sent events tell. Raises: httpx.TransportError, once the connection is lost; HTTPStatusError."""
    headers = {
        "accept": "text/event-stream",
        "authorization": f"Bearer {token}",
        "last-event-id": str(after),
    }
    async with (
        httpx.AsyncClient(timeout=httpx.Timeout(5, read=SECONDS_OF_SILENCE)) as http,
        http.stream("GET", path, headers=headers) as answer,
    ):
        answer.raise_for_status()
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
            elif "data" in fields:
                kind = fields["event"]
                told = kind if kind in ("ready", "resync_required", "refused") else "event"
                yield {"type": told, **json.loads(fields["data"])}
                fields = {}
