"""How values are held: types of columns, each with the form that SQLite and PostgreSQL give it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, DateTime, Integer, SmallInteger, Text, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from taskcore.events import instant_text


class Id(TypeDecorator[UUID]):
    """A UUID; its text in SQLite."""

    impl = Text
    cache_ok = True
    kind = "uuid"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.UUID() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:  # noqa: ARG002
        return UUID(str(value)) if value is not None else None


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC; RFC 3339 text in SQLite."""

    impl = Text
    cache_ok = True
    kind = "instant"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else instant_text(value.astimezone(UTC))

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class Day(TypeDecorator[date]):
    """A date; its ISO text in SQLite."""

    impl = Text
    cache_ok = True
    kind = "day"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Date() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:  # noqa: ARG002
        return date.fromisoformat(value) if isinstance(value, str) else value


class Json(TypeDecorator[Any]):
    """A JSON value; text in SQLite."""

    impl = Text
    cache_ok = True
    kind = "json"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else json.dumps(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        return json.loads(value) if isinstance(value, str) else value


class IdList(Json):
    """Several ids, in an order that matters; a JSON array of their texts."""

    cache_ok = True
    kind = "ids"


class TextList(Json):
    """Several words, in an order that matters; a JSON array of them."""

    cache_ok = True
    kind = "texts"


class Flag(TypeDecorator[bool]):
    """True or false; 1 or 0 in SQLite."""

    impl = Boolean
    cache_ok = True
    kind = "flag"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Boolean() if dialect.name == "postgresql" else Integer())


class Priority(TypeDecorator[int]):
    """A priority by its weight, so that it sorts as it presses."""

    impl = SmallInteger
    cache_ok = True
    kind = "priority"


BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by code point in every store, whatever the database's locale."""
