"""Settings, adapters and core, wired: the one place that knows the injector.

    container = Container(settings=load_settings(flags, os.environ, Path.cwd()).settings)
    async with container.core() as core: ...

Each part is made when it is first asked for, and once: a command line that signs no token never loads a JOSE
library, and makes no secret. Any part can be replaced: `Container(settings=…, clock=fake_clock)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dependency_injector import containers, providers

from taskcore.connect import (
    BLOBS,
    BUSES,
    HASHERS,
    MAILERS,
    QUEUES,
    STORES,
    STREAMS,
    build,
    noun_of,
    open_poster,
    open_solver,
    open_typesetter,
    resolve,
)
from taskcore.core import TaskCore
from taskcore.delivery.ports import Stream
from taskcore.jobs.ports import Queue
from taskcore.limits import RateLimiter
from taskcore.system import new_token as make_token
from taskcore.system import system_clock, uuid7_ids
from taskcore_app.key_file import signing_secrets
from taskcore_app.settings import Settings
from taskcore_app.tokens import AccessTokens, ExternalTokens

TOKENS = "taskcore.tokens"
ISSUERS = "taskcore.issuers"
LIMITERS = "taskcore.limiters"


def _adapter(group: str, url: str, blocking: bool) -> Any:  # noqa: FBT001  a provider passes it on by position
    """What is registered for the URL, as the port that its group is for."""
    return build(resolve(group, url), url, noun_of(group), blocking=blocking)


def _access_tokens(url: str, secrets: Sequence[bytes]) -> AccessTokens:
    tokens: AccessTokens = _adapter(TOKENS, url, blocking=False)(secrets)
    return tokens


def _limiter(url: str) -> RateLimiter:
    limiter: RateLimiter = _adapter(LIMITERS, url, blocking=False)
    return limiter


def _stream(url: str | None) -> Stream | None:
    """Where events are published, if anywhere."""
    stream: Stream | None = None if url is None else _adapter(STREAMS, url, blocking=False)
    return stream


def _queue(url: str, blocking: bool) -> Queue | None:  # noqa: FBT001  as above
    """What wakes those who run jobs. A door without an event loop wakes nobody: they look by themselves."""
    queue: Queue | None = None if blocking else _adapter(QUEUES, url, blocking=False)
    return queue


def _external(settings: Settings) -> ExternalTokens | None:
    """The tokens of an OpenID provider, where one is set."""
    if settings.oidc_issuer is None:
        return None
    tokens: ExternalTokens = _adapter(ISSUERS, "oidc://", blocking=False)(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        jwks_url=settings.oidc_jwks_url,
        claims=settings.oidc_claims,
    )
    return tokens


class Container(containers.DeclarativeContainer):
    """`blocking` asks adapters for coroutines that never wait on an event loop, for a door that has none."""

    settings = providers.Dependency(instance_of=Settings)
    blocking = providers.Object(False)  # noqa: FBT003  a value is what an Object provides
    clock = providers.Object(system_clock)
    ids = providers.Singleton(uuid7_ids)
    new_token = providers.Object(make_token)
    secrets = providers.Singleton(signing_secrets, settings)
    store = providers.Singleton(_adapter, STORES, settings.provided.store, blocking)
    hasher = providers.Singleton(_adapter, HASHERS, settings.provided.hasher, blocking)
    mail = providers.Singleton(_adapter, MAILERS, settings.provided.mail, blocking)
    solver = providers.Singleton(open_solver, settings.provided.solver)
    poster = providers.Singleton(open_poster, settings.provided.webhook_networks, blocking=blocking)
    typesetter = providers.Singleton(open_typesetter)
    bus = providers.Singleton(_adapter, BUSES, settings.provided.bus, blocking)
    queue = providers.Singleton(_queue, settings.provided.jobs, blocking)
    tokens = providers.Singleton(_access_tokens, settings.provided.tokens, secrets)
    external = providers.Singleton(_external, settings)
    limiter = providers.Singleton(_limiter, settings.provided.cache)
    stream = providers.Singleton(_stream, settings.provided.stream)
    blobs = providers.Singleton(_adapter, BLOBS, settings.provided.blobs, blocking)
    core = providers.Singleton(
        TaskCore,
        store=store,
        hasher=hasher,
        clock=clock,
        ids=ids,
        new_token=new_token,
        mail=mail,
        solver=solver.provider,
        poster=poster.provider,
        bus=bus,
        queue=queue,
        blobs=blobs.provider,
        typesetter=typesetter.provider,
        signup=settings.provided.signup,
        public_url=settings.provided.public_url,
    )
