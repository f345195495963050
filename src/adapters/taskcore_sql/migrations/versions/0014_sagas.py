"""Undertakings of several steps; and what the last of a team's deletion needs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types
from taskcore_sql.migrations.roles import APP, run

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# As 0003 has them.
OWN = "user_id = nullif(current_setting('taskcore.user_id', true), '')::uuid"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"


def upgrade() -> None:
    op.create_table(
        "sagas",
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("team_id", column_types.Id(), nullable=True),
        sa.Column("user_id", column_types.Id(), nullable=True),
        sa.Column("due_at", column_types.Instant(), nullable=True),
        sa.Column("cancelled_at", column_types.Instant(), nullable=True),
        sa.Column("ended_at", column_types.Instant(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("data", column_types.Json(), nullable=False),
        sa.Column("log", column_types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sagas_user", "sagas", ["user_id", "id"])
    op.create_index("ix_sagas_team", "sagas", ["team_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        wall("sagas", f"{OWN} OR {INSTANCE}")
        let_teams_end()


def wall(table: str, mine: str) -> None:
    run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")
    run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    run(f"CREATE POLICY inside ON {table} USING (nullif({mine}, false) IS NOT NULL) WITH CHECK ({mine})")


def let_teams_end() -> None:
    """A team that is deleted, and its log, are the instance's to remove, and nobody else's."""
    run(f"GRANT DELETE ON teams, events TO {APP}")
    run(f"CREATE POLICY purged ON teams FOR DELETE USING ({INSTANCE} AND deleted_at IS NOT NULL)")
    run(f"CREATE POLICY purged ON events AS RESTRICTIVE FOR DELETE USING ({INSTANCE})")
