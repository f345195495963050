"""Taskwarrior's export taken in: whole, once, and in as many goes as it takes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.entry.cli.conftest import COMMAND, Taskcore

SAMPLE = Path(__file__).parents[2] / "data" / "taskwarrior-2.6.json"
TASK = shutil.which("task")
IMPORT = ("task", "import", "--team", "PLAT", "--format", "taskwarrior")


def test_an_export_is_taken_whole_and_a_second_time_changes_nothing(taskcore: Taskcore) -> None:
    count = len(json.loads(SAMPLE.read_text()))
    first = taskcore.json(*IMPORT, str(SAMPLE))
    before = taskcore.json("export")
    second = taskcore.json("import", str(SAMPLE))

    assert (first["created"], first["known"], first["refused"]) == (count, 0, [])
    assert (second["created"], second["known"], second["dependencies"]) == (0, count, 0)
    assert taskcore.json("export") == before
    assert [task["title"] for task in before["tasks"] if task["deleted_at"]] == ["del1"]


def test_a_dry_run_of_an_import_writes_nothing(taskcore: Taskcore) -> None:
    assert taskcore.json(*IMPORT, "--dry-run", str(SAMPLE))["created"] == len(json.loads(SAMPLE.read_text()))
    assert taskcore.json("export")["tasks"] == []


def test_a_refused_line_is_told_with_its_reason_and_the_rest_is_taken(taskcore: Taskcore) -> None:
    lines = SAMPLE.read_text().splitlines()
    lines[2] = "{damaged"
    told = taskcore("import", "-", typed="\n".join(lines), exits=6)

    assert "taskcore: line 3: is not JSON" in told.stderr
    assert taskcore.json("import", str(SAMPLE))["created"] == 1


def test_a_tag_that_no_label_can_be_costs_nothing(taskcore: Taskcore) -> None:
    given = {"uuid": str(uuid4()), "description": "Tagged", "status": "pending", "tags": ["ui", "a,b"]}
    told = taskcore("import", "-", "--json", typed=json.dumps(given))
    (task,) = taskcore.json("export")["tasks"]

    assert (told.stderr, json.loads(told.stdout)["refused"]) == ("", [])
    assert (task["labels"], task["description"]) == (["ui"], '```taskwarrior\ntags: ["a,b"]\n```')


def test_a_file_of_something_else_is_no_import_at_all(taskcore: Taskcore) -> None:
    assert "line 1: is not JSON" in taskcore("import", "-", typed="hello\n", exits=2).stderr
    assert "No such file" in taskcore("import", "missing.json", exits=2).stderr
    assert (
        "format: must be one of json, ndjson, csv" in taskcore("import", "--format", "x", "-", exits=2).stderr
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C is another thing")
def test_what_was_read_before_ctrl_c_is_in_and_the_next_run_goes_on(taskcore: Taskcore) -> None:
    tasks = [{"uuid": str(uuid4()), "description": f"Task {n}", "status": "pending"} for n in range(6000)]
    process = subprocess.Popen(
        [*COMMAND, *IMPORT, "-"],
        env=taskcore.environment,
        cwd=taskcore.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b"".join(json.dumps(task).encode() + b"\n" for task in tasks))
    process.stdin.flush()
    until_some_are_in(taskcore)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    taken = len(taskcore.json("export")["tasks"])

    assert process.returncode == 130
    assert f"interrupted: {taken} created" in told.decode()
    assert taken >= 1000
    rest = taskcore.json("import", "-", typed=json.dumps(tasks))
    assert (rest["known"], rest["created"]) == (taken, 6000 - taken)


def until_some_are_in(taskcore: Taskcore) -> None:
    """The first chunk is committed while the process waits for more."""
    connection = sqlite3.connect(f"file:{taskcore.folder}/tasks.db?mode=ro", uri=True)
    while connection.execute("SELECT count(*) FROM tasks").fetchone() == (0,):
        os.sched_yield()
    connection.close()


@pytest.mark.skipif(TASK is None, reason="Taskwarrior is not installed")
def test_an_export_made_this_moment_is_taken_whole(taskcore: Taskcore, tmp_path: Path) -> None:
    home = tmp_path / "taskwarrior"
    home.mkdir()
    (home / "rc").write_text(f"data.location={home}\nconfirmation=no\nuda.size.type=numeric\n")
    environ = {**os.environ, "TASKRC": str(home / "rc"), "TASKDATA": str(home)}

    def task(*words: str) -> str:
        done = subprocess.run(
            [str(TASK), *words], env=environ, check=True, capture_output=True, text=True, encoding="utf-8"
        )
        return done.stdout

    task(
        "add", "Écrire le résumé 日本語", "project:work.api", "+bug", "priority:H", "due:2026-12-01T09:00:00Z"
    )
    task("add", "second", "depends:1", "size:2.5", "wait:2030-01-01", "scheduled:2029-12-01")
    task("1", "annotate", "a note")
    task("add", "third")
    task("3", "start")
    task("add", "fourth")
    task("4", "done")
    (tmp_path / "export.json").write_text(task("export"), encoding="utf-8")
    report = taskcore.json(*IMPORT, "export.json")
    found = {each["title"]: each for each in taskcore.json("export")["tasks"]}

    assert (report["created"], report["comments"], report["dependencies"], report["refused"]) == (4, 1, 1, [])
    assert found["Écrire le résumé 日本語"]["labels"] == ["bug"]
    assert (
        found["second"]["start_at"] == "2030-01-01T00:00:00.000000Z"
        or found["second"]["start_at"] is not None
    )
    assert "size: 2.5" in found["second"]["description"]
    assert (found["third"]["status"], found["fourth"]["status"]) == ("in_progress", "done")
