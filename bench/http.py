"""
What a request costs over HTTP: taskcore, with and without row-level security, beside the bare reference, on PostgreSQL.

`python -m bench http [TASKS] [REQUESTS] [ROUNDS]`. Each server has one core to itself, in turn; the database and
the load share the others. The server's own CPU time a request is the steadiest figure on a shared machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from uuid import UUID

import attrs

from bench.load import RequestFailed, Taken, load, request
from bench.million import TEAMS, fill_postgresql, session_id, task_id, team_id, trashed, user_id
from taskcore_app.container import Container
from taskcore_app.settings import Settings
from tests.servers import die_with_parent
from tests.servers.postgres import Postgres, free_port, postgres_server

TASKS = 100_000
REQUESTS = 3_200
ROUNDS = 3
LINES = 32
MEMBER = 3
START_SECONDS = 30
SECRET = secrets.token_hex(32)
UVICORN = ("-m", "uvicorn", "--no-access-log", "--no-server-header", "--log-level", "warning")


@attrs.frozen
class Server:
    """A server in a process of its own."""

    name: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """What the process has used since it started, in user and kernel mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@attrs.frozen
class Figures:
    """One run of one kind of request."""

    cpu_us: float
    rate: float
    p50_ms: float
    p99_ms: float


@contextmanager
def serving(name: str, app: tuple[str, ...], core: int, environment: Mapping[str, str]) -> Iterator[Server]:
    """A server bound to one core, for as long as the block lasts."""
    port = free_port()
    guard = [sys.executable, "-IS", die_with_parent.__file__, str(os.getpid()), ""]
    command = [*guard, sys.executable, *UVICORN, "--port", str(port), *app]
    process = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603  of our own making
    os.sched_setaffinity(process.pid, {core})
    try:
        yield Server(name, port, process.pid)
    finally:
        process.terminate()
        process.wait()


async def answered(server: Server, lines: list[list[bytes]]) -> None:
    """Ask until it answers; each time it refuses costs a moment."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            await load(server.port, lines[:1], 1)
        except ConnectionError:
            continue
        return
    raise RequestFailed(f"{server.name} does not answer")


def tokens() -> list[str]:
    """An access token for a member of each of as many teams as there are connections."""
    issuer = Container(settings=Settings(store="memory://", secret=SECRET, secret_file="")).tokens()
    now = datetime.now(UTC)
    members = [(UUID(user_id(team, MEMBER)), UUID(session_id(team, MEMBER))) for team in range(LINES)]
    return [issuer.issue(user, session, now) for user, session in members]


Requests = Callable[[int, str], list[bytes]]


def kinds(tasks: int) -> dict[str, Requests]:
    """What each connection asks, from its team's number and its member's token."""

    def headers(token: str) -> list[str]:
        return [f"authorization: Bearer {token}", "accept: */*"]

    def get(team: int, token: str) -> list[bytes]:
        living = [number for number in range(team, tasks, TEAMS) if not trashed(number)][-200:]
        return [request("GET", f"/v1/tasks/{task_id(number)}", headers=headers(token)) for number in living]

    def page(team: int, token: str) -> list[bytes]:
        return [request("GET", f"/v1/tasks?team={team_id(team)}&limit=50", headers=headers(token))]

    def create(team: int, token: str) -> list[bytes]:
        body = json.dumps({"team_id": team_id(team), "title": "Look at the figures"}).encode()
        return [request("POST", "/v1/tasks", headers=headers(token), body=body)]

    return {"get one": get, "list of 50": page, "create": create}


async def run(server: Server, lines: list[list[bytes]], count: int) -> Figures:
    before = server.cpu_seconds()
    taken: Taken = await load(server.port, lines, count)
    cpu = (server.cpu_seconds() - before) / len(taken.latencies)
    return Figures(cpu * 1e6, taken.rate, taken.percentile(0.5), taken.percentile(0.99))


async def rounds(servers: list[Server], tasks: int, count: int, times: int) -> dict[str, dict[str, Figures]]:
    """The median of each figure, by kind of request and server; the servers take turns."""
    by_token = tokens()
    found: dict[str, dict[str, Figures]] = {}
    for kind, requests in kinds(tasks).items():
        lines = [requests(team, token) for team, token in enumerate(by_token)]
        runs: dict[str, list[Figures]] = {server.name: [] for server in servers}
        for server in servers:
            await answered(server, lines)
            await load(server.port, lines, LINES * 10)  # warm: tokens, statements, connections
        for _ in range(times):
            for server in servers:
                runs[server.name].append(await run(server, lines, count))
        found[kind] = {name: middle(figures) for name, figures in runs.items()}
    return found


def middle(figures: list[Figures]) -> Figures:
    names = [field.name for field in attrs.fields(Figures)]
    return Figures(*(median(getattr(each, name) for each in figures) for name in names))


def table(found: Mapping[str, Mapping[str, Figures]]) -> str:
    lines = [
        f"{'request':12} {'server':10} {'CPU µs':>7} {'ratio':>6} {'req/s':>7} {'p50 ms':>7} {'p99 ms':>7}"
    ]
    for kind, servers in found.items():
        base = next(iter(servers.values()))
        for name, each in servers.items():
            ratio = f"{each.cpu_us / base.cpu_us:6.2f}"
            lines.append(
                f"{kind:12} {name:10} {each.cpu_us:7.0f} {ratio} {each.rate:7.0f} {each.p50_ms:7.2f} {each.p99_ms:7.2f}"
            )
    return "\n".join(lines)


def measured(
    database: Postgres, core: int, tasks: int, count: int, times: int
) -> dict[str, dict[str, Figures]]:
    url = database.create("bench")
    asyncio.run(fill_postgresql(url, tasks))
    ours = ("--factory", "taskcore_http:create_app")
    walled = {"TASKCORE_STORE": url, "TASKCORE_SECRET": SECRET}
    unwalled = {**walled, "TASKCORE_STORE": f"{url}?rls=off"}
    with (
        serving("reference", ("bench.reference:app",), core, {"BENCH_DATABASE": url}) as reference,
        serving("taskcore", ours, core, walled) as product,
        serving("rls=off", ours, core, unwalled) as one_wall_less,
    ):
        return asyncio.run(rounds([reference, product, one_wall_less], tasks, count, times))


def main(arguments: list[str]) -> int:
    """Print the figures of both and their ratios."""
    given = [int(word) for word in arguments]
    tasks, count, times = [*given, *(TASKS, REQUESTS, ROUNDS)[len(given) :]]
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:-1] or cores)  # the database, which is started from here, inherits it
    try:
        with postgres_server() as database:
            found = measured(database, cores[-1], tasks, count, times)
    finally:
        os.sched_setaffinity(0, cores)
    sys.stdout.write(table(found) + "\n")
    return 0
