"""The use cases of a service, called as the core's own are: same nouns, verbs, arguments, results and errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, wraps
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs

from taskcore.codec import decoded
from taskcore.errors import Invalid, TaskCoreError, Unavailable
from taskcore.paging import Page
from taskcore.query import MAX_LIMIT
from taskcore_cli.remote.credentials import ask_openly
from taskcore_cli.remote.door import Door
from taskcore_cli.remote.request import arguments_of, request_for
from taskcore_cli.remote.routes import NOUNS, ROUTES, use_case

ONCE = ("token", "secret")
"""What an answer says once beside the thing."""


class RemoteActing:
    """Stands for `taskcore.core.Acting`, of whoever the service takes us for."""

    def __init__(self, door: Door) -> None:
        self._door = door

    @cached_property
    def user_id(self) -> UUID:
        found: UUID = self.me.get().id
        return found

    def __getattr__(self, noun: str) -> RemoteNoun:
        if noun in NOUNS:
            return RemoteNoun(self._door, noun)
        raise Invalid(
            f"{noun}: the service offers none of this; it works on a local store only (--store URL)"
        )


class RemoteNoun:
    """The verbs of a noun."""

    def __init__(self, door: Door, noun: str) -> None:
        self._door = door
        self._noun = noun

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        name = f"{self._noun}.{verb}"
        if name not in ROUTES:
            raise Invalid(
                f"{self._noun} {verb}: the service has no such thing; it works on a local store only"
            )

        @wraps(use_case(name))
        def call(*args: Any, **kwargs: Any) -> Any:
            return self._call(name, args, kwargs)

        return call

    def _call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        route, arguments = ROUTES[name], arguments_of(name, args, kwargs)
        kind = get_type_hints(use_case(name))["return"]
        if route.public:
            ask_openly(self._door.line, route.path, arguments)
            return None
        if get_origin(kind) is Sequence:
            return list(self._whole(name, arguments, get_args(kind)[0]))
        answer = self._door.ask(request_for(route, arguments))
        if route.then is not None:
            noun, _, verb = route.then.partition(".")
            about = next(iter(arguments.values()))
            return getattr(RemoteNoun(self._door, noun), verb)(about)
        return understood(answer, kind)

    def _whole(self, name: str, arguments: dict[str, Any], kind: Any) -> Iterator[Any]:
        """All of a list that the core gives whole, and the service in pages."""
        cursor: str | None = None
        while True:
            part = {**arguments, "limit": MAX_LIMIT, "cursor": cursor}
            page = understood(self._door.ask(request_for(ROUTES[name], part)), Page[kind])
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return


def understood(answer: Any, kind: Any) -> Any:
    """An answer as what the core's method returns. Raises: Unavailable, if it is none."""
    if kind is NoneType:
        return None
    if isinstance(kind, UnionType):  # of a thing and None, which is an answer without a body
        return understood(answer, get_args(kind)[0]) if answer is not None else None
    try:
        if get_origin(kind) is Page:
            items = [_thing(each, get_args(kind)[0]) for each in answer["items"]]
            return Page(items, answer["next_cursor"])
        if get_origin(kind) is tuple:
            return _thing(answer, get_args(kind)[0]), answer[next(name for name in ONCE if name in answer)]
        return _thing(answer, kind)
    except TaskCoreError:
        raise
    except Exception as error:
        raise Unavailable("the server's answer cannot be read: is it another version of taskcore?") from error


def _thing(answer: Any, kind: Any) -> Any:
    """An entity; without the hash of its token, which no service tells."""
    if "token_hash" in {field.name for field in attrs.fields(kind)}:
        answer = {"token_hash": ""} | answer
    return decoded(answer, kind)
