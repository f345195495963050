"""A RabbitMQ of our own for as long as a `with` block lasts, dead at the latest when Python is.

Run by `$TASKCORE_RABBITMQ_BIN` (the `sbin/rabbitmq-server` of an unpacked release), else by what Debian installs,
else by Debian's packages, which are got by apt and unpacked in a folder for temporary files, as whoever we are.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import die_with_parent
from tests.servers.child import Child, said
from tests.servers.debian import unpacked
from tests.servers.postgres import free_port

RELEASES = "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"
ERLANG = Path("/usr/lib/erlang")
QUIET = "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
HEADER = b"AMQP\x00\x00\x09\x01"


class RabbitMq(Child):
    """A server that keeps durable queues in files: what it confirmed, it has after a restart."""

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}"


@contextmanager
def rabbitmq_server() -> Iterator[RabbitMq]:
    """Skips, where there is none to be had."""
    script, erlang = installed()
    with tempfile.TemporaryDirectory(prefix="taskcore-rabbitmq-") as name:
        folder = Path(name)
        environment = _environment(folder, erlang, names_port=free_port())

        def command(port: int) -> list[str]:
            settings = (
                f"listeners.tcp.1 = 127.0.0.1:{port}",
                "disk_free_limit.absolute = 1MB",
                "log.file = false",
            )
            folder.joinpath("rabbitmq.conf").write_text("\n".join((*settings, "log.console = true", "")))
            return ["/bin/sh", "-c", f"{_names(erlang)} exec {shlex.quote(str(script))}"]

        server = RabbitMq(folder, command, lambda port: said(port, HEADER)[:1] == b"\x01", environment)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def installed() -> tuple[Path, Path]:
    """The script that runs the server, and Erlang's folder."""
    if chosen := os.environ.get("TASKCORE_RABBITMQ_BIN"):
        return Path(chosen), ERLANG
    found = next(Path("/").glob(RELEASES), None)
    if found is not None:
        return found, ERLANG
    root = unpacked("rabbitmq-server", with_names=("erlang-", "rabbitmq-server"))
    return next(root.glob(RELEASES)), root / ERLANG.relative_to("/")


def _names(erlang: Path) -> str:
    """Erlang's server of names beside it, which it would otherwise start by itself, and leave behind."""
    watched = [sys.executable, "-IS", die_with_parent.__file__]
    return f'{shlex.join(watched)} $$ "" {shlex.quote(str(erlang / "bin/epmd"))} -relaxed_command_check &'


def _environment(folder: Path, erlang: Path, names_port: int) -> dict[str, str]:
    folder.joinpath("plugins").write_text("[].")
    _as_if_installed(erlang, folder / "bin")
    return {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ.get('PATH', os.defpath)}",
        "HOME": str(folder),
        "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the server, instead of minding it
        "ERL_EPMD_PORT": str(names_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"taskcore{names_port}@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "kept"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": QUIET,
    }


def _as_if_installed(erlang: Path, folder: Path) -> None:
    """Debian's `erl` knows where it was meant to be; ours says where it is."""
    (binaries,) = erlang.glob("erts-*/bin")
    folder.mkdir()
    script = folder / "erl"
    script.write_text(
        "#!/bin/sh\n"
        f"export ROOTDIR={shlex.quote(str(erlang))} BINDIR={shlex.quote(str(binaries))} EMU=beam PROGNAME=erl\n"
        'exec "$BINDIR/erlexec" "$@"\n'
    )
    script.chmod(0o700)
