"""The examples of docs/realtime.md, run as they stand; and what it says of codes and limits."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from taskcore.live.presence import SILENT_SECONDS, TYPING_SECONDS
from taskcore_http.realtime import closing, limits
from taskcore_http.realtime.limits import Limits
from taskcore_http.realtime.presence import MOST_MESSAGES, PER_SECONDS
from tests.entry.browser.test_docs import HERE as BROWSER
from tests.entry.browser.test_docs import browser
from tests.entry.http.conftest import Person
from tests.entry.realtime.listening import SECONDS, bearer
from tests.servers import npm

PAGE = (Path(__file__).parents[3] / "docs/realtime.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SCRIPT = re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL)[0]
IN_A_PAGE = """
import { chromium } from "playwright-core";
const [address, team, token, executablePath] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage();
await page.goto(`${address}/docs`);
const heard = await page.evaluate(([script, url, team, token]) => new Promise((resolve) => {
  const heard = [];
  (0, eval)(`(${script})`)(url, team, token, 0, (message, socket) => {
    heard.push(message);
    if (message.type === "ready") socket.close(1000);
    if (message.type === "closed") resolve(heard);
  });
}), [SCRIPT, address, team, token]);
console.log(JSON.stringify(heard));
await browser.close();
"""


@pytest.fixture
def done(ada: Person, team: dict[str, Any], task: dict[str, Any]) -> list[str]:
    """A log that ends with a completed task: its events, as a program prints them."""
    assert ada.patch(f"/v1/tasks/{task['key']}", {"status": "done"}).status_code == 200
    page = ada.get(f"/v1/teams/{team['key']}/events").json()["items"]
    return [f"{event['seq']} {event['kind']}" for event in page]


@pytest.mark.parametrize("program", PROGRAMS, ids=["socket", "stream"])
def test_a_program_that_follows(
    address: str, ada: Person, team: dict[str, Any], done: list[str], program: str
) -> None:
    told = {"TASKCORE_URL": address, "TASKCORE_TEAM": team["key"], "TASKCORE_TOKEN": bearer(ada)}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **told, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert ran.stdout.splitlines() == done, ran.stderr


@pytest.mark.slow
def test_a_page_that_follows(
    address: str, ada: Person, team: dict[str, Any], done: list[str], tmp_path: Path
) -> None:
    chromium, tools = browser(), npm.installed(BROWSER / "package.json")
    (tmp_path / "node_modules").symlink_to(tools / "node_modules")
    shutil.copy(BROWSER / "package.json", tmp_path)
    script = IN_A_PAGE.replace("SCRIPT", json.dumps(SCRIPT))
    (tmp_path / "follow.mjs").write_text(script, encoding="utf-8")
    ran = subprocess.run(
        [npm.node(), "follow.mjs", address, team["key"], bearer(ada), chromium],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    *events, ready, closed = json.loads(ran.stdout)

    assert [f"{event['seq']} {event['kind']}" for event in events] == done
    assert (ready["type"], ready["seq"], closed["code"]) == ("ready", len(done), 1000)


def test_it_names_every_code_and_the_limits_as_they_are() -> None:
    codes = {value for name, value in vars(closing).items() if isinstance(value, int) and name.isupper()}
    usual = Limits()

    assert {each for each in codes if each > 1000 and f"| {each} |" not in PAGE} == set()
    assert f"within {usual.first_message_seconds:.0f} s" in PAGE
    assert f"for {usual.blocked_seconds:.0f} s nothing" in PAGE
    assert f"ping every {limits.HEARTBEAT_SECONDS} s" in PAGE
    assert f"within {limits.PONG_SECONDS} s" in PAGE
    assert f"more than {usual.message_bytes // 1024} KiB" in PAGE
    assert f"more than {usual.said_bytes // 1024} KiB" in PAGE
    assert f"{MOST_MESSAGES} of these messages in any {PER_SECONDS:.0f} s" in PAGE
    assert f"by itself {TYPING_SECONDS:.0f} s after" in PAGE
    assert f"missed after {SILENT_SECONDS:.0f} s" in PAGE
