"""`memory://`: listeners in this process, called at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from taskcore.errors import invalid

log = logging.getLogger(__name__)

Listener = Callable[[str], None]


def open_bus(url: str, *, blocking: bool = False) -> LocalBus:  # noqa: ARG001  it waits for nothing
    """Each is a bus of its own. Raises: Invalid."""
    if urlsplit(url)[1:] != ("", "", "", ""):
        raise invalid("bus", "memory:// takes nothing behind it: it reaches this process alone")
    return LocalBus()


class LocalBus:
    """A `Bus` of one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}

    def tell(self, topic: str, message: str) -> None:
        for listener in [*self._listeners.get(topic, ())]:
            try:
                listener(message)
            except Exception:
                log.exception("whoever hears of %s failed", topic)

    def hear(self, topic: str, listener: Listener) -> Callable[[], None]:
        heard = self._listeners.setdefault(topic, [])
        heard.append(listener)

        def end() -> None:
            if listener in heard:
                heard.remove(listener)

        return end

    async def close(self) -> None:
        self._listeners.clear()
