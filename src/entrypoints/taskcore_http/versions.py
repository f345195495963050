"""Versions of the API, side by side over the same use cases: a route is in each until one changes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from urllib.parse import quote

import attrs

FIRST, NEWEST = "v1", "v2"
VERSIONS = (FIRST, NEWEST)


@attrs.frozen
class Superseded:
    """A route that a newer version answers otherwise: since when that is so, and how long the old one stays."""

    since: date
    until: date

    def fields(self, path: str) -> tuple[tuple[bytes, bytes], ...]:
        """`Deprecation` (RFC 9745), `Sunset` (RFC 8594), and a link to the same path in the newer version."""
        sunset = format_datetime(_midnight(self.until), usegmt=True)
        successor = quote(in_version(path, NEWEST))
        return (
            (b"deprecation", f"@{int(_midnight(self.since).timestamp())}".encode()),
            (b"sunset", sunset.encode()),
            (b"link", f'<{successor}>; rel="successor-version"'.encode()),
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def version_of(path: str) -> str | None:
    """The version that a path is of; None for what has none."""
    first = path.lstrip("/").partition("/")[0]
    return first if first in VERSIONS else None


def in_version(path: str, version: str) -> str:
    """The same path in another version."""
    of = version_of(path)
    return path if of is None else f"/{version}{path.removeprefix(f'/{of}')}"
