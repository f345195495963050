"""
The command line as whole processes, beside Taskwarrior where it is installed (`task` on PATH).

`python -m bench cli [--sizes 10000,100000] [--rounds 7]` makes the same tasks in both, runs both in turn, and
prints medians of wall time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs

WORDS = "fix the login page of server api docs release write test plan review".split()
NOW = datetime(2026, 11, 1, tzinfo=UTC)
MOST_IMPORTED_BY_TASKWARRIOR = 10_000
"""Beyond that its import takes minutes; its files are written directly instead."""
EMAIL = "ada@example.org"


def exported(count: int) -> list[dict[str, Any]]:
    """Tasks as `task export` prints them: pending and completed, with projects, tags, due dates and notes."""
    chance = random.Random(count)  # noqa: S311  the same each time

    def moment(least: int, most: int) -> str:
        return (NOW + timedelta(hours=chance.randrange(least, most))).strftime("%Y%m%dT%H%M%SZ")

    def one(number: int) -> dict[str, Any]:
        entry = moment(-9000, -1)
        task: dict[str, Any] = {
            "uuid": str(UUID(int=chance.getrandbits(128), version=4)),
            "description": f"Task {number} {' '.join(chance.choices(WORDS, k=4))}",
            "entry": entry,
            "modified": entry,
            "status": "pending",
        }
        if chance.random() < 0.5:
            task["project"] = chance.choice(["home", "work.api", "work.web", "ops"])
        if chance.random() < 0.4:
            task["tags"] = chance.sample(["bug", "ui", "docs", "soon", "urgent"], k=2)
        if chance.random() < 0.4:
            task["due"] = moment(-900, 900)
        if chance.random() < 0.3:
            task |= {"status": "completed", "end": entry}
        if chance.random() < 0.1:
            task["annotations"] = [{"entry": entry, "description": "note"}]
        return task

    return [one(number) for number in range(count)]


@attrs.frozen
class Program:
    """One of the two, on a store of its own."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]

    def __call__(self, *words: str, typed: str = "") -> str:
        done = subprocess.run(  # noqa: S603  programs that main chose
            [*self.command, *words],
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def timed(self, *words: str) -> float:
        started = time.perf_counter()
        self(*words)
        return time.perf_counter() - started


def taskcore(folder: Path) -> Program:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TASKCORE_")}
    settings = {"TASKCORE_STORE": f"sqlite:///{folder}/taskcore.db"}
    made = Program("taskcore", (sys.executable, "-m", "taskcore_cli"), inherited | settings)
    made("user", "add", EMAIL, "--name", "Ada", "--password-stdin", "--admin", typed="correct horse battery")
    made("team", "create", "Platform", "--key", "PLAT")
    return made


def taskwarrior(folder: Path) -> Program | None:
    found = shutil.which("task")
    if found is None:
        return None
    home = folder / "taskwarrior"
    home.mkdir()
    (home / "rc").write_text(
        f"data.location={home}\nconfirmation=no\nrecurrence=no\nhooks=off\nverbose=new-id\n"
    )
    return Program("Taskwarrior", (found,), {**os.environ, "TASKRC": str(home / "rc"), "TASKDATA": str(home)})


def fill_directly(folder: Path, tasks: Sequence[dict[str, Any]]) -> None:
    """Taskwarrior's own files, a task a line."""
    lines: dict[str, list[str]] = {"pending": [], "completed": []}
    for task in tasks:
        plain = {name: value for name, value in task.items() if name != "annotations"}
        for name in ("entry", "modified", "due", "end"):
            if name in plain:
                moment = datetime.strptime(plain[name], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                plain[name] = str(int(moment.timestamp()))
        plain["tags"] = ",".join(plain.get("tags", ()))
        fields = " ".join(f'{name}:"{value}"' for name, value in sorted(plain.items()) if value)
        lines[task["status"]].append(f"[{fields}]\n")
    for name, content in lines.items():
        (folder / "taskwarrior" / f"{name}.data").write_text("".join(content))


def medians(rounds: int, programs: Sequence[Program], run: Callable[[Program], float]) -> list[float]:
    """Each program's median, the programs taking turns."""
    times: dict[str, list[float]] = {program.name: [] for program in programs}
    for _ in range(rounds):
        for program in programs:
            times[program.name].append(run(program))
    return [statistics.median(times[program.name]) for program in programs]


def listed(program: Program) -> float:
    ours = program.name == "taskcore"
    return program.timed(*(("task", "list", "--limit", "50") if ours else ("next", "limit:50")))


def added(program: Program) -> float:
    return program.timed("add", "Something to do")


def done(program: Program) -> float:
    """A task that was added for it, off the clock."""
    if program.name == "taskcore":
        return program.timed("done", json.loads(program("add", "To be done", "--json"))["key"])
    number = program("add", "To be done").rpartition(" ")[2].strip(".\n")
    return program.timed(number, "done")


def measure(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tasks = exported(count)
        file = folder / "export.json"
        file.write_text("[\n" + ",\n".join(map(json.dumps, tasks)) + "\n]\n")
        ours, theirs = taskcore(folder), taskwarrior(folder)
        times = [ours.timed("task", "import", str(file))]
        if theirs is not None and count <= MOST_IMPORTED_BY_TASKWARRIOR:
            times.append(theirs.timed("import", str(file)))
        elif theirs is not None:
            fill_directly(folder, tasks)
        report(f"import {count:,}", times)
        report("import again", [ours.timed("task", "import", str(file))])
        programs = [ours, *([theirs] if theirs else [])]
        for what, run in (("list 50", listed), ("add", added), ("done", done)):
            report(f"{what} at {count:,}", medians(rounds, programs, run))


def report(what: str, seconds: Sequence[float]) -> None:
    cells = [f"{each * 1000:,.0f}" for each in seconds] + [""] * (2 - len(seconds))
    ratio = f"{seconds[0] / seconds[1]:.2f}" if len(seconds) == 2 else ""
    print(f"| {what} | {cells[0]} | {cells[1]} | {ratio} |", flush=True)  # noqa: T201  its output


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench cli", description=__doc__)
    parser.add_argument("--sizes", default="10000,100000", help="how many tasks, by commas")
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args(arguments)
    print("| ms, median | taskcore | Taskwarrior | ratio |\n| --- | --- | --- | --- |")  # noqa: T201
    with tempfile.TemporaryDirectory() as name:
        report(
            "--help", medians(chosen.rounds, [taskcore(Path(name))], lambda program: program.timed("--help"))
        )
    for size in map(int, chosen.sizes.split(",")):
        measure(size, chosen.rounds)
    return 0
