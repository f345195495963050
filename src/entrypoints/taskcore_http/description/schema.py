"""JSON Schema (2020-12, as OpenAPI 3.1 has it) of the types that pass the wire."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints, is_typeddict
from uuid import UUID

import attrs

from taskcore_http.description.bounds import bounded

Schema = dict[str, Any]

_SCALARS: Mapping[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Any: {},
}
_UNSHOWN = frozenset({"token_hash"})
"""Fields that never leave a store."""


def schema(kind: Any, components: dict[str, Schema]) -> Schema:
    """The schema of `kind`; what has a name is described once, in `components`."""
    if isinstance(kind, NewType):
        return schema(kind.__supertype__, components)
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    origin = get_origin(kind) or kind
    if origin in (Union, UnionType):
        return _union([schema(option, components) for option in get_args(kind)])
    if origin in (list, tuple, Sequence):
        return {"type": "array", "items": schema(get_args(kind)[0], components)}
    if origin in (dict, Mapping):
        return {"type": "object"}
    return _named(kind, components)


def _union(options: list[Schema]) -> Schema:
    distinct = [option for place, option in enumerate(options) if option not in options[:place]]
    texts = {"type": "string"}
    if texts in distinct:
        distinct = [option for option in distinct if option.get("type") != "string" or option == texts]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _named(kind: Any, components: dict[str, Schema]) -> Schema:
    name = kind.__name__
    if name not in components:
        components[name] = {}  # a class may hold itself
        components[name] = _described(kind, components)
    return {"$ref": f"#/components/schemas/{name}"}


def _described(kind: Any, components: dict[str, Schema]) -> Schema:
    if issubclass(kind, Enum):
        return {"type": "string", "enum": [each.value for each in kind]}
    hints = get_type_hints(kind)
    names = [name for name in hints if name not in _UNSHOWN]
    if attrs.has(kind):
        names = [field.name for field in attrs.fields(kind) if field.name in names]
    described: Schema = {
        "type": "object",
        "description": inspect.cleandoc(kind.__doc__ or ""),
        "properties": {name: schema(hints[name], components) for name in names},
        "required": sorted(kind.__required_keys__) if is_typeddict(kind) else names,
    }
    if is_typeddict(kind):
        described["additionalProperties"] = False
        for name, plain in described["properties"].items():
            described["properties"][name] = bounded(kind.__name__, name, plain)
    return described
