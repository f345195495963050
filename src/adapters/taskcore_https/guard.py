"""Between httpcore and the network: every address is judged where the socket connects, and no answer grows."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore

from taskcore.delivery.addresses import Address
from taskcore_https.resolver import Resolve

ADDRESS_SECONDS = 4.0
"""For one address to accept a connection, before the next one is tried."""
MOST_ANSWER_BYTES = 64 * 1024


class NotPublic(httpcore.ConnectError):
    """The name has no address, or one that may not be called. Which of the two is nobody's business: whoever may
    name a host would else learn which names the network behind us knows."""


class TooMuch(httpcore.ReadError):
    """The answer is larger than anybody reads."""


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Looks a name up once, judges *all* its addresses, and connects to one of those very addresses.

    One refused address refuses the name: a name that leads outside and inside at once is a mistake or a trick, and
    with either it should not depend on an order whether the webhook works.
    """

    def __init__(
        self, may_call: Callable[[Address], bool], resolve: Resolve, network: httpcore.AsyncNetworkBackend
    ) -> None:
        self._may_call = may_call
        self._resolve = resolve
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002  httpcore's signature; the caller bounds it all
        local_address: str | None = None,  # noqa: ARG002  as above
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002  as above
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._addresses(host)
        if not addresses or not all(self._may_call(address) for address in addresses):
            raise NotPublic(host)
        return await self._connected(addresses, port)

    async def connect_unix_socket(self, path: str, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        raise NotPublic(path)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _addresses(self, host: str) -> Sequence[Address]:
        try:
            return [ip_address(host)]
        except ValueError:
            return await self._resolve(host)

    async def _connected(self, addresses: Sequence[Address], port: int) -> httpcore.AsyncNetworkStream:
        *others, last = addresses
        for address in others:
            try:
                return await self._stream(address, port)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._stream(last, port)

    async def _stream(self, address: Address, port: int) -> httpcore.AsyncNetworkStream:
        return BoundedStream(await self._network.connect_tcp(str(address), port, timeout=ADDRESS_SECONDS))


class BoundedStream(httpcore.AsyncNetworkStream):
    """A connection that gives at most so many bytes for a request: head, interim answers, body and trailers together."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._read_bytes = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  httpcore's signature
        data = await self._stream.read(max_bytes, timeout)
        self._read_bytes += len(data)
        if self._read_bytes > MOST_ANSWER_BYTES:
            raise TooMuch(f"answers with more than {MOST_ANSWER_BYTES // 1024} KiB")
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  as above
        self._read_bytes = 0
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  as above
    ) -> httpcore.AsyncNetworkStream:
        try:
            return BoundedStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            await self.aclose()  # httpcore does so for errors, and forgets it when it is cancelled
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
