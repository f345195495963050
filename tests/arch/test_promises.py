"""What docs/consistency.md says is shown by a test is shown by one that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)\(", re.MULTILINE)


def test_every_promise_names_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "consistency.md").read_text(encoding="utf-8")
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "src" / "taskcore" / "testing").rglob("*.py")]
    there = {name for file in files for name in DEFINED.findall(file.read_text(encoding="utf-8"))}
    promises = [line for line in page.splitlines() if line.startswith("| **")]

    assert set(NAME.findall(page)) - there == set()
    assert len(promises) == sum(bool(NAME.search(line)) for line in promises) > 10
