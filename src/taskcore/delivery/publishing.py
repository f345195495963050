"""
Telling the stream of a team's log: one relay at a time claims it, publishes, and notes how far it came.

No unit of work is open while the broker is spoken to. A claim whose version does not change for a while, by the
clock of whoever looks, is one of a process that died, and goes to the next.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from contextlib import suppress
from uuid import uuid4

import attrs

from taskcore.caller import Outside
from taskcore.delivery.ports import Stream
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.resting import Rests
from taskcore.errors import Conflict, Unavailable
from taskcore.ports import EventSearch, Unit
from taskcore.values import TeamId

log = logging.getLogger(__name__)

STREAM = "stream"
BATCH = 100
ABANDONED_SECONDS = 10.0
"""How long a claim stands unchanged before it is taken over."""
PUBLISH_SECONDS = 8.0
"""How long a batch may take, so that its claim is not taken for abandoned meanwhile."""
LETTING_GO_SECONDS = 1.0


class Publishing:
    """One relay's part in telling the stream."""

    def __init__(self, outside: Outside, stream: Stream) -> None:
        self._outside = outside
        self._stream = stream
        self._name = uuid4().hex
        self._seen: dict[TeamId, tuple[int, float]] = {}
        """The version of another's claim, and since when it stands."""
        self._rests = Rests()
        self._batch = BATCH
        """Events at once: fewer after a failure, so that a broker which is slow to confirm gets on all the same."""

    def may_claim(self, position: LogPosition | None) -> bool:
        """Whether nobody else is at it, as far as can be told."""
        if position is None:
            return True
        now = time.monotonic()
        if position.holder in (None, self._name):
            self._seen.pop(position.team_id, None)
            return True
        version, since = self._seen.get(position.team_id, (0, now))
        if version != position.version:
            self._seen[position.team_id] = (position.version, now)
            return False
        return now - since >= ABANDONED_SECONDS

    def choose(self, teams: Collection[TeamId], *, every: bool) -> Collection[TeamId]:
        """Which of the teams that are late to publish for now: not all, if the broker failed. Each is given to
        `publish`."""
        return self._rests.choose(teams, every=every)

    async def publish(self, team_id: TeamId, head: int) -> tuple[int, bool]:
        """
        Publish a team's log up to `head`, from where the last one stopped; how many events, and whether these
        are all: another relay may be at it, and the broker may not take them.
        """
        try:
            return await self._publish(team_id, head) if self._rests.may_try(team_id) else (0, False)
        finally:
            self._rests.done(team_id)

    async def _publish(self, team_id: TeamId, head: int) -> tuple[int, bool]:
        position = await self._claim(team_id)
        count = 0
        while position is not None and position.seq < head:
            events = await self._outside.store.rows().events(
                EventSearch(team_id, after=position.seq, limit=self._batch)
            )
            try:
                async with asyncio.timeout(PUBLISH_SECONDS):
                    await self._stream.publish(events)
            except (Unavailable, TimeoutError) as error:
                level = logging.WARNING if self._rests.failed(team_id) else logging.DEBUG
                log.log(
                    level, "the stream did not take events of team %s: %s", team_id, str(error) or "too slow"
                )
                self._batch = max(1, self._batch // 2)
                await self._note(position, position.seq, holder=None)
                return count, False
            except asyncio.CancelledError:
                await self._let_go(position)
                raise
            if self._rests.taken(team_id):
                log.warning("the stream takes events again, those of team %s", team_id)
            self._batch = min(BATCH, 2 * self._batch)
            count += len(events)
            last = events[-1].seq
            position = await self._note(position, last, holder=None if last >= head else self._name)
        if position is not None and position.holder is not None:
            position = await self._note(position, position.seq, holder=None)
        return count, position is not None

    async def _let_go(self, position: LogPosition) -> None:
        """Leave the log to the next relay, which else would wait until the claim is abandoned."""
        with suppress(Exception):
            async with asyncio.timeout(LETTING_GO_SECONDS):
                await self._note(position, position.seq, holder=None)

    async def _claim(self, team_id: TeamId) -> LogPosition | None:
        async def work(unit: Unit) -> LogPosition | None:
            found = await unit.find(LogPosition, team_id=team_id, consumer=STREAM)
            if not found:
                claimed = LogPosition(team_id, STREAM, holder=self._name)
            elif not self.may_claim(found[0]):
                return None
            else:
                claimed = attrs.evolve(found[0], holder=self._name, version=found[0].version + 1)
            saved: list[LogPosition] = await unit.save([claimed])
            return saved[0]

        try:
            return await self._outside.store.transact(work)
        except Conflict:  # another made the first claim on this team at the same time
            return None

    async def _note(self, claimed: LogPosition, seq: int, holder: str | None) -> LogPosition | None:
        """How far it came; None, if the claim was taken over."""

        async def work(unit: Unit) -> LogPosition | None:
            found = await unit.find(LogPosition, team_id=claimed.team_id, consumer=STREAM)
            if found != [claimed]:
                return None
            moved = attrs.evolve(claimed, seq=seq, holder=holder, version=claimed.version + 1)
            saved: list[LogPosition] = await unit.save([moved])
            return saved[0]

        return await self._outside.store.transact(work)
