"""Of the schema: what users are told, and as they prefer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from taskcore_sql import watch_tables

Base = watch_tables.Base
_DUE = text("next_digest_at IS NOT NULL")
_UNDIGESTED = text("channel = 'digest' AND digested_at IS NULL")


class Notification(Base):
    """It goes with its user's membership, and with its task."""

    __tablename__ = "notifications"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    cause: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime]
    channel: Mapped[str]
    team_id: Mapped[UUID | None]
    task_id: Mapped[UUID | None]
    task_key: Mapped[str | None]
    event_id: Mapped[UUID | None]
    read_at: Mapped[datetime | None]
    version: Mapped[int]
    digested_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["team_id", "user_id"], ["memberships.team_id", "memberships.user_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        UniqueConstraint("user_id", "cause", name="uq_notifications_user_id_cause"),
        Index("ix_notifications_team", "team_id", "user_id", "id"),
        Index("ix_notifications_task", "team_id", "task_id"),
        Index(
            "ix_notifications_undigested",
            *("user_id", "id"),
            postgresql_where=_UNDIGESTED,
            sqlite_where=_UNDIGESTED,
        ),
    )


class NotificationPreferences(Base):
    __tablename__ = "notification_preferences"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    channels: Mapped[dict[str, Any]]
    quiet_from: Mapped[str | None]
    quiet_until: Mapped[str | None]
    digest_at: Mapped[str | None]
    next_digest_at: Mapped[datetime | None]
    last_digest_on: Mapped[date | None]
    weekly_report: Mapped[bool]
    mail_disabled_at: Mapped[datetime | None]
    mail_disabled_reason: Mapped[str | None]
    version: Mapped[int]
    last_weekly_on: Mapped[date | None]
    __table_args__ = (
        Index(
            "ix_notification_preferences_due",
            *("next_digest_at", "user_id"),
            postgresql_where=_DUE,
            sqlite_where=_DUE,
        ),
    )
