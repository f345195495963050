"""From the place where a command works to the service there, and who asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from taskcore_cli.contexts import Contexts
from taskcore_cli.place import Place
from taskcore_cli.remote.credentials import Credentials, GivenToken, NoToken, Session
from taskcore_cli.remote.door import Door
from taskcore_cli.remote.last_write import last_write_kept
from taskcore_cli.remote.line import Line, warn_of_open_line


@contextmanager
def opened(place: Place, contexts: Contexts) -> Iterator[Door]:
    """The service; nothing is asked yet."""
    if place.token is not None or place.context is not None:
        warn_of_open_line(place.server)
    if place.context is None:
        with Line(place.server) as line:
            yield Door(line, _credentials(place, contexts, line))
        return
    with last_write_kept(contexts.file, place.server) as last, Line(place.server, last.token) as line:
        yield Door(line, _credentials(place, contexts, line))
        last.token = line.last_write


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
