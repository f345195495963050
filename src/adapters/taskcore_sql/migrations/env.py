"""Alembic's way in: the connection comes from `upgrade`, which opens and closes it."""

from __future__ import annotations

from alembic import context

from taskcore_sql.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
