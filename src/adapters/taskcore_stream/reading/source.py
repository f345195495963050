"""What each source does alike, whatever broker stands behind it."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from taskcore.delivery.cloudevents import Elsewhere, event_of
from taskcore.errors import Conflict, Malformed, TaskCoreError, Unavailable, invalid
from taskcore.events import Event
from taskcore.reporting.ports import Delivered
from taskcore.values import TeamId
from taskcore_stream.broker_url import BrokerUrl

R = TypeVar("R")
log = logging.getLogger("taskcore.stream")

CONSUMER = "reporting"
"""What a broker calls whoever reads, unless the URL's `consumer` says otherwise: it remembers them by it."""
AT_ONCE = 500
"""Events from one question to the broker."""
WAIT_SECONDS = 0.5
"""How long a question waits for the first of them."""

_TOO_LARGE = (
    "event {} of team {} was too large for the broker, which has only where it is: run "
    "taskcore report project --from store --once, then this again"
)

Got = tuple[bytes, Callable[[], Awaitable[None]]]
"""A message's body, and what tells the broker that it is done with."""


def again_seconds(url: BrokerUrl, form: str) -> float:
    """After how long a broker gives again what was not done with: the URL's `again`. Raises: Invalid."""
    text = url.options.get("again", "30")
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text):
        raise invalid("source", f"must be written {form}")
    return float(text)


class Reader(Protocol):
    """A connection to a broker, which remembers what its consumer is done with."""

    async def some(self, seconds: float) -> Sequence[Got]:
        """What there is, in order, at most `AT_ONCE`; waits so long for the first."""

    async def rest(self) -> bool:
        """Whether there is, or is to come again, anything that is not done with."""

    async def close(self) -> None: ...


class BrokerSource:
    """
    A `Source` that passes over what is no event of ours, and says so: had it been one, the gap would tell.

    At the first fault it ends with `Unavailable`: whatever was not done with comes again. So it does at an event that
    the broker has only by `dataref`, unless that is known, with a `Conflict` (`log_gap`): waiting would not bring it.
    """

    def __init__(
        self, url: BrokerUrl, connect: Callable[[bool], Awaitable[Reader]], *, patience_seconds: float
    ) -> None:
        """`connect` is told whether to begin with the first message that the broker still has."""
        self.patience_seconds = patience_seconds
        self._url = url
        self._connect = connect

    async def read(
        self,
        known: Mapping[TeamId, int],
        *,
        once: bool,
        from_start: bool,
    ) -> AsyncIterator[Sequence[Delivered]]:
        reader = await self._asked(self._connect(from_start))
        try:
            while True:
                got = await self._asked(reader.some(WAIT_SECONDS))
                if once and not got and not await self._asked(reader.rest()):
                    return
                found = [await self._delivered(body, done, known) for body, done in got]
                yield [each for each in found if each is not None]
        finally:
            with suppress(Exception):  # what is not told to be done with comes again
                await reader.close()

    async def close(self) -> None:
        """Reading ends with whoever reads."""

    async def _delivered(
        self, body: bytes, done: Callable[[], Awaitable[None]], known: Mapping[TeamId, int]
    ) -> Delivered | None:
        try:
            event: Event = event_of(body)
        except Elsewhere as large:
            if large.seq > known.get(large.team_id, 0):
                raise Conflict(_TOO_LARGE.format(large.seq, large.team_id), code="log_gap") from None
            await self._asked(done())
            return None
        except Malformed as error:
            log.warning("a message at %s is passed over: %s", self._url, error)
            await self._asked(done())
            return None

        async def told() -> None:
            await self._asked(done())

        return Delivered(event, told)

    async def _asked(self, answer: Awaitable[R]) -> R:
        try:
            return await answer
        except TaskCoreError:
            raise
        except Exception as error:  # noqa: BLE001  client libraries raise what they like
            said = self._url.hidden(f"{type(error).__name__}: {error}".rstrip(": "))
            raise Unavailable(f"{self._url} gives no events: {said}") from None
