"""`memory://`: listeners in this process, called at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from taskcore.errors import invalid
from taskcore.live.listeners import Listener, Listeners

log = logging.getLogger(__name__)


def open_bus(url: str, *, blocking: bool = False) -> LocalBus:  # noqa: ARG001  it waits for nothing
    """Each is a bus of its own. Raises: Invalid."""
    if urlsplit(url)[1:] != ("", "", "", ""):
        raise invalid("bus", "memory:// takes nothing behind it: it reaches this process alone")
    return LocalBus()


class LocalBus:
    """A `Bus` of one process, which needs no event loop."""

    def __init__(self) -> None:
        self._listeners = Listeners()

    def tell(self, topic: str, message: str) -> None:
        for error in self._listeners.call(topic, message):
            log.error("a listener of %s failed", topic, exc_info=error)

    def hear(self, topic: str, listener: Listener) -> Callable[[], None]:
        return self._listeners.add(topic, listener)

    async def close(self) -> None:
        """Nothing is held."""
