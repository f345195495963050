"""How projects, labels and a team's calendar show in the log, whoever changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskcore.events import Event, Stamp, difference, plain
from taskcore.teams.model import Label, Project, Team

UNTOLD = frozenset({"version", "updated_at"})
_GIVEN = ("name", "description", "lead_id", "target_on", "archived_at")


def project_event(kind: str, project: Project, stamp: Stamp, **changes: Any) -> Event:
    data = {**changes, "project": {"name": project.name}}
    return stamp.event(kind, project.team_id, "project", project.id, data)


def project_created(project: Project, stamp: Stamp) -> Event:
    given = {name: getattr(project, name) for name in _GIVEN if getattr(project, name)}
    told = {name: {"from": None, "to": plain(value)} for name, value in given.items()}
    return project_event("project.created", project, stamp, **told)


def project_changed(old: Project, new: Project, stamp: Stamp) -> Event:
    changes = difference(old, new, UNTOLD)
    archived = "archived_at" in changes and new.archived_at is not None
    return project_event("project.archived" if archived else "project.updated", new, stamp, **changes)


def label_event(kind: str, label: Label, stamp: Stamp, **changes: Any) -> Event:
    data = {**changes, "label": {"name": label.name, "colour": label.colour}}
    return stamp.event(kind, label.team_id, "label", label.id, data)


def label_created(label: Label, stamp: Stamp) -> Event:
    told = {name: {"from": None, "to": getattr(label, name)} for name in ("name", "colour")}
    return label_event("label.created", label, stamp, **told)


def calendar_event(team: Team, changes: Mapping[str, Any], stamp: Stamp) -> Event:
    """That a team works at other times; `changes` are those of its calendar."""
    data = {**changes, "team": {"name": team.name, "key": team.key}}
    return stamp.event("team.updated", team.id, "team", team.id, data)
