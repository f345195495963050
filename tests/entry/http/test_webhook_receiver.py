"""The receiver of the guide, as a process of its own, told by a service of what happens there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from tests.entry.http.conftest import CHEAP, PASSWORD
from tests.servers.service import DIE_WITH_PARENT, served

PATIENCE_SECONDS = 30
RECEIVER = Path(__file__).parents[1] / "clients" / "python" / "receives_webhooks.py"

pytestmark = pytest.mark.slow


@contextmanager
def receiver(secret: str) -> Iterator[tuple[int, IO[str]]]:
    """Its port, and what it prints from then on."""
    command = [sys.executable, str(DIE_WITH_PARENT), str(os.getpid()), "", sys.executable, str(RECEIVER), "0"]
    with subprocess.Popen(
        command,
        env=os.environ | {"WEBHOOK_SECRET": secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline().removeprefix("listening on ")), process.stdout
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Somebody at a service that tells this machine of what happens."""
    folder = tmp_path_factory.mktemp("served")
    with (
        served(
            f"sqlite:///{folder}/tasks.db", folder, hasher=CHEAP, webhook_networks="127.0.0.0/8"
        ) as address,
        httpx.Client(base_url=address, timeout=30) as http,
    ):
        account = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
        token = http.post("/v1/auth/signup", json=account).json()["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        http.post("/v1/teams", json={"name": "Platform", "key": "PLAT"})
        yield http


def settled(ada: httpx.Client, path: str, *, attempts: int) -> dict[str, Any]:
    """The last delivery of a webhook, once so many attempts are noted and it is delivered."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found: dict[str, Any] = ada.get(f"{path}/deliveries", params={"limit": 1}).json()["items"][0]
        if found["status"] == "delivered" and len(found["log"]) == attempts:
            return found
    raise AssertionError(found)


def test_the_receiver_is_told_once_and_by_both_secrets(ada: httpx.Client) -> None:
    new = {"url": "http://127.0.0.1:9999/", "kinds": ["task.*"], "payload": "thin"}
    hook = ada.post("/v1/teams/PLAT/webhooks", json=new).json()
    path = f"/v1/webhooks/{hook['id']}"
    with receiver(hook["secret"]) as (port, told):
        ada.patch(path, json={"url": f"http://127.0.0.1:{port}/"})
        ada.post("/v1/tasks", json={"team_id": "PLAT", "title": "Ship it"})
        created = told.readline()
        rotated = ada.post(f"{path}/rotate-secret").json()["secret"]
        ada.patch("/v1/tasks/PLAT-1", json={"status": "done"})
        completed = told.readline()
        forged = httpx.post(
            f"http://127.0.0.1:{port}/",
            content=json.dumps({"type": "task.created", "data": {}}),
            headers={"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"},
        )
    with receiver(rotated) as (port, told):
        ada.patch(path, json={"url": f"http://127.0.0.1:{port}/"})
        ada.post(f"{path}/test")
        tried = told.readline()

    assert (created.split()[0], completed.split()[0], tried) == (
        "task.created",
        "task.completed",
        "webhook.test 0\n",
    )
    assert int(completed.split()[1]) > int(created.split()[1])
    assert forged.status_code == 401


def test_what_was_delivered_can_be_read_and_is_posted_again(ada: httpx.Client) -> None:
    hook = ada.post("/v1/teams/PLAT/webhooks", json={"url": "http://127.0.0.1:9999/"}).json()
    path = f"/v1/webhooks/{hook['id']}"
    with receiver(hook["secret"]) as (port, told):
        ada.patch(path, json={"url": f"http://127.0.0.1:{port}/", "kinds": ["task.*"]})
        ada.post(f"{path}/test")
        first = told.readline()
        delivered = settled(ada, path, attempts=1)
        again = ada.post(f"/v1/deliveries/{delivered['id']}/redeliver")
        repeated = settled(ada, path, attempts=2)

    assert (first, again.status_code) == ("webhook.test 0\n", 202)
    assert [each["status"] for each in repeated["log"]] == [204, 204]
    assert repeated["body"] == delivered["body"]
    assert len({each["headers"]["webhook-id"] for each in repeated["log"]}) == 1
