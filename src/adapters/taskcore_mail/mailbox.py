"""Who writes and who is written to."""

from __future__ import annotations

import re

import attrs

MAILBOX = re.compile(
    r"(?:(?P<name>[^<>@\x00-\x1f\x7f]*)<(?P<named>[^<>@\s]+@[^<>@\s]+)>|(?P<bare>[^<>@\s]+@[^<>@\s]+))"
)
DOMAIN = re.compile(r"[^\x00-\x20\x7f<>()\[\]\\,;:\"@]+|\[[0-9A-Fa-f:.]+\]")


@attrs.frozen
class Mailbox:
    """A name to show, and the two sides of an address; the domain in letters of DNS where it has such."""

    local: str
    domain: str
    name: str = ""

    @property
    def is_ascii(self) -> bool:
        return self.local.isascii() and self.domain.isascii()


def mailbox(text: str) -> Mailbox:
    """`ada@example.org` or `Ada <ada@example.org>`, read. Raises: ValueError."""
    match = MAILBOX.fullmatch(text)
    if match is None:
        raise ValueError("must be an address such as ada@example.org")
    return addressed(match["named"] or match["bare"], (match["name"] or "").strip())


def addressed(address: str, name: str = "") -> Mailbox:
    """One bare address, whatever its local part holds. Raises: ValueError."""
    local, _, domain = address.rpartition("@")
    if not local or not DOMAIN.fullmatch(domain):
        raise ValueError("the address has no domain that mail could go to")
    return Mailbox(local, _as_dns_knows(domain), name)


def _as_dns_knows(domain: str) -> str:
    """
    `xn--…` where that is the very same name, else the name as it is.

    Python's codec is of IDNA 2003, which takes `straße` for `strasse`: another domain, and perhaps not
    the recipient's. What does not come back as it was is left for the mail server to read.
    """
    try:
        letters = domain.encode("idna")
        return letters.decode("ascii") if letters.decode("idna") == domain.lower() else domain
    except UnicodeError:
        return domain
