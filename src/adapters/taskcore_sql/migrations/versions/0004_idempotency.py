"""What commands answered, to be answered again"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_records",
        sa.Column(
            "user_id", column_types.Id(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("result", column_types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key_hash"),
    )
    op.create_index("ix_idempotency_records_created", "idempotency_records", ["created_at"])
    if op.get_bind().dialect.name == "postgresql":
        mine = (
            "user_id = (SELECT nullif(current_setting('taskcore.user_id', true), '')::uuid)"
            " OR (SELECT nullif(current_setting('taskcore.scope', true), '') = 'instance')"
        )
        for statement in (
            "GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_records TO taskcore_app",
            "ALTER TABLE idempotency_records ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY inside ON idempotency_records FOR ALL USING ({mine}) WITH CHECK ({mine})",
        ):
            op.get_bind().exec_driver_sql(statement)
