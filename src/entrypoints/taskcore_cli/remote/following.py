"""A team's log through a service, as it grows: over server-sent events, taken up again wherever they end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from taskcore.codec import decoded
from taskcore.errors import RateLimited, TaskCoreError, Unavailable
from taskcore.events import Event
from taskcore_cli.remote.door import Door
from taskcore_cli.remote.request import segment
from taskcore_cli.remote.sse import Block, blocks
from taskcore_cli.terminal import tell

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.2, 10.0
READY = "ready"
"""The event that says up to where the log was told: nothing of ours, and a place to go on from."""
_ENDS = ("refused", "resync_required")
"""Events with which a stream ends. Why, the next answer tells as every other does."""


def followed(door: Door, team: str, after: int | None, query: Mapping[str, str]) -> Iterator[Sequence[Event]]:
    """
    Events beyond `after` (None: from now on), in order, each once, for ever.

    A line that is lost is opened anew, at longer and longer intervals, and the log goes on where it was. Raises:
    what the service refuses; Unavailable, if it does not answer the first time; TaskCoreError, if it is not understood.
    """
    at, failures = after, 0
    was_there = is_away = False
    while True:
        try:
            for block in _stream(door, team, at, query):
                if is_away:
                    tell(f"{door.line.server} answers again")
                was_there, is_away, failures = True, False, 0
                if block.event == READY:
                    at = int(json.loads(block.data)["seq"])
                elif block.event not in _ENDS:
                    event = _understood(block)
                    if at is None or event.seq > at:
                        at = event.seq
                        yield [event]
        except (Unavailable, RateLimited) as error:
            if not was_there:
                raise
            if not is_away:
                tell(f"{error.message}; trying again")
            is_away = True
        time.sleep(min(FIRST_WAIT_SECONDS * 2**failures, LONGEST_WAIT_SECONDS))
        failures = min(failures + 1, 10)


def _stream(door: Door, team: str, after: int | None, query: Mapping[str, str]) -> Iterator[Block]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(after)} if after is not None else {})
    path = f"/v1/teams/{segment('team', team)}/events"
    with closing(door.flow(path, query, headers)) as pieces:
        yield from blocks(pieces)


def _understood(block: Block) -> Event:
    try:
        event: Event = decoded(json.loads(block.data), Event)
    except Exception as error:
        raise TaskCoreError(
            "the server's events cannot be read: is it another version of taskcore?"
        ) from error
    return event
