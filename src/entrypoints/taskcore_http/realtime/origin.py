"""Whose pages may open a socket: a browser asks no permission to (RFC 6455, section 10.2), so the server has to."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def allowed(origin: str | None, host: str, origins: Sequence[str]) -> bool:
    """
    Whether a page of `origin` may; None, where no browser asks.

    Its own pages may, for which the name in `Host` decides: behind a proxy that ends TLS, the scheme is not to be
    known here. Others may where the settings have their origin (RFC 6454), or `*`.
    """
    if origin is None or "*" in origins or origin.lower() in {each.lower() for each in origins}:
        return True
    scheme, own = _place(origin)
    return scheme in _PORTS and own is not None and own == _place(f"{scheme}://{host}")[1]


def _place(url: str) -> tuple[str, tuple[str, int] | None]:
    """The scheme, and host with port, of an origin; None for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", None
    if not parts.hostname or port is None or parts.path or parts.query or parts.fragment or parts.username:
        return parts.scheme, None
    return parts.scheme, (parts.hostname, port)
