"""Of the schema: who uses the instance, how they prove it, and what security remembers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from taskcore_sql.column_types import Day, Flag, Id, Instant, Json, TextList


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it from the class
        UUID: Id(),
        datetime: Instant(),
        date: Day(),
        str: Text(),
        bool: Flag(),
        int: Integer(),
        dict[str, Any]: Json(),
    }


class User(Base):
    __tablename__ = "users"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[datetime]
    time_zone: Mapped[str]
    is_admin: Mapped[bool]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int]
    email_verified_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("email", name="uq_users_email"),)


class Credential(Base):
    __tablename__ = "credentials"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    password_hash: Mapped[str]
    version: Mapped[int]


class Session(Base):
    __tablename__ = "sessions"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime]
    origin: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (Index("ix_sessions_user", "user_id", "id"),)


class RefreshToken(Base):
    __tablename__ = "refresh_tokens"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_refresh_tokens_token_hash"),
        Index("ix_refresh_tokens_session", "session_id", "id"),
        Index("ix_refresh_tokens_user", "user_id", "id"),
    )


class EmailToken(Base):
    __tablename__ = "email_tokens"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    email: Mapped[str]
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    used_at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_email_tokens_token_hash"),
        Index("ix_email_tokens_email", "email", "id"),
        Index("ix_email_tokens_user", "user_id", "id"),
    )


class Identity(Base):
    __tablename__ = "identities"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    version: Mapped[int]
    __table_args__ = (Index("ix_identities_user", "user_id"),)


class ApiToken(Base):
    """Its team, where it has one, is where it is good, not whose it is."""

    __tablename__ = "api_tokens"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(TextList())
    token_hash: Mapped[str]
    hint: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
        Index("ix_api_tokens_user", "user_id", "id"),
        Index("ix_api_tokens_team", "team_id", "id"),
    )


class AuditEntry(Base):
    """Security's record. It outlives what it tells of, so it points at nothing."""

    __tablename__ = "audit_entries"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    action: Mapped[str]
    subject_type: Mapped[str]
    at: Mapped[datetime]
    allowed: Mapped[bool]
    subject_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    team_id: Mapped[UUID | None]
    origin: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    version: Mapped[int]
    __table_args__ = (Index("ix_audit_entries_team", "team_id", "id"),)


class IdempotencyRecord(Base):
    """What a command answered under a key of its user's, for a day."""

    __tablename__ = "idempotency_records"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key_hash: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    nonce: Mapped[str]
    created_at: Mapped[datetime]
    result: Mapped[dict[str, Any]]
    version: Mapped[int]
    __table_args__ = (Index("ix_idempotency_records_created", "created_at"),)
