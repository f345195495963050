"""
What the fields of a task query take, from Python's own values or from text.

Each reader raises `ValueError` with what would be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from taskcore.values import Priority, Status, instant, text_faults

Bound = datetime | date
Reader = Callable[[Any], Any]


def one_of(kind: type[StrEnum]) -> Reader:
    def read(value: Any) -> Any:
        try:
            return kind(value)
        except ValueError:
            raise ValueError(f"must be one of {', '.join(kind)}, not {value!r}") from None

    return read


def id_or_none(value: Any) -> UUID | None:
    if value is None or value == "none":
        return None
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        raise ValueError(f"must be an id or none, not {value!r}") from None


def person(value: Any) -> UUID | str | None:
    if value == "me":
        return "me"
    try:
        return id_or_none(value)
    except ValueError:
        raise ValueError(f"must be a user's id, me or none, not {value!r}") from None


def word(value: Any) -> str:
    text = str(value)
    faults = text_faults("", text, least=1, most=500)
    if faults:
        raise ValueError(faults[0].reason)
    return text


def task(value: Any) -> str | None:
    return None if value is None or value == "none" else word(value)


def bound(value: Any) -> Bound:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value
    try:
        return (
            date.fromisoformat(value)
            if len(value) == len("2026-12-01")
            else instant(datetime.fromisoformat(value))
        )
    except (TypeError, ValueError):
        raise ValueError(
            f"must be a date such as 2026-12-01 or an instant with its zone, not {value!r}"
        ) from None


def flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError(f"must be true or false, not {value!r}")


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "team": word,
        "project": id_or_none,
        "status": one_of(Status),
        "priority": one_of(Priority),
        "assignee": person,
        "created_by": person,
        "label": word,
        "parent": task,
        "follower": person,
        "overdue": flag,
        "blocked": flag,
        "text": word,
    }
)
"""How one value of each field is read, the dates aside."""
