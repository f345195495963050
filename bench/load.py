"""Requests over a few connections that are kept open, each sent when the one before is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

import attrs


@attrs.frozen
class Taken:
    """How long a run took, whole and for each answer."""

    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


class RequestFailed(Exception):
    """An answer was no success; the message is the answer."""


class _Line(asyncio.Protocol):
    """One connection; reads no more of an answer than where it ends."""

    def __init__(self, requests: Iterator[bytes], latencies: list[float]) -> None:
        self._requests = requests
        self._latencies = latencies
        self._received = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  what a stream socket gives
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        if not head.startswith(b"HTTP/1.1 2"):
            self._fail(RequestFailed(self._received.decode()))
            return
        self._latencies.append(time.perf_counter() - self._sent)
        self._received = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(error or RequestFailed("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])


def request(method: str, path: str, *, headers: Sequence[str] = (), body: bytes = b"") -> bytes:
    """One HTTP request, whole."""
    lines = [f"{method} {path} HTTP/1.1", "host: bench", *headers]
    lines += ["content-type: application/json", f"content-length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


async def load(port: int, lines: Sequence[Sequence[bytes]], count: int) -> Taken:
    """Send so many requests in all, each connection its own over and over. Raises: RequestFailed."""
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    each = count // len(lines)
    made = [
        loop.create_connection(lambda own=own: _Line(islice(cycle(own), each), latencies), "127.0.0.1", port)  # type: ignore[misc]
        for own in lines
    ]
    open_lines = [protocol for _, protocol in await asyncio.gather(*made)]
    await asyncio.gather(*(line.done for line in open_lines))
    return Taken(time.perf_counter() - start, latencies)
