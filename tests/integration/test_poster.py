"""Posting to an endpoint: what is sent, what is made of the answer, and that no endpoint holds anybody up."""

from __future__ import annotations

import asyncio
import gzip
import os
import ssl
import subprocess
import sys
from asyncio import StreamWriter
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as enumerate_threads

import httpcore
import pytest

from taskcore.connect import resolve
from taskcore.delivery.addresses import Address
from taskcore.delivery.destinations import read
from taskcore.delivery.ports import Reply
from taskcore.errors import Unavailable
from taskcore_https import HttpsPoster
from taskcore_https.connections import Connections
from taskcore_https.resolver import MOST_AT_ONCE, Resolver
from tests.servers.certificates import Certificate, certificate_for
from tests.servers.endpoint import Asked, Behaviour, answers, endpoint

LOOPBACK = (ip_network("127.0.0.0/8"),)
NAME = "hooks.example"
TAKEN = answers("HTTP/1.1 204 No Content\r\n\r\n")
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
SOON = 0.25
"""Seconds that an answer may take, where none is to come."""


async def at_home(_: str) -> Sequence[Address]:
    return [ip_address("127.0.0.1")]


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    opened = Connections(LOOPBACK, resolve=at_home, tls=NO_TLS)
    yield opened
    await opened.close()


@pytest.fixture
async def impatient() -> AsyncIterator[Connections]:
    opened = Connections(LOOPBACK, resolve=at_home, tls=NO_TLS, seconds=SOON)
    yield opened
    await opened.close()


async def ask(through: Connections, behave: Behaviour | None) -> Reply:
    async with endpoint(behave) as there:
        return await through.post(read(f"http://{NAME}:{there.port}/hook"), {}, b"{}")


async def why_not(through: Connections, behave: Behaviour | None) -> str:
    with pytest.raises(Unavailable) as unreachable:
        await ask(through, behave)

    assert unreachable.value.code == "unreachable"
    return str(unreachable.value).removeprefix(f"{NAME} ")


# What is sent


async def test_what_is_given_is_sent_and_the_name_is_kept(connections: Connections) -> None:
    async with endpoint(TAKEN) as there:
        url = read(f"http://{NAME}:{there.port}/hook?team=PLAT")
        await connections.post(url, {"webhook-id": "msg_1", "Content-Type": "application/json"}, b'{"a": 1}')
    (asked,) = there.asked

    assert (asked.line, asked.body) == ("POST /hook?team=PLAT HTTP/1.1", b'{"a": 1}')
    assert asked.headers.pop("user-agent").startswith("taskcore/")
    assert asked.headers == {
        "host": f"{NAME}:{there.port}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "webhook-id": "msg_1",
        "content-type": "application/json",
        "content-length": "8",
    }


