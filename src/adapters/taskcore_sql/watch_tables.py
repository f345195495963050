"""Of the schema: what is to happen to tasks at its time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from taskcore_sql import job_tables
from taskcore_sql.column_types import Json

Base = job_tables.Base
_DUE = text("wakes_at IS NOT NULL")


class Watch(Base):
    """It goes with its task."""

    __tablename__ = "watches"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    wakes_at: Mapped[datetime | None]
    fired: Mapped[list[Any]] = mapped_column(Json())
    taken: Mapped[list[Any]] = mapped_column(Json())
    version: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        Index("ix_watches_due", "wakes_at", "task_id", postgresql_where=_DUE, sqlite_where=_DUE),
    )


class EscalationRule(Base):
    """Its project, and the people in its steps, are what it asks for, not what it belongs to."""

    __tablename__ = "escalation_rules"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    trouble: Mapped[str]
    steps: Mapped[list[Any]] = mapped_column(Json())
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    after_minutes: Mapped[int]
    after_unit: Mapped[str]
    project_id: Mapped[UUID | None]
    priorities: Mapped[list[Any]] = mapped_column(Json())
    enabled: Mapped[bool]
    version: Mapped[int]
    __table_args__ = (Index("ix_escalation_rules_id", "id"),)
