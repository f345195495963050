"""
The people of this process at their tasks, and what each of them is told of the others.

Everybody is told the newest: what came while somebody was slow is one change, so nothing queues for anybody. Who
may know of it is asked of the store for all who are in a team at once, a few changes at a time; and again, within
half a second, of those tasks which the team's log says that others may see now.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from time import monotonic

import attrs

from taskcore.delivery.ports import PRESENCE, Bus
from taskcore.errors import TaskCoreError
from taskcore.live.place import Place
from taskcore.live.presence import TYPING_SECONDS, Change, Key, Presence, Reading, Seat, Step
from taskcore.live.shifts import Shifts
from taskcore.permissions import Actor, Standing, require
from taskcore.ports import Rows, Store
from taskcore.tasks.model import Task
from taskcore.teams.model import Membership, Project
from taskcore.values import Clock, CommentId, ProjectId, Role, TaskId, TeamId, UserId

log = logging.getLogger(__name__)
TICK_SECONDS = 0.5


@attrs.define
class _Due:
    """What a team's people are still to be told: of whom they have to know what they do, and who has read what."""

    keys: set[Key] = attrs.field(factory=set)
    readings: list[Reading] = attrs.field(factory=list)

    def add(self, news: Change | Reading) -> None:
        if isinstance(news, Change):
            self.keys.add(news.key)
        else:
            self.readings.append(news)


class Gathering:
    """All places of this process. `process` is a name that no other process has."""

    def __init__(
        self, store: Store, bus: Bus, clock: Clock, process: str, now: Callable[[], float] = monotonic
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._now = now
        self._presence = Presence(process, now())
        self._places: dict[TeamId, set[Place]] = {}
        self._due: dict[TeamId, _Due] = {}
        self._shifts = Shifts()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._end = bus.hear(PRESENCE, lambda message: self._take(self._presence.hear(message, self._now())))

    async def join(self, place: Place, team_id: TeamId) -> None:
        """Let a place be told of a team's people, from what they do at this moment on."""
        place.team_id = team_id
        self._places.setdefault(team_id, set()).add(place)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        self._take(self._presence.tick(self._now()))
        await self._tell(team_id, [place], _Due({*self._presence.shown(team_id)}))
        self._shifts.forget(team_id)  # what changed meanwhile may have been told to the others alone

    def leave(self, place: Place) -> None:
        """Whoever was there is there no longer, and is told nothing more."""
        self.look(place, None)
        places = self._places.get(place.team_id, set()) if place.team_id is not None else set()
        places.discard(place)
        if place.team_id is not None and not places:
            self._places.pop(place.team_id, None)

    def look(self, place: Place, task: Task | None) -> None:
        """A place shows a task, or none."""
        if task is None:
            self._sit(place, None)
        elif place.seat is None or place.seat.task_id != task.id:
            self._sit(place, self._seat(place, task, None))

    def type(self, place: Place, task: Task, *, active: bool) -> None:
        """Somebody writes a comment on a task, which they look at then; or stops."""
        if active:
            self._sit(place, self._seat(place, task, self._now() + TYPING_SECONDS))
        elif place.seat is not None and place.seat.task_id == task.id:
            self._sit(place, self._seat(place, task, None))

    def read(self, place: Place, task: Task, comment_id: CommentId) -> None:
        """Let those who look at a task know up to where somebody has read."""
        self._take(self._presence.read(Reading(task.team_id, task.id, _who(place), comment_id)))

    async def close(self) -> None:
        """Say that this process's people are gone."""
        self._end()
        self._take(self._presence.farewell())
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _seat(self, place: Place, task: Task, typing_until: float | None) -> Seat:
        return Seat(task.team_id, task.id, _who(place), typing_until)

    def _sit(self, place: Place, seat: Seat | None) -> None:
        if place.seat != seat:
            place.seat = seat
            self._take(self._presence.sit(place.number, seat, self._now()))

    def _take(self, step: Step) -> None:
        for message in step.messages:
            self._bus.tell(PRESENCE, message)
        news: tuple[Change | Reading, ...] = (*step.changes, *step.readings)
        for each in news:
            if each.team_id in self._places:
                self._due.setdefault(each.team_id, _Due()).add(each)
                self._wake.set()

    async def _run(self) -> None:
        """As long as anybody is here: tell what has changed at once, and look twice a second at the time, and at
        who sees what."""
        time = asyncio.get_running_loop().time
        look_at = time() + TICK_SECONDS
        while self._places:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, look_at - time())):
                    await self._wake.wait()
            self._wake.clear()
            self._take(self._presence.tick(self._now()))
            if time() >= look_at:
                look_at = time() + TICK_SECONDS
                await self._look_again()
            due, self._due = self._due, {}
            for team_id, news in due.items():
                await self._tell_all(team_id, news)

    async def _look_again(self) -> None:
        """Let it be told anew who is at tasks that others may see now than before."""
        there = {team_id: keys for team_id in self._places if (keys := self._presence.shown(team_id))}
        try:
            shifts = await self._shifts.look(self._store.rows(), there.keys())
        except TaskCoreError as error:
            log.warning("it is not known for now who sees what: %s", error.message)
            return
        for team_id, tasks in shifts.items():
            due = self._due.setdefault(team_id, _Due())
            due.keys.update(key for key in there[team_id] if tasks is None or key[1] in tasks)

    async def _tell_all(self, team_id: TeamId, news: _Due) -> None:
        try:
            await self._tell(team_id, [*self._places.get(team_id, ())], news)
        except TaskCoreError as error:
            log.warning("it cannot be told for now who is where: %s", error.message)
            self._due.setdefault(team_id, _Due()).keys |= news.keys  # at the next tick, again
        except Exception:
            log.exception("it cannot be told who is where")

    async def _tell(self, team_id: TeamId, places: Sequence[Place], news: _Due) -> None:
        """Tell those who may know of it, and are not who it is about, how it is at this moment."""
        ids = {task_id for _, task_id, _ in news.keys} | {each.task_id for each in news.readings}
        if not places or not ids:
            return
        sight = await _sight(self._store.rows(), team_id, ids, {_who(place) for place in places})
        at = self._clock()
        for place in places:
            for key in news.keys:
                if key[2] != _who(place):
                    place.see(key, self._presence.state(key), sight.of(place.actor, key[1]), at)
            for reading in news.readings:
                looks = place.seat is not None and place.seat.task_id == reading.task_id
                if looks and reading.user_id != _who(place) and sight.of(place.actor, reading.task_id):
                    place.hear(reading)


