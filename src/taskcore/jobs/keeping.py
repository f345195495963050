"""What a job is given, and what it gives: JSON as every store can hold it (RFC 8259, with the bounds of RFC 7493)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import attrs

from taskcore.events import instant_text, plain
from taskcore.values import instant, text_faults

MOST_BYTES = 1_048_576
"""As JSON in UTF-8: what is larger belongs among files."""
MOST_DEEP = 100
"""Of arrays and objects within each other."""
GREATEST = 2**63 - 1
"""Of whole numbers, on both sides of zero."""


def as_json(value: object) -> Any:
    """
    `value` as the JSON values that are kept of it: ids, instants, dates and enums as their texts, tuples as lists,
    attrs classes as objects.

    Raises: ValueError, which says where it has what cannot be kept: sets, NaN, whole numbers beyond 64 bits, names
    that are no texts, NUL and halves of surrogate pairs, and what is too deep or too large.
    """
    kept = _kept(value, "", 0)
    size = len(json.dumps(kept, ensure_ascii=False, allow_nan=False).encode())
    if size > MOST_BYTES:
        raise ValueError(f"has {size} bytes as JSON: at most {MOST_BYTES} are kept")
    return kept


def _kept(value: Any, at: str, depth: int) -> Any:
    if depth > MOST_DEEP:
        raise ValueError(f"is more than {MOST_DEEP} deep")
    if isinstance(value, Enum):
        return _kept(value.value, at, depth + 1)
    if isinstance(value, str):
        return _text(value, at)
    if value is None or isinstance(value, int | float):
        return _number(value, at)
    if isinstance(value, datetime):
        return instant_text(instant(value))
    if isinstance(value, Mapping):
        return {_name(name, at): _kept(item, f"{at}.{name}", depth + 1) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_kept(item, f"{at}[{place}]", depth + 1) for place, item in enumerate(value)]
    if attrs.has(type(value)):
        names = [field.name for field in attrs.fields(type(value))]
        return {name: _kept(getattr(value, name), f"{at}.{name}", depth + 1) for name in names}
    if isinstance(value, set | frozenset):
        raise ValueError(f"{_place(at)} is a set, which has no order and no JSON form: give a list")  # noqa: TRY004  told
    try:
        return plain(value)
    except TypeError as error:
        raise ValueError(f"{_place(at)} is no JSON value: {error}") from error


def _number(value: Any, at: str) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{_place(at)} is {value}, which is no number in JSON")
    if isinstance(value, int) and abs(value) > GREATEST:
        raise ValueError(f"{_place(at)} is a whole number of more than 64 bits")
    return value


def _text(value: str, at: str) -> str:
    faults = text_faults("", value, most=MOST_BYTES)
    if faults:
        raise ValueError(f"{_place(at)} {faults[0].reason}")
    return str(value)


def _name(name: Any, at: str) -> str:
    if not isinstance(name, str):
        raise ValueError(f"{_place(at)} has the name {name!r:.80}: names must be texts")  # noqa: TRY004  told
    return _text(name, at)


def _place(at: str) -> str:
    return at.lstrip(".")[:80] or "it"
