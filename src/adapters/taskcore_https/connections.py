"""One request, and all that bounds it. Loads httpcore, which knows neither redirects nor cookies, and reads neither
the environment's proxies nor `.netrc`."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import httpcore

from taskcore import __version__
from taskcore.delivery.addresses import Address, Network, is_allowed, is_public
from taskcore.delivery.destinations import Destination
from taskcore.delivery.ports import Reply
from taskcore.errors import Unavailable
from taskcore_https.guard import GuardedNetwork, NotPublic, TooMuch
from taskcore_https.own_addresses import is_own
from taskcore_https.reply import reply
from taskcore_https.resolver import Resolve, Resolver

ANSWER_SECONDS = 15.0
"""For looking the name up, connecting, sending, and all of the answer together."""
MOST_IDLE = 20
IDLE_SECONDS = 30.0
HEADERS = {
    "accept": "*/*",
    "accept-encoding": "identity",
    "user-agent": f"taskcore/{__version__}",
}


class Connections:
    """Connections to judged addresses. One is used again for the same scheme, host and port alone."""

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        *,
        resolve: Resolve | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = ANSWER_SECONDS,
        is_own: Callable[[Address], bool] = is_own,
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve or Resolver()
        self._network = network or httpcore.AnyIOBackend()
        self._seconds = seconds
        self._is_own = is_own
        self._pools = {
            # Trusts the authorities of the system (or of SSL_CERT_FILE) and of Mozilla.
            "https": self._pool(self.may_call, tls or httpcore.default_ssl_context()),
            # Without TLS nothing says who answers, so only those are called whom the operator named.
            "http": self._pool(self._is_allowed, None),
        }

    async def post(self, to: Destination, headers: Mapping[str, str], body: bytes) -> Reply:
        """Raises: Unavailable (`unreachable`), whatever it is that keeps an answer from coming whole."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._posted(to, headers, body)
        except TimeoutError:
            why = f"gives no whole answer within {self._seconds:g} seconds"
        except NotPublic:
            why = "does not lead to a public address"
        except TooMuch as error:
            why = str(error)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            why = f"does not answer: {str(error) or type(error).__name__}"
        raise Unavailable(f"{to.host} {why}", code="unreachable")

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    def may_call(self, address: Address) -> bool:
        return self._is_allowed(address) or (is_public(address) and not self._is_own(address))

    def _is_allowed(self, address: Address) -> bool:
        return is_allowed(address, self._allowed)

    async def _posted(self, to: Destination, headers: Mapping[str, str], body: bytes) -> Reply:
        url = httpcore.URL(scheme=to.scheme, host=to.host, port=to.port, target=to.target)
        given = {name.lower(): value for name, value in headers.items()}
        sent = list({**HEADERS, **given, "host": to.authority}.items())
        async with self._pools[to.scheme].stream("POST", url, headers=sent, content=body) as answer:
            content = b"".join([chunk async for chunk in answer.aiter_stream()])
            return reply(answer.status, answer.headers, content, datetime.now(UTC))

    def _pool(
        self, may_call: Callable[[Address], bool], tls: ssl.SSLContext | None
    ) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=None,  # how many are sent at once is the sender's choice
            max_keepalive_connections=MOST_IDLE,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=GuardedNetwork(may_call, self._resolve, self._network),
        )
