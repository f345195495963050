"""Carrying events from a source to the reports: at least once to them, and once into them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence

import attrs

from taskcore.events import Event
from taskcore.reporting.ports import Delivered, Reports, Source
from taskcore.reporting.projection import LogGap
from taskcore.values import TeamId


@attrs.frozen(slots=True)
class Progress:
    """How far a run has come."""

    events: int
    """By how many the reports came on."""
    teams: int
    """That are known."""


@attrs.define(slots=True)
class _Waiting:
    """Of one team: what was given and is not kept yet, by its seq."""

    given: dict[int, list[Delivered]] = attrs.field(factory=dict)
    since: float | None = None
    """When it was first found that an event before them is missing."""

    def add(self, each: Delivered) -> None:
        self.given.setdefault(each.event.seq, []).append(each)

    def run(self) -> list[Event]:
        """The first of them that follow each other without a gap."""
        events: list[Event] = []
        for seq in sorted(self.given):
            if events and seq != events[-1].seq + 1:
                break
            events.append(self.given[seq][0].event)
        return events

    async def finish(self, known: int) -> None:
        """Be done with those up to `known`."""
        for seq in [seq for seq in self.given if seq <= known]:
            for each in self.given.pop(seq):
                await each.done()
        self.since = None

    def lasts(self, now: float, patience_seconds: float) -> bool:
        """Whether something has been missing for too long."""
        self.since = now if self.since is None else self.since
        return now - self.since >= patience_seconds


async def project(
    source: Source,
    reports: Reports,
    *,
    once: bool,
    from_start: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Progress:
    """
    Bring the reports up to what the source has; with `once` to its end, else until cancelled.

    An event is done with only once what it tells is committed, so a run that dies loses nothing: the next one
    is given it again. `from_start` forgets what is known, but only once the source has answered: one that
    refuses or is not there costs nothing. Raises: LogGap, for events that the source does not give; Unavailable.
    """
    known = await reports.prepare()
    batches = source.read({} if from_start else dict(known), once=once, from_start=from_start)
    if from_start:
        first: Sequence[Delivered] = await anext(batches, [])
        known = await reports.prepare(from_start=True)
        batches = _beginning_with(first, batches)
    waiting: dict[TeamId, _Waiting] = {}
    taken = 0

    async def advance(team_id: TeamId, most_seconds: float) -> int:
        """Keep what can be kept of a team; how many events that were."""
        of_team, before = waiting[team_id], known.get(team_id, 0)
        while run := of_team.run():
            try:
                known[team_id] = await reports.take(team_id, run)
            except LogGap:
                if of_team.lasts(monotonic(), most_seconds):
                    raise
                break
            await of_team.finish(known[team_id])
        return known.get(team_id, 0) - before

    async for given in batches:
        for each in given:
            waiting.setdefault(each.event.team_id, _Waiting()).add(each)
        for team_id, of_team in waiting.items():
            if of_team.given:
                taken += await advance(team_id, source.patience_seconds)
        progress(Progress(taken, len(known)))
    for team_id in waiting:
        taken += await advance(team_id, 0.0)
    return Progress(taken, len(known))


async def _beginning_with(
    first: Sequence[Delivered], others: AsyncIterator[Sequence[Delivered]]
) -> AsyncIterator[Sequence[Delivered]]:
    yield first
    async for batch in others:
        yield batch
