"""Work in the background"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types
from taskcore_sql.migrations.roles import APP, run

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# As 0003 has them.
OWN = "user_id = nullif(current_setting('taskcore.user_id', true), '')::uuid"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("payload", column_types.Json(), nullable=False),
        sa.Column("user_id", column_types.Id(), nullable=True),
        sa.Column("team_id", column_types.Id(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", column_types.Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("started_at", column_types.Instant(), nullable=True),
        sa.Column("ended_at", column_types.Instant(), nullable=True),
        sa.Column("cancel_requested_at", column_types.Instant(), nullable=True),
        sa.Column("progress", column_types.Json(), nullable=True),
        sa.Column("result", column_types.Json(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("failures", column_types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unique_key", name="uq_jobs_unique_key"),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_jobs_due", "jobs", ["priority", "due_at", "id"], postgresql_where=due, sqlite_where=due
    )
    op.create_index("ix_jobs_state", "jobs", ["state", "id"])
    op.create_index("ix_jobs_user", "jobs", ["user_id", "id"])
    op.create_table(
        "job_schedules",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", column_types.Instant(), nullable=False),
        sa.Column("last_at", column_types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    if op.get_bind().dialect.name == "postgresql":
        wall("jobs", f"{OWN} OR {INSTANCE}")
        wall("job_schedules", INSTANCE)


def wall(table: str, mine: str) -> None:
    run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")
    run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    run(f"CREATE POLICY inside ON {table} USING (nullif({mine}, false) IS NOT NULL) WITH CHECK ({mine})")
