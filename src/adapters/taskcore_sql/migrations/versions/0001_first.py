"""The first schema: identity, teams, tasks and the log"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from taskcore_sql import column_types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915  a statement a table
    op.create_table(
        "instance",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "teams",
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("updated_at", column_types.Instant(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("deleted_at", column_types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name="uq_teams_key"),
        sa.UniqueConstraint("slug", name="uq_teams_slug"),
    )
    op.create_table(
        "users",
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("is_admin", column_types.Flag(), nullable=False),
        sa.Column("disabled_at", column_types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_table(
        "credentials",
        sa.Column("user_id", column_types.Id(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_table(
        "events",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", column_types.Id(), nullable=False),
        sa.Column("at", column_types.Instant(), nullable=False),
        sa.Column("actor_id", column_types.Id(), nullable=True),
        sa.Column("task_id", column_types.Id(), nullable=True),
        sa.Column("data", column_types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "seq"),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_task", ["team_id", "task_id", "seq"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("invited_by", column_types.Id(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("expires_at", column_types.Instant(), nullable=False),
        sa.Column("accepted_at", column_types.Instant(), nullable=True),
        sa.Column("revoked_at", column_types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "id"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index("ix_invitations_id", ["id"], unique=False)

    op.create_table(
        "labels",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("name", column_types.BYTEWISE, nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "id"),
        sa.UniqueConstraint("team_id", "name", name="uq_labels_team_id_name"),
    )
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.create_index("ix_labels_id", ["id"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("user_id", column_types.Id(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("capacity_minutes_per_day", sa.Integer(), nullable=True),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("team_id", "user_id"),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index("ix_memberships_user", ["user_id", "team_id"], unique=False)

    op.create_table(
        "projects",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_by", column_types.Id(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("updated_at", column_types.Instant(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("lead_id", column_types.Id(), nullable=True),
        sa.Column("target_on", column_types.Day(), nullable=True),
        sa.Column("archived_at", column_types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "id"),
    )
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.create_index("ix_projects_id", ["id"], unique=False)

    op.create_table(
        "saved_views",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("owner_id", column_types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("updated_at", column_types.Instant(), nullable=False),
        sa.Column("query", column_types.Json(), nullable=False),
        sa.Column("shared", column_types.Flag(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "id"),
    )
    with op.batch_alter_table("saved_views", schema=None) as batch_op:
        batch_op.create_index("ix_saved_views_id", ["id"], unique=False)

    op.create_table(
        "team_counters",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id"),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "project_guests",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("project_id", column_types.Id(), nullable=False),
        sa.Column("user_id", column_types.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id", "project_id"], ["projects.team_id", "projects.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("team_id", "project_id", "user_id"),
    )
    with op.batch_alter_table("project_guests", schema=None) as batch_op:
        batch_op.create_index("ix_project_guests_user", ["user_id", "team_id", "project_id"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", column_types.BYTEWISE, nullable=False),
        sa.Column("created_by", column_types.Id(), nullable=False),
        sa.Column("rank", column_types.BYTEWISE, nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("updated_at", column_types.Instant(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", column_types.Priority(), nullable=False),
        sa.Column("project_id", column_types.Id(), nullable=True),
        sa.Column("parent_id", column_types.Id(), nullable=True),
        sa.Column("assignee_id", column_types.Id(), nullable=True),
        sa.Column("start_at", column_types.Instant(), nullable=True),
        sa.Column("due_at", column_types.Instant(), nullable=True),
        sa.Column("due_on", column_types.Day(), nullable=True),
        sa.Column("estimate_minutes", sa.Integer(), nullable=True),
        sa.Column("spent_minutes", sa.Integer(), nullable=False),
        sa.Column("recurrence", sa.Text(), nullable=True),
        sa.Column("started_at", column_types.Instant(), nullable=True),
        sa.Column("completed_at", column_types.Instant(), nullable=True),
        sa.Column("planned_start", column_types.Instant(), nullable=True),
        sa.Column("planned_finish", column_types.Instant(), nullable=True),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("lease", column_types.Json(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", column_types.Instant(), nullable=True),
        sa.Column("deleted_by", column_types.Id(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignee_id"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(
            ["team_id", "parent_id"], ["tasks.team_id", "tasks.id"], name="fk_tasks_parent"
        ),
        sa.ForeignKeyConstraint(
            ["team_id", "project_id"], ["projects.team_id", "projects.id"], name="fk_tasks_project"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "id"),
        sa.UniqueConstraint("key", name="uq_tasks_key"),
        sa.UniqueConstraint("team_id", "number", name="uq_tasks_team_id_number"),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tasks_assignee", ["team_id", "assignee_id", "created_at", "id"], unique=False
        )
        batch_op.create_index("ix_tasks_completed", ["team_id", "completed_at", "id"], unique=False)
        batch_op.create_index("ix_tasks_created", ["team_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_tasks_created_by", ["team_id", "created_by", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_tasks_deleted",
            ["team_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )
        batch_op.create_index("ix_tasks_due", ["team_id", "due_at", "id"], unique=False)
        batch_op.create_index("ix_tasks_id", ["id"], unique=False)
        batch_op.create_index(
            "ix_tasks_parent",
            ["team_id", "parent_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("parent_id IS NOT NULL"),
            sqlite_where=sa.text("parent_id IS NOT NULL"),
        )
        batch_op.create_index("ix_tasks_priority", ["team_id", "priority", "id"], unique=False)
        batch_op.create_index(
            "ix_tasks_priority_created", ["team_id", "priority", "created_at", "id"], unique=False
        )
        batch_op.create_index("ix_tasks_project", ["team_id", "project_id", "created_at", "id"], unique=False)
        batch_op.create_index("ix_tasks_rank", ["team_id", "rank", "id"], unique=False)
        batch_op.create_index("ix_tasks_status", ["team_id", "status", "created_at", "id"], unique=False)
        batch_op.create_index("ix_tasks_title", ["team_id", "title", "id"], unique=False)
        batch_op.create_index("ix_tasks_updated", ["team_id", "updated_at", "id"], unique=False)
        batch_op.create_index(
            "uq_tasks_team_id_external_source_external_id",
            ["team_id", "external_source", "external_id"],
            unique=True,
            postgresql_where=sa.text("external_id IS NOT NULL"),
            sqlite_where=sa.text("external_id IS NOT NULL"),
        )

    op.create_table(
        "comments",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("id", column_types.Id(), nullable=False),
        sa.Column("task_id", column_types.Id(), nullable=False),
        sa.Column("author_id", column_types.Id(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("mentions", column_types.IdList(), nullable=False),
        sa.Column("edited_at", column_types.Instant(), nullable=True),
        sa.Column("deleted_at", column_types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "id"),
    )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index("ix_comments_id", ["id"], unique=False)
        batch_op.create_index("ix_comments_task", ["team_id", "task_id", "id"], unique=False)

    op.create_table(
        "dependencies",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("predecessor_id", column_types.Id(), nullable=False),
        sa.Column("successor_id", column_types.Id(), nullable=False),
        sa.Column("created_at", column_types.Instant(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("lag_minutes", sa.Integer(), nullable=False),
        sa.Column("lag_unit", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id", "predecessor_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id", "successor_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "predecessor_id", "successor_id"),
    )
    with op.batch_alter_table("dependencies", schema=None) as batch_op:
        batch_op.create_index(
            "ix_dependencies_successor", ["team_id", "successor_id", "predecessor_id"], unique=False
        )

    op.create_table(
        "task_followers",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("task_id", column_types.Id(), nullable=False),
        sa.Column("user_id", column_types.Id(), nullable=False),
        sa.ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("team_id", "task_id", "user_id"),
    )
    with op.batch_alter_table("task_followers", schema=None) as batch_op:
        batch_op.create_index("ix_task_followers_user", ["team_id", "user_id", "task_id"], unique=False)

    op.create_table(
        "task_labels",
        sa.Column("team_id", column_types.Id(), nullable=False),
        sa.Column("task_id", column_types.Id(), nullable=False),
        sa.Column("label_id", column_types.Id(), nullable=False),
        sa.ForeignKeyConstraint(["team_id", "label_id"], ["labels.team_id", "labels.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id", "task_id"], ["tasks.team_id", "tasks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "task_id", "label_id"),
    )
    with op.batch_alter_table("task_labels", schema=None) as batch_op:
        batch_op.create_index("ix_task_labels_label", ["team_id", "label_id", "task_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
        op.execute("CREATE INDEX ix_tasks_text ON tasks USING gin (team_id, search_text gin_trgm_ops)")
