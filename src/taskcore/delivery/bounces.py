"""What comes back of a mail that could not be delivered (RFC 3464), and which of it says that an address is dead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import attrs

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_PASSES = frozenset({(2, 2), (2, 3), (3, 4)})
"""A full mailbox, a mail that is too large for it, or for its system: the address is as good as it was."""
_NOT_OF_THE_ADDRESS = frozenset({6, 7})
"""Of a status's second part (RFC 3463, 3.7 and 3.8): what is in the mail; security or policy, such as a sender's
reputation."""
_OURS = re.compile(r"<([0-9a-f]{32})@[^<>@\s]+>")
"""A Message-ID of ours: its left part is the job's id."""


@attrs.frozen
class Failed:
    """One recipient of whom a mail came back, and which mail that was."""

    email: str
    status: str
    job_id: UUID | None
    detail: str

    @property
    def is_permanent(self) -> bool:
        return is_bounce(self.status)


def is_bounce(status: str) -> bool:
    """Whether an enhanced status code (RFC 3463) says that nothing reaches that address, whatever is written to it."""
    found = _STATUS.fullmatch(status.strip())
    if found is None or found[1] != "5":
        return False
    subject, detail = int(found[2]), int(found[3])
    return subject not in _NOT_OF_THE_ADDRESS and (subject, detail) not in _PASSES


def failures_in(content: bytes) -> Iterator[Failed]:
    """What a delivery status notification tells of recipients that were not, or not yet, reached; nothing, where it
    is none. Whatever it holds, it raises nothing."""
    from email import message_from_bytes  # noqa: PLC0415  few programs read mail

    report = message_from_bytes(content)
    kind = str(report.get_param("report-type", "")).lower()
    if report.get_content_type() != "multipart/report" or kind != "delivery-status":
        return
    job_id = _job_id(content, str(report.get("Message-ID", "")))
    for part in report.walk():
        blocks = part.get_payload() if part.get_content_type() == "message/delivery-status" else []
        for fields in blocks:
            if isinstance(fields, str):  # it cannot be read
                continue
            if str(fields.get("Action", "")).strip().lower() not in ("failed", "delayed"):
                continue
            email = _address(str(fields.get("Original-Recipient") or fields.get("Final-Recipient") or ""))
            status = _STATUS.search(str(fields.get("Status", "")))
            if email and status:
                said = str(fields.get("Diagnostic-Code") or "").partition(";")[2].strip()
                yield Failed(email, status[0], job_id, said or f"status {status[0]}")


def _job_id(content: bytes, own_id: str) -> UUID | None:
    """Of the mail that is sent back with the report, whole or its head, wherever that stands."""
    for found in re.finditer(rb"^message-id:\s*(<[^<>\r\n]{1,200}>)", content, re.IGNORECASE | re.MULTILINE):
        text = found[1].decode("ascii", "replace")
        ours = _OURS.fullmatch(text)
        if ours is not None and text != own_id.strip():
            return UUID(ours[1])
    return None


def _address(field: str) -> str:
    """`rfc822; ada@example.org` (RFC 3464, 2.3.1), read."""
    kind, _, address = field.partition(";")
    if kind.strip().lower() not in ("rfc822", "utf-8"):
        return ""
    return address.strip().removeprefix("<").removesuffix(">")
