"""Clients that others' generators make from the description: they pass their type checkers, and work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskcore_http import from_settings
from tests.entry.http.conftest import serving, settings_for
from tests.servers import npm

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(from_settings(settings_for("memory://", tmp_path_factory.mktemp("used")))) as at:
        yield at


def ran(*command: str, cwd: Path, **environment: str) -> str:
    """What a program printed, which did not fail."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_python_client_is_typed_and_works(address: str, tmp_path: Path) -> None:
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    made = ran(
        *generate, "--url", f"{address}/openapi.json", "--output-path", "taskcore_client", cwd=tmp_path
    )
    assert "Warning" not in made
    shutil.copy(HERE / "python" / "uses_client.py", tmp_path)
    check = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11", "--cache-dir", "cache"]
    check += ["--follow-imports=silent"]  # of what the generator wrote, only what is used is asked

    assert "Success" in ran(*check, "uses_client.py", cwd=tmp_path)
    assert ran(sys.executable, "uses_client.py", address, cwd=tmp_path) == "used\n"


@pytest.mark.slow
def test_a_typescript_client_is_typed_and_works(address: str, tmp_path: Path) -> None:
    tools = npm.installed(HERE / "typescript" / "package.json")
    shutil.copytree(HERE / "typescript", tmp_path, dirs_exist_ok=True)
    (tmp_path / "node_modules").symlink_to(tools / "node_modules")
    binaries = "node_modules/.bin"
    ran(f"{binaries}/openapi-typescript", f"{address}/openapi.json", "-o", "api.d.ts", cwd=tmp_path)
    ran(f"{binaries}/tsc", "-p", ".", cwd=tmp_path)

    assert ran(npm.node(), "out/uses_client.js", address, cwd=tmp_path) == "used\n"
