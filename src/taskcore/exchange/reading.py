"""From the JSON of a record back to the thing that it was: strictly, with every fault, and nothing coerced."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs

from taskcore.errors import Fault
from taskcore.values import MAX_INTEGER, instant

Parse = Callable[[Any], Any]
MOST_LEVELS = 32
LARGEST = 2**63 - 1


def thing_of(kind: Any, data: object, given: Mapping[str, Any]) -> tuple[Any, list[Fault], list[str]]:
    """The `kind` that `data` is, with fields that are `given` instead; or None and its faults. Last the
    fields that no such thing has."""
    if not isinstance(data, dict):
        return None, [Fault("", "must be an object")], []
    values, faults, parsers = dict(given), [], _parsers(kind)
    for name, value in data.items():
        if name in given or name not in parsers:
            continue
        try:
            values[name] = parsers[name](value)
        except ValueError as error:
            faults.append(Fault(name, str(error)))
    told = {fault.field for fault in faults}
    faults += [Fault(name, "is missing") for name in _needed(kind) if name not in values and name not in told]
    unknown = [name for name in data if name not in parsers]
    return (None if faults else kind(**values)), faults, unknown


@cache
def _needed(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING)


@cache
def _parsers(kind: Any) -> dict[str, Parse]:
    hints = get_type_hints(kind)
    return {field.name: _parser(hints[field.name]) for field in attrs.fields(kind)}


def _parser(hint: Any) -> Parse:
    if get_origin(hint) in (Union, UnionType):
        (option,) = (each for each in get_args(hint) if each is not type(None))
        parse = _parser(option)
        return lambda value: None if value is None else parse(value)
    hint = getattr(hint, "__supertype__", hint)
    origin = get_origin(hint) or hint
    if origin is tuple:
        return _several(_parser(get_args(hint)[0]))
    if isinstance(origin, type) and issubclass(origin, StrEnum):
        return _word(origin)
    if attrs.has(origin):
        return _inner(origin)
    return _PLAIN[origin]


def _several(parse: Parse) -> Parse:
    def parse_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("must be a list")  # noqa: TRY004  told with its field
        return tuple(parse(each) for each in value)

    return parse_all


def _word(kind: type[StrEnum]) -> Parse:
    def parse(value: Any) -> Any:
        try:
            return kind(value)
        except ValueError:
            raise ValueError(f"must be one of {', '.join(kind)}, not {value!r:.80}") from None

    return parse


def _inner(kind: type[Any]) -> Parse:
    def parse(value: Any) -> Any:
        thing, faults, unknown = thing_of(kind, value, {})
        if faults or unknown:
            raise ValueError("; ".join([*map(str, faults), *(f"{name}: is not known" for name in unknown)]))
        return thing

    return parse


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {value!r:.80}")  # noqa: TRY004  told with its field
    if "\x00" in value:
        raise ValueError("must not contain a NUL character")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must be valid Unicode: it has half of a surrogate pair")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_INTEGER:
        raise ValueError(f"must be a whole number below 2^31, not {value!r:.80}")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r:.80}")  # noqa: TRY004  as above
    return value


def _id(value: Any) -> UUID:
    try:
        return UUID(_text(value))
    except ValueError:
        raise ValueError(f"must be an id, not {value!r:.80}") from None


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(_text(value))
    except ValueError:
        raise ValueError(f"must be a day such as 2026-12-01, not {value!r:.80}") from None


def _instant(value: Any) -> datetime:
    try:
        return instant(datetime.fromisoformat(_text(value)))
    except ValueError:
        raise ValueError(f"must be a time such as 2026-12-01T09:00:00Z, not {value!r:.80}") from None


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"must be an object, not {value!r:.80}")  # noqa: TRY004  as above
    _check(value, MOST_LEVELS)
    return value


def _check(value: Any, levels: int) -> None:
    """Raise unless every store can hold it."""
    if levels == 0:
        raise ValueError("is nested too deep")
    if isinstance(value, dict):
        for name, each in value.items():
            _text(name)
            _check(each, levels - 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, levels - 1)
    elif isinstance(value, str):
        _text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number")
    elif isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError("has a number beyond 2^63")


_PLAIN: dict[Any, Parse] = {
    str: _text,
    int: _integer,
    bool: _flag,
    UUID: _id,
    date: _day,
    datetime: _instant,
    Mapping: _object,
}
