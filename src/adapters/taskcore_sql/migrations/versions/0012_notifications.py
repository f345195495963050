"""What users are told, and as they prefer; who is here gets preferences, and nobody is told of what is past"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from taskcore.delivery.preferences import DIGEST_AT, first_digest
from taskcore_sql import column_types
from taskcore_sql.migrations.roles import APP, run

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# As 0003 has them.
OWN = "user_id = nullif(current_setting('taskcore.user_id', true), '')::uuid"
MINE = "(SELECT taskcore_teams())::uuid[]"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"
AT_ONCE = 2_000


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column(
            "user_id", column_types.Id(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("team_id", column_types.Id(), nullable=True),
        sa.Column("task_id", column_types.Id(), nullable=True),
        sa.Column("task_key", sa.Text(), nullable=True),
        sa.Column("event_id", column_types.Id(), nullable=True),
        sa.Column("read_at", column_types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "id"),
        sa.ForeignKeyConstraint(
            ["team_id", "user_id"], ["memberships.team_id", "memberships.user_id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "cause", name="uq_notifications_user_id_cause"),
    )
    op.create_index("ix_notifications_team", "notifications", ["team_id", "user_id", "id"])
    op.create_index("ix_notifications_task", "notifications", ["team_id", "task_id"])
    preferences = op.create_table(
        "notification_preferences",
        sa.Column(
            "user_id", column_types.Id(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("channels", column_types.Json(), nullable=False),
        sa.Column("quiet_from", sa.Text(), nullable=True),
        sa.Column("quiet_until", sa.Text(), nullable=True),
        sa.Column("digest_at", sa.Text(), nullable=True),
        sa.Column("next_digest_at", column_types.Instant(), nullable=True),
        sa.Column("last_digest_on", column_types.Day(), nullable=True),
        sa.Column("weekly_report", column_types.Flag(), nullable=False),
        sa.Column("mail_disabled_at", column_types.Instant(), nullable=True),
        sa.Column("mail_disabled_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )
    due = sa.text("next_digest_at IS NOT NULL")
    op.create_index(
        "ix_notification_preferences_due",
        "notification_preferences",
        ["next_digest_at", "user_id"],
        postgresql_where=due,
        sqlite_where=due,
    )
    for rows in users():
        op.get_bind().execute(sa.insert(preferences), rows)
    run(
        "INSERT INTO log_positions (team_id, consumer, seq, version)"
        " SELECT team_id, 'notices', last_seq, 1 FROM team_counters"
    )
    if op.get_bind().dialect.name == "postgresql":
        wall("notifications", f"{OWN} AND (team_id IS NULL OR team_id = ANY ({MINE}))")
        wall("notification_preferences", OWN)


def users() -> Iterator[list[dict[str, Any]]]:
    """The preferences of the users that there are, some at a time: those of a new one."""
    now, key = datetime.now(UTC), sa.column("id", column_types.Id())
    asked = sa.select(key, sa.column("time_zone", sa.Text())).select_from(sa.table("users")).order_by(key)
    rows = list(op.get_bind().execute(asked.limit(AT_ONCE)))
    while rows:
        yield [
            {
                "user_id": user_id,
                "channels": {},
                "digest_at": DIGEST_AT,
                "next_digest_at": first_digest(time_zone, now),
                "weekly_report": False,
                "version": 1,
            }
            for user_id, time_zone in rows
        ]
        last = sa.bindparam(None, rows[-1][0], type_=column_types.Id())
        rows = list(op.get_bind().execute(asked.where(key > last).limit(AT_ONCE)))


def wall(table: str, made: str) -> None:
    mine = f"{OWN} OR {INSTANCE}"
    run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")
    run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    run(
        f"CREATE POLICY inside ON {table} USING (nullif({mine}, false) IS NOT NULL) WITH CHECK ({made} OR {INSTANCE})"
    )
