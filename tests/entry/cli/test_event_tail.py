"""`taskcore event tail`: a process that prints what happens while it happens."""

from __future__ import annotations

import csv
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest

from tests.entry.cli.conftest import ADA, BOB, COMMAND, Taskcore, opened
from tests.entry.cli.twins import ran

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there signals are another thing")


@contextmanager
def tailing(
    taskcore: Taskcore, *words: str, before: tuple[str, ...] = (), stdout: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    """The command under way; what is left of it at the end is ended by Ctrl-C."""
    process = subprocess.Popen(
        [*COMMAND, *before, "event", "tail", *words],
        env=taskcore.environment,
        cwd=taskcore.folder,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate()


def read(process: subprocess.Popen[str], count: int) -> list[Any]:
    """The next things that it prints."""
    assert process.stdout is not None
    return [json.loads(process.stdout.readline()) for _ in range(count)]


def rest_of(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.read()


def test_what_happens_meanwhile_is_printed_in_order(taskcore: Taskcore) -> None:
    with tailing(taskcore, "--after", "0") as process:
        before = read(process, 2)
        with opened(taskcore) as core:
            me = core.acting_as(core.users.find(ADA).id)
            for number in range(100):
                me.tasks.create("PLAT", f"Task {number}")
        meanwhile = read(process, 100)
        process.send_signal(signal.SIGINT)
        left = rest_of(process.stdout), rest_of(process.stderr), process.wait()

    assert [*before, *meanwhile] == taskcore.json("event", "list", "--limit", "200")["items"]
    assert [event["seq"] for event in meanwhile] == list(range(3, 103))
    assert left == ("", "", 0)


def test_without_a_place_to_begin_it_begins_with_what_happens_next(taskcore: Taskcore) -> None:
    taskcore.add(["Long ago"])
    known = len(taskcore.json("event", "list")["items"])
    with tailing(taskcore) as process, opened(taskcore) as core:
        me, created = core.acting_as(core.users.find(ADA).id), 0
        while not _readable(process):  # who knows when it has begun
            me.tasks.create("PLAT", f"Task {created}")
            created += 1
        first = read(process, 1)[0]["seq"]
        others = [event["seq"] for event in read(process, known + created - first)]

    assert first > known
    assert others == list(range(first + 1, known + created + 1))


def _readable(process: subprocess.Popen[str]) -> bool:
    import select  # noqa: PLC0415  not where these tests are left out

    assert process.stdout is not None
    return bool(select.select([process.stdout], [], [], 0.05)[0])


def test_only_what_is_asked_for_is_printed(taskcore: Taskcore) -> None:
    with opened(taskcore) as core:
        me = core.acting_as(core.users.find(ADA).id)
        launch = me.projects.create("PLAT", "Launch")
        me.tasks.create("PLAT", "In it", project_id=launch.id)
        me.tasks.create("PLAT", "Beside it")
        for key in ("PLAT-1", "PLAT-2"):
            me.tasks.complete(key)
    with (
        tailing(taskcore, "--after", "0", "--project", "Launch", "--kind", "task.*") as project,
        tailing(taskcore, "--after", "0", "--task", "PLAT-2", "--kind", "task.completed") as task,
    ):
        told = read(project, 2), read(task, 1)

    assert [(event["kind"], event["data"]["task"]["key"]) for event in told[0]] == [
        ("task.created", "PLAT-1"),
        ("task.completed", "PLAT-1"),
    ]
    assert [(event["kind"], event["data"]["task"]["key"]) for event in told[1]] == [
        ("task.completed", "PLAT-2")
    ]


def test_kinds_may_stand_together(taskcore: Taskcore) -> None:
    with opened(taskcore) as core:
        me = core.acting_as(core.users.find(ADA).id)
        me.tasks.create("PLAT", "Ship it")
        me.tasks.complete("PLAT-1")
    words = ("--kind", "task.created,task.completed", "--kind", "team.*")
    with tailing(taskcore, "--after", "0", *words) as process:
        kinds = [event["kind"] for event in read(process, 3)]

    assert kinds == ["team.created", "task.created", "task.completed"]


@pytest.mark.parametrize(
    ("into", "says"),
    [
        (">&-", "taskcore: cannot write: there is no standard output\n"),
        pytest.param(
            "> /dev/full",
            "taskcore: cannot write: No space left on device\n",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="no /dev/full elsewhere"),
        ),
    ],
)
@pytest.mark.parametrize("words", [("event", "tail", "--after", "0"), ("task", "list", "--json")])
def test_what_cannot_be_written_is_told_in_a_line(
    taskcore: Taskcore, words: tuple[str, ...], into: str, says: str
) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" {into}', "sh", *COMMAND, *words],
        env=taskcore.environment,
        cwd=taskcore.folder,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )

    assert (ended.returncode, ended.stderr) == (1, says)


def test_a_reader_that_has_enough_is_a_good_end(taskcore: Taskcore) -> None:
    """Though nothing happens after it, by whose writing it could be noticed."""
    with tailing(taskcore, "--after", "0") as process:
        head = subprocess.run(["head", "-1"], stdin=process.stdout, capture_output=True, check=True)
        assert process.stdout is not None
        process.stdout.close()
        ended = process.wait()
        said = rest_of(process.stderr)

    assert json.loads(head.stdout)["seq"] == 1
    assert (ended, said) == (0, "")


def test_a_right_that_is_lost_ends_it(taskcore: Taskcore) -> None:
    with opened(taskcore) as core:
        ada = core.acting_as(core.users.find(ADA).id)
        bob = core.acting_as(core.users.register(BOB, name="Bob", password=None).id)
        bob.invitations.accept(ada.invitations.create("PLAT", BOB)[1])
        with tailing(taskcore, "--after", "0", before=("--as", BOB)) as process:
            read(process, 1)
            ada.members.remove("PLAT", bob.user_id)
            rest_of(process.stdout)
            ended, said = process.wait(), rest_of(process.stderr)

    assert ended == 3
    assert "no such team" in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--team", "NOPE"], 3),
        (["--task", "PLAT-99"], 3),
        (["--project", "nonsense"], 3),
        (["--kind", "nonsense"], 2),
        (["--after", "-1"], 2),
        (["--after", "x"], 2),
    ],
)
def test_what_cannot_be_told_is_refused_at_once(
    words: list[str],
    code: int,
    taskcore: Taskcore,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = ran(["--store", taskcore.store, "event", "tail", *words], capsys, monkeypatch)

    assert (done.code, done.out) == (code, "")


def test_values_come_under_headings_that_come_once(taskcore: Taskcore) -> None:
    with tailing(taskcore, "--after", "0", "--csv") as process:
        assert process.stdout is not None
        log = [process.stdout.readline() for _ in range(3)]
        with opened(taskcore) as core:
            core.acting_as(core.users.find(ADA).id).tasks.create("PLAT", "Later")
        rows = list(csv.DictReader([*log, process.stdout.readline()]))

    assert [row["seq"] for row in rows] == ["1", "2", "3"]


def test_on_a_terminal_an_event_is_a_line(taskcore: Taskcore) -> None:
    ours, theirs = pty.openpty()
    taskcore.add(["\x1b[31mred"])
    with (
        tailing(taskcore, "--after", "0", stdout=theirs) as process,
        os.fdopen(ours, "r", newline="") as screen,
    ):
        lines = [screen.readline().rstrip() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        ended = process.wait()
        os.close(theirs)

    assert lines[0].split() == ["SEQ", "AT", "KIND", "ABOUT", "CHANGED"]
    assert lines[1].split()[0] == "1"
    assert "team.created" in lines[1]
    assert ended == 0
