"""From JSON values back to the core's own types: the one place in the core that needs cattrs."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from cattrs import Converter


def decoded(value: Any, kind: Any) -> Any:
    """What `events.plain` was given, whose type was `kind`."""
    return None if value is None else _converter().structure(value, kind)


@cache
def _converter() -> Converter:
    converter = Converter()
    converter.register_structure_hook(UUID, lambda value, _: UUID(value))
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    return converter
