"""Which addresses the service may call in the name of a team.

`ipaddress.is_global` is no answer: it takes NAT64, 6to4, multicast and relay anycast for public, and what that means
changed between versions of Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


def _networks(*rows: str) -> tuple[Network, ...]:
    """Of rows such as `10.0.0.0/8 private use`."""
    return tuple(ip_network(row.split()[0]) for row in rows)


NOT_PUBLIC_V4 = _networks(
    # The special-purpose registry of IANA (RFC 6890 and successors), whole: what it calls reachable serves the
    # network itself, and nobody's webhook is there.
    "0.0.0.0/8 this network (RFC 791)",
    "10.0.0.0/8 private use (RFC 1918)",
    "100.64.0.0/10 shared by carriers (RFC 6598)",
    "127.0.0.0/8 loopback (RFC 1122)",
    "169.254.0.0/16 link-local, and where clouds tell an instance its credentials (RFC 3927)",
    "172.16.0.0/12 private use (RFC 1918)",
    "192.0.0.0/24 IETF protocol assignments (RFC 6890)",
    "192.0.2.0/24 documentation (RFC 5737)",
    "192.31.196.0/24 AS112 (RFC 7535)",
    "192.52.193.0/24 multicast tunnels (RFC 7450)",
    "192.88.99.0/24 relays of 6to4 (RFC 7526)",
    "192.168.0.0/16 private use (RFC 1918)",
    "192.175.48.0/24 AS112 (RFC 7534)",
    "198.18.0.0/15 benchmarks (RFC 2544)",
    "198.51.100.0/24 documentation (RFC 5737)",
    "203.0.113.0/24 documentation (RFC 5737)",
    "224.0.0.0/4 multicast (RFC 5771)",
    "240.0.0.0/4 reserved, and broadcast (RFC 1112)",
    # Routed as if it were public, and a platform's inside all the same.
    "168.63.129.16/32 Azure's agent of virtual machines",
)
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA has given out of IPv6 (RFC 4291). Outside are loopback `::1`, IPv4 in `::ffff:0:0/96` and `::/96`,
NAT64 in `64:ff9b::/96` and `64:ff9b:1::/48`, discard `100::/64`, SRv6 `5f00::/16`, unique local `fc00::/7`,
link-local `fe80::/10`, site-local `fec0::/10` and multicast `ff00::/8`."""
NOT_PUBLIC_V6 = _networks(
    "2001::/23 protocol assignments: Teredo, benchmarks, ORCHID (RFC 2928)",
    "2001:db8::/32 documentation (RFC 3849)",
    "2002::/16 6to4, with an IPv4 address inside (RFC 3056)",
    "2620:4f:8000::/48 AS112 (RFC 7534)",
    "3ffe::/16 the 6bone, given back (RFC 3701)",
    "3fff::/20 documentation (RFC 9637)",
)
ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
"""What stands before an IPv4 address in the lower half of an address of ISATAP (RFC 5214)."""


def is_public(address: Address) -> bool:
    """Whether it is somebody's host on the Internet, and leads nowhere else by what is written in it.

    What no table can tell: NAT64 under a prefix of the operator's own looks like any address (RFC 6052).
    """
    if isinstance(address, IPv4Address):
        return not _within(address, NOT_PUBLIC_V4)
    return (
        address.scope_id is None
        and address in GLOBAL_UNICAST
        and not _within(address, NOT_PUBLIC_V6)
        and int(address) >> 32 & 0xFFFF_FFFF not in ISATAP
    )


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether it lies in a network that the operator lets webhooks go to. Taken to the letter: who allows
    127.0.0.0/8 has not allowed ::ffff:127.0.0.1."""
    return _within(address, allowed)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
