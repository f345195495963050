"""Password hashes by scrypt (RFC 7914), which the standard library has."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from urllib.parse import parse_qsl, urlsplit

from taskcore.errors import invalid


def scrypt_hasher(url: str, *, blocking: bool = False) -> ScryptHasher:
    """`scrypt://?n=16384`: n, the cost, is a power of 2."""
    query = dict(parse_qsl(urlsplit(url).query))
    cost = query.pop("n", "16384")
    if query or not _is_cost(cost):
        raise invalid("hasher", "must be scrypt:// or scrypt://?n=COST, the cost a power of 2")
    return ScryptHasher(int(cost), blocking=blocking)


_HASH = re.compile(r"\$scrypt\$n=(?P<cost>[0-9]+)\$(?P<salt>[A-Za-z0-9+/]{22}==)\$[A-Za-z0-9+/]{43}=")


def _is_cost(text: str) -> bool:
    return text.isdecimal() and len(text) < 9 and int(text) > 1 and int(text).bit_count() == 1


class ScryptHasher:
    """A `PasswordHasher`; off the event loop in a thread, unless `blocking`."""

    def __init__(self, cost: int, *, blocking: bool) -> None:
        self._cost = cost
        self._blocking = blocking

    async def hash(self, password: str) -> str:
        return await self._off_loop(password, secrets.token_bytes(16), self._cost)

    async def verify(self, password: str, hashed: str | None) -> bool:
        ours = _HASH.fullmatch(hashed or "")
        if hashed is None or ours is None or not _is_cost(ours["cost"]):
            await self.hash(password)  # the same work, so that nobody learns from the time it takes
            return False
        again = await self._off_loop(password, base64.b64decode(ours["salt"]), int(ours["cost"]))
        return hmac.compare_digest(again, hashed)

    def is_outdated(self, hashed: str) -> bool:
        return not hashed.startswith(f"$scrypt$n={self._cost}$")

    async def _off_loop(self, password: str, salt: bytes, cost: int) -> str:
        if self._blocking:
            return _scrypt(password, salt, cost)
        import asyncio  # noqa: PLC0415  not needed, and slow to import, where there is no event loop

        return await asyncio.to_thread(_scrypt, password, salt, cost)


def _scrypt(password: str, salt: bytes, cost: int) -> str:
    key = hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=8,
        p=1,
        maxmem=2048 * cost + 1_048_576,
        dklen=32,
    )
    return f"$scrypt$n={cost}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
