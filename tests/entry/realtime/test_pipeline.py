"""Streams over a bare connection: with more asked for behind them, and to HTTP/1.0."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn

from taskcore_http import from_settings
from taskcore_http.realtime.limits import Limits
from taskcore_http.server import options
from tests.entry.http.conftest import Person, settings_for
from tests.entry.realtime.listening import SECONDS, bearer
from tests.entry.realtime.people import founded

READY = b"event: ready\n"
BEHIND = b"GET /healthz HTTP/1.1\r\nhost: here\r\n\r\n"


def asking(team: str, token: str, version: str = "1.1") -> bytes:
    return (
        f"GET /v1/teams/{team}/events HTTP/{version}\r\nhost: here\r\nconnection: keep-alive\r\n"
        f"accept: text/event-stream\r\nauthorization: Bearer {token}\r\n\r\n"
    ).encode()


@asynccontextmanager
async def serving(app: Any, **more: Any) -> AsyncIterator[uvicorn.Server]:
    """A server in this loop, so that one sees what it is still at."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, **{**options(), **more}))
    task = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.wait({task}, timeout=0.01)
    yield server
    server.should_exit = server.force_exit = True
    await task


async def connected(server: uvicorn.Server) -> tuple[StreamReader, StreamWriter]:
    return await asyncio.open_connection(*server.servers[0].sockets[0].getsockname()[:2])


async def at_nothing(server: uvicorn.Server) -> None:
    async with asyncio.timeout(SECONDS):
        while tasks := set(server.server_state.tasks):
            await asyncio.wait(tasks)


@pytest.mark.parametrize(
    ("at_once", "later"),
    [(BEHIND, b""), (b"", BEHIND), (BEHIND[:9], BEHIND[9:]), (b"", BEHIND[:9]), (BEHIND * 3, b"no HTTP")],
)
async def test_a_client_that_goes_is_noticed_whatever_it_asked_for_behind_the_stream(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, at_once: bytes, later: bytes
) -> None:
    """By its going alone: no heartbeat is due."""
    app = from_settings(settings_for("memory://", tmp_path), Limits(heartbeat_seconds=1_000))
    async with serving(app) as server:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        team = await founded(f"http://{host}:{port}")
        await at_nothing(server)
        reader, writer = await connected(server)
        writer.write(asking(team.key, team.token) + at_once)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readuntil(READY)
        writer.write(later)
        await writer.drain()
        writer.close()
        await at_nothing(server)

    assert b"connection: close\r\n" in head
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_who_is_answered_hears_of_the_end_though_others_wait_behind() -> None:
    async def endless(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            for _ in range(100):
                await send({"type": "http.response.body", "body": bytes(65_536), "more_body": True})

    async with serving(endless) as server:
        reader, writer = await connected(server)
        writer.write(BEHIND * 2)
        await reader.readuntil(b"\r\n\r\n")
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()  # so that what is written from now on fails
        await at_nothing(server)


async def test_a_socket_that_answers_no_ping_is_given_up(tmp_path: Path) -> None:
    app = from_settings(settings_for("memory://", tmp_path), Limits(first_message_seconds=1_000))
    async with serving(app, ws_ping_interval=0.1, ws_ping_timeout=0.1) as server:
        reader, writer = await connected(server)
        head = (
            "GET /v1/teams/PLAT/events/ws HTTP/1.1\r\nhost: here\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
            "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        writer.write(head.encode())
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        assert (await reader.readexactly(2))[0] == 0x89  # a ping (RFC 6455, section 5.5.2)
        await at_nothing(server)
        writer.close()


def test_http_1_0_which_knows_no_chunks_gets_what_ends_with_the_connection(
    address: str, ada: Person, team: dict[str, Any]
) -> None:
    there = urlsplit(address)
    with socket.create_connection((there.hostname or "", there.port or 0), timeout=SECONDS) as connection:
        connection.sendall(asking(team["key"], bearer(ada), "1.0"))
        told = b""
        while not told.endswith(b": heartbeat\n\n"):
            told += connection.recv(1) or pytest.fail(f"it ended: {told!r}")

    head, _, body = told.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    assert b"transfer-encoding" not in head
    assert body.startswith(b"id: ")
    assert b"\r" not in body


def test_http_1_0_gets_a_page_as_others_do(address: str, ada: Person, team: dict[str, Any]) -> None:
    there = urlsplit(address)
    path = f"/v1/teams/{team['key']}/events"
    asked = f"GET {path} HTTP/1.0\r\nauthorization: Bearer {bearer(ada)}\r\n\r\n".encode()
    with socket.create_connection((there.hostname or "", there.port or 0), timeout=SECONDS) as connection:
        connection.sendall(asked)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert body == ada.get(path).content
