"""What somebody is told: one notice for one cause, and where it is told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import attrs

from taskcore.values import EventId, NotificationId, TaskId, TeamId, UserId

MOST_TEXT_CHARACTERS = 1_000


class Reason(StrEnum):
    """Why somebody is told, the strongest first: of one cause everybody is told once, for the first that holds."""

    TEAM_DELETED = "team_deleted"
    MAIL_DISABLED = "mail_disabled"
    ASSIGNED = "assigned"
    MENTIONED = "mentioned"
    ESCALATED = "escalated"
    REMINDER = "reminder"
    OVERDUE = "overdue"
    DUE = "due"
    SLIPPED = "slipped"
    FOLLOWING = "following"
    """What they follow, made or have to do has another status."""
    COMMENTED = "commented"


class Channel(StrEnum):
    """Where somebody is told. What is told by mail or in a digest is in the inbox too."""

    INBOX = "inbox"
    MAIL = "mail"
    DIGEST = "digest"
    NONE = "none"


if TYPE_CHECKING:
    ReasonWord = (
        Reason
        | Literal[
            "team_deleted",
            "mail_disabled",
            "assigned",
            "mentioned",
            "escalated",
            "reminder",
            "overdue",
            "due",
            "slipped",
            "following",
            "commented",
        ]
    )
    ChannelWord = Channel | Literal["inbox", "mail", "digest", "none"]
else:  # at run time each is its enum, which a word is turned into
    ReasonWord, ChannelWord = Reason, Channel


@attrs.frozen(slots=True)
class Notice:
    """Something that somebody is to be told. `cause` is what it comes from: of each cause a user is told once.

    One with a team is only for those who are in it, one about a task only for those who see that; what is to
    outlive the team says its name in the text, and has none.
    """

    user_id: UserId
    reason: Reason
    cause: str
    text: str
    """One line, in the words of a mail's subject."""
    team_id: TeamId | None = None
    task_id: TaskId | None = None
    task_key: str | None = None
    event_id: EventId | None = None


@attrs.frozen(slots=True)
class Notification:
    """A notice in its user's inbox. It is nobody else's to see, so the log tells nothing of it."""

    user_id: UserId
    id: NotificationId
    reason: Reason
    cause: str
    text: str
    created_at: datetime
    channel: Channel = Channel.INBOX
    """Where it is told besides, as its user preferred at that time."""
    team_id: TeamId | None = None
    task_id: TaskId | None = None
    task_key: str | None = None
    """As it was then."""
    event_id: EventId | None = None
    """What it tells of, where that is in the team's log."""
    read_at: datetime | None = None
    digested_at: datetime | None = None
    """When a digest told it."""
    version: int = 1
