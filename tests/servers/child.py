"""A server as a child of ours: on a port of its own that it keeps, killed, paused and started again at will."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers import die_with_parent
from tests.servers.postgres import free_port

START_SECONDS = 60
PORT_ATTEMPTS = 5


class ServerFailed(Exception):
    """A server did not come up; the message is what it said."""


class Child:
    """
    What runs is `command(port)`, and it is up once `answers(port)` is true.

    It leads a group of its own, so that what it starts is stopped and paused with it.
    """

    def __init__(
        self,
        folder: Path,
        command: Callable[[int], Sequence[str]],
        answers: Callable[[int], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port = 0
        self._command = command
        self._answers = answers
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "it is not running"
        return self._process.pid

    def start(self) -> None:
        for _ in range(1 if self.port else PORT_ATTEMPTS):
            port = self.port or free_port()
            self._process = self._launch(port)
            if self._is_up(port, self._process):
                self.port = port
                return
            self.stop()
        raise ServerFailed(self._log.read_text(errors="replace"))

    def stop(self) -> None:
        """At once, as if its machine had lost power."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It keeps its connections and answers nothing."""
        os.killpg(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)  # until its last thread stands still
        try:
            yield
        finally:
            os.killpg(self.pid, signal.SIGCONT)

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        as_our_own = [sys.executable, "-IS", die_with_parent.__file__, str(os.getpid()), ""]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [*as_our_own, *self._command(port)],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def _is_up(self, port: int, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(OSError):
                if self._answers(port):
                    return process.poll() is None
            time.sleep(0.02)  # between one look and the next
        return False


def said(port: int, sent: bytes = b"") -> bytes:
    """The first that a server says at a port, after what it is sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(sent)
        return connection.recv(4_096)
