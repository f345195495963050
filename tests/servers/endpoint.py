r"""An endpoint on loopback that counts who connects, keeps what they ask, and answers as the test wants it to.

`async with endpoint(answers("HTTP/1.1 204 No Content\r\n\r\n")) as there: there.port, there.connections`
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

import attrs

Behaviour: TypeAlias = Callable[["Asked", StreamWriter], Awaitable[None]]


@attrs.frozen
class Asked:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


@attrs.define
class Endpoint:
    port: int
    connections: int = 0
    """How many have been accepted so far, whatever became of them."""
    asked: list[Asked] = attrs.field(factory=list)
    server_names: list[str | None] = attrs.field(factory=list)
    """What clients called the server in TLS."""
    _peers: set[int] = attrs.field(factory=set)

    async def counted(self) -> int:
        """How many connected before now, those included that still wait to be accepted: they are so in their order,
        before one of ours."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        ours = writer.get_extra_info("sockname")[1]
        while ours not in self._peers:  # noqa: ASYNC110  a turn of the loop is what accepts
            await asyncio.sleep(0)
        self.connections -= 1
        writer.close()
        await writer.wait_closed()
        return self.connections


def answers(text: str | bytes, *, closing: bool = False) -> Behaviour:
    """The same to every request, or to the first one and no other."""

    async def behave(_: Asked, writer: StreamWriter) -> None:
        writer.write(text.encode() if isinstance(text, str) else text)
        await writer.drain()
        if closing:
            writer.write_eof()

    return behave


@asynccontextmanager
async def endpoint(
    behave: Behaviour | None = None, *, everywhere: bool = False, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Endpoint]:
    """Without a behaviour it accepts connections and says nothing, not even that it speaks TLS. `everywhere` is on
    every address of this machine's, of both families."""
    under_way: set[asyncio.Task[None]] = set()

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        if tls is not None:
            there.server_names.append(writer.get_extra_info("ssl_object").name_of_client)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while behave is not None and (asked := await _request(reader)):
                there.asked.append(asked)
                await behave(asked, writer)
            await reader.read()

    def accept(reader: StreamReader, writer: StreamWriter) -> None:
        there.connections += 1
        there._peers.add(writer.get_extra_info("peername")[1])
        task = asyncio.ensure_future(talk(reader, writer))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        task.add_done_callback(lambda _: writer.transport.abort())

    if tls is not None:
        tls.sni_callback = lambda connection, name, _: setattr(connection, "name_of_client", name)
    server = await asyncio.start_server(accept, sock=_listening(everywhere=everywhere), ssl=tls)
    there = Endpoint(server.sockets[0].getsockname()[1])
    try:
        yield there
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await server.wait_closed()


def _listening(*, everywhere: bool) -> socket.socket:
    if not everywhere:
        return socket.create_server(("127.0.0.1", 0))
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", 0))


async def _request(reader: StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    line, *fields = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    return Asked(line, headers, await reader.readexactly(int(headers.get("content-length", 0))))
