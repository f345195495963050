"""Of the schema: whom a team's events are posted to, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from taskcore_sql import identity_tables
from taskcore_sql.column_types import Json, TextList

Base = identity_tables.Base
_DUE = text("next_attempt_at IS NOT NULL")


class Webhook(Base):
    """Its project is what it asks for, not what it belongs to: one that is gone has no events."""

    __tablename__ = "webhooks"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    kinds: Mapped[list[str]] = mapped_column(TextList())
    project_id: Mapped[UUID | None]
    payload: Mapped[str]
    description: Mapped[str]
    active: Mapped[bool]
    secret_generation: Mapped[int]
    rotated_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    version: Mapped[int]
    __table_args__ = (Index("ix_webhooks_id", "id"),)


class Delivery(Base):
    __tablename__ = "deliveries"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID]
    kind: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]
    seq: Mapped[int]
    event_id: Mapped[UUID | None]
    status: Mapped[str]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    log: Mapped[list[Any]] = mapped_column(Json())
    version: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(
            ["team_id", "webhook_id"], ["webhooks.team_id", "webhooks.id"], ondelete="CASCADE"
        ),
        Index("ix_deliveries_webhook", "team_id", "webhook_id", "id"),
        Index("ix_deliveries_id", "id"),
        Index("ix_deliveries_due", "next_attempt_at", "id", postgresql_where=_DUE, sqlite_where=_DUE),
    )
