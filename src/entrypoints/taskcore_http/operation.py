"""What a route says about itself: enough for Litestar to serve it, and for OpenAPI to describe it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs
from litestar import route
from litestar.handlers import HTTPRouteHandler
from litestar.types import Method

from taskcore_http.answer import Answer
from taskcore_http.versions import FIRST, VERSIONS, Superseded, in_version, version_of


@attrs.frozen
class Operation:
    """One method of one path. As a decorator it makes a coroutine the route; HEAD is served wherever GET is."""

    method: Method
    path: str
    rights: tuple[str, ...] = attrs.field(kw_only=True)
    """The rows of the table of rights that decide it, those that are asked of only some of its uses too."""
    body: type[Any] | None = attrs.field(default=None, kw_only=True)
    inside: Mapping[str, type[Any]] = attrs.field(factory=dict, kw_only=True)
    """The types of what some fields of the body hold, where the body is read as if they held any object."""
    needs: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Fields of the body that the use case cannot do without, though its type can."""
    body_optional: bool = attrs.field(default=False, kw_only=True)
    upload: type[Any] | None = attrs.field(default=None, kw_only=True)
    """The fields of a form that comes with a file instead of a JSON body; all but `dry_run` are needed."""
    media: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Media types of an answer that is a file."""
    streams: bool = attrs.field(default=False, kw_only=True)
    """Whether it answers with events as they come, too, where that is asked for."""
    gives: Any = attrs.field(default=None, kw_only=True)
    """The type that it answers with; None for 204."""
    many: bool = attrs.field(default=False, kw_only=True)
    """Whether it answers with a page of those."""
    status: int = attrs.field(default=200, kw_only=True)
    located: bool = attrs.field(default=False, kw_only=True)
    """Whether it says in `Location` where to see what becomes of it, as 201 does without this."""
    also: Mapping[int, str] = attrs.field(factory=dict, kw_only=True)
    """Other statuses of success, and what they mean."""
    adds: Mapping[str, str] = attrs.field(factory=dict, kw_only=True)
    """Further members of the answer, texts, and what they are."""
    query: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    versioned: bool = attrs.field(default=False, kw_only=True)
    """Whether it heeds `If-Match`."""
    merges: bool = attrs.field(default=False, kw_only=True)
    """Whether it heeds `Prefer: merge` too."""
    public: bool = attrs.field(default=False, kw_only=True)
    """Whether it needs no token."""
    refuses: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Codes of refusals that are peculiar to it."""
    guarded: bool = attrs.field(default=False, kw_only=True)
    """Whether it counts against the limit of signing in too: what guesses a password, or sends mail."""
    superseded: Superseded | None = attrs.field(default=None, kw_only=True)
    """Whether a newer version answers otherwise."""

    @property
    def repeatable(self) -> bool:
        """Whether it heeds `Idempotency-Key`, which is each user's own: not before one is known, nor for a file."""
        return self.method != "GET" and not self.public and self.upload is None

    @property
    def paths(self) -> list[str]:
        """Where it is served: in every version, unless it is peculiar to one."""
        shared = version_of(self.path) == FIRST and self.superseded is None
        return [in_version(self.path, version) for version in VERSIONS] if shared else [self.path]

    def __call__(self, respond: Callable[..., Awaitable[Answer]]) -> HTTPRouteHandler:
        methods: list[Method] = ["GET", "HEAD"] if self.method == "GET" else [self.method]
        limits: dict[str, Any] = {"request_max_body_size": None} if self.upload is not None else {}
        return route(self.paths, http_method=methods, status_code=200, opt={"operation": self}, **limits)(
            respond
        )
