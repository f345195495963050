"""A way to a server that can be cut, and can fall silent, as networks do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Wire:
    """A port of this machine that leads to another one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open = asyncio.Event()
        self._open.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self.port = 0

    def silence(self) -> None:
        """Nothing comes through from now on, and nobody is told."""
        self._open.clear()

    def restore(self) -> None:
        self._open.set()

    def cut(self) -> None:
        """End every connection that there is."""
        for end in self._ends:
            end.transport.abort()

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, beyond = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends |= {writer, beyond}
        try:
            await asyncio.gather(self._pass(reader, beyond), self._pass(there, writer))
        finally:
            self._ends -= {writer, beyond}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
        writer.close()


@asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    wire = Wire(port)
    server = await asyncio.start_server(wire.lead, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        wire.restore()
        wire.cut()
        server.close()
