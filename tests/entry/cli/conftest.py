"""The command as a process of its own, on a SQLite store of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import attrs
import pytest

from taskcore import blocking

ADA, BOB = "ada@example.org", "bob@example.org"
PASSWORD = "correct horse battery"
CHEAP = "argon2://?m=8&t=1"
COMMAND = (sys.executable, "-m", "taskcore_cli")


@attrs.frozen
class Taskcore:
    """`taskcore --store …`, in a folder without settings."""

    folder: Path

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder.as_posix()}/tasks.db"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TASKCORE_")}
        ours = {"HASHER": CHEAP, "STORE": self.store, "BLOBS": (self.folder / "blobs").as_uri()}
        return inherited | {f"TASKCORE_{name}": value for name, value in ours.items()}

    def __call__(
        self, *words: str, typed: str = "", exits: int = 0, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end, which is `exits`."""
        done = subprocess.run(
            [*COMMAND, *words],
            env=self.environment | environ,
            cwd=self.folder,
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == exits, (words, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done

    def json(self, *words: str, exits: int = 0, typed: str = "") -> Any:
        return json.loads(self(*words, "--json", exits=exits, typed=typed).stdout)

    def register(self, email: str, *more: str) -> Any:
        name = email.partition("@")[0].title()
        return self.json("user", "add", email, "--name", name, "--password-stdin", *more, typed=PASSWORD)

    def add(self, titles: Iterable[str]) -> list[Any]:
        return [self.json("add", title) for title in titles]


def opened(taskcore: Taskcore) -> AbstractContextManager[blocking.TaskCore]:
    """The library on the same store."""
    return blocking.open(taskcore.store, hasher=CHEAP)


def invite(taskcore: Taskcore, email: str, *, role: str = "member", register: bool = True) -> None:
    """Have somebody in Ada's team."""
    if register:
        taskcore.register(email)
    token = taskcore("--as", ADA, "-q", "team", "invite", "PLAT", email, "--role", role).stdout.strip()
    taskcore("--as", email, "team", "accept", token)


@pytest.fixture
def empty(tmp_path: Path) -> Taskcore:
    return Taskcore(tmp_path)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Ada alone in its store, who has a team: to be copied, since commands would take longer."""
    first = Taskcore(tmp_path_factory.mktemp("founded"))
    first.register(ADA, "--admin")
    first("team", "create", "Platform", "--key", "PLAT")
    return first.folder


@pytest.fixture
def taskcore(empty: Taskcore, founded: Path) -> Taskcore:
    """With Ada alone in it, who has a team."""
    shutil.copytree(founded, empty.folder, dirs_exist_ok=True)
    return empty
