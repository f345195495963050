"""The port `Poster`, over connections that are made when the first request is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from taskcore.delivery import destinations
from taskcore.delivery.addresses import Network
from taskcore.delivery.destinations import Destination
from taskcore.delivery.ports import Reply
from taskcore.errors import Unavailable

if TYPE_CHECKING:
    from taskcore_https.connections import Connections


def https_poster(_: str, *, blocking: bool = False) -> Callable[[Sequence[Network]], HttpsPoster]:
    """`https://`, which takes no parameters."""
    return partial(HttpsPoster, blocking=blocking)


def _connections(allowed: Sequence[Network]) -> Connections:
    try:
        from taskcore_https.connections import Connections  # noqa: PLC0415  httpcore loads with the first request
    except ModuleNotFoundError as error:
        message = f"nothing can be posted without {error.name}: pip install 'taskcore[http]'"
        raise Unavailable(message, code="unreachable") from error
    return Connections(allowed)


class HttpsPoster:
    """
    Posts to public addresses over HTTPS; to `allowed` networks over HTTP as well.

    With `blocking` each request runs, with connections of its own, on an event loop in a thread that ends with it.
    """

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        *,
        blocking: bool = False,
        connect: Callable[[Sequence[Network]], Connections] = _connections,
    ) -> None:
        self._allowed = tuple(allowed)
        self._blocking = blocking
        self._connect = partial(connect, self._allowed)
        self._connections: Connections | None = None

    def objection(self, url: str) -> str | None:
        return destinations.objection(url, self._allowed)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if objection := self.objection(url):
            raise Unavailable(f"the address {objection}", code="unreachable")
        to = destinations.read(url)
        if self._blocking:
            return self._posted_apart(to, headers, body)
        if self._connections is None:
            self._connections = self._connect()
        return await self._connections.post(to, headers, body)

    async def close(self) -> None:
        if self._connections is not None:
            await self._connections.close()

    def _posted_apart(self, to: Destination, headers: Mapping[str, str], body: bytes) -> Reply:
        import asyncio  # noqa: PLC0415  a blocking program loads the event loop when it posts, not before
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  as above

        async def once() -> Reply:
            connections = self._connect()
            try:
                return await connections.post(to, headers, body)
            finally:
                await connections.close()

        with ThreadPoolExecutor(1) as thread:  # since in a notebook this one has a loop already
            return thread.submit(lambda: asyncio.run(once())).result()
