"""
The end of every log that somebody here follows, read once for all of them.

A tail keeps a team's last events, without a gap up to its head. Followers pull from it at their own pace, each
from a place of its own; whoever is further back reads the store, until the tail has what comes next. So there
is no moment between catching up and being told, and nobody's slowness is kept for them.

Tails grow when the bus says so, and are looked at every 200 ms whatever it says, for it may lose what it is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

import attrs

from taskcore.delivery.ports import EVENTS, PEOPLE, Bus
from taskcore.errors import ResyncRequired, TaskCoreError, Unavailable
from taskcore.events import Event, is_of_kinds, is_of_project
from taskcore.live.standings import Following, refusal, standings
from taskcore.permissions import Actor, Standing
from taskcore.ports import EventSearch, Store
from taskcore.values import Clock, Role, TeamId

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
RECHECK_SECONDS = 0.5
"""How long a right may outlive its end."""
KEPT = 1_000
"""Events of a team that are kept for who comes a little later."""
PAGE = 500
AT_ONCE = 4
"""Tails read at a time, so that those who work are left connections."""
RIGHTS_CHANGE = ("member.", "team.", "project.")
"""Nouns of which an event may change what somebody sees."""


@attrs.define(eq=False)
class Follower:
    """Somebody who follows a team's log. `lost` is why they no longer may."""

    actor: Actor
    team_id: TeamId
    standing: Standing
    since: int = 0
    """The log's head when they began."""
    woken: asyncio.Event = attrs.field(factory=asyncio.Event)
    lost: TaskCoreError | None = None

    def learn(self, standing: Standing) -> None:
        if standing != self.standing or self.lost:
            roles = {standing.role, self.standing.role}
            shifts = Role.GUEST in roles and standing.role is not self.standing.role
            lost = refusal(standing, self.team_id) or (_shifted() if shifts else None)
            self.standing, self.lost = standing, self.lost or lost
            self.woken.set()

    def hear(self, seq: int, guests: Collection[str]) -> None:
        """Begin anew, where an event shares a project with these guests, or does so no longer."""
        if self.standing.role is Role.GUEST and seq > self.since and str(self.actor.user_id) in guests:
            self.lost = self.lost or _shifted()
            self.woken.set()


def _shifted() -> ResyncRequired:
    return ResyncRequired("what you may see is another: read the state anew, and follow from there")


def _guests_changed(event: Event) -> set[str]:
    """With whom a project is shared from then on, or no longer; ids as events have them."""
    told = event.data.get("guests") if event.kind.startswith("project.") else None
    return {*told["from"]} ^ {*told["to"]} if isinstance(told, Mapping) else set()


def is_selected(event: Event, search: EventSearch) -> bool:
    """As a store would; not for who sees a part of the team only."""
    return (
        search.task_id in (None, event.task_id)
        and is_of_kinds(event, search.kinds)
        and (search.project_id is None or is_of_project(event, search.project_id))
    )


class Tail:
    """The last events of one team, without a gap, up to its head."""

    def __init__(self, team_id: TeamId, head: int) -> None:
        self.team_id = team_id
        self.head = head
        self.followers: set[Follower] = set()
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._asked: tuple[int, list[Event]] = (-1, [])
        """What was found last, and behind which seq: most followers are where the others are."""

    def grow(self, events: Sequence[Event]) -> None:
        """Take in what comes right behind the head."""
        if events:
            self._events.extend(events)
            self.head = events[-1].seq
            self._asked = (-1, [])
            for follower in self.followers:
                follower.woken.set()

    def beyond(self, seq: int) -> list[Event] | None:
        """What comes behind `seq`; None, where some of it is not here."""
        if seq >= self.head:
            return []
        if not self._events or self._events[0].seq > seq + 1:
            return None
        if self._asked[0] != seq:
            start = seq + 1 - self._events[0].seq
            stop = min(start + PAGE, len(self._events))  # by place: to walk there takes longer than all else
            self._asked = seq, [self._events[place] for place in range(start, stop)]
        return self._asked[1]


