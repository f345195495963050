"""The same things as a table, JSON, lines of JSON, CSV and ids."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
from collections.abc import Sequence
from datetime import date

import pytest

from taskcore.events import plain
from tests.entry.cli.conftest import ADA, COMMAND, Taskcore, opened

NASTY = "\x1b[31mred\x1b[0m \u202eevil"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.mark.parametrize(
    "words",
    [
        ["--json", "task", "list"],
        ["task", "--json", "list"],
        ["task", "list", "--json"],
        ["--csv", "task", "list", "--json"],
    ],
)
def test_output_options_stand_anywhere_and_the_last_counts(words: Sequence[str], taskcore: Taskcore) -> None:
    assert json.loads(taskcore(*words).stdout) == {"items": [], "next_cursor": None}


def test_json_is_what_the_library_gives(taskcore: Taskcore) -> None:
    shown = taskcore.json("add", "Ship it", "--priority", "high", "--due", "2026-12-01")
    with opened(taskcore) as core:
        me = core.acting_as(core.users.find(ADA).id)
        task = me.tasks.get(shown["key"])
        page = me.tasks.list(limit=1)

    assert shown == plain(task)
    assert task.due_on == date(2026, 12, 1)
    assert taskcore.json("task", "show", "PLAT-1") == plain(task)
    assert taskcore.json("task", "list", "--limit", "1")["items"] == plain(page.items)


def test_a_list_goes_on_from_its_cursor(taskcore: Taskcore) -> None:
    taskcore.add(["One", "Two", "Three"])
    first = taskcore.json("task", "list", "--limit", "2", "--sort", "number")
    rest = taskcore.json("task", "list", "--limit", "2", "--sort", "number", "--cursor", first["next_cursor"])

    assert [task["title"] for task in [*first["items"], *rest["items"]]] == ["One", "Two", "Three"]
    assert rest["next_cursor"] is None


def test_every_mode_tells_the_same_tasks(taskcore: Taskcore) -> None:
    ids = [task["id"] for task in taskcore.add(["One", 'Two, "quoted"'])]
    lines = taskcore("ls", "--sort", "number", "--ndjson").stdout.splitlines()
    rows = list(csv.DictReader(io.StringIO(taskcore("ls", "--sort", "number", "--csv").stdout)))

    assert [json.loads(line)["id"] for line in lines] == ids
    assert [(row["id"], row["title"]) for row in rows] == [(ids[0], "One"), (ids[1], 'Two, "quoted"')]
    assert taskcore("ls", "--sort", "number", "--quiet").stdout.split() == ids


def test_a_table_is_aligned_and_plain_where_there_is_no_terminal(taskcore: Taskcore) -> None:
    taskcore.add(["A", "A longer title"])
    lines = taskcore("ls", "--sort", "number").stdout.splitlines()

    assert lines == ["KEY     STATUS  TITLE", "PLAT-1  open    A", "PLAT-2  open    A longer title"]


def on_a_terminal(taskcore: Taskcore, *words: str, **environ: str) -> str:
    """What it prints where stdout is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *words],
        env=taskcore.environment | {"TERM": "xterm-256color", "COLUMNS": "100"} | environ,
        cwd=taskcore.folder,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    printed = b""
    try:
        while chunk := os.read(ours, 65536):
            printed += chunk
    except OSError:
        pass  # how a terminal tells that nobody writes to it any more
    os.close(ours)
    process.wait()
    return printed.decode()


def test_a_terminal_gets_colours_unless_it_wants_none(taskcore: Taskcore) -> None:
    taskcore("add", "Hot", "--priority", "urgent")

    assert "\x1b[" in on_a_terminal(taskcore, "ls")
    assert "31m" not in on_a_terminal(taskcore, "ls", NO_COLOR="1")


def test_an_id_is_not_cut_however_narrow_the_terminal(taskcore: Taskcore) -> None:
    token = taskcore.json("token", "create", "by which nobody knows it again", "--scope", "read,write")

    assert token["id"] in on_a_terminal(taskcore, "token", "list", COLUMNS="60")


def test_the_text_of_a_token_is_not_cut_however_narrow_the_terminal(taskcore: Taskcore) -> None:
    printed = on_a_terminal(taskcore, "token", "create", "ci", "--scope", "admin", COLUMNS="40")
    (line,) = [line for line in printed.splitlines() if line.startswith("token")]

    with opened(taskcore) as core:
        assert core.auth.api_token(line.split()[1])


def test_a_title_has_no_power_over_the_terminal(taskcore: Taskcore) -> None:
    taskcore("add", NASTY)

    assert taskcore.json("task", "show", "PLAT-1")["title"] == NASTY
    for words in (["ls"], ["task", "show", "PLAT-1"], ["ls", "--json"], ["ls", "--csv"]):
        printed = on_a_terminal(taskcore, *words, NO_COLOR="1")
        assert "\x1b[31m" not in printed
        assert "\u202e" not in printed


def test_a_program_that_reads_csv_gets_the_values_as_they_are(taskcore: Taskcore) -> None:
    titles = [NASTY, "=1+1", "two\nlines"]
    taskcore.add(titles)
    rows = csv.DictReader(io.StringIO(taskcore("ls", "--sort", "number", "--csv").stdout))

    assert [row["title"] for row in rows] == titles


def test_odd_text_comes_back_as_it_went(taskcore: Taskcore) -> None:
    title = "naïve 日本語 👩‍👩‍👧 \\ \" ' \t tab"

    assert taskcore.json("add", title)["title"] == title


def test_a_reader_that_leaves_is_no_fault_to_speak_of(taskcore: Taskcore) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as nobody_reads:
        done = subprocess.run(
            [*COMMAND, "config", "--ndjson"],
            env=taskcore.environment,
            cwd=taskcore.folder,
            stdout=nobody_reads,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (done.returncode, done.stderr) == (1, b"")


def test_ids_are_all_that_quiet_prints(taskcore: Taskcore) -> None:
    assert ID.fullmatch(taskcore("add", "x", "-q").stdout.strip())
    assert ID.fullmatch(taskcore("-q", "user", "show", ADA).stdout.strip())
