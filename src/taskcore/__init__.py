"""
The task engine that other software is built on.

    async with taskcore.open("sqlite:///tasks.db") as core:
        ada = await core.users.register("ada@example.org", name="Ada", password="…")
        me = core.acting_as(ada.id)

Names are loaded when they are first used, so that a program pays for what it takes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskcore.connect import open  # noqa: A004  the library's word
    from taskcore.core import Acting, TaskCore
    from taskcore.delivery.model import Delivery, Webhook
    from taskcore.errors import (
        Conflict,
        Fault,
        Forbidden,
        Invalid,
        Malformed,
        NotFound,
        PreconditionFailed,
        RateLimited,
        ResyncRequired,
        TaskCoreError,
        Unauthenticated,
        Unavailable,
    )
    from taskcore.events import CaughtUp, Event
    from taskcore.identity.model import ApiToken, AuditEntry, Session, User
    from taskcore.identity.sessions import SignedIn
    from taskcore.paging import Page
    from taskcore.permissions import Actor
    from taskcore.query import TaskQuery
    from taskcore.tasks.model import Comment, Dependency, SavedView, Task
    from taskcore.tasks.reading import ReadMarker, ReadState, Unread
    from taskcore.tasks.reminding import Reminder
    from taskcore.teams.model import Invitation, Label, Member, Membership, Project, Team
    from taskcore.values import DependencyType, LagUnit, Priority, Role, Status
    from taskcore.watching.model import EscalationRule, EscalationStep

__version__ = "0.1.0"

_HOME = {
    "Acting": "taskcore.core",
    "Actor": "taskcore.permissions",
    "ApiToken": "taskcore.identity.model",
    "AuditEntry": "taskcore.identity.model",
    "CaughtUp": "taskcore.events",
    "Comment": "taskcore.tasks.model",
    "Conflict": "taskcore.errors",
    "Delivery": "taskcore.delivery.model",
    "Dependency": "taskcore.tasks.model",
    "DependencyType": "taskcore.values",
    "Event": "taskcore.events",
    "Fault": "taskcore.errors",
    "Forbidden": "taskcore.errors",
    "Invalid": "taskcore.errors",
    "Invitation": "taskcore.teams.model",
    "Label": "taskcore.teams.model",
    "LagUnit": "taskcore.values",
    "Malformed": "taskcore.errors",
    "Member": "taskcore.teams.model",
    "Membership": "taskcore.teams.model",
    "NotFound": "taskcore.errors",
    "Page": "taskcore.paging",
    "PreconditionFailed": "taskcore.errors",
    "Priority": "taskcore.values",
    "Project": "taskcore.teams.model",
    "RateLimited": "taskcore.errors",
    "ReadMarker": "taskcore.tasks.reading",
    "ReadState": "taskcore.tasks.reading",
    "Role": "taskcore.values",
    "Reminder": "taskcore.tasks.reminding",
    "ResyncRequired": "taskcore.errors",
    "SavedView": "taskcore.tasks.model",
    "Session": "taskcore.identity.model",
    "SignedIn": "taskcore.identity.sessions",
    "Status": "taskcore.values",
    "Task": "taskcore.tasks.model",
    "TaskCore": "taskcore.core",
    "TaskCoreError": "taskcore.errors",
    "TaskQuery": "taskcore.query",
    "Team": "taskcore.teams.model",
    "Unauthenticated": "taskcore.errors",
    "Unavailable": "taskcore.errors",
    "User": "taskcore.identity.model",
    "Webhook": "taskcore.delivery.model",
    "EscalationRule": "taskcore.watching.model",
    "EscalationStep": "taskcore.watching.model",
    "open": "taskcore.connect",
    "Unread": "taskcore.tasks.reading",
}

__all__ = [
    "Acting",
    "Actor",
    "ApiToken",
    "AuditEntry",
    "CaughtUp",
    "Comment",
    "Conflict",
    "Delivery",
    "Dependency",
    "DependencyType",
    "EscalationRule",
    "EscalationStep",
    "Event",
    "Fault",
    "Forbidden",
    "Invalid",
    "Invitation",
    "Label",
    "LagUnit",
    "Malformed",
    "Member",
    "Membership",
    "NotFound",
    "Page",
    "PreconditionFailed",
    "Priority",
    "Project",
    "RateLimited",
    "ReadMarker",
    "ReadState",
    "Reminder",
    "ResyncRequired",
    "Role",
    "SavedView",
    "Session",
    "SignedIn",
    "Status",
    "Task",
    "TaskCore",
    "TaskCoreError",
    "TaskQuery",
    "Team",
    "Unauthenticated",
    "Unavailable",
    "Unread",
    "User",
    "Webhook",
    "open",
]


if not TYPE_CHECKING:  # who would take it to have every name

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module 'taskcore' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOME[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
