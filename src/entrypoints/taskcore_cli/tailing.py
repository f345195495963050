"""Printing a log as it grows, until whoever reads has enough."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from taskcore.events import Event
from taskcore.query import MAX_LIMIT
from taskcore_cli.columns import EVENT
from taskcore_cli.failures import close_quietly
from taskcore_cli.render import show_more
from taskcore_cli.session import Session

POLL_SECONDS = 0.2
"""How often a store of one's own is asked whether its log has grown."""
WIDTHS = {"seq": 6, "at": 16, "kind": 24, "about": 10}
"""Of the columns: they cannot be fitted to what is still to come."""


def grown(
    session: Session, team_id: Any, after: int | None, wanted: Mapping[str, Any]
) -> Iterator[Sequence[Event]]:
    """Events of a store's log beyond `after` (None: from now on) of those `wanted`, in order, for ever."""
    if after is None:
        heads: dict[Any, int] = session.read(session.core.store.rows().heads([team_id]))
        after = heads.get(team_id, 0)
    while True:
        page = session.me.events.list(team_id, after=after, limit=MAX_LIMIT, **wanted)
        yield page.items
        after = int(page.next_cursor or max((each.seq for each in page.items), default=after))
        if page.next_cursor is None:
            time.sleep(POLL_SECONDS)


def show_growing(session: Session, batches: Iterable[Sequence[Event]]) -> None:
    """Print events as they come. Ctrl-C is how this ends, and so is a reader that goes away: both are good ends."""
    first = True
    try:
        with _ended_with_reader():
            for batch in batches:
                if batch:
                    show_more(session, batch, EVENT, WIDTHS, first=first)
                    sys.stdout.flush()
                    first = False
    except KeyboardInterrupt:
        return
    except BrokenPipeError:
        close_quietly()


@contextmanager
def _ended_with_reader() -> Iterator[None]:
    """Within, a reader that goes away ends us at once, as Ctrl-C does, and not when there is next something to write."""
    if sys.platform == "win32" or sys.stdout.isatty():
        yield
        return
    import select  # noqa: PLC0415  without its `poll` on other systems

    poll, oneself, over = select.poll(), threading.get_ident(), threading.Event()
    poll.register(sys.stdout.fileno(), 0)  # errors and hang-ups alone, which are always told

    def watch() -> None:
        if poll.poll() and not over.is_set():
            signal.pthread_kill(oneself, signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()
