"""Where a webhook goes: a URL, read in one way only, so that what is judged is what is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import attrs

from taskcore.delivery.addresses import Address, Network, is_allowed, is_public

MOST_CHARACTERS = 2_000
SIGNS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
"""All that may stand in a URL (RFC 3986). Neither a backslash nor a line break nor a digit of another alphabet."""
PARTS = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<target>[^#]*)", re.IGNORECASE)
AUTHORITY = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]@%]+))(?::(?P<port>[0-9]{1,5}))?")
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
DEFAULT_PORTS = {"https": 443, "http": 80}
LOOPBACK: tuple[Address, ...] = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
BAD_PORTS = frozenset(
    int(port)
    for port in """
    0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123
    135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993
    995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080
    """.split()
)
"""Where other protocols listen that might take a request for theirs (WHATWG Fetch, "port blocking")."""


@attrs.frozen
class Destination:
    """A URL, taken apart."""

    scheme: str
    host: str
    """In lower case; an IPv6 address without its brackets."""
    port: int
    target: str
    """Path and query, as they are sent."""

    @property
    def address(self) -> Address | None:
        """What the host says, where it is an address and no name."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """As the field `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def read(url: str) -> Destination:
    """Raises: ValueError, which says what would be right."""
    if len(url) > MOST_CHARACTERS or not SIGNS.fullmatch(url):
        raise ValueError(
            f"must be a URL of at most {MOST_CHARACTERS} characters, in which spaces and signs beyond ASCII are encoded"
        )
    parts = PARTS.fullmatch(url)
    if parts is None:
        raise ValueError("must be a URL such as https://example.org/hook, without a fragment")
    if "@" in parts["authority"]:
        raise ValueError("must not hold a user or a password")
    authority = AUTHORITY.fullmatch(parts["authority"])
    if authority is None:
        raise ValueError("must name a host, and a port or none, such as https://example.org:8443/hook")
    scheme = parts["scheme"].lower()
    port = int(authority["port"] or DEFAULT_PORTS[scheme])
    if port in BAD_PORTS or port > 65_535:
        raise ValueError(f"must not go to port {port}")
    host = _six(authority["six"]) if authority["six"] else _name(authority["name"].lower())
    return Destination(scheme, host, port, _target(parts["target"]))


def objection(url: str, allowed: Sequence[Network] = ()) -> str | None:
    """Why nothing may be posted there, as far as the text alone tells: names are judged when they are looked up."""
    try:
        to = read(url)
    except ValueError as error:
        return str(error)
    known = _known(to)
    if any(is_allowed(address, allowed) for address in known):
        return None
    if to.scheme == "http" and (known or not allowed):
        return "must begin with https://"
    if known and not is_public(known[0]):
        return "must not go to an address that is not public"
    return None


def _known(to: Destination) -> Sequence[Address]:
    """The addresses that a host stands for wherever it is looked up (RFC 6761)."""
    if to.address is not None:
        return (to.address,)
    return LOOPBACK if to.host.split(".")[-1] == "localhost" else ()


def _name(name: str) -> str:
    """A name of the DNS; or an IPv4 address in the one form that everybody reads alike."""
    if NUMBER.fullmatch(name.rsplit(".", 1)[-1]):
        try:
            return str(IPv4Address(name))
        except ValueError:
            raise ValueError("must give an address as four decimal numbers, such as 192.0.2.1") from None
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError("must name its host in letters, digits and hyphens, without a dot at the end")
    return name


def _six(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise ValueError("must give an IPv6 address in brackets, such as [2001:db8::1]") from None


def _target(text: str) -> str:
    return text if text.startswith("/") else f"/{text}"
