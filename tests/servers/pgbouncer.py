"""A PgBouncer of our own, in transaction mode, in front of a PostgreSQL, for as long as a `with` block lasts.

The binary is the one in `$TASKCORE_PGBOUNCER_BIN`, else on PATH, else where Debian has it.
`python -m tests.servers.pgbouncer` says where it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from tests.servers.postgres import (
    ENVIRONMENT,
    PORT_ATTEMPTS,
    START_SECONDS,
    Postgres,
    PostgresFailed,
    as_our_own,
    free_port,
    give,
    unprivileged_user,
)

NOT_HERE = "NOT RUN: no pgbouncer here; put one on PATH or name it in TASKCORE_PGBOUNCER_BIN"
USUAL_PLACE = Path("/usr/sbin/pgbouncer")
SETTINGS = """
[databases]
* = host=127.0.0.1 port={postgres} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
"""


@attrs.frozen
class PgBouncer:
    """A running one; everybody is signed in at the server as the same user."""

    port: int

    def url(self, database: str) -> str:
        return f"postgresql://anybody@127.0.0.1:{self.port}/{database}"


def installed() -> Path | None:
    """Where the binary is, if there is one."""
    named = os.environ.get("TASKCORE_PGBOUNCER_BIN") or shutil.which("pgbouncer")
    found = Path(named) if named else USUAL_PLACE
    return found if found.is_file() else None


@contextmanager
def pgbouncer(server: Postgres, user: str, *, connections: int) -> Iterator[PgBouncer]:
    """In front of `server`, with so many connections to each of its databases."""
    binary = installed()
    if binary is None:
        raise FileNotFoundError(NOT_HERE)
    with tempfile.TemporaryDirectory(prefix="taskcore-pgbouncer-") as name:
        process, bouncer = start(binary, Path(name), server, user, connections)
        try:
            yield bouncer
        finally:
            process.kill()  # it keeps nothing
            process.wait()


def start(
    binary: Path, folder: Path, server: Postgres, user: str, connections: int
) -> tuple[subprocess.Popen[bytes], PgBouncer]:
    for _ in range(PORT_ATTEMPTS):
        port = free_port()
        settings = SETTINGS.format(postgres=server.port, user=user, port=port, connections=connections)
        (folder / "pgbouncer.ini").write_text(settings)
        process = launch(binary, folder)
        if answers(server, port, process):
            return process, PgBouncer(port)
        process.kill()
        process.wait()
        log = (folder / "pgbouncer.log").read_text()
        if "Address already in use" not in log:  # someone was faster: take another port
            break
    raise PostgresFailed(log)


def launch(binary: Path, folder: Path) -> subprocess.Popen[bytes]:
    user = unprivileged_user()
    give(folder, user)
    with (folder / "pgbouncer.log").open("wb") as log:
        return subprocess.Popen(
            [*as_our_own(user), binary, folder / "pgbouncer.ini"],
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def answers(server: Postgres, port: int, process: subprocess.Popen[bytes]) -> bool:
    """Ask until it answers, gives up or time is out."""
    deadline = time.monotonic() + START_SECONDS
    where = ["-h", "127.0.0.1", "-p", str(port), "-U", "anybody", "-d", "postgres"]
    ask = [str(server.bin_dir / "psql"), "-XqAt", *where, "-c", "SELECT 1"]
    while process.poll() is None and time.monotonic() < deadline:
        if subprocess.run(ask, env=ENVIRONMENT, check=False, capture_output=True).returncode == 0:
            return True
    return False


if __name__ == "__main__":
    print(installed() or NOT_HERE)  # noqa: T201 - this is a command
