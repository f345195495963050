"""The public keys of an OpenID provider: kept for a while, and never asked for at a forger's pace."""

from __future__ import annotations

import logging
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskcore.errors import Unavailable
from taskcore_crypto.compact import json_object

if TYPE_CHECKING:
    from asyncio import Task

    from taskcore_crypto.signature import PublicKey

log = logging.getLogger(__name__)

KEPT_SECONDS = 600
PAUSE_SECONDS = 30
"""How often the provider is asked at most, be it for keys grown old, for a key unknown or after a failure."""
STALE_SECONDS = 86_400
"""How long the last keys serve while the provider is down: by then, whatever they signed has expired."""
ANSWER_SECONDS = 5.0
MOST_ANSWER_BYTES = 256 * 1024


class Provider:
    """Knows the keys that `issuer` signs with, by what it publishes at `jwks_url` or says in its discovery document.

    Time is what the caller says it is. Keys are asked for by one task at a time, which all who need it wait for
    and which outlives any of them.
    """

    def __init__(self, issuer: str, jwks_url: str | None) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._keys: dict[str, PublicKey] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._refreshing: Task[None] | None = None

    async def key(self, kid: str, now: datetime) -> PublicKey | None:
        """The key of that name. Raises: Unavailable, as long as the provider has never told its keys, or not for a day."""
        moment = now.timestamp()
        if kid not in self._keys or not _within(KEPT_SECONDS, self._fetched_at, moment):
            await self._refreshed(moment)
        if not _within(STALE_SECONDS, self._fetched_at, moment):
            raise Unavailable("the issuer of the access token does not tell its keys; try again later")
        return self._keys.get(kid)

    async def close(self) -> None:
        """Give up what is being fetched."""
        if self._refreshing is not None:
            from asyncio import wait  # noqa: PLC0415  loaded by now

            self._refreshing.cancel()
            await wait({self._refreshing})

    async def _refreshed(self, moment: float) -> None:
        from asyncio import create_task, shield  # noqa: PLC0415  a blocking program never loads the event loop

        if self._refreshing is None:
            if _within(PAUSE_SECONDS, self._asked_at, moment):
                return
            self._asked_at = moment
            self._refreshing = create_task(self._refresh(moment))
            self._refreshing.add_done_callback(self._let_go)
        await shield(self._refreshing)

    def _let_go(self, _: Task[None]) -> None:
        self._refreshing = None

    async def _refresh(self, moment: float) -> None:
        from asyncio import timeout  # noqa: PLC0415  a blocking program never loads the event loop

        from taskcore_crypto.signature import public_keys  # noqa: PLC0415  joserfc loads with the first token

        try:
            async with timeout(ANSWER_SECONDS):
                keys = public_keys(await self._key_set())
        except (Unavailable, OSError, ValueError) as error:
            kept = (
                f"its {len(self._keys)} last ones serve on" if self._keys else "its tokens are not accepted"
            )
            log.warning("%s does not tell its keys, %s: %r", self._issuer, kept, error)
        else:
            self._keys, self._fetched_at = keys, moment

    async def _key_set(self) -> dict[str, Any]:
        from taskcore_crypto.fetching import client, fetched  # noqa: PLC0415  httpx loads with the first key set

        async with client() as through:
            url = self._jwks_url
            if url is None:
                about = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
                url = self._named_in(json_object(await fetched(through, about, MOST_ANSWER_BYTES)))
            return json_object(await fetched(through, url, MOST_ANSWER_BYTES))

    def _named_in(self, discovery: dict[str, Any]) -> str:
        """Where the keys are, said by the very issuer we ask, and no less secure than that is."""
        url = discovery.get("jwks_uri")
        if discovery.get("issuer") != self._issuer:
            raise ValueError("the discovery document is another issuer's")
        if not isinstance(url, str) or address_fault(url):
            raise ValueError("the discovery document does not say where the keys are")
        if urlsplit(url).scheme != "https" and urlsplit(self._issuer).scheme == "https":
            raise ValueError("the discovery document has the keys fetched without TLS")
        return url


def address_fault(url: str) -> str | None:
    """Why keys are not fetched from such an address."""
    try:
        parts = urlsplit(url)
        host, named_user = parts.hostname, parts.username is not None
        _ = parts.port
    except ValueError:
        return "is not a URL"
    if not host or named_user or parts.fragment or not url.isprintable() or " " in url:
        return "must be a URL such as https://accounts.example.org"
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        return "must begin with https://, save on this very machine"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _within(seconds: float, since: float | None, moment: float) -> bool:
    """Whether that is less than so long ago; not if the clock was put back since."""
    return since is not None and 0 <= moment - since < seconds
