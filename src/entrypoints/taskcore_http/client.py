"""Where a request came from, and what its answer says of the limits it counts against.

The fields are those of draft-ietf-httpapi-ratelimit-headers-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from math import ceil

from litestar.types import Scope

from taskcore.limits import Rate, Verdict

NOWHERE = "unknown"
"""Who came through something that has no address, such as a socket of Unix."""
_LIMITED_BITS = 64
_LONGEST_HOP = 64
_MOST_ADDRESSES = 4_096


def address(scope: Scope, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The client's IP address, in its one canonical form.

    It is the one that connected, unless that is a `trusted` proxy; then the nearest one in `X-Forwarded-For`
    that is not, for all beyond it may be made up. What cannot be read ends the search, at the last proxy.
    """
    peer = (scope["client"] or (NOWHERE,))[0]
    found = _ip(peer)
    if found is None:
        return peer
    if trusted:
        for hop in _hops(scope):
            if not _is_in(found, trusted):
                break
            before = _ip(hop) if len(hop) <= _LONGEST_HOP else None
            if before is None:
                break
            found = before
    return str(found)


@lru_cache(_MOST_ADDRESSES)
def limit_key(client: str) -> str:
    """Whom a limit counts: an IPv6 address is one of the 2^64 that each customer has, so it counts for all."""
    found = _ip(client)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, _LIMITED_BITS), strict=False))
    return client


@lru_cache
def policy_field(name: str, rate: Rate) -> str:
    """`RateLimit-Policy`: what a full bucket holds, and the seconds in which an empty one fills."""
    return f'"{name}";q={rate.burst};w={_whole_seconds(rate.burst * rate.seconds / rate.amount)}'


def limit_field(name: str, verdict: Verdict) -> str:
    """`RateLimit`: what is left, and in how many seconds all is back; for who is refused, one request."""
    seconds = verdict.reset_seconds if verdict.allowed else retry_after(verdict)
    return f'"{name}";r={verdict.remaining};t={ceil(seconds)}'


def retry_after(verdict: Verdict) -> int:
    """`Retry-After`, in whole seconds, at least one."""
    return _whole_seconds(verdict.retry_after_seconds)


def _whole_seconds(seconds: float) -> int:
    return max(1, ceil(seconds))


def _hops(scope: Scope) -> Iterator[str]:
    """What `X-Forwarded-For` says, the nearest first; each proxy adds to the end, some in a field of their own."""
    fields = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for field in reversed(fields):
        yield from (hop.strip(" \t") for hop in reversed(field.decode("latin-1").split(",")))


def _is_in(ip: IPv4Address | IPv6Address, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return any(ip in network for network in networks)


@lru_cache(_MOST_ADDRESSES)
def _ip(text: str) -> IPv4Address | IPv6Address | None:
    """An address with or without a port; IPv4 written as IPv6 is IPv4. None for anything else."""
    try:
        ip = ip_address(_without_port(text).partition("%")[0])
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def _without_port(text: str) -> str:
    """`192.0.2.1:80` and `[2001:db8::1]:80`; without brackets two colons or more are all IPv6. Raises: ValueError."""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if bracket and ":" in host and (not port or _is_port(port)):
            return host
        raise ValueError(text)
    if text.count(":") == 1:
        host, _, number = text.partition(":")
        if not _is_port(":" + number):
            raise ValueError(text)
        return host
    return text


def _is_port(text: str) -> bool:
    digits = text[1:]
    return text[0] == ":" and digits.isascii() and digits.isdigit() and len(digits) <= 5
