"""A thousand WebSockets in one process, as cheap as can be: so that what is measured is who tells, not who hears."""

from __future__ import annotations

import asyncio
import time
from array import array
from base64 import b64encode
from os import urandom
from typing import cast

import attrs

AT_ONCE = 50
"""Handshakes that are under way at a time."""


class Listener(asyncio.Protocol):
    """One socket: notes when each message came. It sends what it must, masked as a client has to (RFC 6455)."""

    def __init__(self, path: str, first: bytes) -> None:
        self._path = path
        self._first = first
        self._buffer = b""
        self._open = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.at = array("d")
        self.wanted = 0
        self.enough = asyncio.Event()
        """Set once so many messages as are wanted have come."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        key = b64encode(urandom(16)).decode()
        self.transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._buffer += data
        if not self._open:
            head, ended, rest = self._buffer.partition(b"\r\n\r\n")
            if not ended:
                return
            if b" 101 " not in head:
                self._fail(f"refused: {head!r}")
            self._open, self._buffer = True, rest
            if self._first:
                self.transport.write(_masked(0x1, self._first))
        while (frame := self._next()) is not None:
            opcode, content = frame
            if opcode == 0x9:
                self.transport.write(_masked(0xA, content))
            elif opcode == 0x8:
                self._fail(f"closed: {content!r}")
            elif not self.ready.done():
                self.ready.set_result(None)
            else:
                self.at.append(now)
                if len(self.at) == self.wanted:
                    self.enough.set()

    def _next(self) -> tuple[int, bytes] | None:
        """The next whole frame; a server masks none, and ours are in one part."""
        if len(self._buffer) < 4:
            return None
        length, start = self._buffer[1], 2
        if length > 125:
            size = 2 if length == 126 else 8
            length, start = int.from_bytes(self._buffer[2 : 2 + size]), 2 + size
        if len(self._buffer) < start + length:
            return None
        frame = self._buffer[0] & 0x0F, self._buffer[start : start + length]
        self._buffer = self._buffer[start + length :]
        return frame

    def _fail(self, why: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(why))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"lost: {exc}")


def _masked(opcode: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2)
    return bytes([0x80 | opcode]) + length + bytes(4) + content  # masked with zeros: as it was


@attrs.frozen
class Crowd:
    """Sockets that are ready."""

    listeners: list[Listener]

    def expect(self, count: int) -> None:
        """So many messages from now on."""
        for each in self.listeners:
            each.at, each.wanted = array("d"), count
            each.enough.clear()

    async def heard(self) -> None:
        """Wait until each has heard what is expected."""
        await asyncio.gather(*(each.enough.wait() for each in self.listeners))

    def leave(self) -> None:
        for each in self.listeners:
            each.transport.abort()


async def crowd(port: int, path: str, first: bytes, count: int) -> Crowd:
    """So many sockets, once each has heard its first message."""
    loop, permits = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def one() -> Listener:
        async with permits:
            _, listener = await loop.create_connection(lambda: Listener(path, first), "127.0.0.1", port)
            await listener.ready
            return listener

    return Crowd([*await asyncio.gather(*(one() for _ in range(count)))])
