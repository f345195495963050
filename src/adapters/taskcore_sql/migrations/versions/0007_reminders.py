"""Reminders of tasks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types
from taskcore_sql.migrations.roles import APP, run

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# As 0003 has them.
MINE = "(SELECT taskcore_teams())::uuid[]"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("task_id", column_types.Id(), nullable=False),
        sa.Column("user_id", column_types.Id(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("offset_minutes", sa.Integer(), nullable=False),
        sa.Column("offset_unit", sa.Text(), nullable=False),
        sa.Column("at", column_types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "id"),
        sa.ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_reminders_task", "reminders", ["team_id", "task_id", "user_id"])
    op.create_index("ix_reminders_user", "reminders", ["user_id", "team_id"])
    op.create_index("ix_reminders_id", "reminders", ["id"])
    if op.get_bind().dialect.name == "postgresql":
        mine = f"team_id = ANY ({MINE}) OR {INSTANCE}"
        run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON reminders TO {APP}")
        run("ALTER TABLE reminders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        run(
            f"CREATE POLICY inside ON reminders USING (nullif({mine}, false) IS NOT NULL) WITH CHECK ({mine})"
        )
