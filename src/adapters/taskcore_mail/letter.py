"""
A mail as it goes over the wire.

Header fields are written here and not by `EmailMessage`: that reads each value first, decodes what looks
like an encoded word in it, and writes the line break that comes out (CVE-2024-6923), a field of the sender's
choosing behind it. A task's title can look like that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import attrs

from taskcore.delivery.ports import Message
from taskcore_mail.mailbox import Mailbox, addressed

# Seven bits in the body ask nothing of a server.
BODY = SMTP.clone(cte_type="7bit")
MOST_IN_A_LINE = 900
"""RFC 5322 allows 998 characters, the field's name included."""


@attrs.frozen
class Letter:
    """What a server is given."""

    sender: str
    recipient: str
    content: bytes
    needs_smtputf8: bool


def written(message: Message, sender: Mailbox, letter_id: str, at: datetime) -> Letter:
    """The same for the same arguments, so that a mail tried twice is known for the same one.

    Raises: ValueError.
    """
    to = addressed(message.to)
    body = EmailMessage(BODY)
    body.set_content(message.text)
    head = "".join(
        [
            f"From: {_shown(sender)}\r\n",
            f"To: {_shown(to)}\r\n",
            *_fields(
                {
                    "Subject": message.subject,
                    "Date": format_datetime(at),
                    "Message-ID": f"<{letter_id}@{sender.domain}>",
                    "Auto-Submitted": "auto-generated",  # RFC 3834: out-of-office replies stay away
                    **message.headers,
                }
            ),
        ]
    )
    return Letter(
        sender=_address(sender),
        recipient=_address(to),
        content=head.encode() + body.as_bytes(),
        needs_smtputf8=not (to.is_ascii and sender.is_ascii),
    )


def _shown(of: Mailbox) -> str:
    return f"{_words(of.name, 'From')} <{_address(of)}>" if of.name else _address(of)


def _address(of: Mailbox) -> str:
    """Quoted where its local part holds what would end it, so that no comma in it makes two."""
    return Address(username=of.local, domain=of.domain).addr_spec


def _fields(fields: dict[str, str]) -> Iterator[str]:
    for name, value in fields.items():
        is_plain = value.isascii() and "=?" not in value and len(value) <= MOST_IN_A_LINE
        yield f"{name}: {value if is_plain else _words(value, name)}\r\n"


def _words(text: str, field: str) -> str:
    """RFC 2047's encoded words, whatever the text itself looks like."""
    return Header(text, "utf-8", header_name=field).encode(linesep="\r\n")
