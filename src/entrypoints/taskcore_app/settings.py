"""Everything that can be set about a taskcore process, and how it is resolved.

Precedence: flag > `TASKCORE_*` environment > `.env` > TOML file > default. Nothing is read at import, and
nothing is used before all of it has been found right.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

import attrs

from taskcore.errors import Fault, Invalid, Unavailable
from taskcore.limits import Rate
from taskcore_app import readers
from taskcore_app.data_folder import data_folder
from taskcore_app.masking import MASK, shown
from taskcore_app.secret import ADVICE
from taskcore_app.sources import PREFIX, Given, Sources, read_sources

Network: TypeAlias = IPv4Network | IPv6Network

EMBEDDED = ("memory://", "sqlite://")
"""Stores of one process or one disk: there a secret can be made and kept; elsewhere all servers must share one."""

DEFAULT = "default"
"""The source of a setting that nobody gave."""


@attrs.frozen
class About:
    """What is known of a setting besides its value."""

    purpose: str
    read: readers.Reader
    in_data_folder: str | None = None
    """For a setting whose default lies in the user's data folder: the form of that default."""

    @property
    def is_secret(self) -> bool:
        return self.read in (readers.secret, readers.token)


def _setting(
    purpose: str,
    read: readers.Reader,
    default: Any = attrs.NOTHING,
    *,
    in_data_folder: str | None = None,
) -> Any:
    about = About(purpose, read, in_data_folder)
    masked = (lambda _: MASK) if about.is_secret else shown
    return attrs.field(default=default, repr=masked, kw_only=True, metadata={"about": about})


