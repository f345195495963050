"""
A client that is cut off again and again while a log grows: what it lost, what came twice.

`python -m bench realtime [EVENTS] [CUTS]`: by RST, FIN and blackhole in turn, over a WebSocket, on one process;
and across two processes on PostgreSQL, where Redis is their bus and is stopped and started in the middle.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from taskcore.connect import STORES, resolve
from tests.entry.realtime.clients import by_socket
from tests.entry.realtime.cutting import Outcome, cut_off
from tests.entry.realtime.people import founded
from tests.servers.postgres import postgres_server
from tests.servers.redis import Redis, redis_server
from tests.servers.service import served

EVENTS, CUTS = 1_000, 20


def main(arguments: list[str]) -> int:
    events = int(arguments[0]) if arguments else EVENTS
    cuts = int(arguments[1]) if len(arguments) > 1 else CUTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good = [_one_process(folder, events, cuts), _two_processes(folder, events, cuts)]
    return int(not all(good))


def _one_process(folder: Path, events: int, cuts: int) -> bool:
    with served(f"sqlite:///{folder}/store.db", folder, rate_user="off") as address:
        return _told("one process", lambda: _run(address, address, events, cuts, None))


def _two_processes(folder: Path, events: int, cuts: int) -> bool:
    with postgres_server() as postgres, redis_server() as redis:
        url = postgres.create("realtime")
        asyncio.run(_upgrade(url))
        shared = {"secret": secrets.token_hex(32), "bus": redis.url, "rate_user": "off"}
        homes = folder / "one", folder / "other"
        for home in homes:
            home.mkdir()
        with served(url, homes[0], **shared) as one, served(url, homes[1], **shared) as other:
            meanwhile = restarting(redis, events // 2, events // 8)
            return _told("two processes", lambda: _run(one, other, events, cuts, meanwhile))


def restarting(redis: Redis, before: int, away: int) -> Callable[[int], Awaitable[None]]:
    """Stops Redis before one event, and starts it so many later."""

    async def meanwhile(number: int) -> None:
        if number == before:
            redis.stop()
        elif number == before + away:
            redis.start()

    return meanwhile


async def _run(
    written_at: str,
    followed_at: str,
    events: int,
    cuts: int,
    meanwhile: Callable[[int], Awaitable[None]] | None,
) -> Outcome:
    team = await founded(written_at)
    return await cut_off(team, followed_at, by_socket, events=events, cuts=cuts, meanwhile=meanwhile)


def _told(name: str, run: Callable[[], Awaitable[Outcome]]) -> bool:
    began = time.monotonic()
    found = asyncio.run(_awaited(run))
    sys.stdout.write(
        f"{name:14} {len(found.expected)} events, {found.cuts} cuts, {found.connections} connections,"
        f" {time.monotonic() - began:.0f} s: {found.lost} lost, {found.repeated} repeated,"
        f" {'in order' if found.in_order else 'OUT OF ORDER'}\n"
    )
    sys.stdout.flush()
    return found.seen == found.expected


async def _awaited(run: Callable[[], Awaitable[Outcome]]) -> Outcome:
    return await run()


async def _upgrade(url: str) -> None:
    store = resolve(STORES, url)(url, blocking=False)
    await store.upgrade()
    await store.close()
