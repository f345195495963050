"""Mail for an instance without a mail server: its operator reads it in the log."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from taskcore.delivery.ports import Message
from taskcore.errors import invalid, refuse
from taskcore_mail.refusals import message_faults

log = logging.getLogger("taskcore.mail")


def log_mailer(url: str, *, blocking: bool = False) -> LogMailer:  # noqa: ARG001  it never waits on a loop
    """The mailer for `log://`."""
    if urlsplit(url)[1:] != ("", "", "", ""):
        raise invalid("url", "log:// takes nothing behind it")
    return LogMailer()


class LogMailer:
    """Writes each mail whole, its links and tokens too: for nobody but the operator to read."""

    reaches_people = False

    async def deliver(self, message: Message) -> None:
        refuse(message_faults(message))
        fields = {"To": message.to, "Subject": message.subject, **message.headers}
        head = "\n".join(f"{name}: {value}" for name, value in fields.items())
        log.info("a mail that reaches nobody:\n%s\n\n%s", head, message.text)

    async def close(self) -> None:
        """Nothing is ever left."""
