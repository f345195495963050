"""From a use case and its arguments to the request that asks a service for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from inspect import Parameter, signature
from typing import Any
from urllib.parse import quote

import attrs

from taskcore.errors import NotFound
from taskcore.events import plain
from taskcore_cli.remote.routes import Route, use_case

JSON = dict[str, Any]
_PLACE = re.compile(r"\{(\w+)\}")
_NOUNS = {"predecessor": "task", "guest": "user"}
"""What an argument that is called otherwise names."""
_FLAGS = ("force", "deleted")
"""What stands in the query whatever the method."""

NONE = "none"
"""What a query says for what is not set."""


@attrs.frozen
class Request:
    """What is sent, but for who sends it."""

    method: str
    path: str
    query: Mapping[str, str] = attrs.field(factory=dict)
    body: JSON | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def changes(self) -> bool:
        return self.method not in ("GET", "HEAD")


def request_for(route: Route, arguments: Mapping[str, Any]) -> Request:
    """Raises: NotFound, for a name that cannot be in a path: nothing is called so."""
    rest = dict(arguments)
    path = _PLACE.sub(lambda found: segment(found[1], rest.pop(found[1])), route.path)
    headers = {}
    if (version := rest.pop("if_version", None)) is not None:
        headers["If-Match"] = f'"{version}"'
    if (key := rest.pop("idempotency_key", None)) is not None:
        headers["Idempotency-Key"] = key
    if rest.pop("merge", False):
        headers["Prefer"] = "merge"
    if route.method == "GET":
        query = {
            route.calls.get(name, name): text(value) for name, value in rest.items() if value is not None
        }
        return Request(route.method, path, query, headers=headers)
    query = {name: text(rest.pop(name)) for name in _FLAGS if name in rest}
    if route.whole is not None:
        return Request(route.method, path, query, plain(rest[route.whole]), headers)
    body = {route.calls.get(name, name): plain(value) for name, value in rest.items()} | dict(route.sets)
    if route.method == "DELETE":
        return Request(route.method, path, query, headers=headers)
    return Request(route.method, path, query, body, headers)


def arguments_of(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> JSON:
    """The arguments by name, as the core's method would take them; one that says what would be said without
    it is left out."""
    shape = signature(use_case(name))
    bound = shape.bind(None, *args, **kwargs)
    found: JSON = {}
    for parameter, value in list(bound.arguments.items())[1:]:
        about = shape.parameters[parameter]
        if about.kind is Parameter.VAR_KEYWORD:
            found |= value
        elif about.default is Parameter.empty or value != about.default:
            found[parameter] = value
    found.pop("origin", None)  # the service knows from where it is asked
    return found


def segment(name: str, value: object) -> str:
    """An argument as a part of a path. Raises: NotFound."""
    text = str(value)
    if text in ("", ".", ".."):  # as part of a path these would name something else
        raise NotFound(f"no such {_NOUNS.get(name, name)} {text}".rstrip())
    return quote(text, safe="")


def text(value: object) -> str:
    """As a query has it: several with commas, nothing as `none`."""
    value = plain(value)
    if isinstance(value, list):
        return ",".join(map(text, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return NONE if value is None else str(value)
