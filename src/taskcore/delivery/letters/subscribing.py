"""
A way out of each kind of mail: a link in the mail, and header fields by which a mail program offers a button for it
(List-Unsubscribe, RFC 2369; one click, RFC 8058).

The token in it says whose mail of which reason it ends, and is signed; it is good for nothing else, and needs no
signing in. It does not expire, since mails are read late.
"""

from __future__ import annotations

import base64
import hmac
from uuid import UUID

import attrs

from taskcore.delivery.letters.sheet import Link, Paragraph, footed
from taskcore.delivery.ports import Message
from taskcore.values import UserId

PATH = "/v1/unsubscribe/"
DIGEST, REPORT = "digest", "report"
"""What can be unsubscribed from, beside the reasons of notices."""
_SEAL_BYTES = 16


def way_out(key: bytes, user_id: UserId, reason: str) -> str:
    """The token by which a user gets no more mail for a reason; `key` is the store's secret."""
    plain = user_id.bytes + reason.encode()
    return base64.urlsafe_b64encode(_seal(key, plain) + plain).decode().rstrip("=")


def read_way_out(key: bytes, token: str) -> tuple[UserId, str] | None:
    """Whose mail, and of which reason; None for what `way_out` did not give."""
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    seal, plain = whole[:_SEAL_BYTES], whole[_SEAL_BYTES:]
    if len(plain) <= 16 or not hmac.compare_digest(seal, _seal(key, plain)):
        return None
    return UserId(UUID(bytes=plain[:16])), plain[16:].decode()


def with_way_out(
    message: Message, key: bytes, public_url: str | None, user_id: UserId, reason: str
) -> Message:
    """A mail with what ends its kind; as it is, where nobody knows under which URL this service is reached."""
    if public_url is None:
        return message
    url = f"{public_url.rstrip('/')}{PATH}{way_out(key, user_id, reason)}"
    headers = {
        **message.headers,
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    words = f"You get this because of your notification preferences ({reason})."
    return footed(
        attrs.evolve(message, headers=headers), [Paragraph(words), Link("No more of these by mail", url)]
    )


def _seal(key: bytes, plain: bytes) -> bytes:
    return hmac.digest(key, b"unsubscribe " + plain, "sha256")[:_SEAL_BYTES]
