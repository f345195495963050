"""What an answer that goes on needs of the connection beneath it, beyond what ASGI has."""

from __future__ import annotations

from asyncio import Event
from typing import Protocol

CONNECTION = "taskcore.connection"
"""Where a request's scope has its connection, if the server is started as `server.options` says."""
FRAME = "taskcore.frame"
"""Where a message to a socket has itself as frames (RFC 6455, section 5.2), the same for all who get them; and where a
socket's scope says that its server takes these."""


class Connection(Protocol):
    """One that a request came by."""

    ending: Event
    """Set when the server is to end: the answer has to end by itself."""

    def read_no_more(self) -> None:
        """Take no request behind this one, so that nothing keeps the client's end from being noticed."""

    def abort(self) -> None:
        """Cut it, without waiting until what was sent is taken."""


class Nowhere:
    """What there is under another server, which lets nobody reach it."""

    def __init__(self) -> None:
        self.ending = Event()

    def read_no_more(self) -> None:
        """There is no way to."""

    def abort(self) -> None:
        """There is no way to."""
