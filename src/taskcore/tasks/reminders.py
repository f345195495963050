"""The use cases of reminders: one's own, of a task that one sees."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from taskcore.caller import UseCases, command, expect_version
from taskcore.errors import invalid, refuse
from taskcore.fields import in_utc, word
from taskcore.paging import Page, slice_page
from taskcore.permissions import missing
from taskcore.ports import Rows, Unit
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.tasks.model import Task, TaskRef
from taskcore.tasks.reminding import Reminder, armed, reminder_faults
from taskcore.tasks.surroundings import lock_team_of
from taskcore.teams.calendar_documents import member_calendar
from taskcore.teams.calendars import member_working
from taskcore.teams.model import Membership, Team
from taskcore.teams.resources import working_calendar
from taskcore.values import LagUnit, LagUnitWord, ReminderAnchor, ReminderAnchorWord, ReminderId
from taskcore.watching.arming import woken
from taskcore.watching.looking import is_no_news


class Reminders(UseCases):
    """`me.reminders`: when to be told of a task."""

    @command
    async def add(
        self,
        unit: Unit,
        task: TaskRef,
        anchor: ReminderAnchorWord = "due",
        *,
        offset_minutes: int = 0,
        offset_unit: LagUnitWord = "elapsed",
        at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Reminder:
        """
        Be told of a task so many minutes after a date of it, or before, if they are negative; `at` is for
        the anchor `absolute`, and at most a week past, which is told at once.

        Raises: NotFound, Invalid.
        """
        await lock_team_of(unit, task)
        about, _ = await self._allowed(unit, Task, task, "task.read", "reminder.manage_own")
        if about.deleted_at is not None:
            raise missing(f"task {task}")
        if type(offset_minutes) is not int:
            raise invalid("offset_minutes", "must be a whole number")
        stamp = self._caller.stamp()
        reminder = Reminder(
            id=ReminderId(stamp.new_id()),
            team_id=about.team_id,
            task_id=about.id,
            user_id=self._caller.user_id,
            anchor=word(ReminderAnchor, anchor, "anchor"),
            created_at=stamp.now,
            offset_minutes=offset_minutes,
            offset_unit=word(LagUnit, offset_unit, "offset_unit"),
            at=None if at is None else in_utc("at", at),
        )
        refuse(reminder_faults(reminder))
        told = armed(reminder, about, await self._calendar(unit, about))
        if reminder.at is not None and told.fires_at is not None and is_no_news(told.fires_at, stamp.now):
            raise invalid("at", "is past by more than a week, and would not be told")
        await unit.save([reminder, *await woken(unit, about, told.fires_at)])
        return told

    async def list(self, task: TaskRef, *, limit: object = 50, cursor: str | None = None) -> Page[Reminder]:
        """One's own reminders of a task."""
        about, _ = await self._allowed(self._rows, Task, task, "task.read")
        if about.deleted_at is not None:
            raise missing(f"task {task}")
        found = await self._rows.find(
            Reminder, team_id=about.team_id, task_id=about.id, user_id=self._caller.user_id
        )
        calendar = await self._calendar(self._rows, about)
        told = [armed(each, about, calendar) for each in found]
        return await slice_page(self._caller, told, limit, cursor, ["reminders", about.id])

    @command
    async def remove(
        self,
        unit: Unit,
        task: TaskRef,
        reminder: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Take a reminder of one's own back. Raises: NotFound, PreconditionFailed."""
        about, _ = await self._allowed(unit, Task, task, "task.read", "reminder.manage_own")
        try:
            wanted = reminder if isinstance(reminder, UUID) else UUID(reminder)
        except ValueError:
            raise missing(f"reminder {reminder}") from None
        found = await unit.find(
            Reminder, team_id=about.team_id, task_id=about.id, user_id=self._caller.user_id, id=wanted
        )
        if not found:
            raise missing(f"reminder {reminder}")
        expect_version(found[0], if_version)
        await unit.save([], removed=found)

    async def _calendar(self, reader: Rows | Unit, about: Task) -> WorkingCalendar:
        """When the caller works in the team of a task; by the team's, who is in it no longer."""
        (team,) = await reader.find(Team, id=about.team_id)
        memberships = await reader.find(Membership, team_id=team.id, user_id=self._caller.user_id)
        document = memberships[0].calendar if memberships else None
        return member_working(member_calendar(document), working_calendar(team))
