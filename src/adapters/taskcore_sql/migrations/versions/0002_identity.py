"""Sessions, tokens, other issuers' identities, the audit; suspended teams, verified addresses"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _id(name: str, points_at: str | None = None, *, nullable: bool = False) -> sa.Column[object]:
    key = [sa.ForeignKey(points_at, ondelete="CASCADE")] if points_at else []
    return sa.Column(name, column_types.Id(), *key, nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, column_types.Instant(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _version() -> sa.Column[object]:
    return sa.Column("version", sa.Integer(), nullable=False)


def upgrade() -> None:
    op.add_column("users", _instant("email_verified_at", nullable=True))
    op.add_column("users", _instant("deleted_at", nullable=True))
    op.add_column("teams", _instant("suspended_at", nullable=True))
    _sessions()
    _mailed()
    _programs()
    _audit()


def _sessions() -> None:
    op.create_table(
        "sessions",
        _id("id"),
        _id("user_id", "users.id"),
        _instant("created_at"),
        _instant("expires_at"),
        _instant("used_at"),
        _text("origin", nullable=True),
        _instant("revoked_at", nullable=True),
        _version(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user_id", "id"])
    op.create_table(
        "refresh_tokens",
        _id("id"),
        _id("session_id", "sessions.id"),
        _id("user_id", "users.id"),
        _text("token_hash"),
        _instant("created_at"),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
        _version(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash", name="uq_refresh_tokens_token_hash"),
    )
    op.create_index("ix_refresh_tokens_session", "refresh_tokens", ["session_id", "id"])
    op.create_index("ix_refresh_tokens_user", "refresh_tokens", ["user_id", "id"])


def _mailed() -> None:
    op.create_table(
        "email_tokens",
        _id("id"),
        _text("purpose"),
        _text("email"),
        _text("token_hash"),
        _instant("created_at"),
        _instant("expires_at"),
        _id("user_id", "users.id", nullable=True),
        _instant("used_at", nullable=True),
        _version(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash", name="uq_email_tokens_token_hash"),
    )
    op.create_index("ix_email_tokens_email", "email_tokens", ["email", "id"])
    op.create_index("ix_email_tokens_user", "email_tokens", ["user_id", "id"])


def _programs() -> None:
    op.create_table(
        "identities",
        _text("issuer"),
        _text("subject"),
        _id("user_id", "users.id"),
        _instant("created_at"),
        _version(),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("ix_identities_user", "identities", ["user_id"])
    op.create_table(
        "api_tokens",
        _id("id"),
        _id("user_id", "users.id"),
        _text("name"),
        sa.Column("scopes", column_types.TextList(), nullable=False),
        _text("token_hash"),
        _text("hint"),
        _instant("created_at"),
        _instant("expires_at", nullable=True),
        _id("team_id", "teams.id", nullable=True),
        _instant("used_at", nullable=True),
        _instant("revoked_at", nullable=True),
        _version(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
    )
    op.create_index("ix_api_tokens_user", "api_tokens", ["user_id", "id"])
    op.create_index("ix_api_tokens_team", "api_tokens", ["team_id", "id"])


def _audit() -> None:
    op.create_table(
        "audit_entries",
        _id("id"),
        _text("action"),
        _text("subject_type"),
        _instant("at"),
        sa.Column("allowed", column_types.Flag(), nullable=False),
        _id("subject_id", nullable=True),
        _id("actor_id", nullable=True),
        _id("team_id", nullable=True),
        _text("origin", nullable=True),
        sa.Column("data", column_types.Json(), nullable=False),
        _version(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_entries_team", "audit_entries", ["team_id", "id"])
