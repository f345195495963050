"""The guide's session does what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from taskcore_http import from_settings
from tests.entry.http.conftest import serving, settings_for

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "http.md"
BASH = shutil.which("bash")


@pytest.mark.skipif(not (BASH and shutil.which("curl")), reason="the session is for bash and curl")
def test_the_session_of_the_guide_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```(sh|text)\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    script = "".join(text for kind, text in blocks if kind == "sh")
    told = "".join(text for kind, text in blocks if kind == "text")
    with serving(from_settings(settings_for("memory://", tmp_path))) as url:
        command = [str(BASH), "-eu", "-o", "pipefail", "-c", script]
        done = subprocess.run(
            command, cwd=tmp_path, env={"URL": url}, check=False, capture_output=True, text=True
        )

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(pattern(told), done.stdout.replace("\r", ""), re.DOTALL), done.stdout


def pattern(told: str) -> str:
    """`told` with `…` for anything within a line; whether a line ends after JSON does not matter."""
    lines = [".*".join(map(re.escape, line.split("…"))) for line in told.splitlines()]
    return r"\n?".join(lines) + r"\n?"
