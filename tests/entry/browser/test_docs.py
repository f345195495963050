"""The interactive documentation, in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from taskcore_http import from_settings
from taskcore_http.app import OPERATIONS
from taskcore_http.description import document
from tests.entry.http.conftest import PASSWORD, serving, settings_for
from tests.servers import npm

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")


def browser() -> str:
    """Where Chromium is. Skips, where there is none."""
    named = (os.environ.get("TASKCORE_CHROMIUM"), *map(shutil.which, BROWSERS))
    found = next((each for each in named if each), None)
    if found is None:
        pytest.skip("NOT RUN: no Chromium on PATH; put one there or name it in TASKCORE_CHROMIUM")
    return found


@pytest.mark.slow
def test_the_documentation_can_be_read_and_tried(tmp_path: Path) -> None:
    chromium, tools = browser(), npm.installed(HERE / "package.json")
    shutil.copy(HERE / "docs.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(tools / "node_modules")
    with serving(from_settings(settings_for("memory://", tmp_path))) as address:
        account = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
        assert httpx.post(f"{address}/v1/auth/signup", json=account).status_code == 201
        opened = subprocess.run(
            [npm.node(), "docs.mjs", address, chromium, "docs.png"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert opened.returncode == 0, opened.stderr
    seen = json.loads(opened.stdout)

    assert seen["operations"] == sum(len(methods) for methods in document(OPERATIONS)["paths"].values())
    assert seen["signedIn"] == "Signed in as Ada"
    assert seen["created"].startswith("POST /v1/teams\n201 Created\n")
    assert seen["refused"].startswith("POST /v1/tasks\n422 ")
    assert '"code": "invalid"' in seen["refused"]
    assert seen["imported"].startswith("POST /v1/teams/PLAT/imports\n200 ")
    assert '"created": 1' in seen["imported"]
    assert (seen["found"], seen["groups"]) == (1, ["imports"])
    assert [each for each in seen["wrong"] if "status of 422" not in each] == []
    assert seen["asked"] == [address]
