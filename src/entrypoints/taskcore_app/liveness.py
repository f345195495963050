"""A word over HTTP on whether a process without a door is well, for those who would start it anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from taskcore.errors import Unavailable

PATH = "/healthz"
ASKING_SECONDS = 5.0
MOST_BYTES = 8_192
"""Of a request's line and fields."""


@asynccontextmanager
async def telling_health(host: str, port: int, is_well: Callable[[], bool]) -> AsyncIterator[int]:
    """
    Within, `GET /healthz` there is answered by 200, or by 503 where it is not well; gives the port, of which 0 is any.

    HTTP/1.1 as probes speak it: one request a connection. Raises: Unavailable, where it cannot listen.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(ASKING_SECONDS):
                asked = await reader.readuntil(b"\r\n\r\n")
                writer.write(_answer(asked.partition(b"\r\n")[0], is_well))
                await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(answer, host, port, limit=MOST_BYTES)
    except OSError as error:
        raise Unavailable(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def _answer(line: bytes, is_well: Callable[[], bool]) -> bytes:
    method, _, rest = line.partition(b" ")
    if rest.partition(b" ")[0].partition(b"?")[0] != PATH.encode():
        status, said = "404 Not Found", "only /healthz is here\n"
    elif method not in (b"GET", b"HEAD"):
        status, said = "405 Method Not Allowed\r\nallow: GET, HEAD", "only GET and HEAD\n"
    elif is_well():
        status, said = "200 OK", "well\n"
    else:
        status, said = "503 Service Unavailable", "a loop does not come round\n"
    head = f"HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {len(said)}\r\nconnection: close\r\n\r\n"
    return (head + ("" if method == b"HEAD" else said)).encode()
