"""`taskcore` served in a process of its own, for tests over a real socket."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.servers.postgres import free_port

DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")
SECONDS_TO_START = 30
SECONDS_TO_END = 60


@contextmanager
def served(store_url: str, folder: Path, **settings: str) -> Iterator[str]:
    """The address of a service on that store, once it says that it is ready."""
    with started(store_url, folder, **settings) as (address, _):
        yield address


@contextmanager
def started(store_url: str, folder: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, with its process."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TASKCORE_")},
        "TASKCORE_STORE": store_url,
        "TASKCORE_SECRET": secrets.token_hex(32),
        "TASKCORE_RATE_AUTH": "off",
        **{f"TASKCORE_{name.upper()}": value for name, value in settings.items()},
    }
    serve = [
        sys.executable,
        "-m",
        "taskcore_cli",
        "serve",
        "--port",
        str(port),
    ]
    command = [sys.executable, str(DIE_WITH_PARENT), str(os.getpid()), "", *serve]
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address, process, folder / "service.log")
            yield address, process
        finally:
            _end(process, folder / "service.log")


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until it answers; a refused connection costs a moment each time."""
    deadline = time.monotonic() + SECONDS_TO_START
    transport = httpx.HTTPTransport(retries=3)
    with httpx.Client(transport=transport, timeout=5) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.get(f"{address}/readyz").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                continue
    raise RuntimeError(f"the service did not start:\n{log.read_text()}")


def _end(process: subprocess.Popen[bytes], log: Path) -> None:
    """As a supervisor does; a service that goes on all the same is a fault."""
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise RuntimeError(f"the service went on after SIGTERM:\n{log.read_text()}") from None
