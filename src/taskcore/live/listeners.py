"""Who in this process hears of which topic: what every bus needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Listener = Callable[[str], None]


class Listeners:
    """Listeners by topic, called in the order in which they came."""

    def __init__(self) -> None:
        self._of_topic: dict[str, dict[object, Listener]] = {}

    def add(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Gives what takes it out again, which may be called twice. The same listener may be added twice."""
        key = object()
        self._of_topic.setdefault(topic, {})[key] = listener
        return lambda: self._take_out(topic, key)

    def call(self, topic: str, message: str) -> Iterator[Exception]:
        """Call those who are there now, one by one as this is iterated; gives what any of them raises."""
        for key, listener in [*self._of_topic.get(topic, {}).items()]:
            if key not in self._of_topic.get(topic, {}):  # one before it has taken it out
                continue
            try:
                listener(message)
            except Exception as error:  # noqa: BLE001  the others are to hear it all the same
                yield error

    def _take_out(self, topic: str, key: object) -> None:
        listeners = self._of_topic.get(topic, {})
        listeners.pop(key, None)
        if not listeners:
            self._of_topic.pop(topic, None)
