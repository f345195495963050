"""`taskcore demo`: a believable team, and a service that ends well."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from taskcore_cli import demo_data as data
from tests.entry.cli.conftest import COMMAND, Taskcore


def test_the_team_is_believable(empty: Taskcore) -> None:
    told = empty("demo", "--no-serve", "--store", empty.store).stdout
    ada = ("--as", "ada@example.org")
    tasks: list[Any] = empty.json(*ada, "ls", "--limit", "200")["items"]
    roles = {member["role"] for member in empty.json(*ada, "team", "members", "NORTH")["items"]}

    assert all(email in told for email, *_ in data.PEOPLE)
    assert data.PASSWORD in told
    assert roles == {"owner", "admin", "member", "guest"}
    assert 50 <= len(tasks) <= 70
    assert {task["status"] for task in tasks} == {
        *("backlog", "open", "in_progress", "in_review", "done", "cancelled"),
    }
    assert sum(task["overdue"] for task in tasks) >= 5
    assert sum(task["blocked"] for task in tasks) >= 5
    assert sum(task["parent_id"] is not None for task in tasks) >= 5
    assert {name for task in tasks for name in task["labels"]} == set(data.LABELS)
    assert len(empty.json(*ada, "project", "list")["items"]) == 4
    assert len(empty.json(*ada, "view", "list")["items"]) == 4


def test_what_it_says_to_try_works(empty: Taskcore) -> None:
    told = empty("demo", "--no-serve", "--store", empty.store).stdout
    commands = re.findall(r"\d\. taskcore (--store .*)", told)

    assert len(commands) == 4
    for command in commands[:3]:
        words = [word.strip("'") for word in command.split()]
        assert len(empty(*words).stdout.splitlines()) > 3


def test_a_store_in_use_is_left_alone(taskcore: Taskcore) -> None:
    assert "in use" in taskcore("--store", taskcore.store, "demo", "--no-serve", exits=5).stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there signals are another thing")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize(
    "words",
    [["demo", "--port", "0"], ["serve", "--port", "0"], ["serve", "--port", "0", "--workers", "2"]],
    ids=["demo", "serve", "workers"],
)
def test_it_serves_until_told_to_end_and_ends_well(
    words: list[str], told: signal.Signals, empty: Taskcore
) -> None:
    environ = empty.environment | {"TMPDIR": str(empty.folder)}
    process = subprocess.Popen(
        [*COMMAND, *words],
        env=environ,
        cwd=empty.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        source = process.stdout if words[0] == "demo" else process.stderr
        address = first_match(source, r"(http://127\.0\.0\.1:\d+)")
        first_match(process.stderr, "(startup complete)")
        ready = httpx.get(f"{address}/readyz").status_code
    finally:
        process.send_signal(told)
        process.communicate()

    assert ready == httpx.codes.OK
    assert process.returncode == 0
    assert list(Path(empty.folder).glob("taskcore-demo-*")) == []


def first_match(stream: IO[str], pattern: str) -> str:
    """What the pattern finds in the first line that has it."""
    for line in stream:
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError(f"ended without {pattern}")
