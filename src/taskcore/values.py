"""Words with a value: ids, statuses, roles, instants, and the checks that several entities share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NewType
from uuid import UUID
from zoneinfo import ZoneInfo

from taskcore.errors import Fault

UserId = NewType("UserId", UUID)
TeamId = NewType("TeamId", UUID)
InvitationId = NewType("InvitationId", UUID)
ProjectId = NewType("ProjectId", UUID)
LabelId = NewType("LabelId", UUID)
TaskId = NewType("TaskId", UUID)
CommentId = NewType("CommentId", UUID)
ViewId = NewType("ViewId", UUID)
ReminderId = NewType("ReminderId", UUID)
WebhookId = NewType("WebhookId", UUID)
DeliveryId = NewType("DeliveryId", UUID)
EventId = NewType("EventId", UUID)
SessionId = NewType("SessionId", UUID)
TokenId = NewType("TokenId", UUID)
AuditId = NewType("AuditId", UUID)
JobId = NewType("JobId", UUID)
SagaId = NewType("SagaId", UUID)
EscalationId = NewType("EscalationId", UUID)
NotificationId = NewType("NotificationId", UUID)

Clock = Callable[[], datetime]
"""Tells the present instant, aware and in UTC."""
Ids = Callable[[], UUID]
"""Makes a new UUIDv7 (RFC 9562); those of one process rise."""


class Status(StrEnum):
    BACKLOG = "backlog"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    IN_REVIEW = "in_review"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        return self in FINISHED


FINISHED = frozenset({Status.DONE, Status.CANCELLED})
UNFINISHED = frozenset(Status) - FINISHED
NOT_STARTED = frozenset({Status.BACKLOG, Status.OPEN})


class Priority(StrEnum):
    """From least to most pressing; sorting by priority uses this order."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def weight(self) -> int:
        return _WEIGHT[self]


_WEIGHT = {priority: weight for weight, priority in enumerate(Priority)}


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"

    def outranks(self, other: Role) -> bool:
        return _RANKING[self] < _RANKING[other]


_RANKING = {role: place for place, role in enumerate(Role)}
WORKERS = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER})
"""Roles that can be assigned a task."""


class EstimateKind(StrEnum):
    """What the minutes of an estimate are: of people's work, of working time, or of time."""

    EFFORT = "effort"
    WORKING = "working"
    ELAPSED = "elapsed"
    MILESTONE = "milestone"
    """A moment, whatever the estimate says."""


class ConstraintRule(StrEnum):
    """What a constraint asks of a task's dates."""

    NOT_BEFORE = "not_before"
    FINISH_NOT_BEFORE = "finish_not_before"
    START_BY = "start_by"
    MUST_FINISH_BY = "must_finish_by"
    MUST_START_ON = "must_start_on"
    MUST_FINISH_ON = "must_finish_on"
    AS_LATE_AS_POSSIBLE = "as_late_as_possible"


class SchedulePolicy(StrEnum):
    """What a plan may do with dates that were planned before."""

    PULL_AND_PUSH = "pull_and_push"
    """As soon as possible."""
    PUSH_ONLY = "push_only"
    """Never sooner than before."""
    KEEP_GAP = "keep_gap"
    """As far behind its predecessors as before."""
    MANUAL = "manual"
    """Where they were put; what that breaks is told."""


if TYPE_CHECKING:
    StatusWord = Status | Literal["backlog", "open", "in_progress", "in_review", "done", "cancelled"]
    PriorityWord = Priority | Literal["none", "low", "medium", "high", "urgent"]
    RoleWord = Role | Literal["owner", "admin", "member", "guest"]
    EstimateKindWord = EstimateKind | Literal["effort", "working", "elapsed", "milestone"]
    ConstraintRuleWord = (
        ConstraintRule
        | Literal[
            "not_before",
            "finish_not_before",
            "start_by",
            "must_finish_by",
            "must_start_on",
            "must_finish_on",
            "as_late_as_possible",
        ]
    )
    SchedulePolicyWord = SchedulePolicy | Literal["pull_and_push", "push_only", "keep_gap", "manual"]
