"""Up to where people have read what is said about tasks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types
from taskcore_sql.migrations.roles import APP, run

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# As 0003 has them.
MINE = "(SELECT taskcore_teams())::uuid[]"
ME = "(SELECT nullif(current_setting('taskcore.user_id', true), '')::uuid)"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"


def upgrade() -> None:
    op.create_table(
        "read_markers",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("task_id", column_types.Id(), nullable=False),
        sa.Column("user_id", column_types.Id(), nullable=False),
        sa.Column("comment_id", column_types.Id(), nullable=True),
        sa.Column("read_at", column_types.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "task_id", "user_id"),
        sa.ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["team_id", "user_id"], ["memberships.team_id", "memberships.user_id"], ondelete="CASCADE"
        ),
    )
    op.create_index("ix_read_markers_user", "read_markers", ["team_id", "user_id", "task_id"])
    op.create_index("ix_comments_author", "comments", ["team_id", "author_id", "task_id"])
    if op.get_bind().dialect.name == "postgresql":
        mine = f"user_id = {ME} OR {INSTANCE}"
        made = f"user_id = {ME} AND team_id = ANY ({MINE}) OR {INSTANCE}"
        run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON read_markers TO {APP}")
        run("ALTER TABLE read_markers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        run(
            "CREATE POLICY inside ON read_markers"
            f" USING (nullif({mine}, false) IS NOT NULL) WITH CHECK ({made})"
        )
