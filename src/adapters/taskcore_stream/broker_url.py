"""The broker that a URL names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

import attrs

from taskcore.errors import Invalid, invalid

PATIENCE_SECONDS = 10.0


@attrs.frozen
class BrokerUrl:
    """Where a broker is, who we are there, and what its adapter is told besides."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = attrs.field(default="", repr=False)
    path: str = ""
    options: Mapping[str, str] = attrs.field(factory=dict)
    timeout_seconds: float = PATIENCE_SECONDS
    """How long the broker may take to confirm, connecting included."""

    def __str__(self) -> str:
        """For people: without who we are."""
        return f"{self.scheme}://{self.address}"

    @property
    def address(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def url(self, scheme: str | None = None) -> str:
        """What a client library is given: who we are is in it, our own options are not."""
        password = f":{quote(self.password, safe='')}" if self.password else ""
        user = f"{quote(self.user, safe='')}{password}@" if self.user or password else ""
        return f"{scheme or self.scheme}://{user}{self.address}{self.path}"

    def hidden(self, text: str) -> str:
        """`text` of somebody else's making, without what must not be told."""
        secret = self.password or self.user  # NATS takes a token in the user's place
        for told in {secret, quote(secret, safe=""), quote(secret)} - {""}:
            text = text.replace(told, "***")
        return re.sub(r"//[^/@\s]*@", "//***@", text)


def broker_url(url: str, *, port: int, known: Collection[str] = (), form: str) -> BrokerUrl:
    """
    `SCHEME://[USER:PASSWORD@]HOST[:PORT][/PATH][?timeout=SECONDS&…]`, of which `known` may be asked besides.

    Raises: Invalid, which says `form` and never what the URL holds.
    """
    refused = invalid("stream", f"must be written {form}")
    parts, asked_port = _parts(url, refused)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    options = dict(pairs)
    timeout = options.pop("timeout", str(PATIENCE_SECONDS))
    whole = len(pairs) == len({name for name, _ in pairs}) and options.keys() <= set(known)
    if not whole or not all(options.values()) or parts.fragment or not _is_timeout(timeout):
        raise refused
    return BrokerUrl(
        scheme=parts.scheme,
        host=parts.hostname or "",
        port=asked_port or port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        path=parts.path,
        options=options,
        timeout_seconds=float(timeout),
    )


def check_name(broker: BrokerUrl, option: str, allowed: str, right: str) -> None:
    """
    Refuse a name that the broker would refuse, or take for a pattern, whenever it was published to.

    Raises: Invalid, which says what would be `right`, and never what the URL holds.
    """
    if not re.fullmatch(allowed, broker.options.get(option, "a")):
        raise invalid("stream", f"must be written with ?{option}= {right}")


def _parts(url: str, refused: Invalid) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # it quotes what it cannot read, and that may be a part of the password
        raise refused from None
    if port == 0 or not re.fullmatch(r"[^\s%]+", parts.hostname or ""):
        raise refused
    return parts, port


def _is_timeout(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text)) and float(text) > 0
