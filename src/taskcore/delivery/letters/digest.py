"""The mail of a morning: what is overdue, what is due today, and what happened that was to wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import attrs

from taskcore.delivery.letters.sheet import Block, Heading, Item, Items, Paragraph, letter
from taskcore.delivery.ports import Attachment, Message
from taskcore.planning.pictures.words import LocalTimes, count, local, span
from taskcore.tasks.model import Task
from taskcore.values import Priority, zone

MOST_LISTED = 50
"""Of each kind of things; of more it is said how many there are."""


@attrs.frozen(slots=True)
class Agenda:
    """What somebody is told in the morning of a day."""

    day: date
    now: datetime
    time_zone: str
    overdue: tuple[tuple[Task, str], ...] = ()
    """With the name of their team, as of the others."""
    today: tuple[tuple[Task, str], ...] = ()
    happened: tuple[tuple[str, str], ...] = ()
    """Of notices: the key of the task, or nothing, and what is said."""

    @property
    def is_empty(self) -> bool:
        return not (self.overdue or self.today or self.happened)


def digest_message(to: str, agenda: Agenda) -> Message:
    return letter(to, _subject(agenda), list(_blocks(agenda)))


def weekly_message(to: str, teams: Sequence[str], attachments: tuple[Attachment, ...]) -> Message:
    """The mail of a week: how each of somebody's teams stands, as files."""
    what = f"of {teams[0]}" if len(teams) == 1 else f"of your {count(len(teams), 'team')}"
    blocks: list[Block] = [Paragraph(f"How {'it stands' if len(teams) == 1 else 'they stand'} is attached:")]
    blocks.append(Items(tuple(Item(each) for each in teams)))
    return letter(to, f"Weekly report {what}", blocks, attachments=attachments)


def _subject(agenda: Agenda) -> str:
    parts = [
        *([f"{len(agenda.overdue):,} overdue"] if agenda.overdue else []),
        *([f"{len(agenda.today):,} due today"] if agenda.today else []),
    ]
    happened = f"{count(len(agenda.happened), 'thing')} happened"
    return f"Your day: {', '.join(parts) or happened}"


def _blocks(agenda: Agenda) -> Iterator[Block]:
    where = zone(agenda.time_zone)
    times = LocalTimes(where, local(agenda.now, where).year)
    if agenda.overdue:
        yield Heading("Overdue")
        yield from _listed([_late(task, team, agenda.now, times) for task, team in agenda.overdue])
    if agenda.today:
        yield Heading("Due today")
        yield from _listed([_due(task, team, times) for task, team in agenda.today])
    if agenda.happened:
        yield Heading("What happened")
        yield from _listed([Item(text, label=key) for key, text in agenda.happened])


def _listed(items: list[Item]) -> Iterator[Block]:
    yield Items(tuple(items[:MOST_LISTED]))
    if len(items) > MOST_LISTED:
        yield Paragraph(f"And {len(items) - MOST_LISTED:,} more.")


def _late(task: Task, team: str, now: datetime, times: LocalTimes) -> Item:
    due = task.due_at or now
    late = span(max(int((now - due) / timedelta(minutes=1)), 1))
    return _item(task, f"due {times.moment(due)}, {late} ago", team)


def _due(task: Task, team: str, times: LocalTimes) -> Item:
    if task.due_on is not None or task.due_at is None:
        return _item(task, "by the end of the day", team)
    return _item(task, f"due {times.moment(task.due_at)}", team)


def _item(task: Task, due: str, team: str) -> Item:
    priority = f"{task.priority} priority" if task.priority in (Priority.HIGH, Priority.URGENT) else ""
    return Item(task.title, label=task.key, detail=" · ".join(each for each in (due, priority, team) if each))
