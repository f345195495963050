"""
From the log to those who are told of it: follows every team's log for its webhooks, and for the stream.

Each consumer has a `LogPosition` of its own. For a webhook the deliveries and the position are written in one unit
of work, so that an event is queued once, whatever dies; what the stream is told is claimed before and noted after,
so that it is told at least once. Several relays, of one process or of many, share the teams.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from math import inf
from uuid import UUID

import attrs

from taskcore.core import TaskCore
from taskcore.delivery import payloads
from taskcore.delivery.alarm import POLL_SECONDS, Alarm
from taskcore.delivery.model import Webhook
from taskcore.delivery.ports import EVENTS, Stream
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.publishing import STREAM, Publishing
from taskcore.errors import Unavailable
from taskcore.ports import EventSearch, Unit
from taskcore.values import DeliveryId, TeamId

log = logging.getLogger(__name__)

BATCH = 100
"""Events that one unit of work queues at most."""
TEAMS_AT_ONCE = 4
UNIT_SECONDS = 10.0
"""How long a unit may take: one that waits for somebody's lock makes room for those of other teams."""


@attrs.frozen
class Behind:
    """What of a team's log is still to be told, up to `head`: to which webhooks, and whether to the stream."""

    team_id: TeamId
    head: int
    webhooks: tuple[Webhook, ...]
    stream: bool


