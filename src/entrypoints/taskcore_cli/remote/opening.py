"""From the place where a command works to the service there, and who asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from taskcore_cli.contexts import Contexts
from taskcore_cli.place import Place
from taskcore_cli.remote.credentials import Credentials, GivenToken, NoToken, Session
from taskcore_cli.remote.door import Door
from taskcore_cli.remote.line import Line, warn_of_open_line


@contextmanager
def opened(place: Place, contexts: Contexts) -> Iterator[Door]:
    """The service; nothing is asked yet."""
    if place.token is not None or place.context is not None:
        warn_of_open_line(place.server)
    with Line(place.server) as line:
        yield Door(line, _credentials(place, contexts, line))


def _credentials(place: Place, contexts: Contexts, line: Line) -> Credentials:
    if place.token is not None:
        return GivenToken(place.token)
    if place.context is None:
        return NoToken(place.server)
    if place.context.token is not None:
        return GivenToken(place.context.token)
    if place.context.refresh_token is not None:
        return Session(line, contexts, place.context.name)
    return NoToken(place.server)
