"""What no mail may carry, whoever wrote it: above all, nothing that starts a header field of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from taskcore.delivery.ports import Attachment, Message
from taskcore.errors import Fault

OF_MORE_LINES_OR_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
ONE_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
FIELD_NAME = re.compile("[A-Za-z][A-Za-z0-9-]{0,75}")
OURS = re.compile(
    "to|cc|bcc|from|sender|subject|date|message-id|in-reply-to|references|auto-submitted|x-auto-response-suppress"
    "|mime-version|(content|resent)-.*",
    re.IGNORECASE,
)
"""The fields that are written here and nowhere else."""
WORD = re.compile("[A-Za-z0-9._-]{1,100}")
FILENAME = re.compile(r"[\w(][\w ().,+-]{0,99}")
CONTENT_TYPE = re.compile("(application|audio|image|text|video)/[a-z0-9][a-z0-9.+-]{0,60}")


def message_faults(message: Message) -> Iterator[Fault]:
    """All that is wrong with a mail, as far as it can be seen without its recipient's server."""
    if OF_MORE_LINES_OR_UNREADABLE.search(message.to) or not ONE_ADDRESS.fullmatch(message.to):
        yield Fault("to", "must be one address such as ada@example.org")
    if OF_MORE_LINES_OR_UNREADABLE.search(message.subject):
        yield Fault("subject", "must be one line of text")
    if NOT_TEXT.search(message.text):
        yield Fault("text", "must be text")
    if message.html is not None and NOT_TEXT.search(message.html):
        yield Fault("html", "must be text")
    for field, word in (("thread", message.thread), ("id", message.id)):
        if word and not WORD.fullmatch(word):
            yield Fault(field, "must be a word of letters, digits, . - and _")
    for attachment in message.attachments:
        yield from _attachment_faults(attachment)
    for name, value in message.headers.items():
        yield from _header_faults(name, value)


def _header_faults(name: str, value: str) -> Iterator[Fault]:
    if not FIELD_NAME.fullmatch(name):
        yield Fault("headers", "a field's name is letters, digits and hyphens")
    elif OURS.fullmatch(name):
        yield Fault(name, "is written by the mailer itself")
    elif OF_MORE_LINES_OR_UNREADABLE.search(value):
        yield Fault(name, "must be one line of text")


def _attachment_faults(attachment: Attachment) -> Iterator[Fault]:
    if not FILENAME.fullmatch(attachment.filename):
        yield Fault(
            "filename", "must be a file's name of at most 100 letters, digits, spaces and ( ) . , + - _"
        )
    if not CONTENT_TYPE.fullmatch(attachment.content_type):
        yield Fault("content_type", "must be a type of one part such as application/pdf")
