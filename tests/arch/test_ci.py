"""CI runs what the README tells a newcomer to run, so that neither can rot alone."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "run"


def test_ci_runs_a_command_of_the_readme() -> None:
    command = SCRIPT.read_text().splitlines()[-1]

    assert command in (ROOT / "README.md").read_text().splitlines()


def test_the_workflow_runs_the_same_script() -> None:
    assert "run: .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert os.access(SCRIPT, os.X_OK)
