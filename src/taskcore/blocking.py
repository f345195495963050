"""
The same door without `await`, for scripts, notebooks and synchronous frameworks.

    with taskcore.blocking.open("sqlite:///tasks.db") as core:
        me = core.acting_as(core.users.find("ada@example.org").id)
        me.tasks.create("PLAT", "Ship it")

Where the store's coroutines never wait on an event loop (SQLite opened for blocking, memory), they
are simply run to their end; else a loop of one's own in a thread runs them, and a call waits.

Type checkers read `blocking.pyi`, which `tools/blocking_stub.py` writes from the async door.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from taskcore.caller import Signup
from taskcore.connect import assemble
from taskcore.core import Acting, TaskCore
from taskcore.mirror import Mirror, Run, runner
from taskcore.system import system_clock
from taskcore.values import Clock, Ids

__all__ = ["Acting", "Mirror", "Run", "TaskCore", "open", "runner"]


@contextmanager
def open(  # noqa: A001  the library's word, as in `taskcore.blocking.open`
    url: str,
    *,
    hasher: str | None = None,
    mail: str = "log://",
    solver: str = "heuristic://",
    bus: str = "memory://",
    jobs: str | None = None,
    blobs: str | None = None,
    webhook_networks: Sequence[IPv4Network | IPv6Network] = (),
    signup: Signup = "open",
    public_url: str | None = None,
    clock: Clock = system_clock,
    ids: Ids | None = None,
) -> Iterator[TaskCore]:
    """As `taskcore.open`, every coroutine run to its end when it is called."""
    core = assemble(
        url,
        hasher_url=hasher,
        mail_url=mail,
        solver_url=solver,
        bus_url=bus,
        queue_url=jobs,
        blobs_url=blobs,
        webhook_networks=webhook_networks,
        signup=signup,
        public_url=public_url,
        blocking=True,
        clock=clock,
        ids=ids,
    )
    with runner(suspends=core.store.suspends) as run:
        try:
            run(core.store.check())
            mirrored: Any = Mirror(core, run)
            yield mirrored
        finally:
            run(core.deliver_mail())
            run(core.close())
