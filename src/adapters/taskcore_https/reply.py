"""What an endpoint answered, in the core's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from taskcore.delivery.ports import Reply

EXCERPT_CHARACTERS = 1_000
SECONDS = re.compile(r"[0-9]+(?:[ \t]*,[ \t]*[0-9]+)*")
MOST_SECONDS = 999_999_999.0
"""What a larger number is read as."""


def reply(status: int, headers: Sequence[tuple[bytes, bytes]], content: bytes, now: datetime) -> Reply:
    fields: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return Reply(status, _excerpt(fields, content), _retry_after(fields.get("retry-after", ""), now), fields)


def _excerpt(fields: Mapping[str, str], content: bytes) -> str:
    """The beginning, as text that any store can keep. What came encoded, though we asked for `identity`, stays
    unread: nobody knows what it would grow to."""
    encoding = fields.get("content-encoding", "identity").lower()
    if encoding != "identity":
        return f"({len(content)} bytes of {encoding})"
    text = (
        content[: 4 * EXCERPT_CHARACTERS]
        .decode("utf-8", "replace")
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
    return text[:EXCERPT_CHARACTERS]


def _retry_after(value: str, now: datetime) -> float | None:
    """Seconds from now, of either form that RFC 9110 section 10.2.3 has; of several numbers the largest. What
    nobody can read is none: whatever stands there, the answer is one."""
    if SECONDS.fullmatch(value):
        return min(max(map(float, value.split(","))), MOST_SECONDS)
    try:
        at = parsedate_to_datetime(value)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - now).total_seconds())
    except Exception:  # noqa: BLE001  a year, a zone or a form that the parser trips over, in one of many ways
        return None
