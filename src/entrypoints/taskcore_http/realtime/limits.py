"""How long, and how much, of what a connection that stays open may take."""

from __future__ import annotations

import attrs

MEDIA_TYPE = "text/event-stream"
HEARTBEAT_SECONDS = 25
"""Between two signs of life; below the 30 s and 60 s after which proxies commonly give an idle connection up."""
PONG_SECONDS = 20
"""What a client has to answer a ping in."""
CLOSING_SECONDS = 5
"""What a client has to take what was sent, once its connection is to end; then it is cut."""
MOST_FRAME_BYTES = 1_048_576
"""A message beyond this is not even read: the server closes with 1009 (RFC 6455, section 7.4.1)."""


@attrs.frozen
class Limits:
    """Those that tests set to less."""

    first_message_seconds: float = 10.0
    """What a client has to say who it is."""
    blocked_seconds: float = 30.0
    """How long a client may take nothing of what is sent to it."""
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    message_bytes: int = 16_384
    """What a client's first message may have, with its token."""
    said_bytes: int = 4_096
    """What any other may have."""
