"""
A receiver of webhooks on loopback, over real HTTP. It answers as the path of a webhook's URL says:

`/status/503`, `/retry/60` (503 with Retry-After), `/redirect`, `/silent` (never), all else 200.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamWriter
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import attrs

from tests.servers.endpoint import Asked, endpoint


@attrs.define
class Receiver:
    """What came, in the order in which it did."""

    port: int = 0
    requests: list[Asked] = attrs.field(factory=list)
    before: Callable[[int], None] = lambda _: None
    """Called with how many requests have come, before the last one is answered."""
    _came: asyncio.Condition = attrs.field(factory=asyncio.Condition)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def times(self) -> Counter[str]:
        """How often each delivery came, by its `webhook-id`."""
        return Counter(each.headers["webhook-id"] for each in self.requests)

    def bodies(self) -> dict[str, set[bytes]]:
        """What each delivery said."""
        said: dict[str, set[bytes]] = defaultdict(set)
        for each in self.requests:
            said[each.headers["webhook-id"]].add(each.body)
        return said

    def at(self, path: str) -> list[Asked]:
        return [each for each in self.requests if each.line.split()[1] == path]

    async def until(self, enough: Callable[[Receiver], bool], seconds: float = 120) -> None:
        """Wait for more until it is enough. Raises: TimeoutError."""
        async with asyncio.timeout(seconds), self._came:
            await self._came.wait_for(lambda: enough(self))

    async def behave(self, asked: Asked, writer: StreamWriter) -> None:
        self.requests.append(asked)
        self.before(len(self.requests))
        async with self._came:
            self._came.notify_all()
        await _answer(asked.line.split()[1], writer)


async def _answer(path: str, writer: StreamWriter) -> None:
    match path.strip("/").split("/"):
        case ["silent"]:
            await asyncio.Event().wait()
        case ["status", code]:
            head = f"HTTP/1.1 {code} Said"
        case ["retry", seconds]:
            head = f"HTTP/1.1 503 Busy\r\nRetry-After: {seconds}"
        case ["redirect"]:
            head = "HTTP/1.1 307 Elsewhere\r\nLocation: /elsewhere"
        case _:
            head = "HTTP/1.1 200 OK"
    writer.write(f"{head}\r\nContent-Length: 5\r\n\r\nheard".encode())
    await writer.drain()


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    there = Receiver()
    async with endpoint(there.behave) as listening:
        there.port = listening.port
        yield there
