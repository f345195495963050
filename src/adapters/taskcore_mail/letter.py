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
    head = "".join(
        [
            f"From: {_shown(sender)}\r\n",
            f"To: {_shown(to)}\r\n",
            *_fields(
                {
                    "Subject": message.subject,
                    "Date": format_datetime(at),
                    "Message-ID": f"<{letter_id}@{sender.domain}>",
                    **_kinship(message, sender),
                    "Auto-Submitted": "auto-generated",  # RFC 3834: out-of-office replies stay away
                    "X-Auto-Response-Suppress": "All",  # those too that have not read it
                    **message.headers,
                }
            ),
        ]
    )
    return Letter(
        sender=_address(sender),
        recipient=_address(to),
        content=head.encode() + _body(message, letter_id).as_bytes(),
        needs_smtputf8=not (to.is_ascii and sender.is_ascii),
    )


def _body(message: Message, letter_id: str) -> EmailMessage:
    """The text alone; with HTML for who reads that rather, the better last (RFC 2046, 5.1.4); with files behind."""
    body = EmailMessage(BODY)
    body.set_content(message.text)
    if message.html is not None:
        body.add_alternative(message.html, subtype="html")
    for each in message.attachments:
        main, _, sub = each.content_type.partition("/")
        body.add_attachment(each.content, maintype=main, subtype=sub, filename=each.filename)
    for number, part in enumerate(body.walk()):
        if part.is_multipart():
            part.set_boundary(f"{letter_id}.{number}")  # else it is drawn by lot
        elif part is not body:
            del part["MIME-Version"]
    return body


def _kinship(message: Message, sender: Mailbox) -> dict[str, str]:
    """What the mail is shown below: a mail that nobody has, of which all of a thread are answers (RFC 5322, 3.6.4)."""
    if message.thread is None:
        return {}
    root = f"<{message.thread}@{sender.domain}>"
    return {"In-Reply-To": root, "References": root}


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
