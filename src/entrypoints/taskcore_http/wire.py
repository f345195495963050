"""
What passes the wire: a request becomes a caller, the core's own types and what they are conditional
on; what the core returns becomes bytes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from os import urandom
from typing import Any, ClassVar, NoReturn, TypedDict, TypeVar
from urllib.parse import parse_qsl, quote, urlencode
from uuid import UUID

import attrs
from litestar import Request
from litestar.connection.base import empty_receive, empty_send
from litestar.types import Receive, Scope, Send

from taskcore.core import Acting, TaskCore
from taskcore.errors import Conflict, Fault, Invalid, Malformed, NotFound, PreconditionFailed, Unauthenticated
from taskcore.idempotency import Attempt
from taskcore.identity.sessions import SignedIn
from taskcore.limits import RateLimiter
from taskcore.paging import Page, checked_limit
from taskcore.permissions import Actor
from taskcore.progress import Progress
from taskcore.query import seal, unseal
from taskcore.values import Clock, UserId
from taskcore_app.settings import Settings
from taskcore_app.tokens import AccessTokens, ExternalTokens
from taskcore_http import client
from taskcore_http.answer import JSON, PRIVATE, REPLAYED, SECURITY, UNSTORED, Answer, digest, encoded
from taskcore_http.consistency import sent_progress, token_fields
from taskcore_http.counting import Listing, total
from taskcore_http.realtime.limits import Limits
from taskcore_http.strict import TooSlow, Unsupported, decoded, structured
from taskcore_http.versions import FIRST, in_version, version_of

T = TypeVar("T")
Raw = Mapping[str, Any]
Refusal = Callable[[Raw], Awaitable[object]]
"""Calls the use case, given the body as it came, so that it is sure to refuse once it has authorised."""

NEVER = 0
"""A version that nothing ever has: a use case called with it authorises, then refuses."""


@attrs.frozen
class Instance:
    """What all requests to one server share."""

    core: TaskCore
    tokens: AccessTokens
    external: ExternalTokens | None
    limiter: RateLimiter
    settings: Settings
    clock: Clock
    limits: Limits


class Nothing(TypedDict):
    """The body of a request that needs none: no field is known."""


_WITHIN_QUERY = "%=&+,:;/?@!$'()*"
"""What may stand in a query as it is; `>` would end the link that it is in."""
MOST_OF_USER_AGENT = 120
TOLD = "taskcore.told"
"""Where a scope keeps what its answer is to say: an error is answered by another `Call` on the same scope."""
_JSON_TYPES = frozenset({"application/json", "application/merge-patch+json"})
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
_OTHER_CHARSET = re.compile(r"""charset\s*=(?!\s*"?utf-8"?\s*$).*""", re.DOTALL)
_ENTITY_TAG = re.compile(r'"[\x21\x23-\x7e\x80-\uffff]*"')
_TAG_VERSION = re.compile(r'"([0-9]{1,18})(?:-[0-9a-f]+)?"')
LISTING = ("limit", "cursor", "count")
"""The query parameters of every list."""
_MERGE = re.compile(r"(?:^|[,;\s])merge(?:$|[,;\s])")


class Call(Request[Any, Any, Any]):
    """
    One request. `admission` has let it in (401, 429) and says who sent it. A route then asks for
    `sent` or `bare`, which checks what was sent and lets a hidden or forbidden thing win over a fault
    (404, 403, then 400, 422); the route calls one use case, and answers by `one`, `page`, `done` or
    `signed`.
    """

    instance: ClassVar[Instance]
    actor: Actor | None = None
    """Who sent it, once it is let in; None where the route is for everybody."""
    attempt: Attempt | None = None
    """What it may be a repetition of, where it says so."""
    key: bytes | None = None
    """The store's secret, where the answer may be to a write."""

    def __init__(self, scope: Scope, receive: Receive = empty_receive, send: Send = empty_send) -> None:
        super().__init__(scope, receive, send)
        self.fields = dict(self.scope["headers"])

    def field(self, name: bytes) -> str:
        """A header field."""
        return self.fields.get(name, b"").decode("latin-1")

    @property
    def request_id(self) -> bytes:
        """As it was sent, or a new one: the same for as long as this lives."""
        given = self.fields.get(b"x-request-id", b"")
        if not _REQUEST_ID.fullmatch(given):
            given = self.fields[b"x-request-id"] = urandom(16).hex().encode()
        return given

    @property
    def me(self) -> Acting:
        """Every use case with the rights of whoever sent this. Raises: Unauthenticated."""
        if self.actor is None:
            raise Unauthenticated("sign in first: send Authorization: Bearer <token>")
        return self.instance.core.acting_as(
            self.actor, origin=self.origin, attempt=self.attempt, after=self.progress
        )

    @cached_property
    def progress(self) -> Progress:
        """What it is to be shown: what its `Consistency-Token` says, and what it writes itself."""
        return sent_progress(self.fields)

    @property
    def address(self) -> str:
        """The client's address, believed from proxies that are trusted only."""
        return client.address(self.scope, self.instance.settings.trusted_proxies)

    @property
    def origin(self) -> str:
        """From where it came, as the audit has it: an address, and what the program there calls itself."""
        program = self.field(b"user-agent")[:MOST_OF_USER_AGENT]
        return f"{self.address} {program}".strip()

    @property
    def common(self) -> list[tuple[bytes, bytes]]:
        """Header fields of every answer."""
        told: tuple[tuple[bytes, bytes], ...] = self.scope.get(TOLD, ())  # type: ignore[assignment]  # as below
        replayed = [REPLAYED] if self.attempt is not None and self.attempt.replayed else []
        return [*SECURITY, (b"x-request-id", self.request_id), *told, *replayed]

    @property
    def of_success(self) -> list[tuple[bytes, bytes]]:
        """Header fields of every answer but an error's."""
        return [*self.common, *token_fields(self.progress, self.key, self.instance.core.store)]

    def tell(self, *fields: tuple[bytes, bytes]) -> None:
        """Say this in the answer too, be it an error's."""
        told = (*self.scope.get(TOLD, ()), *fields)  # type: ignore[misc]  # a scope takes what ASGI does not name
        self.scope[TOLD] = told  # type: ignore[literal-required]  # as above

    _query: dict[str, str] | None = None
    _query_faults: tuple[Fault, ...] = ()

    def query(self, *names: str) -> dict[str, str]:
        """The query parameters called `names`; one given again is as one with commas. Any other is a fault,
        which `bare`, `sent` or the answer tells."""
        found: dict[str, str] = {}
        for name, value in self._pairs():
            found[name] = f"{found[name]},{value}" if name in found else value
        unknown = found.keys() - {*names}
        if unknown:
            right = f"there are {', '.join(names)}" if names else "there are none"
            self._query_faults += tuple(
                Fault(name, f"is no query parameter here; {right}") for name in sorted(unknown)
            )
        self._query = {name: found[name] for name in found.keys() - unknown}
        return self._query

    def _pairs(self) -> list[tuple[str, str]]:
        text = self.scope["query_string"]
        if not text:
            return []
        try:
            return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict")
        except ValueError:
            self._query_faults += (Fault("", "the query must be UTF-8, percent-encoded"),)
            return []

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false, taken out of those that `query` found."""
        value = (self._query or {}).pop(name, "false")
        if value not in ("true", "false"):
            self._query_faults += (Fault(name, "must be true or false"),)
        return value == "true"

    async def refuse(self, fault: Invalid, refusal: Refusal) -> NoReturn:
        """Raise `fault`, with those of the query. Raises first: what `refusal` does."""
        if self._query_faults:
            told = fault.data
            fault = Malformed(faults=[*self._query_faults, *fault.faults])
            fault.data.update(told)
        await _refused(refusal, {}, fault)

    @property
    def has_query_faults(self) -> bool:
        return bool(self._query_faults)

    def refuse_query(self) -> None:
        """Raise `Malformed` for what is wrong with the query."""
        self._refuse_query()

    def _refuse_query(self) -> None:
        if self._query is None and self.scope["query_string"]:
            self.query()
        if self._query_faults:
            raise Malformed(faults=self._query_faults)

    async def bare(self, refusal: Refusal) -> None:
        """Check what came without a body, or with an empty object. Raises: as `sent`."""
        await self.sent(Nothing, refusal, optional=True)

    async def sent(self, kind: type[T], refusal: Refusal, *, optional: bool = False) -> T:
        """The body as a `kind`. Raises: Malformed; what `refusal` does; Invalid, with every fault."""
        document = await self._document(optional=optional)
        try:
            self._refuse_query()
            _ = self.if_version
            return structured(document, kind)
        except Invalid as fault:
            await _refused(refusal, document if isinstance(document, dict) else {}, fault)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, as it comes. Raises: TooSlow."""
        try:
            async with asyncio.timeout(self.instance.settings.time_limit):
                async for piece in self.stream():
                    if piece:
                        yield piece
        except TimeoutError as error:
            raise TooSlow("the body did not come in time") from error

    async def content(self) -> bytes:
        """The whole body. Raises: TooSlow."""
        try:
            async with asyncio.timeout(self.instance.settings.time_limit):
                return await self.body()
        except TimeoutError as error:
            raise TooSlow("the body did not come in time") from error

    async def _document(self, *, optional: bool) -> Any:
        body = await self.content()
        if optional and not body:
            return {}
        media_type, *parameters = self.field(b"content-type").lower().split(";")
        if media_type.strip() not in _JSON_TYPES:
            raise Unsupported("the body must be application/json")
        if any(_OTHER_CHARSET.fullmatch(parameter.strip()) for parameter in parameters):
            raise Unsupported("the body must be UTF-8")
        if self.field(b"content-encoding").strip().lower() not in ("", "identity"):
            raise Unsupported("the body must come without a Content-Encoding")
        return decoded(body)

    async def user_id(self, text: str, refusal: Refusal) -> UserId:
        """Whom a path names: an id, or `me`. Raises: what `refusal` does; NotFound, for anything else."""
        if text == "me":
            return self.me.user_id
        try:
            return UserId(UUID(text))
        except ValueError:
            await self._document(optional=True)
            await _refused(refusal, {}, NotFound(f"no such user {text}"))

    @property
    def if_version(self) -> int | None:
        """The version that `If-Match` names, by itself or in a served ETag; NEVER, where it is no ETag of ours."""
        if b"if-match" not in self.fields:
            return None
        wanted = self.field(b"if-match").strip().removeprefix("W/")
        if wanted == "*":
            return None
        version = _TAG_VERSION.fullmatch(wanted)
        if version is not None:
            return int(version[1])
        if not _ENTITY_TAG.fullmatch(wanted):
            raise Malformed('If-Match takes one ETag, or one version in quotes: "3"')
        return NEVER

    @property
    def merge(self) -> bool:
        """Whether a newer version is accepted where it did not change what is sent now."""
        return bool(_MERGE.search(self.field(b"prefer").lower()))

    def one(
        self, thing: Any, *, status: int = 200, location: str | None = None, part: bool = False
    ) -> Answer:
        """One thing: an entity, or its fields. `part` of one whose version `If-Match` names instead."""
        version = thing.get("version") if isinstance(thing, dict) else getattr(thing, "version", None)
        place = []
        if location is not None:
            here = in_version(location, version_of(self.scope["path"]) or FIRST)
            place.append((b"location", quote(here).encode()))
        prefix = "" if part or version is None else f"{version}-"
        return self._represented(thing, prefix, status, place)

    async def listed(self, read: Listing[Any], *filters: str) -> Answer:
        """What `read` gives for `limit`, `cursor` and the parameters called `filters`; with `count=true` how many
        there are in all."""
        page_fields = self.query(*filters, *LISTING)
        counted = self.flag("count")
        read = partial(read, **{name: page_fields.pop(name) for name in filters if name in page_fields})
        try:
            page = await read(**page_fields)
        except Malformed as fault:
            raise Malformed(faults=[*self._query_faults, *fault.faults]) from fault
        return self.page(page, total=await total(read, page, page_fields) if counted else None)

    async def sliced(
        self, items: Iterable[T], key: Callable[[T], str], *, limit: object = 50, cursor: str | None = None
    ) -> Page[T]:
        """A page of a list that the core gives whole, in the order of `key`. Raises: Malformed."""
        size, secret = checked_limit(limit), await self.instance.core.store.secret()
        binding = [str(self.me.user_id), self.scope["path"]]
        after = unseal(secret, binding, cursor) if cursor is not None else ""
        rest: Sequence[T] = sorted((item for item in items if key(item) > after), key=key)
        more = len(rest) > size
        return Page([*rest[:size]], seal(secret, binding, key(rest[size - 1])) if more else None)

    def page(self, page: Page[Any], *, total: int | None = None) -> Answer:
        """A part of a list, and the way to the next."""
        content: dict[str, Any] = {"items": page.items, "next_cursor": page.next_cursor}
        if total is not None:
            content["total"] = total
        if page.next_cursor is None:
            return self._represented(content, "l-", 200, [])
        return self._represented(content, "l-", 200, [(b"link", self._next(page.next_cursor))])

    def _next(self, cursor: str) -> bytes:
        query = self.scope["query_string"].decode("ascii")
        if "cursor" in query or "after" in query:
            pairs = parse_qsl(query, keep_blank_values=True)
            query = urlencode([(name, value) for name, value in pairs if name not in ("cursor", "after")])
        place = f"{quote(query, safe=_WITHIN_QUERY)}&cursor={cursor}" if query else f"cursor={cursor}"
        return f'<{quote(self.scope["path"])}?{place}>; rel="next"'.encode()

    def _represented(
        self, content: object, tag_prefix: str, status: int, headers: Iterable[tuple[bytes, bytes]]
    ) -> Answer:
        self._refuse_query()
        body = encoded(content)
        tag = f'"{tag_prefix}{digest(body)}"'
        common = [(b"etag", tag.encode()), PRIVATE, *self.of_success, *headers]
        if b"prefer" in self.fields and b"if-match" in self.fields and self.merge:
            common.append((b"preference-applied", b"merge"))
        if self.knows(tag):
            return Answer(304, common)
        return Answer(status, [JSON, (b"content-length", str(len(body)).encode()), *common], body)

    def knows(self, tag: str) -> bool:
        """Whether the caller has the representation with that ETag already."""
        if b"if-none-match" not in self.fields or self.scope["method"] not in ("GET", "HEAD"):
            return False
        known = [each.strip().removeprefix("W/") for each in self.field(b"if-none-match").split(",")]
        return tag in known or "*" in known

    def signed(self, signed: SignedIn, *, status: int, location: str | None = None) -> Answer:
        """A session's tokens: the one thing that no cache may keep."""
        tokens, now = self.instance.tokens, self.instance.clock()
        content = {
            "user": signed.user,
            "access_token": tokens.issue(signed.user.id, signed.session.id, now),
            "refresh_token": signed.refresh_token,
            "token_type": "Bearer",
            "expires_in": tokens.lifetime_seconds,
        }
        return self.secret(content, status=status, location=location)

    def secret(self, content: dict[str, Any], *, status: int, location: str | None = None) -> Answer:
        """What is shown once, and kept by nobody on the way."""
        answer = self.one(content, status=status, location=location)
        answer.headers[answer.headers.index(PRIVATE)] = UNSTORED
        return answer

    def done(self) -> Answer:
        """Nothing is left to say."""
        return Answer(204, self.of_success)

    def taken(self) -> Answer:
        """Something may come of it, which is not for the caller to know."""
        return Answer(202, [*self.of_success, UNSTORED])


async def _refused(refusal: Refusal, document: Raw, fault: Exception) -> NoReturn:
    """Raise `fault`, unless the thing is hidden from the caller, or the right is missing: then say that."""
    with suppress(Invalid, PreconditionFailed, Conflict):
        await refusal(document)
    raise fault
