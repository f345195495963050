"""
From URLs to adapters: a URL's scheme is looked up among installed entry points, so that an
adapter of somebody else's needs no change here.

A factory is called as `factory(url, blocking=…)`; with `blocking` its coroutines should not wait
on an event loop, since there is none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskcore.caller import Signup
from taskcore.core import TaskCore
from taskcore.delivery.ports import Poster
from taskcore.errors import Fault, Invalid
from taskcore.files.ports import Blobs
from taskcore.ports import Store
from taskcore.scheduling.leveling.ports import Solver
from taskcore.system import new_token, no_blobs, system_clock, uuid7_ids
from taskcore.values import Clock, Ids

if TYPE_CHECKING:
    from taskcore.status.ports import Typesetter

STORES = "taskcore.stores"
HASHERS = "taskcore.hashers"
MAILERS = "taskcore.mailers"
SOLVERS = "taskcore.solvers"
BUSES = "taskcore.buses"
QUEUES = "taskcore.queues"
POSTERS = "taskcore.posters"
BLOBS = "taskcore.blobs"
TYPESETTERS = "taskcore.typesetters"
STREAMS = "taskcore.streams"
REPORTS = "taskcore.reports"
SOURCES = "taskcore.sources"
_NOUNS = {BUSES: "bus", BLOBS: "blobs"}
_EXTRAS = {
    "sqlite": "sqlite",
    "postgresql": "postgres",
    "argon2": "sqlite",
    "https": "http",
    "jwt": "http",
    "oidc": "http",
    "rediss": "redis",
    "typst": "pdf",
    "amqp": "rabbitmq",
    "amqps": "rabbitmq",
}


def resolve(group: str, url: str) -> Callable[..., Any]:
    """
    The factory that is registered in `group` for the URL's scheme.

    Raises: Invalid, which lists the schemes that are installed, or names the extra to install.
    """
    scheme = urlsplit(url).scheme
    installed = {point.name: point for point in entry_points(group=group)}
    noun = noun_of(group)
    if scheme not in installed:
        known = ", ".join(f"{name}://" for name in sorted(installed)) or "none"
        raise Invalid(
            faults=[Fault(noun, f"no adapter for {scheme or 'a URL without scheme'}://; installed: {known}")]
        )
    return _loaded(installed[scheme], noun)


def noun_of(group: str) -> str:
    """What one thing of a group is called, as in `taskcore.stores`: store."""
    return _NOUNS.get(group) or group.removeprefix("taskcore.").removesuffix("s")


def _loaded(point: EntryPoint, noun: str) -> Callable[..., Any]:
    try:
        factory: Callable[..., Any] = point.load()
    except ModuleNotFoundError as error:
        raise missing_extra(point.name, noun, error) from error
    return factory


def missing_extra(scheme: str, noun: str, error: ModuleNotFoundError) -> Invalid:
    extra = _EXTRAS.get(scheme, scheme)
    return Invalid(
        faults=[
            Fault(
                noun,
                f"{scheme}:// needs {error.name}, which is not installed: pip install 'taskcore[{extra}]'",
            )
        ],
        code="missing_extra",
    )


def build(factory: Callable[..., Any], url: str, noun: str, *, blocking: bool = False) -> Any:
    """What the factory makes of the URL; a library it lacks is told as the extra to install."""
    try:
        return factory(url, blocking=blocking)
    except ModuleNotFoundError as error:
        raise missing_extra(urlsplit(url).scheme, noun, error) from error


def open_solver(url: str) -> Solver:
    """What makes plans: `heuristic://`, or what is installed beside it. Raises: Invalid."""
    solver: Solver = build(resolve(SOLVERS, url), url, "solver")
    return solver


def open_poster(allowed: Sequence[IPv4Network | IPv6Network] = (), *, blocking: bool = False) -> Poster:
    """What posts to URLs that users gave; `allowed` are networks to which it may though they are not public.
    Raises: Invalid."""
    poster: Poster = build(resolve(POSTERS, "https://"), "https://", "poster", blocking=blocking)(allowed)
    return poster


def open_blobs(url: str | None, store_url: str, *, blocking: bool = False) -> Blobs:
    """Where files are kept; where that was not said, with a store in memory they are too.
    Raises: Invalid; Unavailable, where it was not said of another store."""
    if url is None and urlsplit(store_url).scheme != "memory":
        return no_blobs()
    url = url or "memory://"
    blobs: Blobs = build(resolve(BLOBS, url), url, "blobs", blocking=blocking)
    return blobs


def open_typesetter(url: str = "typst://", *, blocking: bool = False) -> Typesetter:
    """What makes a PDF of a document. Raises: Invalid."""
    typesetter: Typesetter = build(resolve(TYPESETTERS, url), url, "typesetter", blocking=blocking)
    return typesetter


def default_hasher(store_url: str) -> str:
    """`scrypt://`, from the standard library, where nothing else need be installed; else argon2id."""
    return "scrypt://" if urlsplit(store_url).scheme == "memory" else "argon2://"


def assemble(
    store_url: str,
    *,
    hasher_url: str | None = None,
    mail_url: str = "log://",
    solver_url: str = "heuristic://",
    bus_url: str = "memory://",
    queue_url: str | None = None,
    blobs_url: str | None = None,
    webhook_networks: Sequence[IPv4Network | IPv6Network] = (),
    signup: Signup = "open",
    public_url: str | None = None,
    blocking: bool = False,
    clock: Clock = system_clock,
    ids: Ids | None = None,
    wrap: Callable[[Store], Store] = lambda store: store,
) -> TaskCore:
    """
    A task engine wired from URLs, its schema not yet looked at; `wrap` may put something between
    it and its store. Raises: Invalid.
    """
    hasher_url = hasher_url or default_hasher(store_url)
    return TaskCore(
        store=wrap(build(resolve(STORES, store_url), store_url, "store", blocking=blocking)),
        hasher=build(resolve(HASHERS, hasher_url), hasher_url, "hasher", blocking=blocking),
        clock=clock,
        ids=ids or uuid7_ids(),
        new_token=new_token,
        mail=build(resolve(MAILERS, mail_url), mail_url, "mailer", blocking=blocking),
        solver=partial(open_solver, solver_url),
        bus=build(resolve(BUSES, bus_url), bus_url, "bus", blocking=blocking),
        queue=build(resolve(QUEUES, queue_url), queue_url, "queue", blocking=blocking) if queue_url else None,
        poster=cache(partial(open_poster, webhook_networks, blocking=blocking)),
        blobs=partial(open_blobs, blobs_url, store_url, blocking=blocking),
        typesetter=cache(open_typesetter),
        signup=signup,
        public_url=public_url,
    )


@asynccontextmanager
async def open(  # noqa: A001  the library's word, as in `taskcore.open`
    url: str,
    *,
    hasher: str | None = None,
    mail: str = "log://",
    solver: str = "heuristic://",
    bus: str = "memory://",
    jobs: str | None = None,
    blobs: str | None = None,
    webhook_networks: Sequence[IPv4Network | IPv6Network] = (),
    signup: Signup = "open",
    public_url: str | None = None,
    clock: Clock = system_clock,
    ids: Ids | None = None,
) -> AsyncIterator[TaskCore]:
    """
    Open the store at `url`, and give the task engine on it.

    An empty SQLite or memory store gets its schema; PostgreSQL wants `taskcore db upgrade`.
    Each `memory://` is a new store. By the `bus` programs on one store hear at once of what the others did,
    by `jobs` workers of what is to be done: `postgresql://…` or `redis://…`, as the workers have it.
    Webhooks go to `webhook_networks` though they are not public. Files, such as what is kept of a deleted team, go to
    `blobs`: `file:///FOLDER`, or `memory://`, which a store in memory has anyway.

    Raises: Invalid, for a URL that no installed adapter takes; Unavailable, where the store does
    not answer or its schema is not this version's.
    """
    core = assemble(
        url,
        hasher_url=hasher,
        mail_url=mail,
        solver_url=solver,
        bus_url=bus,
        queue_url=jobs,
        blobs_url=blobs,
        webhook_networks=webhook_networks,
        signup=signup,
        public_url=public_url,
        clock=clock,
        ids=ids,
    )
    async with core:
        await core.store.check()
        try:
            yield core
        finally:
            await core.deliver_mail()
