"""
Whether the time an answer takes tells who has an account.

`python -m bench timing [PAIRS] [sqlite|postgresql]`. Sign-in with a wrong password and the request for a new one, for an
address that has an account and for one that has none, in turn; the medians should not differ by a tenth.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median

import attrs
import httpx

from tests.servers.postgres import postgres_server
from tests.servers.service import served
from tests.servers.smtp import smtp_server

PAIRS = 500
MOST_DIFFERENCE = 0.10
ADA, PASSWORD = "ada@example.org", "correct horse battery"


@attrs.frozen
class Compared:
    """Medians in milliseconds."""

    known: float
    unknown: float

    @property
    def difference(self) -> float:
        return abs(self.known - self.unknown) / max(self.known, self.unknown)


def main(arguments: list[str]) -> int:
    pairs = int(arguments[0]) if arguments else PAIRS
    stores = arguments[1:2] or ["sqlite", "postgresql"]
    worst = 0.0
    for store in stores:
        with _service(store) as http:
            for path, body in (
                ("/v1/auth/login", {"password": "battery staple horse"}),
                ("/v1/auth/password-reset", {}),
            ):
                found = _compare(http, path, body, pairs)
                worst = max(worst, found.difference)
                sys.stdout.write(
                    f"{store:10} {path:24} known {found.known:7.2f} ms, unknown {found.unknown:7.2f} ms,"
                    f" {100 * found.difference:4.1f} % apart over {pairs} pairs\n"
                )
                sys.stdout.flush()
    return int(worst > MOST_DIFFERENCE)


@contextmanager
def _service(store: str) -> Iterator[httpx.Client]:
    with tempfile.TemporaryDirectory() as name, smtp_server() as mail, _store(store, Path(name)) as url:
        folder = Path(name)
        with (
            served(url, folder, mail=mail.url, rate_user="off", workers="1") as address,
            httpx.Client(base_url=address, timeout=60) as http,
        ):
            signup = {"email": ADA, "name": "Ada", "password": PASSWORD}
            http.post("/v1/auth/signup", json=signup).raise_for_status()
            yield http


@contextmanager
def _store(store: str, folder: Path) -> Iterator[str]:
    if store == "sqlite":
        yield f"sqlite:///{folder}/store.db"
        return
    with postgres_server() as server:
        url = server.create("timing")
        upgrade = f'"{sys.executable}" -m taskcore_cli --store "{url}" db upgrade >/dev/null'
        if os.system(upgrade):  # noqa: S605  of our own making
            raise RuntimeError("the schema could not be made")
        yield url


def _compare(http: httpx.Client, path: str, body: dict[str, str], pairs: int) -> Compared:
    """In turn, and which comes first by chance: neither profits from what the other warmed up."""
    chance = Random(7)  # noqa: S311  which comes first is no secret
    times: dict[bool, list[float]] = {True: [], False: []}
    for place in range(pairs + 10):
        for known in chance.sample([True, False], 2):
            email = ADA if known else f"nobody{place:04}@example.org"
            begun = time.perf_counter()
            http.post(path, json={"email": email, **body})
            if place >= 10:  # the first ones only warm up
                times[known].append(1000 * (time.perf_counter() - begun))
    return Compared(median(times[True]), median(times[False]))
