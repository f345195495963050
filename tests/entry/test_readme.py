"""
The examples of README.md and the guides, run as they stand.

A comment before a code block says how: `<!-- run: python -->` as a script, `<!-- run: shell -->` in bash, `<!-- run:
served -->` in bash beside a `taskcore serve`; each in an empty folder. The block after it may tell the output: all of
it (`<!-- prints -->`), the end of it (`<!-- prints the end -->`), or lines each of which is somewhere in it (`<!--
prints, among other things -->`). `<!-- file: PATH -->` says that a block is that file.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BIN = Path(sys.executable).parent
SERVED_AT = "http://127.0.0.1:8000"
SECONDS = 30
_BLOCK = re.compile(r"^<!-- (?P<mark>.+?) -->\n```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@attrs.frozen
class Block:
    page: Path
    line: int
    mark: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@attrs.frozen
class Example:
    """A block to run, and what the page says it prints."""

    block: Block
    prints: Block | None

    def __str__(self) -> str:
        return str(self.block)


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(text):
        yield Block(page, text.count("\n", 0, match.start("text")) + 1, match["mark"], match["text"])


def examples() -> Iterator[Example]:
    for page in PAGES:
        found = list(blocks(page))
        for block, following in zip(found, [*found, None][1:], strict=True):
            if block.mark.startswith("run: "):
                told = following is not None and following.mark.startswith("prints")
                yield Example(block, following if told else None)


EXAMPLES = list(examples())
COPIES = [block for page in PAGES for block in blocks(page) if block.mark.startswith("file: ")]


def test_every_door_has_an_example_in_the_readme() -> None:
    ways = [example.block.mark for example in EXAMPLES if example.block.page.name == "README.md"]

    assert ways == ["run: python", "run: python", "run: served", "run: shell"]


def test_the_first_command_ends_in_a_running_service(tmp_path: Path) -> None:
    commands = re.findall(r"^python3 -m venv .+$", (ROOT / "README.md").read_text(), re.MULTILINE)
    first = commands[0].rpartition(" && .venv/bin/taskcore ")[2]

    with service(tmp_path, first) as address:
        assert answers(f"{address}/docs")


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_does_what_the_page_says(example: Example, tmp_path: Path) -> None:
    output = run(example.block, tmp_path)

    match example.prints:
        case Block(mark="prints", text=told):
            assert output == told
        case Block(mark="prints the end", text=told):
            assert output[-len(told) :] == told
        case Block(mark="prints, among other things", text=told):
            assert [line for line in told.splitlines() if line not in output] == []
        case other:
            assert other is None


@pytest.mark.parametrize("block", COPIES, ids=str)
def test_a_file_in_a_guide_is_the_file(block: Block) -> None:
    assert block.text == (ROOT / block.mark.removeprefix("file: ")).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_link_leads_somewhere(page: Path) -> None:
    targets = _LINK.findall(page.read_text(encoding="utf-8"))
    missing = {target for target in targets if not (page.parent / target).exists()}

    assert missing == set()


def test_every_guide_can_be_found_from_the_readme() -> None:
    linked = set(_LINK.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    guides = {f"docs/guides/{path.name}" for path in (ROOT / "docs" / "guides").glob("*.md")}

    assert guides - linked == set()


def run(block: Block, folder: Path) -> str:
    """What the block prints; fails the test where the block fails."""
    how = block.mark.removeprefix("run: ")
    if how == "python":
        return done([sys.executable, "-c", block.text], folder)
    bash = ["bash", "-euo", "pipefail", "-c"]
    if how == "shell":
        return done([*bash, block.text], folder)
    assert how == "served", f"{block}: nobody knows how to run {how}"
    if shutil.which("curl") is None:
        pytest.skip("curl is not here")
    with service(folder, f"--store sqlite:///{folder}/served.db serve") as address:
        return done([*bash, block.text.replace(SERVED_AT, address)], folder)


def done(command: list[str], folder: Path) -> str:
    finished = subprocess.run(
        command, cwd=folder, env=environment(folder), check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def environment(folder: Path) -> dict[str, str]:
    """Nothing of the machine's own settings, and a store in the folder where an example names none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TASKCORE_")}
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    folders = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))
    return {**kept, "PATH": path, **folders, "COLUMNS": "120"}


@contextmanager
def service(folder: Path, command: str) -> Iterator[str]:
    """The address at which the command serves, on any free port."""
    log = folder / "service.log"
    with log.open("w") as written:
        server = subprocess.Popen(
            [str(BIN / "taskcore"), *shlex.split(command)],
            cwd=folder,
            env={**environment(folder), "TASKCORE_PORT": str(free_port())},
            stdout=written,
            stderr=written,
        )
        try:
            yield ready(server, log)
        finally:
            server.terminate()
            server.wait(timeout=SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ready(server: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the server has told, once it answers there."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        told = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if told and answers(f"{told[0]}/readyz"):
            return told[0]
    pytest.fail(f"it does not serve: {log.read_text()}")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=SECONDS):  # noqa: S310  an address of our own service
            return True
    except OSError:
        return False
