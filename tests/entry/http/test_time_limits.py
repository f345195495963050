"""Nobody holds a connection for ever: neither who sends slowly, nor what answers slowly."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from taskcore.limits import Rate, Verdict
from taskcore_app.container import Container
from taskcore_http import build, from_settings, protocol
from tests.entry.http.conftest import PASSWORD, serving, settings_for

SECONDS = 1


class Stuck:
    """A limiter that answers nobody, as if what it asks had gone silent."""

    async def hit(self, key: str, rate: Rate) -> Verdict:  # noqa: ARG002  the port's shape
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Nothing to let go of."""


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[str]:
    with serving(from_settings(settings_for("memory://", tmp_path, time_limit=SECONDS))) as at:
        yield at


def test_a_body_that_does_not_come_is_given_up(limited: str) -> None:
    host = urlsplit(limited)
    head = "POST /v1/auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 60\r\n"
    with socket.create_connection((host.hostname or "", host.port or 0), timeout=30) as peer:
        peer.sendall(f"{head}\r\n{{".encode())
        answer = peer.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"request_timeout"' in answer


def test_an_answer_that_does_not_come_is_given_up_and_the_service_goes_on(tmp_path: Path) -> None:
    settings = settings_for(
        "memory://", tmp_path, time_limit=SECONDS, rate_user=Rate(1, 1, 1), rate_auth=None
    )
    parts = Container(settings=settings)
    app = build(parts.core(), parts.tokens(), settings, limiter=Stuck())
    with serving(app) as at, httpx.Client(base_url=at, timeout=30) as http:
        body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
        token = http.post("/v1/auth/signup", json=body).json()["access_token"]
        given_up = http.get("/v1/me", headers={"authorization": f"Bearer {token}"})
        alive = http.get("/healthz")

    assert (given_up.status_code, given_up.json()["code"]) == (503, "timeout")
    assert given_up.headers["content-type"] == "application/problem+json"
    assert alive.status_code == 200


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 50_000, b"{" + b'"a":1,' * 2 + b'"a":2}'])
def test_a_body_that_is_all_depth_is_refused_at_once(limited: str, body: bytes) -> None:
    said = httpx.post(f"{limited}/v1/auth/login", content=body, headers={"content-type": "application/json"})

    assert said.status_code == 400
    assert json.loads(said.content)["code"] == "malformed"


class TestHeads:
    def ask(self, address: str, head: bytes) -> bytes:
        host = urlsplit(address)
        with socket.create_connection((host.hostname or "", host.port or 0), timeout=30) as peer:
            answer = b""
            with suppress(ConnectionError):
                peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\n" + head)
            with suppress(ConnectionError):
                while chunk := peer.recv(65_536):
                    answer += chunk
                    if b'"status":"ok"}' in answer:
                        break
        return answer

    @pytest.mark.parametrize(
        "head",
        [
            b"x-a: " + b"y" * 40_000_000,
            b"".join(b"x-%d: y\r\n" % number for number in range(100_000)),
            b"x-" + b"a" * 100_000,
        ],
    )
    def test_one_that_is_too_large_is_refused(self, limited: str, head: bytes) -> None:
        answer = self.ask(limited, head)

        assert answer.startswith(b"HTTP/1.1 431 ") or answer == b""
        assert httpx.get(f"{limited}/healthz").status_code == 200

    def test_one_that_is_large_but_not_too_large_is_answered(self, limited: str) -> None:
        head = b"".join(b"x-%d: %b\r\n" % (number, b"y" * 500) for number in range(90))

        assert self.ask(limited, head + b"\r\n").startswith(b"HTTP/1.1 200 ")

    def test_one_that_does_not_end_is_hung_up_on(self, limited: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)

        assert self.ask(limited, b"x-slow: ") == b""
        assert self.ask(limited, b"\r\n").startswith(b"HTTP/1.1 200 ")

    def test_a_kept_connection_may_ask_again_and_again(self, limited: str) -> None:
        with httpx.Client(base_url=limited, headers={"x-long": "y" * 3_000}) as http:
            assert {http.get("/healthz").status_code for _ in range(100)} == {200}
            assert http.post("/v1/auth/login", content=b"x" * 300_000).status_code == 415
