"""
A process that relays and sends, to be killed: `python -m tests.servers.courier STORE_URL AHEAD_SECONDS`.

Its clock is ahead by so much: more than a lease ahead of that of the process before, it takes at once what that one had
in hand.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from taskcore.connect import assemble
from taskcore.core import TaskCore
from taskcore.delivery.attempts import LEASE
from taskcore.delivery.relay import Relay
from taskcore.delivery.sending import Sender
from taskcore.system import system_clock
from tests.servers import die_with_parent

LOOPBACK = (ip_network("127.0.0.0/8"),)
ROOT = Path(__file__).parents[2]


def reaching_loopback(store_url: str, ahead: timedelta = timedelta()) -> TaskCore:
    """A core whose webhooks may lead to this machine."""
    return assemble(
        store_url,
        hasher_url="scrypt://",
        webhook_networks=LOOPBACK,
        clock=lambda: system_clock() + ahead,
    )


async def relay_and_send(core: TaskCore) -> None:
    """Until it is cancelled."""
    sender = Sender(core)
    relay = Relay(core, queued=sender.wake)
    async with asyncio.TaskGroup() as loops:
        loops.create_task(relay.run())
        loops.create_task(sender.run())


class Courier:
    """The process, one after the other."""

    def __init__(self, store_url: str) -> None:
        self._store_url = store_url
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        ahead = self.kills * (LEASE.total_seconds() + 1)
        program = ["-m", "tests.servers.courier", self._store_url, str(ahead)]
        as_our_own = [sys.executable, die_with_parent.__file__, str(os.getpid()), "", sys.executable]
        self._process = subprocess.Popen([*as_our_own, *program], cwd=ROOT)

    def kill(self) -> None:
        """SIGKILL, and the next one takes over."""
        self.end()
        self.kills += 1
        self.start()

    def end(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def courier(store_url: str) -> Iterator[Courier]:
    running = Courier(store_url)
    running.start()
    try:
        yield running
    finally:
        running.end()


async def main(store_url: str, ahead_seconds: float) -> None:
    core = reaching_loopback(store_url, timedelta(seconds=ahead_seconds))
    await core.store.check()
    await relay_and_send(core)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
