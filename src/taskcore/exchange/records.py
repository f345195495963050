"""
A team as records: the format of an export (docs/guides/exchange.md).

A record is one thing, `{"type": …, "data": {…}}`. NDJSON has one a line; the JSON document has the same
`data`, in a list for each type. What is pointed at comes before what points at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from taskcore.events import Event, plain
from taskcore.identity.model import NOBODYS, User
from taskcore.tasks.model import DERIVED, Comment, Dependency, SavedView, Task
from taskcore.teams.model import Label, Membership, Project, Team
from taskcore.values import Role, TeamId, UserId

FORMAT = "taskcore_export"
VERSION = 2
"""Raised when a reader of the one before could misunderstand. 1 had no people, views and events."""
READABLE = (1, 2)


@attrs.frozen(slots=True)
class Person:
    """Somebody whom a team's things name: who they are here, and in the team, if they are in it."""

    id: UserId
    name: str
    email: str | None = None
    role: Role | None = None
    created_at: datetime | None = None
    """Since when they are in the team."""
    capacity_minutes_per_day: int | None = None
    calendar: Mapping[str, Any] | None = None
    version: int = 1
    """Of the membership."""


KINDS: Mapping[str, type[Any]] = {
    "person": Person,
    "project": Project,
    "label": Label,
    "task": Task,
    "dependency": Dependency,
    "comment": Comment,
    "view": SavedView,
    "event": Event,
}
"""The types of records behind the first two (`taskcore_export`, `team`), in their order."""
SECTIONS: Mapping[str, str] = {
    "people": "person",
    "projects": "project",
    "labels": "label",
    "tasks": "task",
    "dependencies": "dependency",
    "comments": "comment",
    "views": "view",
    "events": "event",
}
"""The lists of the JSON document, with the type of what is in them."""
_LEFT_OUT = DERIVED | {"team_id"}
_USERS: Mapping[type[Any], tuple[str, ...]] = {
    Project: ("created_by", "lead_id", "guests"),
    Task: ("created_by", "assignee_id", "followers", "candidates", "deleted_by"),
    Comment: ("author_id", "mentions"),
    SavedView: ("owner_id",),
    Event: ("actor_id",),
}
"""Fields that name people."""


@attrs.frozen(slots=True)
class Record:
    """One thing of an export. `line` says where in its file, for reports."""

    type: str
    data: Mapping[str, Any]
    line: int = 0


def head(*, deleted: bool, events: bool) -> Record:
    """What begins an export, and says what is in it besides the rest."""
    having = [name for name, there in (("deleted", deleted), ("events", events)) if there]
    return Record(FORMAT, {"version": VERSION, "with": having})


def of_team(team: Team) -> Record:
    return Record("team", _fields(team, frozenset({"deleted_at", "suspended_at"})))


def record(thing: Any) -> Record:
    """A thing as it leaves: without what is computed, and without the team, which is that of all."""
    return Record(_TYPE_OF[type(thing)], _fields(thing, _LEFT_OUT))


_TYPE_OF = {kind: name for name, kind in KINDS.items()}


def _fields(thing: Any, left_out: frozenset[str]) -> dict[str, Any]:
    names = (field.name for field in attrs.fields(type(thing)))
    return {name: plain(getattr(thing, name)) for name in names if name not in left_out}


def person(user: User, membership: Membership | None, team_id: TeamId) -> Person:
    if membership is None:
        return Person(user.id, user.name, address(user.email, team_id))
    return Person(
        user.id,
        user.name,
        address(user.email, team_id),
        membership.role,
        membership.created_at,
        membership.capacity_minutes_per_day,
        membership.calendar,
        membership.version,
    )


def named_by(thing: Any) -> set[UserId]:
    """The people whom a thing names."""
    found: set[UserId] = set()
    for field in _USERS.get(type(thing), ()):
        value = getattr(thing, field)
        found |= set(value) if isinstance(value, tuple) else {value} if value is not None else set()
    if isinstance(thing, Task) and thing.lease is not None:
        found.add(thing.lease.user_id)
    return found


def stand_in(email: str | None, person_id: UUID, team_id: TeamId) -> str:
    """
    The address of somebody who came in with a team and has no account here.

    Nobody has it and nothing can be sent to it (RFC 2606); their own they can still sign up with. It
    keeps theirs, so that an export tells it again.
    """
    local, at, domain = (email or "").rpartition("@")
    if not at or len(local) > 64 or len(domain) > _MOST_OF_DOMAIN or not email or email != email.lower():
        local, domain = person_id.hex, "unknown"
    return f"{local}@{domain}.{team_id.hex}{_NOBODYS}"


def address(email: str, team_id: TeamId) -> str | None:
    """The address that somebody has or, where they have no account, had elsewhere."""
    own = email.removesuffix(f".{team_id.hex}{_NOBODYS}")
    if own == email:
        return email
    return None if own.endswith("@unknown") else own


_NOBODYS = f".placeholder{NOBODYS}"
_MOST_OF_DOMAIN = 130
