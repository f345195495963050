"""What is to happen to tasks at its time, and rules for those in trouble"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types
from taskcore_sql.migrations.roles import APP, run

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# As 0003 has them.
MINE = "(SELECT taskcore_teams())::uuid[]"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("task_id", column_types.Id(), nullable=False),
        sa.Column("wakes_at", column_types.Instant(), nullable=True),
        sa.Column("fired", column_types.Json(), nullable=False),
        sa.Column("taken", column_types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "task_id"),
        sa.ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
    )
    due = sa.text("wakes_at IS NOT NULL")
    op.create_index(
        "ix_watches_due", "watches", ["wakes_at", "task_id"], postgresql_where=due, sqlite_where=due
    )
    op.create_table(
        "escalation_rules",
        sa.Column(
            "team_id", column_types.Id(), sa.ForeignKey("teams.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("steps", column_types.Json(), nullable=False),
        sa.Column("created_by", column_types.Id(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("updated_at", column_types.Instant(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("after_unit", sa.Text(), nullable=False),
        sa.Column("project_id", column_types.Id(), nullable=True),
        sa.Column("priorities", column_types.Json(), nullable=False),
        sa.Column("enabled", column_types.Flag(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "id"),
    )
    op.create_index("ix_escalation_rules_id", "escalation_rules", ["id"])
    if op.get_bind().dialect.name == "postgresql":
        mine = f"team_id = ANY ({MINE}) OR {INSTANCE}"
        for table in ("watches", "escalation_rules"):
            run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")
            run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
            run(
                f"CREATE POLICY inside ON {table} "
                f"USING (nullif({mine}, false) IS NOT NULL) WITH CHECK ({mine})"
            )
