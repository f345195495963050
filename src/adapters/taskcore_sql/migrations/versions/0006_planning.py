"""What tasks tell a plan, and what a plan may do with a project"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("planning", column_types.Json(), nullable=True))
    op.add_column(
        "projects",
        sa.Column("schedule_policy", sa.Text(), nullable=False, server_default="pull_and_push"),
    )
