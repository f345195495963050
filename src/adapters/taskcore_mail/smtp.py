"""Mail that reaches people: handed to an SMTP server, over connections that are kept for a while."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

import attrs

from taskcore.delivery.ports import Message
from taskcore.errors import Unavailable, refuse
from taskcore_mail.refusals import message_faults
from taskcore_mail.server import Server, server_at

if TYPE_CHECKING:
    from asyncio import Semaphore, TimerHandle

    from taskcore_mail.connection import Connection


@attrs.frozen
class Patience:
    """How much is asked of a server, and how long it is put up with."""

    most_connections: int = 4
    keep_seconds: float = 30
    """How long an idle connection is kept."""
    trust_seconds: float = 1
    """How soon after its last use a connection is taken to be still there without asking."""
    rest_seconds: float = 2
    """How long after a connection that was not to be had no other is tried: what kept it, a password that was changed
    perhaps, keeps others too, and each try counts against us."""


def smtp_mailer(url: str, *, blocking: bool = False) -> SmtpMailer:
    """
    The mailer for `smtp://user:password@host:587?from=taskcore%40example.org` or `smtps://…`.

    With `blocking`, all is done in the calling thread; otherwise in threads of its own.
    """
    return SmtpMailer(server_at(url), blocking=blocking)


class SmtpMailer:
    """
    Delivers once, as far as anybody can tell: a server that takes a mail and dies before it says so, or whose
    connection is cut then, is given it again, under the same Message-ID.
    """

    reaches_people = True

    def __init__(self, server: Server, patience: Patience = Patience(), *, blocking: bool = False) -> None:
        self._server = server
        self._patience = patience
        self._blocking = blocking
        self._lock = Lock()
        self._kept: list[Connection] = []
        self._slots: Semaphore | None = None
        self._out_of_reach: tuple[float, Unavailable] | None = None
        self._tidying: TimerHandle | None = None

    async def deliver(self, message: Message) -> None:
        refuse(message_faults(message))
        if self._blocking:
            self._deliver(message)
            return
        async with self._room():
            try:
                await self._run(lambda: self._deliver(message))
            finally:
                self._tidy_later()

    async def close(self) -> None:
        """Take leave of the server."""
        if self._tidying is not None:
            self._tidying.cancel()
        await self._run(lambda: self._close_idle(0))

    def _room(self) -> Semaphore:
        if self._slots is None:
            from asyncio import Semaphore  # noqa: PLC0415  a blocking program never loads the event loop

            self._slots = Semaphore(self._patience.most_connections)
        return self._slots

    async def _run(self, call: Callable[[], None]) -> None:
        if self._blocking:
            call()
            return
        from taskcore_mail.threads import in_thread  # noqa: PLC0415  a blocking program never loads the event loop

        await in_thread(call)

    def _tidy_later(self) -> None:
        """Give up connections, once they have been idle for long."""
        from asyncio import get_running_loop  # noqa: PLC0415  as above

        from taskcore_mail.threads import start  # noqa: PLC0415

        if self._tidying is not None:
            self._tidying.cancel()
        seconds = self._patience.keep_seconds
        self._tidying = get_running_loop().call_later(seconds, start, lambda: self._close_idle(seconds))

    def _deliver(self, message: Message) -> None:
        connection = self._take()
        try:
            self._open(connection)
            connection.deliver(message)
        finally:
            with self._lock:
                self._kept.append(connection)

    def _take(self) -> Connection:
        """The one used last: others are left to end."""
        with self._lock:
            if self._kept:
                return self._kept.pop()
        from taskcore_mail.connection import Connection  # noqa: PLC0415  in the thread, so that nobody else waits

        return Connection(self._server, self._patience.trust_seconds)

    def _open(self, connection: Connection) -> None:
        if self._out_of_reach is not None and monotonic() < self._out_of_reach[0] and not connection.is_open:
            raise Unavailable(self._out_of_reach[1].message)
        try:
            connection.open()
        except Unavailable as error:
            self._out_of_reach = monotonic() + self._patience.rest_seconds, error
            raise

    def _close_idle(self, seconds: float) -> None:
        with self._lock:
            idle = [each for each in self._kept if each.idle_for(seconds)]
            self._kept = [each for each in self._kept if each not in idle]
        for each in idle:
            each.close()
