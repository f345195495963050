"""Webhooks and their deliveries"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types
from taskcore_sql.migrations.roles import APP, run

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# As 0003 has them.
MINE = "(SELECT taskcore_teams())::uuid[]"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column(
            "team_id", column_types.Id(), sa.ForeignKey("teams.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_by", column_types.Id(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("updated_at", column_types.Instant(), nullable=False),
        sa.Column("kinds", column_types.TextList(), nullable=False),
        sa.Column("project_id", column_types.Id(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("active", column_types.Flag(), nullable=False),
        sa.Column("secret_generation", sa.Integer(), nullable=False),
        sa.Column("rotated_at", column_types.Instant(), nullable=True),
        sa.Column("failing_since", column_types.Instant(), nullable=True),
        sa.Column("disabled_at", column_types.Instant(), nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "id"),
    )
    op.create_index("ix_webhooks_id", "webhooks", ["id"])
    op.create_table(
        "deliveries",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("webhook_id", column_types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event_id", column_types.Id(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", column_types.Instant(), nullable=True),
        sa.Column("delivered_at", column_types.Instant(), nullable=True),
        sa.Column("log", column_types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "id"),
        sa.ForeignKeyConstraint(
            ["team_id", "webhook_id"], ["webhooks.team_id", "webhooks.id"], ondelete="CASCADE"
        ),
    )
    op.create_index("ix_deliveries_webhook", "deliveries", ["team_id", "webhook_id", "id"])
    op.create_index("ix_deliveries_id", "deliveries", ["id"])
    due = sa.text("next_attempt_at IS NOT NULL")
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["next_attempt_at", "id"],
        postgresql_where=due,
        sqlite_where=due,
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("webhooks", "deliveries"):
            wall(table)


def wall(table: str) -> None:
    mine = f"team_id = ANY ({MINE}) OR {INSTANCE}"
    run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")
    run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    run(f"CREATE POLICY inside ON {table} USING (nullif({mine}, false) IS NOT NULL) WITH CHECK ({mine})")
