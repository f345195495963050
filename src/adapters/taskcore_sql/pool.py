"""
A few connections, shared: as many as are needed at once, never more than `size`.

asyncpg's own pool hands out proxies and gives connections back in a task of their own; on the way of a
query that costs more than the query itself (docs/adr/0014). What is asked here is less: ours have no
session state to reset, and one that was interrupted is thrown away instead of being mended.

A connection may come back unfinished: with something left to do on which nobody waits. Its next user does it in
the same breath as what they came for; where there is none in a moment, it is done for them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from taskcore.errors import Unavailable


class Poolable(Protocol):
    """What the pool needs to know of a connection."""

    def is_closed(self) -> bool:
        """Whether it can no longer be used."""

    def is_in_transaction(self) -> bool:
        """Whether somebody left a transaction open, and did not mean to."""

    def is_unfinished(self) -> bool:
        """Whether it has something left to do, which its next user would do."""

    async def finish(self) -> None:
        """Do it. Raises: Unavailable."""

    def terminate(self) -> None:
        """Drop it at once."""

    async def close(self) -> None:
        """Take leave of the server."""


C = TypeVar("C", bound=Poolable)
LINGER_SECONDS = 0.005
"""How long a connection may stay unfinished. Under load its next user comes sooner."""


class Pool(Generic[C]):
    """Connections are opened when none is idle, or will be at once, and taken in turn by those who wait."""

    def __init__(self, connect: Callable[[], Coroutine[Any, Any, C]], size: int) -> None:
        self._connect = connect
        self._size = size
        self._open = 0
        self._idle: list[C] = []
        self._waiting: deque[asyncio.Future[C | None]] = deque()
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._finishing: set[asyncio.Task[None]] = set()
        self._opening: set[asyncio.Task[C]] = set()

    def connection(self) -> Borrowed[C]:
        """A connection for as long as an `async with` block lasts. Raises: what connecting does."""
        return Borrowed(self)

    async def take(self) -> C:
        """One that is open; whoever takes it gives it back."""
        while True:
            if self._closed:
                raise Unavailable("the store is closed")
            if self._idle:
                idle = self._idle.pop()
                if not idle.is_closed():
                    return idle
                self._open -= 1
            elif self._open < self._size and len(self._waiting) >= len(self._finishing):
                return await self._opened()
            elif (given := await self._turn()) is not None:
                return given

    async def _opened(self) -> C:
        """A new one. If whoever asked for it gives up, it is there for the next."""
        self._open += 1
        opening = asyncio.get_running_loop().create_task(self._connect())
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(self._keep)
            raise
        except BaseException:
            self._dropped()
            raise

    def _keep(self, opening: asyncio.Task[C]) -> None:
        if opening.cancelled() or opening.exception() is not None:
            self._dropped()
        else:
            self.give(opening.result())

    async def _turn(self) -> C | None:
        """What the next one gives back; None where there is room to open another."""
        turn: asyncio.Future[C | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on(turn.result())
            raise

    def give(self, connection: C, *, interrupted: bool = False) -> None:
        """Give one back. `interrupted`: nobody knows what it is doing."""
        if interrupted or self._closed or connection.is_closed() or connection.is_in_transaction():
            connection.terminate()
            self._dropped()
        else:
            self._pass_on(connection)

    def _dropped(self) -> None:
        self._open -= 1
        self._pass_on(None)

    def _pass_on(self, connection: C | None) -> None:
        """To the first who waits, else to those who will come."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is not None:
            self._idle.append(connection)
            if self._timer is None and connection.is_unfinished():
                self._timer = asyncio.get_running_loop().call_later(LINGER_SECONDS, self._finish_idle)

    def _finish_idle(self) -> None:
        """Finish those that nobody has taken meanwhile."""
        self._timer = None
        idle, self._idle = self._idle, []
        for connection in idle:
            if connection.is_unfinished():
                self._finishing.add(asyncio.get_running_loop().create_task(self._finish(connection)))
            else:
                self._idle.append(connection)

    async def _finish(self, connection: C) -> None:
        interrupted = True
        try:
            with suppress(Unavailable):
                await connection.finish()
                interrupted = False
        finally:
            # Before it is given: whoever comes afterwards must not wait for it.
            self._finishing.remove(asyncio.current_task())  # type: ignore[arg-type]  # this is one
            self.give(connection, interrupted=interrupted)

    async def close(self) -> None:
        """Close those that are idle; the others as they are given back."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if under_way := {*self._finishing, *self._opening}:
            await asyncio.wait(under_way)
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()
        self._open -= len(idle)
        while self._waiting:
            self._pass_on(None)


class Borrowed(Generic[C]):
    """One connection of a pool."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: Pool[C]) -> None:
        self._pool = pool

    async def __aenter__(self) -> C:
        self._connection = await self._pool.take()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # An Exception is the server's word or the caller's; anything else came in between.
        self._pool.give(self._connection, interrupted=kind is not None and not issubclass(kind, Exception))
