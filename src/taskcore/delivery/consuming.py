"""
From the log to what follows from it: reads every team's log in order, for one consumer, and goes on behind it.

What follows and the `LogPosition` are written in one unit of work, so that an event has its effect once, whatever
dies. Several consumers of one name, of one process or of many, share the teams: each team is one's at a time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from math import inf
from uuid import UUID

import attrs

from taskcore.core import TaskCore
from taskcore.delivery.alarm import POLL_SECONDS, Alarm
from taskcore.delivery.ports import EVENTS
from taskcore.delivery.positions import LogPosition
from taskcore.errors import TaskCoreError
from taskcore.events import Event
from taskcore.ports import EventSearch, Unit
from taskcore.values import TeamId

log = logging.getLogger(__name__)

BATCH = 100
"""Events of one unit of work at most."""
TEAMS_AT_ONCE = 4
UNIT_SECONDS = 30.0
"""How long a unit may take: one that waits for somebody's lock makes room for those of other teams."""
REST_SECONDS = 1.0
"""How long a team waits whose events could not be applied: no other team waits for it."""

Apply = Callable[[Unit, Sequence[Event]], Awaitable[None]]
"""Saves what follows from events of one team, which come in order, at most `BATCH` at a time. It may be called
again with the same events, in a new unit, where the first came to nothing."""


class Consumer:
    """The loop of one consumer. A team that it has no position of is read from its first event on."""

    def __init__(self, core: TaskCore, name: str, apply: Apply) -> None:
        self._outside = core._outside  # noqa: SLF001  it acts for nobody, and so has no use case
        self.name = name
        self._apply = apply
        self.alarm = Alarm()
        self._woken: set[TeamId] = set()
        self._done: dict[TeamId, int] = {}
        """Up to which seq a team's log is known to be done with."""
        self._running: set[TeamId] = set()
        self._resting: dict[TeamId, float] = {}
        """Until when a team is left alone that failed."""
        self._told: set[TeamId | None] = set()
        """Teams whose failure the log has been told of; None: that no log can be read."""

    async def run(self) -> None:
        """Until it is cancelled. What a failing store keeps from being done is done once it works again."""
        stop_hearing = self._outside.bus.hear(EVENTS, self._hear)
        turns = asyncio.Semaphore(TEAMS_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as teams:
                looked = -inf
                while True:
                    if every := time.monotonic() - looked >= POLL_SECONDS:  # however many wake it
                        looked = time.monotonic()
                    for team_id, head in (await self._look(every=every)).items():
                        self._running.add(team_id)
                        teams.create_task(self._in_turn(turns, team_id, head))
                    await self.alarm.sleep()
        finally:
            stop_hearing()
            self._running.clear()

    async def step(self, teams: Sequence[TeamId] | None = None) -> int:
        """Do what is to be done at this moment, for these teams (None: for all); how many events that were. Raises
        what the store or `apply` does."""
        heads = await self._outside.store.rows().heads(teams)
        behind = await self._behind(heads)
        return sum([await self._catch_up(team_id, head) for team_id, head in behind.items()])

    def _hear(self, message: str) -> None:
        self._woken.add(TeamId(UUID(message)))
        self.alarm.ring()

    async def _in_turn(self, turns: asyncio.Semaphore, team_id: TeamId, head: int) -> None:
        try:
            async with turns, asyncio.timeout(UNIT_SECONDS):
                count = await self._advance(team_id, head)
            self._told.discard(team_id)
            if count:
                self._woken.add(team_id)
                self.alarm.ring()
        except Exception as error:  # noqa: BLE001  whatever it is, it is told, and the other teams go on
            self._resting[team_id] = time.monotonic() + REST_SECONDS
            self._complain(team_id, f"the log of team {team_id} waits for {self.name}", error)
        finally:
            self._running.discard(team_id)

    async def _look(self, *, every: bool) -> Mapping[TeamId, int]:
        """Which logs have grown, and up to where; of those that were woken, if not of every team."""
        woken = tuple(self._woken)
        self._woken.clear()
        now = time.monotonic()
        self._resting = {each: until for each, until in self._resting.items() if until > now}
        try:
            heads = await self._outside.store.rows().heads(None if every else woken)
            left_alone = self._running | self._resting.keys()
            behind = await self._behind(
                {team_id: head for team_id, head in heads.items() if team_id not in left_alone}
            )
        except Exception as error:  # noqa: BLE001  as above
            self._complain(None, f"no log can be read for {self.name}", error)
            return {}
        self._told.discard(None)
        return behind

    async def _behind(self, heads: Mapping[TeamId, int]) -> Mapping[TeamId, int]:
        """The teams that are not done with, and their heads; the others are noted."""
        news = {team_id: head for team_id, head in heads.items() if head > self._done.get(team_id, 0)}
        if not news:
            return {}
        found = await self._outside.store.rows().find(LogPosition, team_id=tuple(news), consumer=self.name)
        seqs = {each.team_id: each.seq for each in found}
        behind = {team_id: head for team_id, head in news.items() if seqs.get(team_id, 0) < head}
        self._done |= {team_id: head for team_id, head in news.items() if team_id not in behind}
        return behind

    async def _catch_up(self, team_id: TeamId, head: int) -> int:
        total = 0
        while count := await self._advance(team_id, head):
            total += count
        return total

    async def _advance(self, team_id: TeamId, head: int) -> int:
        """Apply the next events of a team up to `head`; how many: none, where another consumer is at it."""

        async def work(unit: Unit) -> tuple[int, int]:
            if not await unit.hold(f"consume {self.name} {team_id}"):
                return 0, 0
            found = await unit.find(LogPosition, team_id=team_id, consumer=self.name)
            at = found[0].seq if found else 0
            if at >= head:
                return 0, at
            events = await unit.events(EventSearch(team_id, after=at, limit=BATCH))
            if events:
                await self._apply(unit, events)
            seq = events[-1].seq if events else head
            if found:
                moved = attrs.evolve(found[0], seq=seq, version=found[0].version + 1)
            else:
                moved = LogPosition(team_id, self.name, seq)
            await unit.save([moved])
            return len(events), seq

        count, at = await self._outside.store.transact(work)
        self._done[team_id] = max(at, self._done.get(team_id, 0))
        return count

    def _complain(self, team_id: TeamId | None, what: str, error: Exception) -> None:
        """Once, until it works again; a fault of ours with where it is."""
        if team_id in self._told:
            return
        self._told.add(team_id)
        if isinstance(error, TaskCoreError | TimeoutError):
            log.warning("%s: %s", what, str(error) or "too slow")
        else:
            log.error("%s", what, exc_info=error)
