"""
A process that runs jobs, to be killed: `python -m tests.servers.postman STORE_URL MAIL_URL AHEAD_SECONDS`.

Its clock is ahead by so much, as a courier's is: it takes at once what the process before it had in hand.
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
from pathlib import Path

from taskcore.connect import assemble
from taskcore.jobs.runner import LEASE, Runner
from taskcore.system import system_clock
from tests.servers import die_with_parent

ROOT = Path(__file__).parents[2]


class Postman:
    """The process, one after the other."""

    def __init__(self, store_url: str, mail_url: str) -> None:
        self._urls = (store_url, mail_url)
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        ahead = self.kills * (LEASE.total_seconds() + 1)
        program = ["-m", "tests.servers.postman", *self._urls, str(ahead)]
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
def postman(store_url: str, mail_url: str) -> Iterator[Postman]:
    running = Postman(store_url, mail_url)
    running.start()
    try:
        yield running
    finally:
        running.end()


async def main(store_url: str, mail_url: str, ahead: timedelta) -> None:
    core = assemble(
        store_url, hasher_url="scrypt://", mail_url=mail_url, clock=lambda: system_clock() + ahead
    )
    await core.store.check()
    await Runner(core).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], timedelta(seconds=float(sys.argv[3]))))
