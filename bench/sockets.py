"""
What it takes to tell a thousand sockets: taskcore beside a bare broadcast, each one process of uvicorn on one core.

`python -m bench sockets [SOCKETS] [SECONDS] [ROUNDS]`. A task is changed through the API 20 times a second; the time is
from sending that request to each socket's having the event. The store is in memory: what a disk takes to keep an event is not
what is measured. The servers take turns, with messages of the same size.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import attrs
import httpx

from bench.http import Server, serving
from bench.listeners import Crowd, crowd
from tests.entry.realtime.cutting import Team
from tests.entry.realtime.people import founded
from tests.servers.service import started

SOCKETS, SECONDS, ROUNDS = 1_000, 10, 3
A_SECOND = 20
MOST_RATIO = 2.0
WAIT_SECONDS = 60
FILES_BESIDE = 500


@attrs.frozen
class Figures:
    """Milliseconds from a write to its being heard, over all sockets and writes of a round."""

    p50: float
    p99: float
    cpu_us: float
    """The server's own time for each message to a socket, in user and kernel mode."""


@attrs.frozen
class Told:
    """A server with its sockets, and the way to make it tell them something."""

    name: str
    pid: int
    idle_kib: float
    """What its memory has grown by for each socket."""
    crowd: Crowd
    write: Callable[[int], Coroutine[None, None, None]]


def main(arguments: list[str]) -> int:
    sockets = int(arguments[0]) if arguments else SOCKETS
    seconds = int(arguments[1]) if len(arguments) > 1 else SECONDS
    rounds = int(arguments[2]) if len(arguments) > 2 else ROUNDS
    allow_files(2 * sockets + FILES_BESIDE)
    server_core, own_core = 0, (os.cpu_count() or 1) - 1
    os.sched_setaffinity(0, {own_core})
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        ours, process = stack.enter_context(started("memory://", folder, rate_user="off"))
        os.sched_setaffinity(process.pid, {server_core})
        options = ("--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "bench.broadcast:app")
        bare = stack.enter_context(serving("bare", options, server_core, {}))
        ratio = asyncio.run(_compared(ours, process.pid, bare.port, bare.pid, sockets, seconds, rounds))
    return int(ratio > MOST_RATIO)


def allow_files(count: int) -> None:
    """Let this process, and those that it starts, have so many files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


async def _compared(
    ours: str, our_pid: int, bare_port: int, bare_pid: int, sockets: int, seconds: int, rounds: int
) -> float:
    team = await founded(ours)
    until_it_answers = httpx.AsyncHTTPTransport(retries=5)
    async with httpx.AsyncClient(transport=until_it_answers, timeout=WAIT_SECONDS) as http:
        told = [await _ours(http, team, our_pid, sockets)]
        size = len(json.dumps(await _event(http, team), separators=(",", ":")))
        told.append(await _bare(http, bare_port, bare_pid, sockets, "x" * size))
        found: dict[str, list[Figures]] = {each.name: [] for each in told}
        for each in told * rounds:
            found[each.name].append(await _round(each, seconds))
    for each in told:
        figures = found[each.name]
        sys.stdout.write(
            f"{each.name:10} p50 {median(one.p50 for one in figures):7.2f} ms,"
            f" p99 {median(one.p99 for one in figures):7.2f} ms"
            f" (rounds: {', '.join(f'{one.p99:.1f}' for one in figures)}),"
            f" {median(one.cpu_us for one in figures):.1f} us of CPU a message;"
            f" {each.idle_kib:.1f} KiB an idle socket\n"
        )
    ours_p99, bare_p99 = (median(one.p99 for one in found[each.name]) for each in told)
    sys.stdout.write(
        f"{sockets} sockets, {A_SECOND} events a second of {size} bytes: p99 is {ours_p99 / bare_p99:.2f} times the"
        f" bare one (goal: at most {MOST_RATIO})\n"
    )
    return ours_p99 / bare_p99


async def _ours(http: httpx.AsyncClient, team: Team, pid: int, sockets: int) -> Told:
    headers = {"authorization": f"Bearer {team.token}"}

    async def write(number: int) -> None:
        path = f"{team.written_at}/v1/tasks/{team.task}"
        (await http.patch(path, json={"title": f"Title {number}"}, headers=headers)).raise_for_status()

    for number in range(A_SECOND):
        await write(-number)
    port, path = int(team.written_at.rpartition(":")[2]), f"/v1/teams/{team.key}/events/ws"
    first = json.dumps({"token": team.token}).encode()
    return await _told("taskcore", pid, lambda count: crowd(port, path, first, count), sockets, write)


async def _bare(http: httpx.AsyncClient, port: int, pid: int, sockets: int, body: str) -> Told:
    async def write(_: int) -> None:
        (await http.post(f"http://127.0.0.1:{port}/", content=body)).raise_for_status()

    for number in range(A_SECOND):
        await write(number)
    return await _told("bare", pid, lambda count: crowd(port, "/", b"", count), sockets, write)


async def _told(
    name: str,
    pid: int,
    gather: Callable[[int], Awaitable[Crowd]],
    sockets: int,
    write: Callable[[int], Coroutine[None, None, None]],
) -> Told:
    (await gather(20)).leave()  # what the first ones make is there for all
    before = _resident_kib(pid)
    there = await gather(sockets)
    return Told(name, pid, (_resident_kib(pid) - before) / sockets, there, write)


async def _event(http: httpx.AsyncClient, team: Team) -> object:
    path = f"{team.written_at}/v1/teams/{team.key}/events?kinds=task.updated&limit=200"
    page = (await http.get(path, headers={"authorization": f"Bearer {team.token}"})).json()
    return {"type": "event", **page["items"][-1]}


async def _round(told: Told, seconds: int) -> Figures:
    """Write at even times, whatever that does to who writes; then wait until all is heard."""
    told.crowd.expect(seconds * A_SECOND)
    before = Server(told.name, 0, told.pid).cpu_seconds()
    begun = time.perf_counter()
    sent: list[float] = []
    writes: list[asyncio.Task[None]] = []
    with _without_gc():
        for number in range(seconds * A_SECOND):
            await asyncio.sleep(max(0.0, begun + number / A_SECOND - time.perf_counter()))
            sent.append(time.perf_counter())
            writes.append(asyncio.create_task(told.write(number)))
        await asyncio.gather(*writes)
        async with asyncio.timeout(WAIT_SECONDS):
            await told.crowd.heard()
    taken = sorted(
        1_000 * (at - sent[place]) for each in told.crowd.listeners for place, at in enumerate(each.at)
    )
    cpu = (Server(told.name, 0, told.pid).cpu_seconds() - before) / len(taken)
    return Figures(taken[len(taken) // 2], taken[len(taken) * 99 // 100], cpu * 1e6)


@contextmanager
def _without_gc() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _resident_kib(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) if found else 0
