"""
The schema, as SQLAlchemy typed models: the one place where tables, keys and indexes are said.

Migrations are made from it, and `render` writes what the statements need of it into `schema.py`,
so that nothing imports SQLAlchemy to run a query. Whatever belongs to a team has the team in its
key and in every foreign key: a row can point only at its own tenant's rows.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from taskcore_sql import saga_tables
from taskcore_sql.column_types import BYTEWISE, IdList, Priority

Base = saga_tables.Base


def _where(predicate: str) -> dict[str, Any]:
    """What makes an index one of the rows alone for which this holds."""
    return {"postgresql_where": text(predicate), "sqlite_where": text(predicate)}


class Instance(Base):
    """What this store alone knows: the key that seals cursors."""

    __tablename__ = "instance"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    key: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    time_zone: Mapped[str]
    calendar: Mapped[str | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int]
    suspended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("slug", name="uq_teams_slug"),
        UniqueConstraint("key", name="uq_teams_key"),
    )


class TeamCounter(Base):
    """The last task number and the last event seq of a team: the last lock of a command."""

    __tablename__ = "team_counters"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    last_number: Mapped[int]
    last_seq: Mapped[int]
    __table_args__ = ({"postgresql_with": {"fillfactor": "50"}},)


class Membership(Base):
    __tablename__ = "memberships"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[str]
    created_at: Mapped[datetime]
    capacity_minutes_per_day: Mapped[int | None]
    calendar: Mapped[str | None]
    version: Mapped[int]
    __table_args__ = (Index("ix_memberships_user", "user_id", "team_id"),)


class Invitation(Base):
    __tablename__ = "invitations"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[str]
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
        Index("ix_invitations_id", "id"),
    )


class Project(Base):
    __tablename__ = "projects"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    description: Mapped[str]
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    target_on: Mapped[date | None]
    archived_at: Mapped[datetime | None]
    version: Mapped[int]
    schedule_policy: Mapped[str] = mapped_column(server_default="pull_and_push")
    __table_args__ = (Index("ix_projects_id", "id"),)


class ProjectGuest(Base):
    __tablename__ = "project_guests"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    __table_args__ = (
        ForeignKeyConstraint(
            ["team_id", "project_id"], ["projects.team_id", "projects.id"], ondelete="CASCADE"
        ),
        Index("ix_project_guests_user", "user_id", "team_id", "project_id"),
    )


class Label(Base):
    __tablename__ = "labels"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(BYTEWISE)
    created_at: Mapped[datetime]
    colour: Mapped[str]
    version: Mapped[int]
    __table_args__ = (
        UniqueConstraint("team_id", "name", name="uq_labels_team_id_name"),
        Index("ix_labels_id", "id"),
    )


class Task(Base):
    __tablename__ = "tasks"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    key: Mapped[str]
    title: Mapped[str] = mapped_column(BYTEWISE)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    rank: Mapped[str] = mapped_column(BYTEWISE)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    description: Mapped[str]
    status: Mapped[str]
    priority: Mapped[int] = mapped_column(Priority())
    project_id: Mapped[UUID | None]
    parent_id: Mapped[UUID | None]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    start_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    estimate_minutes: Mapped[int | None]
    spent_minutes: Mapped[int]
    recurrence: Mapped[str | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    planned_start: Mapped[datetime | None]
    planned_finish: Mapped[datetime | None]
    external_source: Mapped[str | None]
    external_id: Mapped[str | None]
    lease: Mapped[dict[str, Any] | None]
    version: Mapped[int]
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    planning: Mapped[dict[str, Any] | None]
    """The fields of `PLANNING` that are set."""
    __table_args__ = (
        UniqueConstraint("team_id", "number", name="uq_tasks_team_id_number"),
        UniqueConstraint("key", name="uq_tasks_key"),
        Index(
            "uq_tasks_team_id_external_source_external_id",
            *("team_id", "external_source", "external_id"),
            unique=True,
            **_where("external_id IS NOT NULL"),
        ),
        ForeignKeyConstraint(
            ["team_id", "project_id"], ["projects.team_id", "projects.id"], name="fk_tasks_project"
        ),
        ForeignKeyConstraint(["team_id", "parent_id"], ["tasks.team_id", "tasks.id"], name="fk_tasks_parent"),
        Index("ix_tasks_id", "id"),
        Index("ix_tasks_created", "team_id", "created_at", "id"),
        Index("ix_tasks_updated", "team_id", "updated_at", "id"),
        Index("ix_tasks_due", "team_id", "due_at", "id"),
        Index("ix_tasks_completed", "team_id", "completed_at", "id"),
        Index("ix_tasks_rank", "team_id", "rank", "id"),
        Index("ix_tasks_status", "team_id", "status", "created_at", "id"),
        Index("ix_tasks_title", "team_id", "title", "id"),
        Index("ix_tasks_priority", "team_id", "priority", "id"),
        Index("ix_tasks_priority_created", "team_id", "priority", "created_at", "id"),
        Index("ix_tasks_assignee", "team_id", "assignee_id", "created_at", "id"),
        Index("ix_tasks_created_by", "team_id", "created_by", "created_at", "id"),
        Index("ix_tasks_project", "team_id", "project_id", "created_at", "id"),
        Index(
            "ix_tasks_parent",
            *("team_id", "parent_id", "created_at", "id"),
            **_where("parent_id IS NOT NULL"),
        ),
        Index("ix_tasks_deleted", "team_id", "created_at", "id", **_where("deleted_at IS NOT NULL")),
    )


class TaskText(Base):
    """What is searched of a task (its id is the source's) and of each of its comments, as
    `tasks.relevance` makes it: so that every store compares the same characters."""

    __tablename__ = "task_texts"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str]
    n: Mapped[int | None]
    """The row's number in SQLite's index on texts, since its own may change; PostgreSQL needs none."""
    __table_args__ = (
        ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        Index("ix_task_texts_n", "n", unique=True).ddl_if(dialect="sqlite"),
        Index(
            "ix_task_texts_text",
            *("team_id", "text"),
            postgresql_using="gin",
            postgresql_ops={"text": "gin_trgm_ops"},
        ).ddl_if(dialect="postgresql"),
    )


class TaskLabel(Base):
    __tablename__ = "task_labels"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    label_id: Mapped[UUID] = mapped_column(primary_key=True)
    __table_args__ = (
        ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["team_id", "label_id"], ["labels.team_id", "labels.id"], ondelete="CASCADE"),
        Index("ix_task_labels_label", "team_id", "label_id", "task_id"),
    )


class TaskFollower(Base):
    __tablename__ = "task_followers"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    __table_args__ = (
        ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        Index("ix_task_followers_user", "team_id", "user_id", "task_id"),
    )


class Dependency(Base):
    __tablename__ = "dependencies"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    predecessor_id: Mapped[UUID] = mapped_column(primary_key=True)
    successor_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    type: Mapped[str]
    lag_minutes: Mapped[int]
    lag_unit: Mapped[str]
    version: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(
            ["team_id", "predecessor_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["team_id", "successor_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        Index("ix_dependencies_successor", "team_id", "successor_id", "predecessor_id"),
    )


class Comment(Base):
    __tablename__ = "comments"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    body: Mapped[str]
    created_at: Mapped[datetime]
    mentions: Mapped[list[str]] = mapped_column(IdList())
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        Index("ix_comments_task", "team_id", "task_id", "id"),
        Index("ix_comments_id", "id"),
        Index("ix_comments_author", "team_id", "author_id", "task_id"),
    )


class SavedView(Base):
    __tablename__ = "saved_views"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    query: Mapped[dict[str, Any]]
    shared: Mapped[bool]
    version: Mapped[int]
    __table_args__ = (Index("ix_saved_views_id", "id"),)


class Reminder(Base):
    __tablename__ = "reminders"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    anchor: Mapped[str]
    created_at: Mapped[datetime]
    offset_minutes: Mapped[int]
    offset_unit: Mapped[str]
    at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        Index("ix_reminders_task", "team_id", "task_id", "user_id"),
        Index("ix_reminders_user", "user_id", "team_id"),
        Index("ix_reminders_id", "id"),
    )


class LogPosition(Base):
    __tablename__ = "log_positions"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    consumer: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    holder: Mapped[str | None]
    version: Mapped[int]


class ReadMarker(Base):
    """Up to where somebody has read. It goes with their task, and with their place in the team."""

    __tablename__ = "read_markers"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    comment_id: Mapped[UUID | None]
    read_at: Mapped[datetime]
    version: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["team_id", "user_id"], ["memberships.team_id", "memberships.user_id"], ondelete="CASCADE"
        ),
        Index("ix_read_markers_user", "team_id", "user_id", "task_id"),
    )


class Event(Base):
    """The log. It outlives what it tells of, so it points at nothing but its team."""

    __tablename__ = "events"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[UUID]
    kind: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    task_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]]
    __table_args__ = (Index("ix_events_task", "team_id", "task_id", "seq"),)
