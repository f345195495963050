"""A server that speaks as Kafka does, for as long as a `with` block lasts, dead at the latest when Python is.

No package that pip or apt brings has Apache Kafka itself. Only the binary of the `noida-db` wheel is used, and of
its services this one.
"""

from __future__ import annotations

import importlib.util
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.child import Child, said
from tests.servers.npm import not_run

STOP_SECONDS = 30
VERSIONS = bytes.fromhex("0000000e 0012 0000 00000001 0004 74657374")
"""A request for the versions that it speaks (Kafka protocol, ApiVersions 0): length, key, version, id, client."""


class Kafka(Child):
    """It keeps topics in files, which it writes only now and then: as if each had been replicated, it is given the
    time to do so before it stops."""

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        super().stop()

    @property
    def url(self) -> str:
        return f"kafka://127.0.0.1:{self.port}"


@contextmanager
def kafka_server() -> Iterator[Kafka]:
    """Skips, where there is none to be had."""
    binary = installed()
    with tempfile.TemporaryDirectory(prefix="taskcore-kafka-") as name:
        folder = Path(name)

        def command(port: int) -> list[str]:
            kept = ["--data-dir", str(folder / "kept")]
            return [str(binary), "start", "--only", "kafka", "--kafka-port", str(port), *kept]

        server = Kafka(folder, command, lambda port: said(port, VERSIONS)[4:8] == VERSIONS[8:12])
        server.start()
        try:
            yield server
        finally:
            server.stop()


def installed() -> Path:
    wheel = importlib.util.find_spec("noida_db")
    if wheel is None or wheel.origin is None:
        return Path(not_run("no server that speaks as Kafka does: pip install noida-db"))
    binary = Path(wheel.origin).with_name("noida-db")
    binary.chmod(0o755)
    return binary