@attrs.frozen
class Settings:
    """One frozen whole. The core never sees it: the container hands on the values."""

    store: str = _setting(
        "Where everything is kept: `sqlite:///FILE`, `postgresql://USER:PASSWORD@HOST/NAME` or `memory://`",
        readers.url,
        in_data_folder="sqlite:///{}/taskcore.db",
    )
    server: str | None = _setting(
        "The service that commands work through, instead of on a store of their own: `https://tasks.example.org`",
        readers.server,
        None,
    )
    token: str | None = _setting("What says there who asks: an API token", readers.token, None)
    secret: str | None = _setting(
        "What access tokens are signed with, at least 32 random characters; with a store that servers share, "
        "serving needs it or `secret_file`",
        readers.secret,
        None,
    )
    secret_previous: str | None = _setting(
        "The secret before this one, whose tokens are still good: for as long as a rotation takes",
        readers.secret,
        None,
    )
    secret_file: str = _setting(
        "The file that holds the secret when none is given; made on first start if the store is `sqlite://`. "
        "Of several lines the first signs, and the tokens of each are good",
        readers.text,
        in_data_folder="{}/secret.key",
    )
    hasher: str = _setting(
        "How passwords are hashed, and at what cost: `argon2://?m=KIB&t=PASSES&p=LANES`",
        readers.url,
        "argon2://",
    )
    tokens: str = _setting(
        "How access tokens are signed: `jwt://?alg=Ed25519` or `jwt://?alg=HS256`", readers.url, "jwt://"
    )
    oidc_issuer: str | None = _setting(
        "An OpenID provider whose access tokens are good here too, such as `https://id.example.org/realms/us`",
        readers.url,
        None,
    )
    oidc_audience: str = _setting("Whom that provider's tokens must be meant for", readers.text, "taskcore")
    oidc_jwks_url: str | None = _setting(
        "Where that provider's keys are; else the issuer's configuration tells", readers.url, None
    )
    oidc_claims: Mapping[str, str] = _setting(
        "Which of its claims tell what, as `email=mail,name=user_metadata.full_name`", readers.claims, {}
    )
    mail: str = _setting(
        "Where mail goes: `smtp://USER:PASSWORD@HOST?from=ADDRESS`, `smtps://…`, or to the log with `log://`",
        readers.url,
        "log://",
    )
    public_url: str | None = _setting(
        "Under which URL people reach this service, such as `https://tasks.example.org`: for links in mails",
        readers.server,
        None,
    )
    solver: str = _setting(
        "What searches for short plans: `heuristic://`, or `ortools://` where that is installed",
        readers.url,
        "heuristic://",
    )
    reports: str | None = _setting(
        "Where `taskcore report` keeps figures of how work flows: `postgresql://USER:PASSWORD@HOST/NAME`",
        readers.url,
        None,
    )
    cache: str = _setting(
        "What all server processes share and may lose, such as the counters of rate limits: `redis://…`; "
        "`memory://` is each process's own",
        readers.url,
        "memory://",
    )
    bus: str = _setting(
        "Where processes tell each other at once what happened: `redis://…`; `memory://` reaches its own process, "
        "and others look five times a second",
        readers.url,
        "memory://",
    )
    jobs: str = _setting(
        "Who runs jobs, and how they hear of them: each server process, `inline://`, or `taskcore worker` alone, which "
        "looks into the store, `worker://`, or is woken by `postgresql://…` or `redis://…`",
        readers.url,
        "inline://",
    )
    blobs: str = _setting(
        "Where files are kept, such as what is exported of a team before it is purged: `file:///FOLDER`, which all that "
        "serve share, or `memory://`",
        readers.url,
        "memory://",
        in_data_folder="file://{}/blobs",
    )
    stream: str | None = _setting(
        "A broker that keeps every team's events for others: `nats://HOST`, `amqp://…`, `kafka://…` or `redis://…`",
        readers.url,
        None,
    )
    relay: Literal["inline", "worker"] = _setting(
        "Who tells webhooks and brokers of what happens: each server process, `inline`, or `taskcore worker` alone, "
        "`worker`",
        readers.choice("inline", "worker"),
        "inline",
    )
    rate_auth: Rate | None = _setting(  # noqa: RUF009  an attrs field, as its neighbours are
        "How often one address may sign up, sign in, and so on: `20/minute`, or `off`",
        readers.rate,
        readers.rate("20/minute"),
    )
    rate_user: Rate | None = _setting(  # noqa: RUF009  as above
        "How often one user may ask for anything: `100/s burst 1000`, or `off`",
        readers.rate,
        readers.rate("100/s burst 1000"),
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        "Addresses and networks of the proxies in front, whose `X-Forwarded-For` is believed",
        readers.networks,
        (),
    )
    webhook_networks: tuple[Network, ...] = _setting(
        "Networks that are not public and to which webhooks may go all the same, over HTTP too: `10.0.0.0/8, ::1`",
        readers.networks,
        (),
    )
    time_limit: int = _setting(
        "The seconds that a request's body, and then its answer, may take", readers.whole_number(1, 3_600), 30
    )
    signup: Literal["open", "invited", "closed"] = _setting(
        "Who may make an account: `open` to all, the `invited`, or `closed`",
        readers.choice("open", "invited", "closed"),
        "open",
    )
    host: str = _setting("The address to listen on", readers.host, "127.0.0.1")
    port: int = _setting("The port to listen on; 0 takes any free one", readers.whole_number(0, 65_535), 8000)
    workers: int = _setting("Server processes that share the port", readers.whole_number(1, 256), 1)
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "The least weight of what is logged: `debug`, `info`, `warning` or `error`",
        readers.choice("debug", "info", "warning", "error"),
        "info",
    )
    log_format: Literal["text", "json"] = _setting(
        "What `taskcore serve` logs, as `text` for people or `json` for programs, an object a line",
        readers.choice("text", "json"),
        "text",
    )
    body_limit: int = _setting(
        "The largest request body, in bytes", readers.whole_number(1_024, 1_073_741_824), 2_097_152
    )
    import_limit: int = _setting(
        "The largest file to import over HTTP, in bytes",
        readers.whole_number(1_024, 1_073_741_824),
        104_857_600,
    )
    cors_origins: tuple[str, ...] = _setting(
        "Web origins whose pages may call the API, separated by commas, or `*` for all", readers.origins, ()
    )

    @property
    def is_embedded(self) -> bool:
        return self.store.startswith(EMBEDDED)


