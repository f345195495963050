"""The use cases of projects and labels: what a team sorts its tasks by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, expect_version
from taskcore.errors import Fault, invalid, refuse
from taskcore.events import Event, Stamp, difference
from taskcore.fields import sound
from taskcore.identity.model import AuditEntry
from taskcore.paging import Page, slice_page
from taskcore.ports import Unit
from taskcore.tasks.lifecycle import unlinked
from taskcore.tasks.model import Task
from taskcore.teams.departures import unfollow_project, without_guest
from taskcore.teams.model import Label, Membership, Project, Team, label_faults, project_faults
from taskcore.teams.telling import (
    UNTOLD,
    label_created,
    label_event,
    project_changed,
    project_created,
    project_event,
)
from taskcore.values import WORKERS, LabelId, ProjectId, Role, SchedulePolicyWord, UserId


class ProjectDetails(TypedDict, total=False):
    """What a caller may set on a project besides its name."""

    description: str
    lead_id: UserId | None
    target_on: date | None
    archived: bool
    schedule_policy: SchedulePolicyWord


class ProjectFields(ProjectDetails, total=False):
    """What a caller may set on a project."""

    name: str


class Projects(UseCases):
    """`me.projects`."""

    @command
    async def create(
        self,
        unit: Unit,
        team: UUID | str,
        name: str,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[ProjectDetails],
    ) -> Project:
        """Start a project. Raises: NotFound, Forbidden, Invalid."""
        home, _ = await self._allowed(unit, Team, team, "team.read", "project.create")
        stamp = self._caller.stamp()
        blank = Project(ProjectId(stamp.new_id()), home.id, name, self._caller.user_id, stamp.now, stamp.now)
        project = _with_fields(blank, sound(ProjectDetails, fields), stamp)
        refuse(project_faults(project) + await _lead_faults(unit, project))
        saved: list[Project] = await unit.save([project], events=[project_created(project, stamp)])
        return saved[0]

    async def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Project]:
        """A team's projects, archived ones too; a guest sees those shared with them."""
        home, seen = await self._allowed(self._rows, Team, team, "team.read")
        self._require(seen.standing, "project.list", f"team {team}")
        projects = await self._rows.find(Project, team_id=home.id)
        if seen.standing.role is Role.GUEST:
            projects = [project for project in projects if self._caller.user_id in project.guests]
        return await slice_page(self._caller, projects, limit, cursor, ["projects", home.id])

    async def get(self, project: UUID | str) -> Project:
        """Read one project."""
        found, _ = await self._allowed(self._rows, Project, project, "project.read")
        return found

    @command
    async def edit(
        self,
        unit: Unit,
        project: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[ProjectFields],
    ) -> Project:
        """Change a project; `archived` puts it away or fetches it back."""
        current, seen = await self._allowed(unit, Project, project, "project.read")
        for action in _actions(fields):
            own = self._caller.user_id in (current.created_by, current.lead_id)
            self._require(seen.standing, action, f"project {project}", own=own)
        stamp = self._caller.stamp()
        changed = _with_fields(current, sound(ProjectFields, fields), stamp)
        refuse(project_faults(changed) + (await _lead_faults(unit, changed) if "lead_id" in fields else []))
        expect_version(current, if_version)
        return await self._save(unit, current, changed, stamp)

    @command
    async def delete(
        self,
        unit: Unit,
        project: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Delete a project. Its tasks stay, in no project."""
        current, _ = await self._allowed(unit, Project, project, "project.read", "project.delete")
        expect_version(current, if_version)
        stamp = self._caller.stamp()
        tasks = await unit.find(Task, team_id=current.team_id, project_id=current.id)
        changes = [unlinked(task, stamp, project_id=None) for task in tasks]
        events = [event for _, events in changes for event in events]
        deleted = project_event("project.updated", current, stamp, deleted={"from": False, "to": True})
        await unit.save([task for task, _ in changes], removed=[current], events=[deleted, *events])

    @command
    async def share(
        self,
        unit: Unit,
        project: UUID | str,
        guest: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Project:
        """Let a guest of the team see a project. Raises: Invalid, if they are no guest of it."""
        current, _ = await self._allowed(unit, Project, project, "project.read", "project.share_with_guest")
        memberships = await unit.find(Membership, team_id=current.team_id, user_id=guest)
        if not memberships or memberships[0].role is not Role.GUEST:
            raise invalid("user", "must be a guest of the team")
        expect_version(current, if_version)
        guests, stamp = tuple(sorted({*current.guests, guest})), self._caller.stamp()
        changed = attrs.evolve(current, guests=guests)
        entry = _sharing(current, guest, stamp, shared=True)
        return await self._save(unit, current, changed, stamp, [entry])

    @command
    async def unshare(
        self,
        unit: Unit,
        project: UUID | str,
        guest: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Project:
        """Show a project to a guest no longer; they follow its tasks no longer either."""
        current, _ = await self._allowed(unit, Project, project, "project.read", "project.share_with_guest")
        expect_version(current, if_version)
        stamp = self._caller.stamp()
        tasks, events = await unfollow_project(unit, current, guest, stamp)
        entry = _sharing(current, guest, stamp, shared=False)
        return await self._save(unit, current, without_guest(current, guest), stamp, [*tasks, entry], events)

    async def _save(
        self,
        unit: Unit,
        current: Project,
        changed: Project,
        stamp: Stamp,
        more: Sequence[Task | AuditEntry] = (),
        events: Sequence[Event] = (),
    ) -> Project:
        if changed == current:
            return current
        changed = attrs.evolve(changed, version=current.version + 1, updated_at=stamp.now)
        told = project_changed(current, changed, stamp)
        saved: list[Project] = await unit.save([changed, *more], events=[told, *events])
        return saved[0]


def _sharing(project: Project, guest: UserId, stamp: Stamp, *, shared: bool) -> AuditEntry:
    told = {"guest": guest, "shared": shared}
    action = "project.share_with_guest"
    return stamp.audit(action, "project", project.id, team_id=project.team_id, data=told)


async def _lead_faults(unit: Unit, project: Project) -> list[Fault]:
    if project.lead_id is None:
        return []
    memberships = await unit.find(Membership, team_id=project.team_id, user_id=project.lead_id)
    if memberships and memberships[0].role in WORKERS:
        return []
    return [Fault("lead_id", "must be an owner, admin or member of the team")]


def _with_fields(project: Project, fields: ProjectDetails, stamp: Stamp) -> Project:
    new: dict[str, Any] = dict(fields)
    archived = new.pop("archived", project.archived_at is not None)
    if archived != (project.archived_at is not None):
        new["archived_at"] = stamp.now if archived else None
    return attrs.evolve(project, **new)


def _actions(fields: ProjectFields) -> list[str]:
    """Archiving is a right of its own, which creator and lead have too."""
    return ["project.archive"] * ("archived" in fields) + ["project.update"] * bool(
        fields.keys() - {"archived"} or not fields
    )


class LabelDetails(TypedDict, total=False):
    """What a caller may set on a label besides its name."""

    colour: str


class LabelFields(LabelDetails, total=False):
    """What a caller may set on a label."""

    name: str


class Labels(UseCases):
    """`me.labels`."""

    @command
    async def create(
        self,
        unit: Unit,
        team: UUID | str,
        name: str,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[LabelDetails],
    ) -> Label:
        """Make a label. Raises: Conflict `already_exists`, if the team has one of that name."""
        home, _ = await self._allowed(unit, Team, team, "team.read", "label.manage")
        stamp = self._caller.stamp()
        label = Label(LabelId(stamp.new_id()), home.id, name, stamp.now, **sound(LabelDetails, fields))
        refuse(label_faults(label))
        saved: list[Label] = await unit.save([label], events=[label_created(label, stamp)])
        return saved[0]

    async def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Label]:
        """A team's labels."""
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "project.list")
        labels = await self._rows.find(Label, team_id=home.id)
        return await slice_page(self._caller, labels, limit, cursor, ["labels", home.id])

    async def get(self, label: UUID | str) -> Label:
        """Read one label."""
        found, _ = await self._allowed(self._rows, Label, label, "project.list")
        return found

    @command
    async def edit(
        self,
        unit: Unit,
        label: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[LabelFields],
    ) -> Label:
        """Rename or recolour a label, on all its tasks at once."""
        current, _ = await self._allowed(unit, Label, label, "project.list", "label.manage")
        changed = attrs.evolve(current, **sound(LabelFields, fields))
        refuse(label_faults(changed))
        expect_version(current, if_version)
        changes = difference(current, changed, UNTOLD)
        if not changes:
            return current
        changed = attrs.evolve(changed, version=current.version + 1)
        event = label_event("label.updated", changed, self._caller.stamp(), **changes)
        saved: list[Label] = await unit.save([changed], events=[event])
        return saved[0]

    @command
    async def delete(
        self,
        unit: Unit,
        label: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Delete a label, and take it off its tasks."""
        current, _ = await self._allowed(unit, Label, label, "project.list", "label.manage")
        expect_version(current, if_version)
        stamp = self._caller.stamp()
        tasks = await unit.find(Task, team_id=current.team_id, labels=current.name)
        changes = [
            unlinked(task, stamp, labels=tuple(name for name in task.labels if name != current.name))
            for task in tasks
        ]
        events = [event for _, events in changes for event in events]
        deleted = label_event("label.deleted", current, stamp)
        await unit.save([task for task, _ in changes], removed=[current], events=[deleted, *events])
