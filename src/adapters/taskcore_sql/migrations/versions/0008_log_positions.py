"""How far the readers of a team's log have come"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types
from taskcore_sql.migrations.roles import APP, run

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# As 0003 has them.
MINE = "(SELECT taskcore_teams())::uuid[]"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"


def upgrade() -> None:
    op.create_table(
        "log_positions",
        sa.Column(
            "team_id", column_types.Id(), sa.ForeignKey("teams.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "consumer"),
    )
    if op.get_bind().dialect.name == "postgresql":
        mine = f"team_id = ANY ({MINE}) OR {INSTANCE}"
        run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON log_positions TO {APP}")
        run("ALTER TABLE log_positions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        run(
            f"CREATE POLICY inside ON log_positions"
            f" USING (nullif({mine}, false) IS NOT NULL) WITH CHECK ({mine})"
        )
