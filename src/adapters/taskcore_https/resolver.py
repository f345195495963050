"""Names to addresses, by the system's own resolver, which no event loop has to wait for."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from threading import Thread
from typing import TypeAlias

import httpcore

from taskcore.delivery.addresses import Address

Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[Address]]]
"""All addresses of a name; none, if it has none."""

MOST_AT_ONCE = 100
"""So many names are looked up at once: the system gives up on a silent name server only after some ten seconds."""


def addresses_of(host: str) -> Sequence[Address]:
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(ip_address(row[4][0]) for row in rows))


class Resolver:
    """A thread for each name that is being looked up, whoever waits for it. A silent name server keeps neither other
    names waiting nor the process from ending."""

    def __init__(self, look_up: Callable[[str], Sequence[Address]] = addresses_of) -> None:
        self._look_up = look_up
        self._under_way: dict[str, asyncio.Future[Sequence[Address]]] = {}

    async def __call__(self, host: str) -> Sequence[Address]:
        """Raises: httpcore.ConnectTimeout, where too many are being looked up."""
        found = self._under_way.get(host) or self._begin(host)
        return await asyncio.shield(found)

    def _begin(self, host: str) -> asyncio.Future[Sequence[Address]]:
        if len(self._under_way) >= MOST_AT_ONCE:
            raise httpcore.ConnectTimeout("too many names are being looked up")
        loop = asyncio.get_running_loop()
        found = self._under_way[host] = loop.create_future()

        def tell(addresses: Sequence[Address]) -> None:
            del self._under_way[host]
            found.set_result(addresses)

        def look_up() -> None:
            addresses = self._look_up(host)
            with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
                loop.call_soon_threadsafe(tell, addresses)

        Thread(target=look_up, name=f"looks up {host}", daemon=True).start()
        return found
