"""The Redis that the suite starts by itself, against its word: up, empty, and gone when we are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers.redis import RedisFailed, redis_server


def test_a_server_forgets_everything_when_it_stops_and_keeps_its_address() -> None:
    with redis_server() as server:
        url = server.url
        server.ask("SET", "answer", "42")
        server.stop()
        server.start()

        assert server.ask("GET", "answer") == "$-1\r\n"
        assert server.url == url


def test_a_server_that_does_not_come_up_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho out of ideas\nexit 1\n")
    broken.chmod(0o700)

    with pytest.raises(RedisFailed, match="out of ideas"), redis_server(broken):
        pass


def test_a_server_is_gone_after_its_block() -> None:
    with redis_server() as server:
        pid = server.pid

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
