"""How uvicorn has to be told to serve this: what `taskcore serve` tells it, and what a server of one's own should."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from taskcore_http.realtime.limits import HEARTBEAT_SECONDS, MOST_FRAME_BYTES, PONG_SECONDS
from taskcore_http.realtime.protocol import BoundedSocket


def options() -> dict[str, Any]:
    """Arguments of `uvicorn.Config`."""
    return {
        "ws": BoundedSocket,
        "ws_max_size": MOST_FRAME_BYTES,
        "ws_ping_interval": HEARTBEAT_SECONDS,
        "ws_ping_timeout": PONG_SECONDS,
        "ws_per_message_deflate": False,  # a window for each socket costs more than what it saves
        "server_header": False,
        "proxy_headers": False,  # whom to believe about a client's address is a setting of ours
        **_bounded_http(),
    }


def _bounded_http() -> dict[str, Any]:
    """HTTP whose heads are bounded, where httptools is installed; h11, which is elsewhere, bounds them itself."""
    if find_spec("httptools") is None:
        return {}
    return {"http": import_module("taskcore_http.protocol").BoundedHttp}