class Relay:
    """
    The loop for webhooks, or, with a `stream`, for that: it may wait for its broker, and no webhook for it.

    `queued` is called whenever there is something new for senders.
    """

    def __init__(
        self,
        core: TaskCore,
        *,
        stream: Stream | None = None,
        queued: Callable[[], None] = lambda: None,
    ) -> None:
        self._outside = core._outside  # noqa: SLF001  it acts for nobody, and so has no use case
        self._publishing = Publishing(self._outside, stream) if stream is not None else None
        self._queued = queued
        self.alarm = Alarm()
        self._woken: set[TeamId] = set()
        self._told: dict[TeamId, int] = {}
        """Up to which seq every consumer of a team is known to be told."""
        self._running: set[TeamId] = set()
        self._unheard: set[TeamId] = set()
        """Teams of which nobody was to be told when they were looked at last: they need not wake it."""

    async def run(self) -> None:
        """Until it is cancelled. What a failing store keeps from being told is told once it works again."""
        stop_hearing = self._outside.bus.hear(EVENTS, self._hear)
        turns = asyncio.Semaphore(TEAMS_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as teams:
                looked = -inf
                while True:
                    if every := time.monotonic() - looked >= POLL_SECONDS:  # however many wake it
                        looked = time.monotonic()
                    for behind in await self._look(every=every):
                        self._running.add(behind.team_id)
                        teams.create_task(self._in_turn(turns, behind))
                    await self.alarm.sleep()
        finally:
            stop_hearing()
            self._running.clear()

    async def step(self) -> int:
        """Tell what is to be told at this moment; how many events were handed on."""
        return sum([await self._tell(each) for each in await self._look(every=True)])

    def _hear(self, message: str) -> None:
        team_id = TeamId(UUID(message))
        if team_id not in self._unheard:
            self._woken.add(team_id)
            self.alarm.ring()

    async def _in_turn(self, turns: asyncio.Semaphore, behind: Behind) -> None:
        try:
            async with turns:
                if await self._tell(behind):
                    self._woken.add(behind.team_id)
                    self.alarm.ring()
        except (Unavailable, TimeoutError) as error:
            log.warning(
                "the log of team %s waits to be relayed: %s", behind.team_id, str(error) or "too slow"
            )
        except Exception:
            log.exception("the log of team %s could not be relayed", behind.team_id)
        finally:
            self._running.discard(behind.team_id)

    async def _look(self, *, every: bool) -> list[Behind]:
        """Which logs have grown; of those that were woken, if not of every team."""
        woken = tuple(self._woken)
        self._woken.clear()
        try:
            heads = await self._outside.store.rows().heads(None if every else woken)
            return await self._behind(
                {
                    team_id: head
                    for team_id, head in heads.items()
                    if head > self._told.get(team_id, 0) and team_id not in self._running
                },
                every=every,
            )
        except Unavailable as error:
            log.warning("no log can be read: %s", error)
        except Exception:
            log.exception("no log could be read")
        return []

    async def _behind(self, heads: Mapping[TeamId, int], *, every: bool) -> list[Behind]:
        """The teams with consumers that are not at the head; the others are noted to be."""
        if not heads:
            return []
        rows, teams = self._outside.store.rows(), tuple(heads)
        positions = {
            (each.team_id, each.consumer): each for each in await rows.find(LogPosition, team_id=teams)
        }
        active: dict[TeamId, list[Webhook]] = {}
        if self._publishing is None:
            for webhook in await rows.find(Webhook, team_id=teams, active=True):
                active.setdefault(webhook.team_id, []).append(webhook)
            self._unheard = (self._unheard - active.keys()) | (set(teams) - active.keys())
        found = []
        for team_id, head in heads.items():
            late = tuple(
                each
                for each in active.get(team_id, ())
                if _is_behind(positions.get((team_id, each.consumer)), head)
            )
            told = positions.get((team_id, STREAM))
            stream = self._publishing is not None and (told is None or told.seq < head)
            if late or (stream and self._publishing is not None and self._publishing.may_claim(told)):
                found.append(Behind(team_id, head, late, stream))
            elif not stream:
                self._told[team_id] = head
        if self._publishing is None:
            return found
        chosen = self._publishing.choose([each.team_id for each in found], every=every)
        return [each for each in found if each.team_id in chosen]

    async def _tell(self, behind: Behind) -> int:
        count, whole = 0, True
        for webhook in behind.webhooks:
            async with asyncio.timeout(UNIT_SECONDS):
                queued, all_of_it = await self._queue(webhook, behind.head)
            count, whole = count + queued, whole and all_of_it
        if behind.stream and self._publishing is not None:
            published, all_of_it = await self._publishing.publish(behind.team_id, behind.head)
            count, whole = count + published, whole and all_of_it
        if whole:
            self._told[behind.team_id] = behind.head
        return count

    async def _queue(self, webhook: Webhook, head: int) -> tuple[int, bool]:
        """Queue a webhook's events up to `head`; how many, and whether these are all: another relay may be at it."""

        async def work(unit: Unit) -> tuple[int, bool]:
            if not await unit.hold(f"relay {webhook.consumer}"):
                return 0, False
            current = await unit.find(Webhook, team_id=webhook.team_id, id=webhook.id, active=True)
            positions = await unit.find(LogPosition, team_id=webhook.team_id, consumer=webhook.consumer)
            if not current or not positions or positions[0].seq >= head:
                return 0, True
            return await self._fan_out(unit, current[0], positions[0], head)

        count, whole = await self._outside.store.transact(work)
        if count:
            self._queued()
        return count, whole

    async def _fan_out(
        self, unit: Unit, webhook: Webhook, position: LogPosition, head: int
    ) -> tuple[int, bool]:
        """The deliveries of a stretch of the log and the position behind it, in one. `head` was read before, and
        so each event up to it is there to be found."""
        events = await unit.events(
            EventSearch(
                webhook.team_id,
                after=position.seq,
                limit=BATCH,
                kinds=webhook.kinds,
                project_id=webhook.project_id,
            )
        )
        whole = len(events) < BATCH
        last = events[-1].seq if events else position.seq
        moved = attrs.evolve(position, seq=max(last, head) if whole else last, version=position.version + 1)
        now, new_id = self._outside.clock(), self._outside.ids
        queued = [payloads.of_event(webhook, event, DeliveryId(new_id()), now) for event in events]
        await unit.save([*queued, moved])
        return len(queued), whole


def _is_behind(position: LogPosition | None, head: int) -> bool:
    return position is not None and position.seq < head
