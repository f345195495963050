"""What a digest has told, and the week whose report was sent last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notifications", sa.Column("digested_at", column_types.Instant(), nullable=True))
    op.add_column("notification_preferences", sa.Column("last_weekly_on", column_types.Day(), nullable=True))
    waiting = sa.text("channel = 'digest' AND digested_at IS NULL")
    op.create_index(
        "ix_notifications_undigested",
        "notifications",
        ["user_id", "id"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
