"""What goes out: the core's own types as bytes, and the header fields that every answer has."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import attrs
import msgspec
from litestar.types import Receive, Scope, Send

from taskcore.delivery.inbox import Notification
from taskcore.delivery.model import Delivery, LoggedAttempt, Webhook
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.events import Event
from taskcore.identity.instance import TeamSummary
from taskcore.identity.model import ApiToken, AuditEntry, Session, User
from taskcore.jobs.model import JobFailure
from taskcore.jobs.views import JobSummary, OwnJob, ScheduleSummary
from taskcore.planning.model import (
    FreeTime,
    PlanAssignment,
    PlanComparison,
    PlanConflict,
    PlanLink,
    PlanMove,
    PlannedTask,
    PlanPerson,
    PlanReason,
    Schedule,
    Workload,
)
from taskcore.sagas.model import SagaStep, SagaSummary
from taskcore.tasks.model import Comment, Dependency, Lease, SavedView, Task
from taskcore.tasks.planning import TaskConstraint
from taskcore.tasks.reading import ReadMarker
from taskcore.tasks.reminding import Reminder
from taskcore.teams.calendars import WorkingSpan
from taskcore.teams.model import Invitation, Label, Member, Project, Team
from taskcore.watching.model import EscalationRule, EscalationStep

PLAN = (
    *(FreeTime, PlanAssignment, PlanComparison, PlanConflict, PlanLink, PlanMove, PlannedTask, PlanPerson),
    *(PlanReason, Schedule, Workload),
)
KINDS = (
    *PLAN,
    *(Delivery, LoggedAttempt, Webhook),
    *(JobFailure, JobSummary, OwnJob, ScheduleSummary),
    *(ApiToken, AuditEntry, Comment, Dependency, Event, Invitation, Label, Lease, Member, Project),
    *(Notification, NotificationPreferences),
    *(EscalationRule, EscalationStep),
    *(ReadMarker, Reminder, SagaStep, SagaSummary),
    *(SavedView, Session, Task, TaskConstraint, Team, TeamSummary, User, WorkingSpan),
)
JSON = (b"content-type", b"application/json")
EVENT_STREAM = (b"content-type", b"text/event-stream")
PRIVATE = (b"cache-control", b"private, no-cache")
UNSTORED = (b"cache-control", b"no-store")
NOSNIFF = (b"x-content-type-options", b"nosniff")
REPLAYED = (b"idempotency-replayed", b"true")
OF_DATA = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""What an answer that is no page may load, should a browser take it for one."""
SECURITY = (
    NOSNIFF,
    OF_DATA,
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"cross-origin-resource-policy", b"same-site"),
)
"""What browsers are to keep to, whoever embeds us. The transport's is heeded over HTTPS alone."""

_INSTANTS = frozenset(
    field.name.encode() for kind in KINDS for field in attrs.fields(kind) if "datetime" in str(field.type)
)
_WHOLE_SECOND = re.compile(rb'":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z"')
_ENCODER = msgspec.json.Encoder()


def encoded(value: object) -> bytes:
    """
    `value` as JSON, made of the core's own types; every instant has six fraction digits.

    msgspec leaves the fraction out where it is zero, so it is put in afterwards. That is safe: within
    a JSON string a quote is escaped, so `":"` stands only between a key and its text.
    """
    return _WHOLE_SECOND.sub(_with_fraction, _ENCODER.encode(value))


def _with_fraction(match: re.Match[bytes]) -> bytes:
    before = match.start()
    key = match.string[match.string.rfind(b'"', 0, before) + 1 : before]
    return match[0][:-2] + b'.000000Z"' if key in _INSTANTS else match[0]


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:20]


class Answer:
    """A whole HTTP response. For HEAD its body is only counted."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
        self.status = status
        self.headers = headers
        self.body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's shape
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        body = b"" if scope.get("method") == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body, "more_body": False})


def shown(thing: Any) -> dict[str, Any]:
    """A thing without the hash of its token, which only a store needs."""
    names = (field.name for field in attrs.fields(type(thing)) if field.name != "token_hash")
    return {name: getattr(thing, name) for name in names}
