"""The mail server that a URL names: where it is, how the way there is kept secret, and who writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Literal, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import attrs

from taskcore.errors import Fault, invalid, refuse
from taskcore_mail.mailbox import Mailbox, mailbox

StartTls = Literal["required", "if_offered", "never"]
STARTTLS = ("required", "if_offered", "never")
PORTS = {"smtp": 587, "smtps": 465}
KNOWN = {"smtp": ("from", "starttls", "timeout", "ca"), "smtps": ("from", "timeout", "ca")}
UNREADABLE = (
    "must be written smtp://user:password@host:port?from=taskcore%40example.org, "
    "with each of / ? # @ : % [ ] in the user or the password percent-encoded"
)


@attrs.frozen
class Server:
    """Where mail is handed over, and all that is needed to do so."""

    host: str
    port: int
    sender: Mailbox
    starttls: StartTls | None
    """None: encrypted from the start."""
    user: str = ""
    password: str = attrs.field(default="", repr=False)
    ca_file: str | None = None
    timeout_seconds: float = 10

    @property
    def is_loopback(self) -> bool:
        return _is_loopback(self.host)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def server_at(url: str) -> Server:
    """
    The server of `smtp://user:password@host:587?from=…&starttls=…&timeout=…&ca=…`, or of `smtps://…`,
    which knows no `starttls`.

    Raises: Invalid, with every fault by the name of its part, and never with what the URL holds.
    """
    parts = _parts(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    refuse([*_authority_faults(parts), *_query_faults(parts, pairs)])
    asked = dict(pairs)
    host = parts.hostname or ""
    usual = "if_offered" if _is_loopback(host) else "required"
    return Server(
        host=host,
        port=parts.port or PORTS[parts.scheme],
        sender=mailbox(asked["from"]),
        starttls=None if parts.scheme == "smtps" else cast("StartTls", asked.get("starttls", usual)),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca_file=asked.get("ca"),
        timeout_seconds=int(asked.get("timeout", "10")),
    )


def _parts(url: str) -> SplitResult:
    """A URL that cannot be read is refused whole: which part is the password, nobody can tell."""
    try:
        parts = urlsplit(url)
        readable = parts.port != 0 and bool(re.fullmatch(r"[^\s%]+", parts.hostname or ""))
    except ValueError:  # it quotes what it cannot read, and that may be a part of the password
        readable = False
    if not readable or parts.scheme not in PORTS or parts.path.strip("/") or parts.fragment:
        raise invalid("url", UNREADABLE)
    return parts


def _authority_faults(parts: SplitResult) -> Iterator[Fault]:
    for field, value, other in (
        ("user", parts.username, parts.password),
        ("password", parts.password, parts.username),
    ):
        if other and not value:
            yield Fault(field, "is missing; there is a password without a user, or a user without one")
        elif not re.fullmatch("[ -~]*", unquote(value or "")):
            yield Fault(field, "may hold only printable ASCII, all that every server takes")


def _query_faults(parts: SplitResult, pairs: list[tuple[str, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for name, value in pairs:
        if name not in KNOWN[parts.scheme]:
            known = f"{parts.scheme}:// knows {', '.join(KNOWN[parts.scheme])}"
            # What is no word may be the rest of a password that was not encoded.
            yield Fault(name, known) if re.fullmatch("[a-z_]+", name) else Fault("url", known)
        elif name in seen:
            yield Fault(name, "given twice")
        elif reason := _refusal(parts, name, value):
            yield Fault(name, reason)
        seen.add(name)
    if "from" not in seen:
        yield Fault("from", "is missing; it says who writes: from=taskcore%40example.org")


def _refusal(parts: SplitResult, name: str, value: str) -> str | None:
    match name:
        case "from":
            return _sender_refusal(value)
        case "starttls":
            return _starttls_refusal(parts, value)
        case "timeout":
            sound = re.fullmatch("[0-9]{1,3}", value) and 1 <= int(value) <= 600
            return None if sound else "must be whole seconds from 1 to 600"
        case _:
            return _ca_refusal(value)


def _sender_refusal(value: str) -> str | None:
    try:
        mailbox(value)
    except ValueError:
        return "must be an address such as taskcore%40example.org, a + in it written %2B"
    return None


def _starttls_refusal(parts: SplitResult, value: str) -> str | None:
    if value not in STARTTLS:
        return f"must be one of {', '.join(STARTTLS)}"
    if value == "never" and parts.username and not _is_loopback(parts.hostname or ""):
        return "never would send the password readable to all on the way"
    return None


def _ca_refusal(value: str) -> str | None:
    from ssl import create_default_context  # noqa: PLC0415  with the system's certificates, not before the first mail

    try:
        create_default_context(cafile=value or "/")
    except (OSError, ValueError):
        return "must be a file of certificates in PEM"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
