"""`taskcore serve` and what it makes of those who claim to be somebody else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import httpx
import pytest

from tests.entry.cli.conftest import COMMAND, Taskcore
from tests.entry.cli.test_demo import first_match


def debugged(taskcore: Taskcore, workers: str, **environ: str) -> subprocess.Popen[str]:
    """A service that says all it does, to be read from its output."""
    return subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--workers", workers],
        env=taskcore.environment | {"TASKCORE_LOG_LEVEL": "debug"} | environ,
        cwd=taskcore.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there signals are another thing")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_server_itself_believes_no_header_about_where_a_request_came_from(
    workers: str, empty: Taskcore
) -> None:
    """uvicorn would believe anybody on the same machine."""
    process = debugged(empty, workers)
    assert process.stdout is not None
    try:
        address = first_match(process.stdout, r"(http://127\.0\.0\.1:\d+)")
        first_match(process.stdout, "(startup complete)")
        httpx.get(f"{address}/healthz", headers={"x-forwarded-for": "203.0.113.9"})
        logged = first_match(process.stdout, r'(.* - "GET /healthz)')
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()

    assert "127.0.0.1:" in logged
    assert "203.0.113.9" not in logged


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there signals are another thing")
def test_mail_to_the_log_is_in_the_log_of_the_service(empty: Taskcore) -> None:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        env=empty.environment,
        cwd=empty.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        address = first_match(process.stdout, r"(http://127\.0\.0\.1:\d+)")
        first_match(process.stdout, "(startup complete)")
        account = {"email": "ada@example.org", "name": "Ada", "password": "correct horse battery"}
        httpx.post(f"{address}/v1/auth/signup", json=account).raise_for_status()
        token = first_match(process.stdout, "(tcm_[0-9a-f]+)")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()

    assert empty("me", "verify", token).stderr == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there signals are another thing")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_programs_read_the_log_line_by_line(workers: str, empty: Taskcore) -> None:
    process = debugged(empty, workers, TASKCORE_LOG_FORMAT="json")
    assert process.stdout is not None
    try:
        address = first_match(process.stdout, r"(http://127\.0\.0\.1:\d+)")
        first_match(process.stdout, "(startup complete)")
        httpx.get(f"{address}/healthz")
        logged = json.loads(first_match(process.stdout, r"(.*/healthz.*)"))
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate()

    assert logged.keys() == {"at", "level", "logger", "message"}
    assert (logged["level"], logged["logger"]) == ("info", "uvicorn.access")
    assert all(json.loads(line) for line in rest.splitlines())
