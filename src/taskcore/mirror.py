"""
What the blocking door is made of: an object whose coroutine methods are run when they are called,
and what runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import isasyncgenfunction, iscoroutine, unwrap
from typing import Any, TypeVar

from taskcore.caller import UseCases
from taskcore.core import Acting, TaskCore
from taskcore.delivery.mail import Mail
from taskcore.identity.api import Users
from taskcore.identity.auth import Auth
from taskcore.jobs.operating import JobDesk
from taskcore.sagas.api import SagaDesk

R = TypeVar("R")
Run = Callable[[Coroutine[Any, Any, Any]], Any]
MIRRORED = (TaskCore, Acting, Users, Auth, Mail, JobDesk, SagaDesk, UseCases)
"""What a mirrored object offers is mirrored too, if it is one of these."""


class Mirror:
    """An object whose coroutine methods are run to their end when they are called."""

    def __init__(self, target: object, run: Run) -> None:
        self._target = target
        self._run = run

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if isasyncgenfunction(unwrap(value)):
            raise AttributeError(f"{name} goes on for ever: only the door with await has it")
        if isinstance(value, MIRRORED):
            return Mirror(value, self._run)
        return self._mirrored(value) if callable(value) else value

    def _mirrored(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method, updated=())  # its signature is the bound method's, without `self`
        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            if iscoroutine(result):
                return self._run(result)
            return Mirror(result, self._run) if isinstance(result, MIRRORED) else result

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
        result: R = done.value
        return result
    coroutine.close()
    raise RuntimeError("a coroutine that was to run without an event loop waits on one")


@contextmanager
def runner(*, suspends: bool) -> Iterator[Run]:
    """What runs coroutines to their end: by itself, or on a loop in a thread where they suspend."""
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
