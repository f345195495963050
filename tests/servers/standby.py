"""A PostgreSQL with a streaming replica that replays commits late, both our own for as long as a `with` block lasts."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from tests.servers.postgres import (
    START_SECONDS,
    SUPERUSER,
    Postgres,
    PostgresFailed,
    answers,
    give,
    launch,
    postgres_server,
    run_as,
    start,
    unprivileged_user,
)


@attrs.define
class Standby:
    """A replica, which may be killed and started again at the same port."""

    primary: Postgres
    folder: Path
    server: Postgres
    process: subprocess.Popen[bytes]

    def replay(self) -> None:
        """Wait until it shows all that is committed by now."""
        end = self.primary.execute("SELECT pg_current_wal_insert_lsn()")
        deadline = time.monotonic() + START_SECONDS
        while self.server.execute(f"SELECT pg_last_wal_replay_lsn() >= '{end}'") != "t":
            if time.monotonic() > deadline:
                raise PostgresFailed("the replica does not catch up")

    def kill(self) -> None:
        """At once, and everybody's connections with it."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def start_again(self) -> None:
        self.process = launch(self.server.bin_dir, self.folder, self.server.port, unprivileged_user())
        if not answers(self.server, self.process):
            raise PostgresFailed("the replica does not come back")


@contextmanager
def replicated_postgres(delay_milliseconds: int) -> Iterator[tuple[Postgres, Standby]]:
    """The primary and its replica, which replays each commit that much after it was made."""
    user = unprivileged_user()
    with postgres_server() as primary, tempfile.TemporaryDirectory(prefix="taskcore-pg-") as name:
        # What is committed is streamed at once.
        primary.execute(f"ALTER ROLE {SUPERUSER} SET synchronous_commit = on")
        folder = Path(name)
        give(folder, user)
        copy_of(primary, folder, user)
        with (folder / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"recovery_min_apply_delay = '{delay_milliseconds}ms'\n")
        process, server = start(primary.bin_dir, folder, user)
        standby = Standby(primary, folder, server, process)
        try:
            yield primary, standby
        finally:
            standby.kill()


def copy_of(primary: Postgres, folder: Path, user: str) -> None:
    source = ["-h", "127.0.0.1", "-p", str(primary.port), "-U", SUPERUSER]
    how = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]
    command: list[str | Path] = [primary.bin_dir / "pg_basebackup", "-D", folder / "data", *source, *how]
    done = run_as(user, command, folder)
    if done.returncode != 0:
        raise PostgresFailed(done.stdout + done.stderr)