ABOUT: Mapping[str, About] = {field.name: field.metadata["about"] for field in attrs.fields(Settings)}


@attrs.frozen
class Listed:
    """One setting as a person may see it: secrets are masked, passwords inside URLs too."""

    name: str
    value: str
    source: str
    purpose: str


@attrs.frozen
class Resolved:
    """The settings, and for each where it came from."""

    settings: Settings
    sources: Mapping[str, str]

    @property
    def lacks_secret(self) -> bool:
        """Whether these settings cannot serve, for want of what to sign tokens with."""
        neither = self.sources["secret"] == self.sources["secret_file"] == DEFAULT
        return neither and not self.settings.is_embedded

    def make_data_folder(self, environ: Mapping[str, str]) -> None:
        """Make the folder in which the default store lies. A store that somebody names lies where they made
        room for it: a folder made for a mistyped path would hide the slip."""
        if self.sources["store"] != DEFAULT:
            return
        folder = data_folder(environ, sys.platform)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Unavailable(
                f"no data folder {folder}: {error.strerror}; --store can name a store"
            ) from error

    def listed(self) -> list[Listed]:
        return [
            Listed(name, _masked(about, getattr(self.settings, name)), self.sources[name], about.purpose)
            for name, about in ABOUT.items()
        ]


def load_settings(
    flags: Mapping[str, str], environ: Mapping[str, str], cwd: Path, *, signs: bool = False
) -> Resolved:
    """Resolve every setting; raises one `Invalid` with a fault for each key that is wrong, in any source.

    `flags` is keyed by the settings' names and holds those that were given. A process that `signs` access
    tokens needs the secret for it; any other does without.
    """
    sources = read_sources(flags, environ, cwd, ABOUT)
    values, faults = _values(sources, environ)
    faults = [*sources.faults, *faults, *_contradictions(values, sources, signs=signs)]
    if faults:
        raise Invalid(faults=faults)
    came_from = {name: entry.source if (entry := sources.first(name)) else DEFAULT for name in ABOUT}
    return Resolved(Settings(**values), came_from)


def _values(sources: Sources, environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in attrs.fields(Settings):
        about, entry = ABOUT[field.name], sources.first(field.name)
        try:
            values[field.name] = about.read(entry.value) if entry else _default(field, about, environ)
        except ValueError as error:
            faults.append(_place(field.name, sources).fault(str(error)))
    return values, faults


def _default(field: attrs.Attribute[Any], about: About, environ: Mapping[str, str]) -> Any:
    if about.in_data_folder is None:
        return field.default
    folder = data_folder(environ, sys.platform).as_posix()
    return about.in_data_folder.format(quote(folder, safe="/: ") if about.read is readers.url else folder)


def _contradictions(values: Mapping[str, Any], sources: Sources, *, signs: bool) -> Iterator[Fault]:
    """What is right by itself and wrong together. A value that could not be read is no part of it."""
    store = values.get("store")
    if store is None:
        return
    if store.startswith("memory://") and values.get("workers", 1) > 1:
        yield _place("workers", sources).fault("must be 1 with memory://, which lives in one process")
    if store.startswith(EMBEDDED):
        return
    if signs and not sources.first("secret") and not sources.first("secret_file"):
        yield _place("secret", sources).fault(f"required to serve this store, which servers share; {ADVICE}")
    if values.get("secret_previous") and not sources.first("secret"):
        yield _place("secret_previous", sources).fault("is the one before `secret`, which is not given")
    if readers.weaker_than_promised(values.get("hasher", "")):
        yield _place("hasher", sources).fault("must be at least m=19456&t=2 with a store that servers share")


def _place(name: str, sources: Sources) -> Given:
    return sources.first(name) or Given(name, None, PREFIX + name.upper(), "not set")


def _masked(about: About, value: object) -> str:
    if value is None:
        return "off" if about.read is readers.rate else ""
    return MASK if about.is_secret else shown(value)
