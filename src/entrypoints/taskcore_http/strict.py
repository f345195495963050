"""
From JSON to the core's own types, in the strictest reading and without coercion.

Every fault of a document is found, not just the first, and named by its JSON pointer (RFC 6901).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from types import GenericAlias, UnionType
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin, is_typeddict
from uuid import UUID

from cattrs import Converter
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)

from taskcore.errors import Fault, Invalid, Malformed
from taskcore.values import instant

T = TypeVar("T")


class TooSlow(Malformed):
    """The body did not come in time."""

    default_code = "request_timeout"


class Unsupported(Malformed):
    """The body is of a media type, charset or coding that is not read here."""

    default_code = "unsupported_media_type"


MOST_LEVELS = 32
"""How deep a body may nest; nothing that is read here needs more than four."""
MOST_DIGITS = 640
"""How long a whole number may be; Python can be told to read no more than these."""
_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})")


def decoded(body: bytes) -> Any:
    """The JSON value that `body` is, in the strictest reading. Raises: Malformed."""
    try:
        value = _DECODER.decode(body.decode("utf-8"))
        if body.count(b"[") + body.count(b"{") > MOST_LEVELS:
            _refuse_depth(value)
        if _LONE_SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise Malformed("the body is not JSON: a string has half of a surrogate pair") from error
    except UnicodeDecodeError as error:
        raise Malformed("the body is not JSON: it must be UTF-8") from error
    except RecursionError as error:
        raise Malformed("the body is nested too deeply") from error
    except ValueError as error:
        raise Malformed(f"the body is not JSON: {error}") from error
    return value


def _refuse_depth(value: object) -> None:
    level = [value]
    for _ in range(MOST_LEVELS + 1):
        level = [item for each in level for item in _items(each)]
    if level:
        raise RecursionError


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object has a member twice")
    return members


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _short(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a number has more than {MOST_DIGITS} digits")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_no_number, parse_float=_finite, parse_int=_short
)


def structured(document: object, kind: type[T]) -> T:
    """`document` as a `kind`. Raises `Invalid`, with every fault in it."""
    try:
        return _CONVERTER.structure(document, kind)
    except BaseValidationError as error:
        raise Invalid(faults=list(_faults(error, ""))) from error
    except ValueError as error:
        raise Invalid(faults=[Fault("", str(error))]) from error


def _faults(error: Exception, pointer: str) -> Iterator[Fault]:
    if isinstance(error, BaseValidationError):
        for each in error.exceptions:
            yield from _faults(each, pointer + _step(each))
    elif isinstance(error, ForbiddenExtraKeysError):
        for name in sorted(error.extra_fields):
            yield Fault(_joined(pointer + _escaped(name)), "is no field of this")
    elif isinstance(error, KeyError):
        yield Fault(_joined(pointer), "is required")
    else:
        yield Fault(_joined(pointer), str(error))


def _step(error: Exception) -> str:
    """The way from a value to the part of it that is wrong, as cattrs has noted it down."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return _escaped(note.name)
        if isinstance(note, IterableValidationNote):
            return _escaped(str(note.index))
    return ""


def _escaped(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _joined(pointer: str) -> str:
    """A fault's field is its pointer without the first slash: faults of the core look so, too."""
    return pointer.removeprefix("/")


def _text(value: object, _: object) -> str:
    if type(value) is not str:
        raise ValueError("must be a string")
    return value


def _whole_number(value: object, _: object) -> int:
    if type(value) is not int:
        raise ValueError("must be a whole number")
    return value


def _number(value: object, _: object) -> float:
    if type(value) not in (int, float):
        raise ValueError("must be a number")
    return value  # type: ignore[return-value]  # an int is one


def _truth(value: object, _: object) -> bool:
    if type(value) is not bool:
        raise ValueError("must be true or false")
    return value


def _id(value: object, _: object) -> UUID:
    if type(value) is not str or not _UUID.fullmatch(value):
        raise ValueError("must be an id (a UUID)")
    return UUID(value)


def _day(value: object, _: object) -> date:
    if type(value) is not str or not _DATE.fullmatch(value):
        raise ValueError("must be a date such as 2026-12-01")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("must be a day that is in the calendar") from error


def _instant(value: object, _: object) -> datetime:
    if type(value) is not str or not _INSTANT.fullmatch(value):
        raise ValueError("must be an instant with its zone, such as 2026-12-01T09:00:00Z")
    try:
        return instant(datetime.fromisoformat(value.upper()))
    except ValueError as error:
        raise ValueError("must be an instant that is in the calendar, within the years 1 to 9999") from error


def _word(value: object, kind: type[StrEnum]) -> StrEnum:
    if type(value) is not str or value not in kind._value2member_map_:
        raise ValueError(f"must be one of {', '.join(kind)}")
    return kind(value)


def _object(value: object, _: object) -> dict[str, Any]:
    if type(value) is not dict:
        raise ValueError("must be an object")
    return value


def _is_id_or_text(kind: object) -> bool:
    return get_origin(kind) in (Union, UnionType) and str in get_args(kind)


def _is_one_or_several(kind: object) -> bool:
    return _is_id_or_text(kind) and any(map(_is_list, get_args(kind)))


def _one_or_several(value: object, _: object) -> object:
    """A text, texts, or null for none."""
    texts = value if type(value) is list else [value]
    if value is not None and not all(type(each) is str for each in texts):
        raise ValueError("must be a string or a list of strings")
    return value


def _id_or_text(value: object, kind: object) -> str | None:
    if value is None and type(None) in get_args(kind):
        return None
    return _text(value, str)


def _is_list(kind: object) -> bool:
    return get_origin(kind) is Sequence


def _is_mapping(kind: object) -> bool:
    return get_origin(kind) is Mapping


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(int, _whole_number)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(bool, _truth)
    converter.register_structure_hook(UUID, _id)
    converter.register_structure_hook(date, _day)
    converter.register_structure_hook(datetime, _instant)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(StrEnum, _word)
    converter.register_structure_hook_func(_is_id_or_text, _id_or_text)
    converter.register_structure_hook_func(_is_one_or_several, _one_or_several)
    converter.register_structure_hook_func(_is_mapping, _object)
    converter.register_structure_hook_factory(_is_list, lambda kind: _list_hook(converter, kind))
    _register_typeddicts(converter)
    return converter


def _list_hook(converter: Converter, kind: Any) -> Any:
    items: Any = GenericAlias(list, get_args(kind))

    def structure(value: object, _: object) -> object:
        if type(value) is not list:
            raise ValueError("must be a list")
        return converter.structure(value, items)

    return structure


def _register_typeddicts(converter: Converter) -> None:
    generated = converter.gen_structure_typeddict

    def hook(kind: Any) -> Any:
        structure = generated(kind)
        return lambda value, _: structure(_object(value, kind), kind)

    converter.register_structure_hook_factory(is_typeddict, hook)


_CONVERTER = _converter()
