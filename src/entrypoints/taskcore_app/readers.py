"""From what a source gave, text or a TOML value, to a setting's value; or a `ValueError` saying what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from taskcore.limits import Rate
from taskcore_app.secret import ADVICE, weakness

Reader: TypeAlias = Callable[[object], Any]

URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\x00-\x1f\x7f]*")
ORIGIN = re.compile(r"https?://[^\s/?#@,]+")
SERVER = re.compile(r"https?://[^\s/?#@\x00-\x1f\x7f]+(?:/[^\s?#@\x00-\x1f\x7f]*)?")
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,4096}")
RATE = re.compile(
    r"(?P<amount>[0-9]{1,7})\s*/\s*(?P<unit>s|sec|second|m|min|minute|h|hour)"
    r"(?:(?:\s*:\s*|\s*,\s*burst\s*=\s*|\s+burst\s*=?\s*)(?P<burst>[0-9]{1,7}))?"
)
SECONDS = {"s": 1, "m": 60, "h": 3_600}
MOST_REQUESTS = 1_000_000
LEAST_MEMORY_KIB, LEAST_PASSES = 19_456, 2
SHOWN_CHARACTERS = 60


def text(value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise _refusal("text on one line", value)
    return value


def host(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._:%-]+", value):
        raise _refusal("a host name or an address, such as 127.0.0.1", value)
    return value


def url(value: object) -> str:
    """Not echoed when refused: what is nearly a URL may hold a password."""
    if not isinstance(value, str) or not URL.fullmatch(value):
        raise ValueError("must be a URL, such as sqlite:///tasks.db or postgresql://user@host/name")
    return value


def secret(value: object) -> str:
    """Never echoed when refused."""
    why = weakness(value) if isinstance(value, str) else "is not text"
    if why:
        raise ValueError(f"{why}; {ADVICE}")
    return str(value)


def server(value: object) -> str:
    """Where a service is, without a slash at the end. Not echoed when refused, as a URL is not."""
    if not isinstance(value, str) or not SERVER.fullmatch(value):
        raise ValueError("must be the URL of a service, such as https://tasks.example.org")
    return value.rstrip("/")


def token(value: object) -> str:
    """Never echoed when refused."""
    if not isinstance(value, str) or not TOKEN.fullmatch(value):
        raise ValueError(
            "must be an API token or an access token, which has neither spaces nor signs of other alphabets"
        )
    return value


def choice(*allowed: str) -> Reader:
    def read(value: object) -> str:
        if value not in allowed:
            raise _refusal("one of " + ", ".join(allowed), value)
        return str(value)

    return read


def whole_number(least: int, most: int) -> Reader:
    def read(value: object) -> int:
        number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value) else value
        if type(number) is not int or not least <= number <= most:
            raise _refusal(f"a whole number from {least} to {most}", value)
        return number

    return read


def origins(value: object) -> tuple[str, ...]:
    """`https://a.example, https://b.example` or, in TOML, a list of them."""
    given = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if given == ["*"]:
        return ("*",)
    if not isinstance(given, list) or not all(
        isinstance(part, str) and ORIGIN.fullmatch(part) for part in given
    ):
        raise _refusal("origins such as https://app.example.org, without a path, or * alone", value)
    return tuple(given)


def rate(value: object) -> Rate | None:
    """`20/minute`, or with more held ready than one such time brings, `100/s burst 1000`; None for `off`."""
    if value == "off":
        return None
    found = RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is not None:
        amount = int(found["amount"])
        burst = int(found["burst"] or amount)
        if 1 <= amount <= MOST_REQUESTS and 1 <= burst <= MOST_REQUESTS:
            return Rate(amount, SECONDS[found["unit"][0]], burst)
    raise _refusal("a rate such as 20/minute, 100/s burst 1000 or 1000/hour, up to a million, or off", value)


def networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    """`10.0.0.0/8, 2001:db8::1` or, in TOML, a list of them; an address alone is a network of one."""
    given = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(part, str) for part in given):
        raise _refusal("addresses and networks such as 127.0.0.1, 10.0.0.0/8", value)
    try:
        return tuple(ip_network(part) for part in given)
    except ValueError as error:
        raise ValueError(f"must be addresses and networks such as 127.0.0.1, 10.0.0.0/8: {error}") from None


CLAIMS = ("subject", "email", "email_verified", "name")
CLAIM = re.compile(r"[^\s,=]+")


def claims(value: object) -> dict[str, str]:
    """`email=mail,name=profile.name` or, in TOML, a table."""
    given = (
        dict(part.strip().partition("=")[::2] for part in value.split(","))
        if isinstance(value, str)
        else value
    )
    if isinstance(given, dict) and all(
        name in CLAIMS and isinstance(claim, str) and CLAIM.fullmatch(claim) for name, claim in given.items()
    ):
        return given
    raise _refusal(f"some of {', '.join(CLAIMS)}, each with a claim, such as email=mail", value)


def weaker_than_promised(hasher: str) -> bool:
    """Whether an argon2 URL asks for less than we promise for passwords; other schemes answer for themselves."""
    parts = urlsplit(hasher)
    asked = {name: int(value) for name, value in parse_qsl(parts.query) if re.fullmatch(r"[0-9]{1,9}", value)}
    return parts.scheme == "argon2" and (
        asked.get("m", LEAST_MEMORY_KIB) < LEAST_MEMORY_KIB or asked.get("t", LEAST_PASSES) < LEAST_PASSES
    )


def _refusal(right: str, value: object) -> ValueError:
    written = repr(value)
    return ValueError(f"must be {right}, not {written if len(written) < SHOWN_CHARACTERS else 'this'}")
