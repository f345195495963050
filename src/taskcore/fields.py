"""
What a caller gave, held against the TypedDict that says what may be given.

Doors that parse text do so before; this is for Python callers, whose types nobody need have
checked, and it lets a status or a role be given by its word.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints, is_typeddict
from uuid import UUID

import attrs

from taskcore.errors import Fault, Invalid, invalid, refuse
from taskcore.values import instant

F = TypeVar("F", bound=Mapping[str, Any])
W = TypeVar("W", bound=StrEnum)
Parse = Callable[[Any], Any]


def sound(kind: type[F], fields: Mapping[str, Any]) -> F:
    """`fields` as a `kind`, words turned into what they stand for. Raises `Invalid`, with every fault."""
    parsers = _parsers(kind)
    faults, found = [], {}
    for name, value in fields.items():
        if name not in parsers:
            faults.append(Fault(name, f"is no field here; there are {', '.join(parsers)}"))
            continue
        try:
            found[name] = parsers[name](value)
        except ValueError as error:
            faults.append(Fault(name, str(error)))
    refuse(faults)
    return cast("F", found)


def in_utc(field: str, value: datetime) -> datetime:
    """The instant in UTC. Raises `Invalid`, for one without a zone or outside the years that there are."""
    try:
        return instant(value)
    except (ValueError, AttributeError, TypeError) as error:
        raise invalid(field, str(error)) from error


def word(kind: type[W], value: object, field: str) -> W:
    """The member of `kind` that `value` is, or names. Raises `Invalid`."""
    try:
        return _enum(kind)(value)  # type: ignore[no-any-return]
    except ValueError as error:
        raise invalid(field, str(error)) from error


@cache
def _parsers(kind: type[Any]) -> dict[str, Parse]:
    return {name: _parser(hint) for name, hint in get_type_hints(kind).items()}


def _parser(hint: Any) -> Parse:
    """What takes a value of a type; of a union, whichever of its types takes it first."""
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    parsers = [_one(option) for option in options if option is not type(None)]
    parse = parsers[0] if len(parsers) == 1 else _first(parsers)
    if type(None) not in options:
        return parse
    return lambda value: None if value is None else parse(value)


def _first(parsers: Sequence[Parse]) -> Parse:
    def parse(value: Any) -> Any:
        for each in parsers[:-1]:
            try:
                return each(value)
            except ValueError:
                continue
        return parsers[-1](value)

    return parse


def _one(hint: Any) -> Parse:
    hint = getattr(hint, "__supertype__", hint)
    origin = get_origin(hint) or hint
    if isinstance(origin, type) and issubclass(origin, StrEnum):
        return _enum(origin)
    if origin is Sequence:
        item = get_args(hint)[0]
        return _texts if item is str else _several(_parser(item))
    if origin is Mapping:
        return _is(Mapping, "a mapping")
    return _inner(origin) if is_typeddict(origin) else _PLAIN[origin]


def _several(parse: Parse) -> Parse:
    def parse_all(value: Any) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ValueError(f"must be a list, not {value!r:.80}")  # noqa: TRY004  told with its field
        return [parse(each) for each in value]

    return parse_all


def _inner(kind: Any) -> Parse:
    """What takes fields within a field; also as an object that has them."""

    def parse(value: Any) -> Any:
        given = attrs.asdict(value, recurse=False) if attrs.has(type(value)) else value
        if not isinstance(given, Mapping):
            raise ValueError(f"must be a mapping, not {value!r:.80}")  # noqa: TRY004  as above
        missing = [Fault(name, "is missing") for name in sorted(kind.__required_keys__ - given.keys())]
        try:
            refuse(missing)
            return sound(kind, given)
        except Invalid as error:
            raise ValueError("; ".join(map(str, error.faults))) from error

    return parse


def _enum(kind: type[StrEnum]) -> Parse:
    def parse(value: Any) -> Any:
        try:
            return kind(value)
        except ValueError:
            raise ValueError(f"must be one of {', '.join(kind)}, not {value!r}") from None

    return parse


def _is(kind: type[Any], told: str, but: type[Any] | None = None) -> Parse:
    def parse(value: Any) -> Any:
        if isinstance(value, kind) and not (but is not None and isinstance(value, but)):
            return value
        raise ValueError(f"must be {told}, not {value!r:.80}")

    return parse


def _texts(value: Any) -> Any:
    if (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and all(isinstance(each, str) for each in value)
    ):
        return value
    raise ValueError("must be a list of texts")


def _id(value: Any) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise ValueError(f"must be an id, not {value!r:.80}") from None


_PLAIN: dict[Any, Parse] = {
    str: _is(str, "a text"),
    int: _is(int, "a whole number", but=bool),
    bool: _is(bool, "true or false"),
    datetime: _is(datetime, "an instant"),
    date: _is(date, "a date", but=datetime),
    UUID: _id,
}