class Feed:
    """Follows the logs of teams for all who do in this process, without a connection for any of them."""

    def __init__(self, store: Store, bus: Bus, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._tails: dict[TeamId, Tail] = {}
        self._woken: set[TeamId] = set()
        self._wake = asyncio.Event()
        self._people_changed = False
        self._task: asyncio.Task[None] | None = None
        self._hearing = [bus.hear(EVENTS, self._hear_of_team), bus.hear(PEOPLE, self._hear_of_person)]
        self._permits = asyncio.Semaphore(AT_ONCE)

    async def join(self, follower: Follower) -> Tail:
        """Follow a team, from its head of this moment on."""
        tail = self._tails.get(follower.team_id)
        if tail is None or follower.standing.role is Role.GUEST:
            heads = await self._store.rows().heads([follower.team_id])
            follower.since = heads.get(follower.team_id, 0)
            tail = self._tails.setdefault(follower.team_id, Tail(follower.team_id, follower.since))
        tail.followers.add(follower)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return tail

    def leave(self, follower: Follower) -> None:
        tail = self._tails.get(follower.team_id)
        if tail is not None:
            tail.followers.discard(follower)
            if not tail.followers:
                del self._tails[follower.team_id]

    async def close(self) -> None:
        for end in self._hearing:
            end()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for tail in self._tails.values():
            for follower in tail.followers:
                follower.lost = follower.lost or Unavailable("the store is closed")
                follower.woken.set()

    def _hear_of_team(self, team_id: str) -> None:
        with suppress(ValueError):
            if TeamId(UUID(team_id)) in self._tails:
                self._woken.add(TeamId(UUID(team_id)))
                self._wake.set()

    def _hear_of_person(self, _: str) -> None:
        self._people_changed = True
        self._wake.set()

    async def _run(self) -> None:
        """As long as anybody follows: what the bus says at once, everything every 200 ms, rights twice a second."""
        now = asyncio.get_running_loop().time
        look_at = recheck_at = now()
        while self._tails:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, min(look_at, recheck_at) - now())):
                    await self._wake.wait()
            self._wake.clear()
            try:
                if now() >= look_at:
                    look_at = now() + POLL_SECONDS
                    await self._look()
                await self._grow_all()
                if self._people_changed or now() >= recheck_at:
                    self._people_changed, recheck_at = False, now() + RECHECK_SECONDS
                    await self._recheck(self._tails)
            except TaskCoreError as error:
                log.warning("logs cannot be followed for now: %s", error.message)
            except Exception:
                log.exception("logs cannot be followed for now")

    async def _look(self) -> None:
        """Which logs have grown, whatever the bus says."""
        heads = await self._store.rows().heads(list(self._tails))
        self._woken |= {team_id for team_id, tail in self._tails.items() if heads.get(team_id, 0) > tail.head}

    async def _grow_all(self) -> None:
        """Read a page of each log that has grown: of a long one the rest comes after rights and the other logs."""
        woken, self._woken = self._woken, set()
        done = await asyncio.gather(*map(self._grow, woken), return_exceptions=True)  # none goes on alone
        for failure in done:
            if failure is not None:
                raise failure

    async def _grow(self, team_id: TeamId) -> None:
        tail = self._tails.get(team_id)
        if tail is None:
            return
        async with self._permits:
            found = await self._store.rows().events(EventSearch(team_id, after=tail.head, limit=PAGE))
        if any(event.kind.startswith(RIGHTS_CHANGE) for event in found):
            await self._recheck([team_id])  # before anybody is told what they may no longer see
            for event in found:
                if guests := _guests_changed(event):
                    for follower in tail.followers:
                        follower.hear(event.seq, guests)
        tail.grow(found)
        if len(found) == PAGE:
            self._woken.add(team_id)
            self._wake.set()

    async def _recheck(self, teams: Collection[TeamId]) -> None:
        """Tell each follower what they are to their team now."""
        tails = [self._tails[team_id] for team_id in teams if team_id in self._tails]
        followers = [follower for tail in tails for follower in tail.followers]
        asked: set[Following] = {(each.actor, each.team_id) for each in followers}
        if not asked:
            return
        found = await standings(self._store.rows(), asked, self._clock())
        for follower in followers:
            follower.learn(found[follower.actor, follower.team_id])
