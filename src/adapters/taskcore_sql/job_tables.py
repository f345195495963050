"""Of the schema: work in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from taskcore_sql import delivery_tables
from taskcore_sql.column_types import Json

Base = delivery_tables.Base
_DUE = text("due_at IS NOT NULL")


class Job(Base):
    """Neither its user nor its team need be there any more: what is to be done about them may be that they go."""

    __tablename__ = "jobs"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    created_at: Mapped[datetime]
    payload: Mapped[dict[str, Any]]
    user_id: Mapped[UUID | None]
    team_id: Mapped[UUID | None]
    priority: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]
    max_attempts: Mapped[int]
    unique_key: Mapped[str | None]
    worker: Mapped[str | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    progress: Mapped[dict[str, Any] | None] = mapped_column(Json())
    result: Mapped[Any | None] = mapped_column(Json())
    last_error: Mapped[str | None]
    failures: Mapped[list[Any]] = mapped_column(Json())
    version: Mapped[int]
    __table_args__ = (
        UniqueConstraint("unique_key", name="uq_jobs_unique_key"),
        Index("ix_jobs_due", "priority", "due_at", "id", postgresql_where=_DUE, sqlite_where=_DUE),
        Index("ix_jobs_state", "state", "id"),
        Index("ix_jobs_user", "user_id", "id"),
    )


class JobSchedule(Base):
    __tablename__ = "job_schedules"
    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
    version: Mapped[int]