async def test_neither_cookies_nor_passwords_of_the_machine_are_sent(
    connections: Connections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(f"machine {NAME} login ada password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    cookie = "HTTP/1.1 200 OK\r\nset-cookie: a=1; Path=/\r\ncontent-length: 0\r\n\r\n"
    async with endpoint(answers(cookie)) as there:
        for _ in range(2):
            await connections.post(read(f"http://{NAME}:{there.port}/"), {}, b"")

    sent = [name for asked in there.asked for name in asked.headers]

    assert sent.count("host") == 2
    assert {"cookie", "authorization"}.isdisjoint(sent)


async def test_a_connection_serves_again_for_the_same_host_alone(connections: Connections) -> None:
    async with endpoint(TAKEN) as there:
        for host in (NAME, NAME, "other.example", NAME):
            await connections.post(read(f"http://{host}:{there.port}/"), {}, b"")

        assert (len(there.asked), await there.counted()) == (4, 2)


async def test_what_one_answer_took_is_not_missing_for_the_next(connections: Connections) -> None:
    large = answers(b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n" + bytes(60_000))
    async with endpoint(large) as there:
        for _ in range(2):
            await connections.post(read(f"http://{NAME}:{there.port}/"), {}, b"")

        assert await there.counted() == 1


async def test_an_address_that_is_not_there_gives_way_to_the_next() -> None:
    async def two(_: str) -> Sequence[Address]:
        return [ip_address("127.0.0.2"), ip_address("127.0.0.1")]

    connections = Connections(LOOPBACK, resolve=two, tls=NO_TLS)
    reply = await ask(connections, TAKEN)
    await connections.close()

    assert reply.status == 204


# What is made of answers


async def test_a_reply_tells_status_headers_and_how_the_body_begins(connections: Connections) -> None:
    body = "Grüße\0" + "x" * 5_000
    head = "HTTP/1.1 422 No\r\nX-A: 1\r\nx-a: 2\r\nconnection: close\r\n\r\n"
    reply = await ask(connections, answers(head + body, closing=True))

    assert reply.status == 422
    assert reply.headers == {"x-a": "1, 2", "connection": "close"}
    assert reply.excerpt == "Grüße\N{REPLACEMENT CHARACTER}" + "x" * 994


async def test_what_is_no_text_is_told_as_far_as_it_is(connections: Connections) -> None:
    reply = await ask(connections, answers(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na\xffb"))

    assert reply.excerpt == "a\N{REPLACEMENT CHARACTER}b"


async def test_what_comes_compressed_is_never_blown_up(connections: Connections) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(bomb)}\r\n\r\n"
    reply = await ask(connections, answers(head.encode() + bomb))

    assert (reply.status, reply.excerpt) == (200, f"({len(bomb)} bytes of gzip)")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *[("120", 120.0), ("0", 0.0), ("-1", None), ("soon", None), ("1e9", None), ("", None)],
        *[("9" * 400, 999_999_999.0), ("99999999999", 999_999_999.0), ("10\r\nretry-after: 20", 20.0)],
    ],
)
async def test_when_to_come_again_is_read_as_seconds(
    connections: Connections, value: str, seconds: float | None
) -> None:
    reply = await ask(
        connections, answers(f"HTTP/1.1 503 No\r\nretry-after: {value}\r\ncontent-length: 0\r\n\r\n")
    )

    assert reply.retry_after_seconds == seconds


@pytest.mark.parametrize(
    "at", ["01 Jan 2027 00:00:00 +99999999999999999999", "01 Jan 99999999999999999999 00:00:00"]
)
@pytest.mark.parametrize("status", [200, 410])
async def test_a_date_that_nobody_can_read_keeps_no_answer_from_counting(
    connections: Connections, status: int, at: str
) -> None:
    head = f"HTTP/1.1 {status} So\r\nretry-after: Mon, {at}\r\ncontent-length: 0\r\n\r\n"
    reply = await ask(connections, answers(head))

    assert (reply.status, reply.retry_after_seconds) == (status, None)


@pytest.mark.parametrize(("hours", "least", "most"), [(1, 3_500, 3_600), (-1, 0, 0)])
async def test_when_to_come_again_is_read_as_a_date(
    connections: Connections, hours: int, least: float, most: float
) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    reply = await ask(
        connections, answers(f"HTTP/1.1 429 No\r\nretry-after: {at}\r\ncontent-length: 0\r\n\r\n")
    )

    assert reply.retry_after_seconds is not None
    assert least <= reply.retry_after_seconds <= most


async def test_what_comes_before_an_answer_is_none(connections: Connections) -> None:
    reply = await ask(
        connections, answers("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
    )

    assert reply.status == 204


# Endpoints that are slow, large, or not what they seem


def drip(piece: bytes, first: bytes = b"") -> Behaviour:
    """Something every few milliseconds, for ever."""

    async def behave(_: Asked, writer: StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)

    return behave


def pour(piece: bytes, first: bytes = b"") -> Behaviour:
    """As much as is taken, for ever."""

    async def behave(_: Asked, writer: StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(piece)
            await writer.drain()

    return behave


async def silent(_: Asked, __: StreamWriter) -> None:
    """Takes the request, and that is all."""


async def half_closed(_: Asked, writer: StreamWriter) -> None:
    writer.write_eof()


async def half_told(_: Asked, writer: StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
    writer.write_eof()


async def reset(_: Asked, writer: StreamWriter) -> None:
    writer.transport.abort()


CHUNK = b"1000\r\n" + bytes(4_096) + b"\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
LATE = f"gives no whole answer within {SOON} seconds"
LARGE = "answers with more than 64 KiB"


@pytest.mark.parametrize(
    "behave",
    [
        None,
        silent,
        drip(b"x"),
        drip(b"x-a: b\r\n", b"HTTP/1.1 200 OK\r\n"),
        drip(b"1\r\nx\r\n", CHUNKED),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["asks nothing", "never answers", "drips signs", "drips headers", "drips chunks", "drips 100s"],
)
async def test_an_answer_that_is_not_whole_in_time_is_none(
    impatient: Connections, behave: Behaviour | None
) -> None:
    assert await why_not(impatient, behave) == LATE


@pytest.mark.parametrize(
    "behave",
    [
        answers(b"HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n" + bytes(70_000)),
        pour(CHUNK, CHUNKED),
        pour(bytes(4_096), b"HTTP/1.0 200 OK\r\n\r\n"),
        pour(b"1;" + b"x" * 4_000 + b"\r\nx\r\n", CHUNKED),
        pour(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        pour(b"x-a: " + b"b" * 4_000 + b"\r\n", b"HTTP/1.1 200 OK\r\n"),
    ],
    ids=["a length", "chunks", "until it closes", "extensions", "100s", "headers"],
)
async def test_a_large_answer_is_not_read(connections: Connections, behave: Behaviour) -> None:
    assert await why_not(connections, behave) == LARGE


@pytest.mark.parametrize(
    "behave",
    [
        half_closed,
        half_told,
        reset,
        answers("220 mail.example ESMTP\r\n", closing=True),
        answers("HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"),
        answers("HTTP/2 200 OK\r\n\r\n"),
    ],
    ids=["half-closed", "half-told", "reset", "mail", "another protocol", "another version"],
)
async def test_what_is_no_answer_is_told(connections: Connections, behave: Behaviour) -> None:
    assert (await why_not(connections, behave)).startswith("does not answer: ")


async def test_nobody_there_is_told(connections: Connections) -> None:
    async with endpoint() as there:
        gone = there.port
    with pytest.raises(Unavailable, match="does not answer"):
        await connections.post(read(f"http://{NAME}:{gone}/"), {}, b"")


async def test_a_name_server_that_is_silent_is_not_waited_for() -> None:
    async def never(_: str) -> Sequence[Address]:
        await asyncio.Event().wait()
        return []

    connections = Connections(LOOPBACK, resolve=never, tls=NO_TLS, seconds=SOON)

    assert await why_not(connections, TAKEN) == LATE


class NameServer:
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.let_go = Event()

    def __call__(self, host: str) -> Sequence[Address]:
        self.asked.append(host)
        self.let_go.wait(30)
        return [ip_address("127.0.0.1")]


async def test_a_name_that_many_wait_for_is_asked_for_once() -> None:
    server = NameServer()
    resolver = Resolver(server)
    waiting = asyncio.gather(*(resolver(NAME) for _ in range(20)), resolver("other.example"))
    await asyncio.sleep(0)
    server.let_go.set()

    assert await waiting == [[ip_address("127.0.0.1")]] * 21
    assert sorted(server.asked) == [NAME, "other.example"]


async def test_a_name_is_asked_for_anew_the_next_time() -> None:
    server = NameServer()
    server.let_go.set()
    resolver = Resolver(server)
    for _ in range(2):
        await resolver(NAME)

    assert server.asked == [NAME, NAME]


async def test_more_names_than_threads_are_refused() -> None:
    server = NameServer()
    resolver = Resolver(server)
    waiting = [asyncio.ensure_future(resolver(f"{n}.example")) for n in range(MOST_AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(httpcore.ConnectTimeout):
        await resolver(NAME)
    server.let_go.set()
    await asyncio.gather(*waiting)

    assert await resolver(NAME)


def test_a_name_server_may_answer_when_nobody_waits_any_more() -> None:
    server = NameServer()

    async def ask() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Resolver(server)(NAME), 0.01)

    asyncio.run(ask())
    (thread,) = [each for each in enumerate_threads() if each.name == f"looks up {NAME}"]
    server.let_go.set()
    thread.join()


async def test_one_slow_endpoint_holds_nobody_up(connections: Connections) -> None:
    async with endpoint(silent) as slow, endpoint(TAKEN) as quick:
        url = read(f"http://{NAME}:{slow.port}/")
        waiting = [asyncio.create_task(connections.post(url, {}, b"")) for _ in range(50)]
        await asyncio.sleep(0)  # and they have asked for their connections
        reply = await connections.post(read(f"http://{NAME}:{quick.port}/"), {}, b"")
        for task in waiting:
            task.cancel()
        ended = await asyncio.gather(*waiting, return_exceptions=True)

    assert reply.status == 204
    assert {type(each) for each in ended} == {asyncio.CancelledError}


async def test_giving_up_lets_go_of_the_connection(connections: Connections) -> None:
    async with endpoint(silent) as there:
        url = read(f"http://{NAME}:{there.port}/")
        posting = asyncio.create_task(connections.post(url, {}, b""))
        while not there.asked:  # noqa: ASYNC110  a turn of the loop is what sends
            await asyncio.sleep(0)
        posting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await posting

    assert [pool.connections for pool in connections._pools.values()] == [[], []]


# TLS


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for(NAME, tmp_path_factory.mktemp("tls"))


def trusting(certificate: Certificate, seconds: float = 15) -> Connections:
    tls = ssl.create_default_context(cafile=str(certificate.ca_file))
    return Connections(LOOPBACK, resolve=at_home, tls=tls, seconds=seconds)


async def over_tls(through: Connections, host: str, port: int) -> Reply:
    try:
        return await through.post(read(f"https://{host}:{port}/"), {}, b"{}")
    finally:
        await through.close()


async def test_the_name_is_what_tls_asks_for_and_verifies(certificate: Certificate) -> None:
    async with endpoint(TAKEN, tls=certificate.server_context()) as there:
        reply = await over_tls(trusting(certificate), NAME, there.port)

    assert (reply.status, there.server_names) == (204, [NAME])
    assert there.asked[0].headers["host"] == f"{NAME}:{there.port}"


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1"])
async def test_a_certificate_of_another_name_is_refused(certificate: Certificate, host: str) -> None:
    async with endpoint(TAKEN, tls=certificate.server_context()) as there:
        with pytest.raises(Unavailable, match=r"does not answer: .*certificate"):
            await over_tls(trusting(certificate), host, there.port)

    assert there.asked == []


async def test_an_authority_that_nobody_trusts_is_refused(certificate: Certificate) -> None:
    async with endpoint(TAKEN, tls=certificate.server_context()) as there:
        with pytest.raises(Unavailable, match=r"does not answer: .*CERTIFICATE_VERIFY_FAILED"):
            await over_tls(Connections(LOOPBACK, resolve=at_home), NAME, there.port)

    assert there.asked == []


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["silent", "plain text"])
async def test_who_speaks_no_tls_is_not_waited_for(certificate: Certificate, first: bytes) -> None:
    async def accepted(_: asyncio.StreamReader, writer: StreamWriter) -> None:
        writer.write(first)
        await writer.drain()
        await held.wait()
        writer.close()

    held = asyncio.Event()
    server = await asyncio.start_server(accepted, "127.0.0.1", 0)
    async with server:
        with pytest.raises(Unavailable, match=r"does not answer|no whole answer"):
            await over_tls(trusting(certificate, SOON), NAME, server.sockets[0].getsockname()[1])
        held.set()


# The port itself


@pytest.fixture
def threaded() -> Iterator[int]:
    """The port of an endpoint that needs no event loop of the test's."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def run_at_once(posting: Awaitable[Reply]) -> Reply:
    """As the blocking door does: no coroutine waits."""
    with pytest.raises(StopIteration) as done:
        posting.__await__().send(None)
    reply: Reply = done.value.value
    return reply


def test_without_an_event_loop_it_posts_as_well(threaded: int) -> None:
    poster = resolve("taskcore.posters", "https://")("https://", blocking=True)(LOOPBACK)

    assert run_at_once(poster.post(f"http://127.0.0.1:{threaded}/", {}, b"{}")).status == 202


async def test_in_a_notebook_too(threaded: int) -> None:
    poster = HttpsPoster(LOOPBACK, blocking=True)

    assert run_at_once(poster.post(f"http://127.0.0.1:{threaded}/", {}, b"{}")).status == 202


async def test_what_is_objected_to_is_not_posted() -> None:
    poster = HttpsPoster()
    with pytest.raises(Unavailable, match="the address must begin with https://") as refused:
        await poster.post("http://example.org/", {}, b"")

    assert refused.value.code == "unreachable"
    assert poster.objection("http://example.org/") == "must begin with https://"


def test_judging_a_url_loads_no_client() -> None:
    program = """
import sys
from taskcore.connect import resolve
poster = resolve("taskcore.posters", "https://")("https://", blocking=True)(())
assert poster.objection("https://example.org/") is None
print({"httpcore", "asyncio", "ssl"} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=os.environ
    )

    assert done.stdout.strip() == "set()"
