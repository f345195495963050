"""The service: routes, errors and documentation around one core."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from litestar import Litestar, Request
from litestar.config.cors import CORSConfig
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from taskcore.core import TaskCore
from taskcore.errors import TaskCoreError, Unavailable
from taskcore.limits import RateLimiter
from taskcore.system import system_clock
from taskcore.values import Clock
from taskcore_app.background import background, parts_in_service
from taskcore_app.container import Container
from taskcore_app.settings import Settings, load_settings
from taskcore_app.tokens import AccessTokens, ExternalTokens
from taskcore_http.admission import Acquaintances, admit
from taskcore_http.deadline import within
from taskcore_http.errors import of_a_bug, of_litestar, of_the_core
from taskcore_http.realtime.limits import Limits
from taskcore_http.realtime.presence import presence
from taskcore_http.realtime.route import sockets
from taskcore_http.routes import (
    auth,
    batches,
    calendars,
    comments,
    dependencies,
    escalations,
    events,
    exchange,
    followers,
    health,
    instance,
    invitations,
    jobs,
    labels,
    me,
    members,
    notifications,
    projects,
    reading,
    reminders,
    reports,
    sagas,
    schedule,
    tasks,
    teams,
    tokens,
    unsubscribing,
    views,
    webhooks,
)
from taskcore_http.site import options, site
from taskcore_http.wire import Call, Instance

log = logging.getLogger(__name__)

RESOURCES = (
    *(
        health,
        auth,
        me,
        notifications,
        tokens,
        teams,
        sagas,
        members,
        calendars,
        invitations,
        projects,
        labels,
        views,
        instance,
        exchange,
    ),
    *(
        batches,
        tasks,
        dependencies,
        followers,
        comments,
        reading,
        reminders,
        escalations,
        events,
        schedule,
        webhooks,
        jobs,
        reports,
        unsubscribing,
    ),
)
OPERATIONS: tuple[HTTPRouteHandler, ...] = tuple(
    value for module in RESOURCES for value in vars(module).values() if isinstance(value, HTTPRouteHandler)
)
TIMES = 2
"""A body and its answer may each take the time that settings give."""
EXPOSED = [
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "ETag",
    "Link",
    "Location",
    "Preference-Applied",
    "X-Request-ID",
    "Consistency-Token",
    "WWW-Authenticate",
]
SENT = [
    "Idempotency-Key",
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "Prefer",
    "X-Request-ID",
    "Consistency-Token",
]


def create_app() -> Litestar:
    """What `uvicorn --factory taskcore_http:create_app` serves: settings from environment and files."""
    resolved = load_settings({}, os.environ, Path.cwd(), signs=True)
    resolved.make_data_folder(os.environ)
    return from_settings(resolved.settings)


def from_settings(settings: Settings, limits: Limits | None = None) -> Litestar:
    """The service that `settings` describe, alone in its process."""
    container = Container(settings=settings)
    core, parts = container.core(), parts_in_service(settings, container.queue())
    app = build(
        core,
        container.tokens(),
        settings,
        external=container.external(),
        limiter=container.limiter(),
        clock=container.clock(),
        beside=lambda: background(core, parts, container.stream() if "relay" in parts else None),
        limits=limits,
    )
    app.on_startup.append(_settle)
    return app


def build(
    core: TaskCore,
    tokens: AccessTokens,
    settings: Settings,
    *,
    limiter: RateLimiter,
    external: ExternalTokens | None = None,
    clock: Clock = system_clock,
    beside: Callable[[], AbstractAsyncContextManager[object]] = nullcontext,
    limits: Limits | None = None,
) -> Litestar:
    """The service around `core`, which it closes when it ends; `beside` goes on as long as it answers."""

    class Bound(Call):
        instance = Instance(core, tokens, external, limiter, settings, clock, limits or Limits())

    acquaintances = Acquaintances()

    async def admitted(request: Request[Any, Any, Any]) -> None:
        await admit(request, acquaintances)

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        """Serves even while the store does not answer: `/readyz` says so, and it may come back."""
        async with core:
            try:
                await core.store.check()
            except Unavailable as error:
                log.warning("not ready: %s", error.message)
            async with beside():
                yield
        await limiter.close()
        if external is not None:
            await external.close()

    return Litestar(
        [*options(OPERATIONS), *OPERATIONS, *sockets(Bound, acquaintances, [presence]), *site(OPERATIONS)],
        request_class=Bound,
        before_request=admitted,
        exception_handlers={TaskCoreError: of_the_core, HTTPException: of_litestar, Exception: of_a_bug},
        lifespan=[life],
        middleware=[lambda app: within(app, TIMES * settings.time_limit)],
        request_max_body_size=settings.body_limit,
        cors_config=_cors(settings.cors_origins),
        openapi_config=None,
        logging_config=None,
    )


def _settle() -> None:
    """What is there after the start stays: the garbage collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _cors(origins: tuple[str, ...]) -> CORSConfig | None:
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"],
        allow_headers=SENT,
        expose_headers=EXPOSED,
    )
