"""The mail that tells somebody of what happened: of one thing, or of some that came together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from taskcore.delivery.letters.sheet import Block, Item, Items, Paragraph, letter, one_line
from taskcore.delivery.ports import Message
from taskcore.identity.model import User
from taskcore.teams.model import Team
from taskcore.values import TaskId


class Told(Protocol):
    """What a letter says of a notice."""

    @property
    def text(self) -> str: ...

    @property
    def task_id(self) -> TaskId | None: ...

    @property
    def task_key(self) -> str | None: ...


def notice_message(
    user: User, notices: Sequence[Told], *, team: Team | None = None, title: str | None = None
) -> Message:
    """
    The mail of one notice or some, all of one team (None: of none). `title` is the task's, where all are about one:
    such mails have one subject, and are shown together.
    """
    first, tasks = notices[0], {each.task_id for each in notices}
    task_id = first.task_id if len(tasks) == 1 else None
    if task_id is not None and title is not None:
        subject = f"{first.task_key} {title}" if first.task_key else title
    elif len(notices) == 1:
        subject = f"{first.task_key}: {first.text}" if first.task_key else first.text
    else:
        subject = f"{len(notices)} things happened" + (f" in {one_line(team.name)}" if team else "")
    return letter(
        user.email,
        subject,
        _blocks(notices),
        headers=team_headers(team) if team is not None else {},
        thread=task_thread(task_id) if task_id is not None else None,
    )


def _blocks(notices: Sequence[Told]) -> list[Block]:
    if len(notices) == 1:
        return [Paragraph(notices[0].text)]
    return [Items(tuple(Item(each.text, label=each.task_key or "") for each in notices))]


def task_thread(task_id: TaskId) -> str:
    """What mails about one task share."""
    return f"task.{task_id.hex}"


def team_headers(team: Team) -> Mapping[str, str]:
    """By which programs sort the mails of one team into a folder (RFC 2919; `localhost` is for lists that no domain
    is managed for)."""
    name = "".join(
        each for each in one_line(team.name, 100) if each.isascii() and (each.isalnum() or each in " -")
    )
    return {"List-Id": f"{name.strip()} <{team.id.hex}.teams.localhost>".strip()}
