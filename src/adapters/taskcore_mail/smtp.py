"""Mail that reaches people: handed to an SMTP server, behind the caller's back."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from taskcore.delivery.ports import Message
from taskcore.errors import refuse
from taskcore_mail.outbox import Outbox, Patience, Posted, Way
from taskcore_mail.refusals import message_faults
from taskcore_mail.server import Server, server_at


def smtp_mailer(url: str, *, blocking: bool = False) -> SmtpMailer:
    """
    The mailer for `smtp://user:password@host:587?from=taskcore%40example.org` or `smtps://…`.

    With `blocking`, closing waits in the calling thread; otherwise in a worker thread.
    """
    return SmtpMailer(server_at(url), blocking=blocking)


class SmtpMailer:
    """
    Delivers at least once: a server that takes a mail and dies before it says so is given it again,
    under the same Message-ID.

    What waits is kept in memory, so it is lost with the process.
    """

    reaches_people = True

    def __init__(self, server: Server, patience: Patience = Patience(), *, blocking: bool = False) -> None:  # noqa: B008  it is frozen
        self._server = server
        self._patience = patience
        self._blocking = blocking
        self._outbox = Outbox(self._way, patience)

    def send(self, message: Message) -> None:
        """Raises: Invalid, for a mail that would be another than it looks."""
        refuse(message_faults(message))
        self._outbox.post(Posted(uuid4().hex, message, datetime.now(UTC)))

    async def close(self) -> None:
        if self._blocking:
            self._outbox.drain()
            return
        from asyncio import to_thread  # noqa: PLC0415  a blocking program never loads the event loop

        await to_thread(self._outbox.drain)

    def _way(self) -> Way:
        """Made by the thread that delivers, so that nobody else waits while libraries load."""
        from taskcore_mail.connection import Connection  # noqa: PLC0415

        return Connection(self._server, self._patience)
