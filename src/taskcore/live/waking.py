"""A store that tells which team's log has grown, who may do less, and what is to be done, once that is committed."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from taskcore.delivery.mailing import MAIL
from taskcore.delivery.ports import EVENTS, JOBS, PEOPLE, Bus
from taskcore.events import Event
from taskcore.jobs.model import Job, JobState
from taskcore.live.people import affected
from taskcore.permissions import Actor
from taskcore.ports import Entity, Rows, Store, Unit
from taskcore.progress import Progress
from taskcore.values import JobId, TeamId, UserId

if TYPE_CHECKING:
    from taskcore.jobs.ports import Queue

R = TypeVar("R")
MOST_POSTED = 100


class Waking:
    """The store behind it, which it leaves as it is. What is told may be lost; the log is the truth."""

    def __init__(self, store: Store, bus: Bus, queue: Queue | None = None) -> None:
        self._store = store
        self._bus = bus
        self._queue = queue
        self.posted: deque[JobId] = deque(maxlen=MOST_POSTED)
        """The jobs by which mail was put on its way here, as far as somebody may still ask."""

    @property
    def suspends(self) -> bool:
        return self._store.suspends

    @property
    def written(self) -> int:
        return self._store.written

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Rows:
        return self._store.rows(actor, progress)

    async def transact(self, work: Callable[[Unit], Awaitable[R]], actor: Actor | None = None) -> R:
        news = _News()

        async def noted(unit: Unit) -> R:
            news.clear()
            return await work(_Noting(unit, news))

        result = await self._store.transact(noted, actor)
        self.posted += (each.id for each in news.jobs if each.kind == MAIL and each.version == 1)
        news.tell(self._bus, self._queue)
        return result

    async def now(self) -> datetime | None:
        return await self._store.now()

    async def secret(self) -> bytes:
        return await self._store.secret()

    async def check(self) -> None:
        await self._store.check()

    async def upgrade(self) -> str:
        return await self._store.upgrade()

    async def close(self) -> None:
        await self._store.close()

    def __getattr__(self, name: str) -> Any:
        """What a store has beyond its port."""
        return getattr(self._store, name)


class _News:
    """What to tell once a unit of work is committed."""

    __slots__ = ("jobs", "people", "teams")

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.teams: set[TeamId] = set()
        self.people: set[UserId] = set()

    def clear(self) -> None:
        self.jobs.clear()
        self.teams.clear()
        self.people.clear()

    def tell(self, bus: Bus, queue: Queue | None) -> None:
        if self.jobs:
            bus.tell(JOBS, "")
            if queue is not None:
                queue.offer(self.jobs)
        for user_id in self.people:
            bus.tell(PEOPLE, str(user_id))
        for team_id in self.teams:
            bus.tell(EVENTS, str(team_id))


class _Noting:
    """A unit of work that notes what it saves of whom."""

    __slots__ = ("_news", "_unit", "events", "find", "hold", "lock", "purge", "see")

    def __init__(self, unit: Unit, news: _News) -> None:
        self._unit = unit
        self._news = news
        self.see = unit.see
        self.find = unit.find
        self.events = unit.events
        self.lock = unit.lock
        self.hold = unit.hold
        self.purge = unit.purge

    async def save(
        self,
        changed: Sequence[Entity],
        *,
        removed: Sequence[Entity] = (),
        events: Sequence[Event] = (),
        verbatim: bool = False,
    ) -> list[Any]:
        saved = await self._unit.save(changed, removed=removed, events=events, verbatim=verbatim)
        self._news.teams.update(event.team_id for event in events)
        self._news.people.update(affected(changed))
        self._news.jobs.extend(
            each for each in saved if isinstance(each, Job) and each.state is JobState.WAITING
        )
        return saved
