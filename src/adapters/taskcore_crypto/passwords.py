"""Passwords, kept as argon2id hashes whose cost is chosen by a URL."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, urlsplit

import attrs

from taskcore.errors import Fault, Invalid

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from taskcore_crypto.argon2id import Argon2id

T = TypeVar("T")

SALT_BYTES, DIGEST_BYTES = 16, 32
KIB_PER_LANE = 8
LIMITS = {"m": (KIB_PER_LANE, 4_194_304), "t": (1, 1_000), "p": (1, 64)}
"""What each query parameter may be; the upper ends only keep a slip of the finger from stopping a server."""

ENCODED = re.compile(
    r"\$argon2(?P<type>id|i|d)\$v=19\$m=(?P<m>[0-9]{1,10}),t=(?P<t>[0-9]{1,10}),p=(?P<p>[0-9]{1,3})"
    r"\$[A-Za-z0-9+/]{11,86}\$(?P<digest>[A-Za-z0-9+/]{11,86})"
)


@attrs.frozen
class Cost:
    """What one hash costs; the defaults are the least that OWASP advises for argon2id."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


def argon2_hasher(url: str, *, blocking: bool = False) -> Argon2Hasher:
    """The hasher for `argon2://?m=19456&t=2&p=1` (KiB of memory, passes, lanes), each with that default.

    With `blocking` the work runs in the calling thread and a call never suspends; otherwise it runs in a
    thread of the hasher's own, for it takes tens of milliseconds and lets other threads run meanwhile. There
    are as many of these as processors: a flood of logins waits in line, and takes neither the memory of all
    its hashes at once nor the threads that other work needs.
    """
    faults = list(_faults(url))
    if faults:
        raise Invalid(faults=faults)
    if find_spec("argon2") is None:
        raise ModuleNotFoundError("argon2-cffi is not installed", name="argon2")
    asked = {name: int(value) for name, value in parse_qsl(urlsplit(url).query)}
    usual = Cost()
    cost = Cost(asked.get("m", usual.memory_kib), asked.get("t", usual.passes), asked.get("p", usual.lanes))
    if cost.memory_kib < KIB_PER_LANE * cost.lanes:
        raise Invalid(faults=[Fault("m", f"p={cost.lanes} needs at least m={KIB_PER_LANE * cost.lanes}")])
    return Argon2Hasher(cost, blocking=blocking)


class Argon2Hasher:
    """Hashes at one cost; verifies hashes of any cost, and can tell which of them should be made anew."""

    def __init__(self, cost: Cost, *, blocking: bool = False) -> None:
        self._cost = cost
        self._blocking = blocking
        self._nobodys = _nobodys(cost)

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._argon2.hash(_as_bytes(password)))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """False also for no hash, and for one argon2 did not make, after the work of a wrong password."""
        if hashed is None or not ENCODED.fullmatch(hashed):
            await self._matches(password, self._nobodys)
            return False
        return await self._matches(password, hashed)

    def is_outdated(self, hashed: str) -> bool:
        """Less memory, fewer passes, an older variant or a shorter digest. Lanes make no hash weaker."""
        match = ENCODED.fullmatch(hashed)
        return (
            match is None
            or match["type"] != "id"
            or int(match["m"]) < self._cost.memory_kib
            or int(match["t"]) < self._cost.passes
            or len(match["digest"]) < len(_unpadded(bytes(DIGEST_BYTES)))
        )

    async def _matches(self, password: str, hashed: str) -> bool:
        return await self._run(lambda: self._argon2.verify(_as_bytes(password), hashed))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._blocking:
            return work()
        from asyncio import get_running_loop  # noqa: PLC0415  a blocking program never loads the event loop

        return await get_running_loop().run_in_executor(self._threads, work)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  comes with the event loop

        return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="password")

    @cached_property
    def _argon2(self) -> Argon2id:
        from taskcore_crypto.argon2id import Argon2id  # noqa: PLC0415  libargon2 loads with the first password

        cost = self._cost
        return Argon2id(cost.memory_kib, cost.passes, cost.lanes, SALT_BYTES, DIGEST_BYTES)


def _nobodys(cost: Cost) -> str:
    """A hash without a password, put together, not computed: the first unknown e-mail must cost what the second does."""
    salt, digest = _unpadded(os.urandom(SALT_BYTES)), _unpadded(os.urandom(DIGEST_BYTES))
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${digest}"


def _faults(url: str) -> Iterator[Fault]:
    parts = urlsplit(url)
    if parts.scheme != "argon2" or parts.netloc or parts.path.strip("/") or parts.fragment:
        yield Fault("url", "a password hasher is written argon2://?m=19456&t=2&p=1")
    seen: set[str] = set()
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        reason = "given twice" if name in seen else _refusal(name, value)
        if reason:
            yield Fault(name, reason)
        seen.add(name)


def _refusal(name: str, value: str) -> str | None:
    if name not in LIMITS:
        return "argon2:// knows m (KiB of memory), t (passes) and p (lanes)"
    least, most = LIMITS[name]
    if not re.fullmatch("[0-9]{1,9}", value) or not least <= int(value) <= most:
        return f"must be a whole number from {least} to {most}"
    return None


def _as_bytes(password: str) -> bytes:
    """Any text a door lets through can be hashed, an unpaired surrogate too."""
    return password.encode("utf-8", "surrogatepass")


def _unpadded(data: bytes) -> str:
    return b64encode(data).decode("ascii").rstrip("=")
