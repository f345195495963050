"""Whom what happened in a team concerns, and why: from events to notices, a pure function of what surrounds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from uuid import UUID

import attrs

from taskcore.delivery.inbox import Notice, Reason
from taskcore.events import Event
from taskcore.tasks.model import Comment, Task
from taskcore.values import TaskId, UserId

SOMEBODY = "Somebody"
_STRENGTH = {reason: place for place, reason in enumerate(Reason)}
_MOST_EXCERPT = 120
_MOST_TITLE = 200


@attrs.frozen
class Around:
    """What is known, besides the events, of whom they concern."""

    tasks: Mapping[TaskId, Task]
    """As they are now; one that is gone concerns nobody any more."""
    comments: Mapping[TaskId, Sequence[Comment]]
    """The last ones on tasks that were commented on."""
    names: Mapping[UserId, str]
    zone: tzinfo
    """Where the team lives, whose days a plan's dates are."""


def notices_of(events: Iterable[Event], around: Around) -> list[Notice]:
    """
    Of each event one notice for everybody whom it concerns, for the strongest of their reasons; never for whoever
    did it.

    Who is in the team, sees the task, or has been told of the same before, is not asked here.
    """
    found: list[Notice] = []
    for event in events:
        task = around.tasks.get(event.task_id) if event.task_id is not None else None
        if task is None or task.deleted_at is not None:
            continue
        strongest: dict[UserId, Notice] = {}
        for notice in sorted(_of(event, task, around), key=lambda each: _STRENGTH[each.reason]):
            if notice.user_id != event.actor_id:
                strongest.setdefault(notice.user_id, notice)
        found += strongest.values()
    return found


def _of(event: Event, task: Task, around: Around) -> Iterator[Notice]:
    if event.kind.startswith("comment."):
        yield from _said(event, task, around)
        return
    yield from _assigned(event, around)
    yield from _slipped(event, task, around)
    yield from _followed(event, task, around)


def _assigned(event: Event, around: Around) -> Iterator[Notice]:
    """Who has to do it now; not where it was made elsewhere before, and only brought here."""
    change = _change(event, "assignee_id")
    if change is None or change[1] is None or "created_at" in event.data:
        return
    text = f"{_actor(event, around)} assigned {_title(event)} to you"
    yield _notice(event, UserId(UUID(str(change[1]))), Reason.ASSIGNED, text)


def _followed(event: Event, task: Task, around: Around) -> Iterator[Notice]:
    change = _change(event, "status")
    if change is None or change[0] is None:
        return
    text = f"{_actor(event, around)} set {_title(event)} to {str(change[1]).replace('_', ' ')}"
    for user_id in _concerned(task):
        yield _notice(event, user_id, Reason.FOLLOWING, text)


def _slipped(event: Event, task: Task, around: Around) -> Iterator[Notice]:
    """A plan that has it finished on a later day of the team than before, or beyond when it is due, as it was not."""
    change = _change(event, "planned_finish")
    after = _instant(change[1]) if change is not None else None
    if change is None or after is None or task.status.finished:
        return
    before = _instant(change[0])
    was, day = _day(before, around.zone), _day(after, around.zone)
    late = task.due_at is not None and after > task.due_at and (before is None or before <= task.due_at)
    if not late and (was is None or day is None or day <= was):
        return
    moved = f", not on {was}" if was not in (None, day) else ""
    beyond = ", after it is due" if task.due_at is not None and after > task.due_at else ""
    text = f"{_title(event)} is planned to be finished on {day}{moved}{beyond}"
    for user_id in {*task.followers, *_some(task.assignee_id)}:
        yield _notice(event, user_id, Reason.SLIPPED, text)


def _said(event: Event, task: Task, around: Around) -> Iterator[Notice]:
    """Who is mentioned in it, be it by what it was changed to; and whose talk it is, once it is said."""
    said = around.comments.get(task.id, ())
    if event.kind == "comment.deleted" or any(
        each.id == event.subject_id and each.deleted_at is not None for each in said
    ):
        return
    comment = event.data.get("comment", {})
    excerpt = _line(str(comment.get("excerpt", "")), _MOST_EXCERPT)
    who, where = _actor(event, around), f"on {_title(event)}: {excerpt}"
    for mentioned in comment.get("mentions", ()):
        notice = _notice(event, UserId(UUID(mentioned)), Reason.MENTIONED, f"{who} mentioned you {where}")
        yield attrs.evolve(notice, cause=f"mention:{event.subject_id}")
    if event.kind != "comment.created":
        return
    before = {each.author_id for each in said if (each.created_at, each.id) < (event.at, event.subject_id)}
    for user_id in {*_concerned(task), *before}:
        yield _notice(event, user_id, Reason.COMMENTED, f"{who} commented {where}")


def _concerned(task: Task) -> set[UserId]:
    return {task.created_by, *task.followers, *_some(task.assignee_id)}


def _notice(event: Event, user_id: UserId, reason: Reason, text: str) -> Notice:
    snapshot = event.data.get("task", {})
    return Notice(
        user_id,
        reason,
        f"event:{event.id}",
        text,
        team_id=event.team_id,
        task_id=event.task_id,
        task_key=snapshot.get("key"),
        event_id=event.id,
    )


def _change(event: Event, field: str) -> tuple[object, object] | None:
    change = event.data.get(field)
    return (change.get("from"), change.get("to")) if isinstance(change, Mapping) else None


def _actor(event: Event, around: Around) -> str:
    """Who did it: a person, or the rules of the team by which it was done."""
    if event.actor_id is None and (
        names := [str(each["name"]) for each in event.data.get("escalations", ())]
    ):
        rules = ", ".join(f"“{name}”" for name in names)
        return _line(f"The rule {rules}" if len(names) == 1 else f"The rules {rules}", _MOST_TITLE)
    name = around.names.get(event.actor_id) if event.actor_id is not None else None
    return _line(name or SOMEBODY, _MOST_TITLE)


def _title(event: Event) -> str:
    return f"“{_line(str(event.data.get('task', {}).get('title', '')), _MOST_TITLE)}”"


def _line(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _day(instant: datetime | None, zone: tzinfo) -> date | None:
    return instant.astimezone(zone).date() if instant is not None else None


def _some(user_id: UserId | None) -> tuple[UserId, ...]:
    return () if user_id is None else (user_id,)
