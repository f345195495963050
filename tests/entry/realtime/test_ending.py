"""How connections that stay open end: with the service, or because their other side takes nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close, Frame, Opcode

from tests.entry.http.conftest import Person
from tests.entry.realtime.listening import Open, bearer
from tests.entry.realtime.people import founded
from tests.servers.service import started

SOCKETS = 50
STREAMS = 5


@pytest.mark.slow
async def test_when_the_service_ends_all_are_told_to_come_back(tmp_path: Path) -> None:
    with started(f"sqlite:///{tmp_path}/store.db", tmp_path, rate_user="off") as (address, process):
        team = await founded(address)
        async with AsyncExitStack() as stack, httpx.AsyncClient(timeout=60) as http:
            sockets = [await _listening(stack, address, team.key, team.token) for _ in range(SOCKETS)]
            streams = [await _streaming(stack, http, address, team.key, team.token) for _ in range(STREAMS)]
            process.send_signal(signal.SIGTERM)
            codes = await asyncio.gather(*map(_code, sockets))
            rests = await asyncio.gather(*map(_rest, streams))
            ended = await asyncio.to_thread(process.wait, 20)

    assert codes == [1012] * SOCKETS
    assert rests == [""] * STREAMS  # read to a proper end
    assert ended == 0
    assert "Traceback" not in (tmp_path / "service.log").read_text()


async def _listening(stack: AsyncExitStack, address: str, team: str, token: str) -> Any:
    uri = f"{address.replace('http', 'ws', 1)}/v1/teams/{team}/events/ws"
    one = await stack.enter_async_context(connect(uri, compression=None, proxy=None))
    await one.send(json.dumps({"token": token}))
    assert json.loads(await one.recv())["type"] == "ready"
    return one


async def _streaming(
    stack: AsyncExitStack, http: httpx.AsyncClient, address: str, team: str, token: str
) -> Any:
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {token}"}
    path = f"{address}/v1/teams/{team}/events"
    answer = await stack.enter_async_context(http.stream("GET", path, headers=headers))
    lines = answer.aiter_lines()
    while await anext(lines):
        pass  # up to the end of the first block, which is `ready`
    return lines


async def _code(one: Any) -> int:
    with suppress(ConnectionClosed):
        await one.recv()
    return int(one.close_code)


async def _rest(lines: Any) -> str:
    return "".join([line async for line in lines])


BACKLOG = 50
"""Events of 100 kB each: far more than the two ends of a connection hold between them."""


@pytest.fixture
def backlog(ada: Person, task: dict[str, Any]) -> None:
    for number in range(BACKLOG):
        changed = ada.patch(f"/v1/tasks/{task['id']}", {"description": f"{number} " + "x" * 90_000})
        assert changed.status_code == 200, changed.text


@pytest.mark.slow
@pytest.mark.usefixtures("backlog")
def test_a_client_that_takes_nothing_is_given_up_and_told_so(
    address: str, ada: Person, team: dict[str, Any], opened: Open
) -> None:
    path = f"/v1/teams/{team['key']}/events/ws?after=0"
    with _connected(address) as slow:
        slow.sendall(_handshake(address, path))
        _head_of(slow)
        slow.sendall(_text(json.dumps({"token": bearer(ada)})))
        slow.recv(1, socket.MSG_PEEK)  # it is being told, and takes nothing
        _let_it_be_given_up(team, opened)
        *events, (opcode, last) = _frames(_rest_of(slow))

    assert 0 < len(events) < BACKLOG
    assert opcode == Opcode.CLOSE
    assert Close.parse(last).code == 4408


@pytest.mark.slow
@pytest.mark.usefixtures("backlog")
def test_a_stream_of_which_nothing_is_taken_is_cut(
    address: str, ada: Person, team: dict[str, Any], opened: Open
) -> None:
    headers = f"host: here\r\naccept: text/event-stream\r\nauthorization: Bearer {bearer(ada)}\r\n"
    with _connected(address) as slow:
        slow.sendall(f"GET /v1/teams/{team['key']}/events?after=0 HTTP/1.1\r\n{headers}\r\n".encode())
        _head_of(slow)
        slow.recv(1, socket.MSG_PEEK)
        _let_it_be_given_up(team, opened)
        told = _rest_of(slow)

    assert 0 < told.count(b"\nevent: ") < BACKLOG
    assert not told.endswith(b"0\r\n\r\n")  # which would be its proper end


def _let_it_be_given_up(team: dict[str, Any], opened: Open) -> None:
    """By the clock of the service: each of these takes as long as a client is waited for that says nothing."""
    for _ in range(3):
        assert opened(team["key"]).ends()[0] == 4401


def _connected(address: str) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    one.settimeout(20)
    one.connect((urlsplit(address).hostname, urlsplit(address).port))
    return one


def _handshake(address: str, path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nhost: {urlsplit(address).netloc}\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def _text(said: str) -> bytes:
    return Frame(Opcode.TEXT, said.encode()).serialize(mask=True)


def _head_of(one: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += one.recv(1)
    return head


def _rest_of(one: socket.socket) -> bytes:
    """All that comes until the connection ends, in whichever way."""
    found = bytearray()
    with suppress(ConnectionError):
        while more := one.recv(1 << 20):
            found += more
    return bytes(found)


def _frames(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Opcode and payload of each (RFC 6455, section 5.2); none is masked or in parts."""
    at = 0
    while at < len(content):
        length, start = content[at + 1], at + 2
        if length > 125:
            size = 2 if length == 126 else 8
            length, start = int.from_bytes(content[start : start + size]), start + size
        yield content[at] & 0x0F, content[start : start + length]
        at = start + length
