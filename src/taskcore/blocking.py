"""
The same door without `await`, for scripts, notebooks and synchronous frameworks.

    with taskcore.blocking.open("sqlite:///tasks.db") as core:
        me = core.acting_as(core.users.find("ada@example.org").id)
        me.tasks.create("PLAT", "Ship it")

Where the store's coroutines never wait on an event loop (SQLite opened for blocking, memory), they
are simply run to their end; else a loop of one's own in a thread runs them, and a call waits.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from taskcore.caller import UseCases
from taskcore.connect import assemble
from taskcore.core import Acting, TaskCore
from taskcore.identity.api import Users
from taskcore.system import system_clock
from taskcore.values import Clock, Ids

R = TypeVar("R")
Run = Callable[[Coroutine[Any, Any, Any]], Any]
_MIRRORED = (TaskCore, Acting, Users, UseCases)


class Mirror:
    """An object whose coroutine methods are run to their end when they are called."""

    def __init__(self, target: object, run: Run) -> None:
        self._target = target
        self._run = run

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if isinstance(value, _MIRRORED):
            return Mirror(value, self._run)
        return self._mirrored(value) if callable(value) else value

    def _mirrored(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            if inspect.iscoroutine(result):
                return self._run(result)
            return Mirror(result, self._run) if isinstance(result, _MIRRORED) else result

        return call

    def __dir__(self) -> list[str]:
        return dir(self._target)

    def __repr__(self) -> str:
        return f"<blocking {self._target!r}>"


def run_unsuspended(coroutine: Coroutine[Any, Any, R]) -> R:
    """Run a coroutine that never waits on an event loop, without one."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    coroutine.close()
    raise RuntimeError("a coroutine that was to run without an event loop waits on one")


@contextmanager
def runner(*, suspends: bool) -> Iterator[Run]:
    if not suspends:
        yield run_unsuspended
        return
    import asyncio  # noqa: PLC0415  costs 40 ms at start, which stores that never suspend need not pay
    from threading import Thread  # noqa: PLC0415

    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="taskcore-blocking", daemon=True)
    thread.start()
    try:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def open(  # noqa: A001  the library's word, as in `taskcore.blocking.open`
    url: str, *, hasher: str | None = None, clock: Clock = system_clock, ids: Ids | None = None
) -> Iterator[Any]:
    """As `taskcore.open`, every coroutine run to its end when it is called."""
    core = assemble(url, hasher_url=hasher, blocking=True, clock=clock, ids=ids)
    with runner(suspends=core.store.suspends) as run:
        try:
            run(_checked(core))
            yield Mirror(core, run)
        finally:
            run(_closed(core))


async def _checked(core: TaskCore) -> None:
    await core.store.check()


async def _closed(core: TaskCore) -> None:
    await core.close()
