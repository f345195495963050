"""Teams, and what belongs to one apart from its tasks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import attrs

from taskcore.errors import Fault
from taskcore.values import (
    InvitationId,
    LabelId,
    ProjectId,
    Role,
    SchedulePolicy,
    TeamId,
    UserId,
    integer_faults,
    line_faults,
    text_faults,
    zone_faults,
)

_KEY = re.compile(r"[A-Z]{2,10}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@attrs.frozen(slots=True)
class Team:
    """A workspace and the tenant: everything below belongs to exactly one team."""

    id: TeamId
    name: str
    slug: str
    key: str
    created_at: datetime
    updated_at: datetime
    time_zone: str = "UTC"
    calendar: Mapping[str, Any] | None = None
    """When its people work, as `calendar_documents` has it; None where nothing was said."""
    suspended_at: datetime | None = None
    """Since when an instance admin lets nothing in it be changed."""
    deleted_at: datetime | None = None
    version: int = 1


@attrs.frozen(slots=True)
class Membership:
    """A user in a team."""

    team_id: TeamId
    user_id: UserId
    role: Role
    created_at: datetime
    capacity_minutes_per_day: int | None = None
    calendar: Mapping[str, Any] | None = None
    """What of their working time is their own, as `calendar_documents` has it; None where nothing was said."""
    version: int = 1


@attrs.frozen(slots=True)
class Member:
    """A membership with the person's name, as lists show it; for guests it is the name alone."""

    user_id: UserId
    name: str
    email: str | None
    role: Role | None
    capacity_minutes_per_day: int | None
    created_at: datetime
    version: int


@attrs.frozen(slots=True)
class Invitation:
    """An e-mail address asked to join with a role. Only the hash of its token is stored."""

    id: InvitationId
    team_id: TeamId
    email: str
    role: Role
    token_hash: str
    invited_by: UserId
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = 1

    def open_at(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at


@attrs.frozen(slots=True)
class Project:
    """A named group of a team's tasks. `guests` are those it is shared with."""

    id: ProjectId
    team_id: TeamId
    name: str
    created_by: UserId
    created_at: datetime
    updated_at: datetime
    description: str = ""
    lead_id: UserId | None = None
    target_on: date | None = None
    archived_at: datetime | None = None
    guests: tuple[UserId, ...] = ()
    schedule_policy: SchedulePolicy = SchedulePolicy.PULL_AND_PUSH
    version: int = 1


@attrs.frozen(slots=True)
class Label:
    """A team's tag; its name is unique in the team."""

    id: LabelId
    team_id: TeamId
    name: str
    created_at: datetime
    colour: str = "#8a8f98"
    version: int = 1


def default_slug(name: str, key: str) -> str:
    """`name` in lower-case ASCII words joined by hyphens; the key where nothing is left of it."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_name))[:60].strip("-") or key.lower()


def default_key(name: str) -> str:
    """A key from `name`: initials of several words, else its first four letters."""
    words = re.findall(
        r"[A-Z]+", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    )
    initials = "".join(word[0] for word in words)[:10]
    return initials if len(initials) > 1 else "".join(words)[:4]


def team_faults(team: Team) -> list[Fault]:
    faults = line_faults("name", team.name, least=1, most=200) + zone_faults("time_zone", team.time_zone)
    if not _KEY.fullmatch(team.key):
        faults.append(Fault("key", "must be 2 to 10 capital letters A-Z, such as PLAT"))
    if not _SLUG.fullmatch(team.slug) or len(team.slug) > 80:
        faults.append(Fault("slug", "must be lower-case words of a-z and 0-9 joined by single hyphens"))
    return faults


def membership_faults(membership: Membership) -> list[Fault]:
    return integer_faults("capacity_minutes_per_day", membership.capacity_minutes_per_day, most=24 * 60)


def project_faults(project: Project) -> list[Fault]:
    faults = text_faults("name", project.name, least=1, most=200)
    return faults + text_faults("description", project.description, most=100_000)


def label_faults(label: Label) -> list[Fault]:
    faults = text_faults("name", label.name, least=1, most=100)
    if "," in label.name:
        faults.append(Fault("name", "must not contain a comma, which separates labels in lists"))
    if not _COLOUR.fullmatch(label.colour):
        faults.append(Fault("colour", "must be #rrggbb in lower-case hexadecimal"))
    return faults