else:  # at run time each is its enum, which a word is turned into
    StatusWord, PriorityWord, RoleWord = Status, Priority, Role
    EstimateKindWord, ConstraintRuleWord, SchedulePolicyWord = EstimateKind, ConstraintRule, SchedulePolicy


class DependencyType(StrEnum):
    """Which end of the predecessor holds back which end of the successor."""

    FS = "FS"
    SS = "SS"
    FF = "FF"
    SF = "SF"


class LagUnit(StrEnum):
    WORKING = "working"
    ELAPSED = "elapsed"


class ReminderAnchor(StrEnum):
    """What a reminder is set beside; `absolute` stands for an instant of its own."""

    DUE = "due"
    PLANNED_START = "planned_start"
    PLANNED_FINISH = "planned_finish"
    ABSOLUTE = "absolute"


if TYPE_CHECKING:
    ReminderAnchorWord = ReminderAnchor | Literal["due", "planned_start", "planned_finish", "absolute"]
    LagUnitWord = LagUnit | Literal["working", "elapsed"]
else:
    ReminderAnchorWord, LagUnitWord = ReminderAnchor, LagUnit


def instant(value: datetime) -> datetime:
    """`value` in UTC; raises `ValueError` for a naive one, which could mean any instant."""
    if value.tzinfo is None:
        raise ValueError("a time needs its zone, such as 2026-12-01T09:00:00Z")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies outside the years 1 to 9999") from error


_OF_THE_HOST = frozenset({"localtime", "posixrules"})
"""Names of no place: whatever a machine is set to."""


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone called `name`; raises `ValueError` for an unknown one."""
    try:
        return ZoneInfo("" if name in _OF_THE_HOST else name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {name!r}; use an IANA name such as Europe/Berlin") from error


def start_of_day(day: date, zone_name: str) -> datetime:
    """The first instant of `day` in that zone, in UTC."""
    return instant(datetime.combine(day, time.min, zone(zone_name)))


def end_of_day(day: date, zone_name: str) -> datetime:
    """The last microsecond of `day` in that zone, in UTC: when work due on that day is late."""
    if day == date.max:
        raise ValueError("lies outside the years 1 to 9999")
    return start_of_day(day + timedelta(days=1), zone_name) - timedelta(microseconds=1)


def line_faults(field: str, text: str, *, least: int, most: int) -> list[Fault]:
    """As `text_faults`, of a name that stands on one line: in a list, in a mail's subject."""
    faults = text_faults(field, text, least=least, most=most)
    if not faults and any(character < " " or "\x7f" <= character <= "\x9f" for character in text):
        faults.append(Fault(field, "must not contain control characters or line breaks"))
    return faults


def text_faults(field: str, value: object, *, least: int = 0, most: int) -> list[Fault]:
    """What is wrong with a text: its length in characters, or characters no store can hold."""
    if not isinstance(value, str):
        return [Fault(field, f"must be a text, not {value!r:.80}")]
    faults = []
    if not least <= len(value) <= most:
        faults.append(Fault(field, f"must have {least} to {most} characters, not {len(value)}"))
    if "\x00" in value:
        faults.append(Fault(field, "must not contain a NUL character"))
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        faults.append(Fault(field, "must be valid Unicode: it has half of a surrogate pair"))
    if least and value and not value.strip():
        faults.append(Fault(field, "must not be blank"))
    return faults


MAX_INTEGER = 2**31 - 1


def integer_faults(field: str, value: int | None, *, least: int = 0, most: int = MAX_INTEGER) -> list[Fault]:
    if value is None or least <= value <= most:
        return []
    return [Fault(field, f"must lie between {least} and {most}, not {value}")]


def zone_faults(field: str, name: str) -> list[Fault]:
    try:
        zone(name)
    except ValueError as error:
        return [Fault(field, str(error))]
    return []
