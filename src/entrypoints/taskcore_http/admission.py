"""Who may come in at all: who a request is from, and whether they ask too often. Before any route."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import attrs
from litestar import Request

from taskcore.errors import Malformed, NotFound, RateLimited, Unauthenticated
from taskcore.idempotency import Attempt, key_faults
from taskcore.identity.tokens import API
from taskcore.limits import Rate
from taskcore.permissions import Actor
from taskcore.values import SessionId, UserId
from taskcore_http import client
from taskcore_http.operation import Operation
from taskcore_http.wire import Call

REMEMBERED = 10_000
REMEMBERED_FOR = timedelta(minutes=1)
SIGNING_IN = "/v1/auth/"


@attrs.define
class Acquaintances:
    """
    Whom a token stands for, for a minute: what a store says of it that never changes.

    Whether the token is revoked is not remembered: each statement judges that anew.
    """

    _known: OrderedDict[str, tuple[Actor, datetime]] = attrs.field(factory=OrderedDict)

    async def find(
        self, token: str, now: datetime, ask: Callable[[], Awaitable[tuple[Actor, datetime | None]]]
    ) -> Actor:
        known = self._known.get(token)
        if known is not None and now < known[1]:
            return known[0]
        actor, expires_at = await ask()
        until = now + REMEMBERED_FOR
        self._known[token] = actor, min(until, expires_at) if expires_at else until
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return actor


async def admit(request: Request[Any, Any, Any], acquaintances: Acquaintances) -> None:
    """Let a request in, or raise: NotFound, Unauthenticated, RateLimited."""
    _refuse_hidden_slash(request)
    operation = request.route_handler.opt.get("operation")
    if not isinstance(request, Call) or not isinstance(operation, Operation):
        return
    settings = request.instance.settings
    if operation.superseded is not None:
        request.tell(*operation.superseded.fields(request.scope["path"]))
    if operation.guarded or operation.path.startswith(SIGNING_IN):
        await count(request, "auth", client.limit_key(request.address), settings.rate_auth)
    if not operation.public:
        request.actor = await identified(request, _borne(request), acquaintances)
        await count(request, "user", str(request.actor.user_id), settings.rate_user)
    if operation.method != "GET":
        request.key = await request.instance.core.store.secret()
    if operation.public:
        return
    if operation.repeatable and b"idempotency-key" in request.fields:
        request.attempt = await _attempt(request)


def _refuse_hidden_slash(request: Request[Any, Any, Any]) -> None:
    """Nothing has a slash in its name; the router would overlook one that is encoded, or an empty name."""
    path = request.scope.get("raw_path", b"")
    if (b"%" in path and b"%2f" in path.lower()) or b"//" in path:
        raise NotFound("no such path")


async def count(request: Call, policy: str, key: str, rate: Rate | None) -> None:
    """Count a request, or what is as good as one, against a limit. Raises: RateLimited."""
    if rate is None:
        return
    verdict = await request.instance.limiter.hit(f"{policy}:{key}", rate)
    fields = [
        (b"ratelimit-policy", client.policy_field(policy, rate).encode()),
        (b"ratelimit", client.limit_field(policy, verdict).encode()),
    ]
    if verdict.allowed:
        request.tell(*fields)
        return
    wait = client.retry_after(verdict)
    request.tell(*fields, (b"retry-after", str(wait).encode()))
    raise RateLimited(f"too many requests: wait {wait} s", retry_after=wait)


async def _attempt(request: Call) -> Attempt:
    """What a request may be a repetition of: it is the same if method, path, query and body are."""
    key = request.field(b"idempotency-key")
    if faults := key_faults(key, "Idempotency-Key"):
        raise Malformed(faults=faults)
    whole = (request.scope["method"], request.scope["path"], request.scope["query_string"].decode("latin-1"))
    return Attempt.of(key, " ".join(whole), await request.content())


def _borne(request: Call) -> str:
    """The token that a request bears. Raises: Unauthenticated."""
    scheme, _, rest = request.field(b"authorization").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("sign in first: send Authorization: Bearer <token>")
    return rest.strip()


async def identified(request: Call, token: str, acquaintances: Acquaintances) -> Actor:
    """Who a request is from, by a token. Raises: Unauthenticated."""
    instance, now = request.instance, request.instance.clock()
    if token.startswith(API):
        return await acquaintances.find(token, now, lambda: instance.core.auth.api_token(token))
    external = instance.external
    if external is not None and external.issued(token):
        vouched = await external.verify(token, now)

        async def ask() -> tuple[Actor, None]:
            return await instance.core.auth.external(vouched, origin=request.origin), None

        return await acquaintances.find(f"{vouched.issuer} {vouched.subject}", now, ask)
    claims = instance.tokens.verify(token, now)
    return Actor(UserId(claims.user_id), session_id=SessionId(claims.session_id))
