"""Of the schema: undertakings of several steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from taskcore_sql import notice_tables
from taskcore_sql.column_types import Json

Base = notice_tables.Base


class Saga(Base):
    """It outlives its team, which it may be to delete, and whoever asked for it."""

    __tablename__ = "sagas"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    created_at: Mapped[datetime]
    step: Mapped[str]
    state: Mapped[str]
    team_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    log: Mapped[list[Any]] = mapped_column(Json())
    version: Mapped[int]
    __table_args__ = (Index("ix_sagas_user", "user_id", "id"), Index("ix_sagas_team", "team_id", "id"))
