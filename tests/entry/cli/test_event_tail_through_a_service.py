"""`taskcore event tail` through a service: over a line that breaks, as often as it does."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import UUID

import attrs
import pytest

from taskcore.connect import assemble
from taskcore.events import Event, plain
from taskcore.values import EventId, TeamId
from tests.entry.cli.conftest import ADA, CHEAP, COMMAND, Taskcore
from tests.entry.cli.test_servers import answering
from tests.servers.service import served
from tests.servers.wire import wire_to

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there signals are another thing")

TEAM = TeamId(UUID(int=7))
READY = b'id: 5\nevent: ready\ndata: {"seq":5}\n\n'


def told(seq: int) -> bytes:
    """An event as the service's stream has it."""
    at = datetime(2026, 11, 26, tzinfo=UTC)
    event = Event(EventId(UUID(int=seq)), TEAM, "task.created", "task", UUID(int=1), at, seq=seq)
    return b"id: %d\nevent: task.created\ndata: %b\n\n" % (seq, json.dumps(plain(event)).encode())


def refusal(status: int, code: str) -> tuple[int, bytes]:
    return status, json.dumps({"status": status, "code": code, "detail": f"it is {code}"}).encode()


@attrs.define
class Script:
    """What a server answers, one time after another, and what it was asked; at the end it stays silent."""

    answers: list[bytes | tuple[int, bytes]]
    seen: list[tuple[str, str | None]] = attrs.field(factory=list)

    def respond(self, to: BaseHTTPRequestHandler) -> None:
        self.seen.append((to.path, to.headers.get("Last-Event-ID")))
        answer = self.answers.pop(0) if self.answers else b""
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        to.send_response(status)
        to.send_header("Content-Type", "text/event-stream" if status == 200 else "application/problem+json")
        to.send_header("Connection", "close")
        to.end_headers()
        to.wfile.write(body)
        to.wfile.flush()
        if not self.answers:
            to.rfile.read()  # until the other side goes


@contextmanager
def tailing(taskcore: Taskcore, script: Script, *words: str) -> Iterator[subprocess.Popen[str]]:
    with answering(script.respond) as url:
        process = subprocess.Popen(
            [*COMMAND, "--server", url, "--token", "t", "event", "tail", "--team", "PLAT", *words],
            env={**taskcore.environment, "XDG_CONFIG_HOME": str(taskcore.folder)},
            cwd=taskcore.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def seqs(process: subprocess.Popen[str], count: int) -> list[int]:
    assert process.stdout is not None
    return [json.loads(process.stdout.readline())["seq"] for _ in range(count)]


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    return process.returncode, said


def test_a_log_goes_on_where_it_was_after_every_loss_without_hole_or_repeat(empty: Taskcore) -> None:
    script = Script(
        [
            READY + told(6) + told(7) + told(8)[:-5],
            refusal(503, "unavailable"),
            told(7) + told(8),
            refusal(429, "rate_limited"),
            told(9),
        ]
    )
    with tailing(empty, script) as process:
        told_of = seqs(process, 4)
        code, said = ended(process)

    assert told_of == [6, 7, 8, 9]
    assert [last for _, last in script.seen] == [None, "7", "7", "8", "8"]
    assert code == 0
    assert said.count("trying again") == said.count("answers again") == 2


def test_what_happens_while_the_line_is_lost_is_not_left_out_though_nothing_had_come(empty: Taskcore) -> None:
    script = Script([READY, told(6)])
    with tailing(empty, script) as process:
        told_of = seqs(process, 1)

    assert told_of == [6]
    assert [last for _, last in script.seen] == [None, "5"]


def test_what_is_asked_for_is_asked_of_the_service(empty: Taskcore) -> None:
    script = Script([told(6)])
    words = ["--after", "5", "--kind", "task.*", "--kind", "team.edited", "--task", "PLAT-1"]
    with tailing(empty, script, *words, "--project", str(UUID(int=3))) as process:
        seqs(process, 1)

    assert script.seen == [
        (f"/v1/teams/PLAT/events?kinds=task.%2A%2Cteam.edited&project={UUID(int=3)}&task=PLAT-1", "5")
    ]


REFUSALS: Sequence[Any] = [
    ([refusal(404, "not_found")], 3),
    ([refusal(503, "unavailable")], 7),
    ([READY + b'event: refused\ndata: {"code":"forbidden","detail":"no"}\n\n', refusal(403, "forbidden")], 4),
    ([READY + b"event: resync_required\ndata: {}\n\n", refusal(410, "resync_required")], 5),
    ([b"event: task.created\ndata: {}\n\n"], 1),
]


@pytest.mark.parametrize(("answers", "code"), REFUSALS)
def test_what_the_service_refuses_ends_it(answers: list[Any], code: int, empty: Taskcore) -> None:
    with tailing(empty, Script([*answers, b""])) as process:
        out, said = process.communicate()

    assert (process.returncode, out) == (code, "")
    assert said.startswith("taskcore: ")


def test_a_service_that_is_not_there_is_told_at_once(empty: Taskcore) -> None:
    words = ["--server", "http://127.0.0.1:1", "--token", "t", "event", "tail", "--team", "PLAT"]

    assert "does not answer" in empty(*words, exits=7, XDG_CONFIG_HOME=str(empty.folder)).stderr


@pytest.mark.slow
async def test_over_a_real_line_that_is_cut_each_event_comes_once_and_in_order(taskcore: Taskcore) -> None:
    cuts, at_once = 5, 8
    async with assemble(taskcore.store, hasher_url=CHEAP) as core:
        me = core.acting_as((await core.users.find(ADA)).id)
        _, token = await me.tokens.create("for the command")
        with served(taskcore.store, taskcore.folder, hasher=CHEAP) as address:
            async with wire_to(int(address.rpartition(":")[2])) as wire:
                there = ["--server", f"http://127.0.0.1:{wire.port}", "--token", token]
                process = await asyncio.create_subprocess_exec(
                    *[*COMMAND, *there, "event", "tail", "--team", "PLAT", "--after", "0"],
                    env={**taskcore.environment, "XDG_CONFIG_HOME": str(taskcore.folder)},
                    cwd=taskcore.folder,
                    stdout=PIPE,
                )
                assert process.stdout is not None
                told = [json.loads(await process.stdout.readline())["seq"]]
                for _ in range(cuts):
                    for number in range(at_once):
                        await me.tasks.create("PLAT", f"Task {number}")
                    told.append(json.loads(await process.stdout.readline())["seq"])
                    wire.cut()
                head = (await core.store.rows().heads())[(await me.teams.get("PLAT")).id]
                while told[-1] < head:
                    told.append(json.loads(await process.stdout.readline())["seq"])
                process.send_signal(signal.SIGINT)
                code = await process.wait()

    assert told == list(range(1, head + 1))
    assert head > cuts * at_once
    assert code == 0
