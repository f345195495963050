"""
What comes again and again: each tick of a schedule queues one job, in one unit of work with the next tick's instant.

Any number of workers look; one of them finds a schedule due and free, and moves it on. When a schedule is next due is
kept in the store, so that what came while nobody looked is known: the latest tick of it is made up for, or each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

from taskcore.core import TaskCore
from taskcore.errors import Conflict, PreconditionFailed
from taskcore.events import instant_text
from taskcore.jobs.cron import Cron
from taskcore.jobs.model import JobSchedule
from taskcore.jobs.registry import SCHEDULES, Schedule
from taskcore.jobs.states import new_job
from taskcore.jobs.timing import Timed
from taskcore.ports import Unit
from taskcore.values import Ids, zone

FORGOTTEN_AFTER = timedelta(days=1)
"""How long a schedule that this code does not know must have gone without a tick before it is taken for removed: code
of another version, which does know it, may run beside this."""


@attrs.frozen
class Timetable:
    """A schedule, ready to be asked."""

    schedule: Schedule
    cron: Cron
    zone: ZoneInfo

    @classmethod
    def of(cls, schedule: Schedule) -> Timetable:
        """Raises: Invalid, where its cron is none; ValueError, where there is no such zone."""
        return cls(schedule, Cron.of(schedule.cron), zone(schedule.time_zone))

    def next_after(self, instant: datetime) -> datetime:
        return self.cron.next_after(instant, self.zone)

    def tick(self, due_at: datetime, now: datetime) -> datetime:
        """The tick to queue a job for, of those from `due_at` to `now`."""
        return due_at if self.schedule.catch_up else self.cron.latest(due_at, now, self.zone)

    def fitting(self, row: JobSchedule, now: datetime) -> datetime:
        """When it is next due: as it is kept, unless its cron was changed since. What was due already, is still; and
        what was queued by whose clock is ahead, is not queued again."""
        return row.due_at if row.due_at <= now else self.next_after(max(now, row.last_at or now))


class Ticks(Timed[JobSchedule]):
    """The loop that queues the jobs of schedules, all that this code knows."""

    def __init__(self, core: TaskCore, schedules: Sequence[Schedule] = SCHEDULES) -> None:
        self._timetables = {each.name: Timetable.of(each) for each in schedules}
        self._ids: Ids = core._outside.ids  # noqa: SLF001  it acts for nobody, and so has no use case
        super().__init__(core, JobSchedule, self._tick, "ticks", where={"name": tuple(self._timetables)})
        self._is_set_up = False

    async def step(self) -> int:
        if not self._is_set_up:
            await self.set_up()
            self._is_set_up = True
        return await super().step()

    async def set_up(self) -> None:
        """Let the store have every schedule that there is, due as its cron says now, and none that is no more.
        Raises: Unavailable."""
        now = await self._clock.now()
        rows = {row.name: row for row in await self._store.rows().find(JobSchedule)}
        for name, timetable in self._timetables.items():
            row = rows.get(name)
            if row is None:
                await self._save(JobSchedule(name, timetable.next_after(now)))
            elif (due_at := timetable.fitting(row, now)) != row.due_at:
                await self._save(attrs.evolve(row, due_at=due_at, version=row.version + 1))
        for row in rows.values():
            if row.name not in self._timetables and row.due_at < now - FORGOTTEN_AFTER:
                await self._save(row, gone=True)

    async def _save(self, row: JobSchedule, *, gone: bool = False) -> None:
        async def work(unit: Unit) -> None:
            await unit.save([] if gone else [row], removed=[row] if gone else [])

        try:
            await self._store.transact(work)
        except (Conflict, PreconditionFailed):
            """Somebody else was first, and saved the same."""

    async def _tick(self, unit: Unit, row: JobSchedule, now: datetime) -> None:
        timetable = self._timetables[row.name]
        tick, schedule = timetable.tick(row.due_at, now), timetable.schedule
        job = new_job(
            self._ids(),
            schedule.kind,
            now,
            {**schedule.payload, "tick": instant_text(tick)},
            unique_key=f"{row.name}@{instant_text(tick)}",
        )
        due_at = timetable.next_after(tick)
        moved = attrs.evolve(row, due_at=due_at, last_at=tick, version=row.version + 1)
        await unit.save([moved, job])
