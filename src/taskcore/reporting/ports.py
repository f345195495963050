"""What reports need from outside: where events come from, and where figures are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

import attrs

from taskcore.events import Event
from taskcore.reporting.measures import TeamReport
from taskcore.values import TeamId


async def _nothing() -> None:
    """Some sources remember nothing."""


@attrs.frozen(slots=True)
class Delivered:
    """An event as a source gave it."""

    event: Event
    done: Callable[[], Awaitable[None]] = _nothing
    """To be called once what it tells is kept: the source need not give it again."""


class Source(Protocol):
    """
    Where events come from: a store's log, or a broker. A broker's is made by a factory `(url, *, blocking)`
    that is registered as an entry point in the group `taskcore.sources` under the URL's scheme.
    """

    patience_seconds: float
    """For how long an event may be missing before others of its team, since it is still to come: a broker gives
    again what another reader left undone. 0, where events come in order."""

    def read(
        self, known: Mapping[TeamId, int], *, once: bool, from_start: bool
    ) -> AsyncIterator[Sequence[Delivered]]:
        """
        Some events after others: those of a team in order, those of different teams in any.

        Every event beyond `known` (the last seq that is known of each team) is given, and each whose `done` was
        not called is given again, at the latest to the next reader. It may give an event more than once, and
        events that are known. Where there is nothing new it gives nothing, from time to time, and with `once` it
        ends. `from_start` begins with the first event that it still has. Raises: Unavailable; Conflict (`log_gap`), where
        an event beyond `known` is one that it has to give and cannot.
        """
        ...

    async def close(self) -> None: ...


class Reports(Protocol):
    """
    Where figures are kept. Made by a factory `(url, *, blocking)` that is registered as an entry point in
    the group `taskcore.reports` under the URL's scheme.
    """

    async def prepare(self, *, from_start: bool = False) -> dict[TeamId, int]:
        """
        Make the tables, unless they are there; what is known of each team's log, as its last seq. With
        `from_start` forget all of it first. Raises: Unavailable, where they are another version's.
        """
        ...

    async def take(self, team_id: TeamId, events: Sequence[Event]) -> int:
        """
        Keep what events of one team tell, all of it or nothing; the last seq that is known then.

        Those that are known are passed over, so that an event has its effect once, however often it is
        taken, and by however many processes at once. Raises: LogGap, and keeps nothing, where an event
        before them is not known; Unavailable.
        """
        ...

    async def read(self, team: str | None = None, since: date | None = None) -> list[TeamReport]:
        """
        What is kept, of all teams or of one, by its key or id; of completions only those on the day `since` or
        later. Raises: NotFound, where nothing was ever kept; Unavailable.
        """
        ...

    async def close(self) -> None: ...
