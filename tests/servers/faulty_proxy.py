"""A way to a server on which connections are lost as they are in the world: reset, closed, or silent for ever."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal, cast

Fault = Literal["rst", "fin", "blackhole"]
FAULTS: tuple[Fault, ...] = ("rst", "fin", "blackhole")
_RESET_WHEN_CLOSED = struct.pack("ii", 1, 0)


class FaultyProxy:
    """A port of this machine that leads to another one, until its connections are cut; new ones lead there again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._passing: set[asyncio.Task[None]] = set()
        self._silent: list[asyncio.StreamWriter] = []
        self.port = 0

    def cut(self, fault: Fault) -> int:
        """End every connection that there is, in that way, and say how many there were."""
        cut, self._ends = self._ends, []
        for task in self._passing:
            task.cancel()
        for pair in cut:
            for end in pair:
                self._end(end, fault)
        return len(cut)

    def _end(self, end: asyncio.StreamWriter, fault: Fault) -> None:
        if fault == "blackhole":
            self._silent.append(end)  # open, and nobody reads from it or writes to it
            cast("asyncio.ReadTransport", end.transport).pause_reading()
        elif fault == "fin":
            end.close()
        else:
            one: socket.socket = end.get_extra_info("socket")
            if one.fileno() < 0:
                return  # closed already, while the other end of its pair is not yet
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_WHEN_CLOSED)
            end.transport.abort()

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on both ways what comes to this port."""
        try:
            there, beyond = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        pair = (writer, beyond)
        self._ends.append(pair)
        tasks = {
            asyncio.create_task(_pass(reader, beyond)),
            asyncio.create_task(_pass(there, writer)),
        }
        self._passing |= tasks
        await asyncio.wait(tasks)
        self._passing -= tasks
        if pair in self._ends:
            self._ends.remove(pair)
            for end in pair:
                end.close()

    def heal(self) -> None:
        """Let both ends of what fell silent know that it has ended, as they do once a network is whole again."""
        silent, self._silent = self._silent, []
        for end in silent:
            end.transport.abort()

    def close(self) -> None:
        self.cut("rst")
        self.heal()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def faulty_proxy(port: int) -> AsyncIterator[FaultyProxy]:
    proxy = FaultyProxy(port)
    server = await asyncio.start_server(proxy.lead, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.close()
