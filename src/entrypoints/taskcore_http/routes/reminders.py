"""When to be told of a task. Reminders are one's own: nobody else sees them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TypedDict

from litestar.params import FromPath

from taskcore.tasks.reminding import Reminder
from taskcore.values import LagUnit, ReminderAnchor
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


class NewReminder(TypedDict, total=False):
    """So many minutes after the anchor (`due`, if nothing is said), or before, if they are negative; `at` is the
    instant of the anchor `absolute`."""

    anchor: ReminderAnchor
    offset_minutes: int
    offset_unit: LagUnit
    at: datetime | None


@Operation(
    "GET",
    "/v1/tasks/{task:str}/reminders",
    gives=Reminder,
    many=True,
    query=LISTING,
    rights=("task.read",),
)
async def list_reminders(request: Call, task: FromPath[str]) -> Answer:
    """List your own reminders of a task."""
    return await request.listed(partial(request.me.reminders.list, task))


@Operation(
    "POST",
    "/v1/tasks/{task:str}/reminders",
    body=NewReminder,
    gives=Reminder,
    status=201,
    rights=("task.read", "reminder.manage_own"),
)
async def add_reminder(request: Call, task: FromPath[str]) -> Answer:
    """Be told of a task, by an instant or beside one of its dates."""
    reminders = request.me.reminders
    fields = await request.sent(NewReminder, lambda _: reminders.add(task, "absolute"), optional=True)
    reminder = await reminders.add(task, **fields)
    return request.one(reminder, status=201, location=f"/v1/tasks/{reminder.task_id}/reminders/{reminder.id}")


@Operation(
    "DELETE",
    "/v1/tasks/{task:str}/reminders/{reminder:str}",
    versioned=True,
    rights=("task.read", "reminder.manage_own"),
)
async def remove_reminder(request: Call, task: FromPath[str], reminder: FromPath[str]) -> Answer:
    """Take one of your own reminders back."""
    reminders = request.me.reminders
    await request.bare(lambda _: reminders.remove(task, reminder, if_version=NEVER))
    await reminders.remove(task, reminder, if_version=request.if_version)
    return request.done()