def _who(place: Place) -> UserId:
    assert place.actor is not None  # noqa: S101  a use case has set it
    return place.actor.user_id


@attrs.frozen
class _Sight:
    """What some people see of some tasks of a team at this moment."""

    team_id: TeamId
    tasks: Mapping[TaskId, Task]
    roles: Mapping[UserId, Role]
    guests: Mapping[ProjectId, Collection[UserId]]
    _known: dict[object, bool] = attrs.field(factory=dict)

    def of(self, actor: Actor | None, task_id: TaskId) -> Task | None:
        """The task, if they may read it."""
        task = self.tasks.get(task_id)
        if task is None or actor is None:
            return None
        role = self.roles.get(actor.user_id) if actor.team_id in (None, self.team_id) else None
        shared = task.project_id is not None and actor.user_id in self.guests.get(task.project_id, ())
        asked = (actor.scopes, role, shared)
        if asked not in self._known:
            self._known[asked] = _may_read(Standing(actor, self.team_id, role), shared=shared)
        return task if self._known[asked] else None


async def _sight(
    rows: Rows, team_id: TeamId, tasks: Collection[TaskId], people: Collection[UserId]
) -> _Sight:
    """Three reads, however many they are."""
    found = await rows.find(Task, team_id=team_id, id=tuple(tasks), deleted_at=None)
    members = await rows.find(Membership, team_id=team_id, user_id=tuple(people))
    roles = {each.user_id: each.role for each in members}
    homes = tuple({task.project_id for task in found if task.project_id is not None})
    part = Role.GUEST in roles.values() and homes
    projects = await rows.find(Project, team_id=team_id, id=homes) if part else []
    guests = {project.id: frozenset(project.guests) for project in projects}
    return _Sight(team_id, {task.id: task for task in found}, roles, guests)


def _may_read(standing: Standing, *, shared: bool) -> bool:
    try:
        require(standing, "task.read", "task", shared=shared)
    except TaskCoreError:
        return False
    return True
