"""Server-sent events, read as they come (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs

_END_OF_LINE = re.compile(r"\r\n|\n|\r(?!\Z)")
"""A CR at the very end may be one half of a CRLF."""


@attrs.frozen
class Block:
    """One event: what it is called, and what it says."""

    event: str
    data: str


def blocks(pieces: Iterable[str]) -> Iterator[Block]:
    """The events that a stream's text holds. One that has no data, or is not whole at the end, is none."""
    event, data = "", list[str]()
    for line in _lines(pieces):
        if not line:
            if data:
                yield Block(event or "message", "\n".join(data))
            event, data = "", []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            event = value
        elif name == "data":
            data.append(value)


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """Whole lines only."""
    rest = ""
    for piece in pieces:
        *whole, rest = _END_OF_LINE.split(rest + piece)
        yield from whole
