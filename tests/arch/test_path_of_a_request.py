"""A request passes few files: a newcomer can walk it without jumping."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, cast

import httpx
import pytest

import taskcore
from taskcore_app.container import Container
from taskcore_app.settings import Settings
from taskcore_http.app import build
from taskcore_sql.sqlite import AsyncConnection

SRC = Path(taskcore.__file__).parents[1]
MOST = 7
WAY = [
    "entrypoints/taskcore_http/deadline.py",
    "entrypoints/taskcore_http/routes/tasks.py",
    "taskcore/caller.py",
    "taskcore/live/waking.py",
    "adapters/taskcore_sql/store.py",
    "taskcore/tasks/api.py",
    "adapters/taskcore_sql/sqlite.py",
]
"""The files on the call stack when the change of a task is sent to the database, outermost first.
Aside of it: `admission.py` lets the request in, `wire.py` gives the route its caller and its body, `permissions.py` and `lifecycle.py`
are asked and answer."""


class Trail:
    """Which of our files are on the stack whenever a statement is sent."""

    def __init__(self) -> None:
        self.ways: list[list[str]] = []

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is AsyncConnection.execute.__code__:
            self.ways.append(list(dict.fromkeys(reversed(list(_ours(frame))))))


def _ours(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(SRC):
            yield path.relative_to(SRC).as_posix()
        frame = frame.f_back


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        store=f"sqlite:///{tmp_path}/store.db", secret_file=str(tmp_path / "key"), hasher="argon2://?m=8&t=1"
    )


async def test_a_patch_of_a_task_passes_at_most_seven_files(settings: Settings) -> None:
    container = Container(settings=settings)
    core, tokens, clock = container.core(), container.tokens(), container.clock()
    app = build(core, tokens, settings, limiter=container.limiter(), clock=clock)
    transport = httpx.ASGITransport(cast("Any", app))  # two libraries spell ASGI's types differently
    async with core, httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await core.store.check()
        ada = await core.users.register("ada@example.org", name="Ada", password="correct horse battery")
        signed = await core.auth.sign_in(ada.email, "correct horse battery")
        me = core.acting_as(ada.id)
        task = await me.tasks.create((await me.teams.create("Platform", key="PLAT")).id, "Ship it")
        client.headers["Authorization"] = f"Bearer {tokens.issue(ada.id, signed.session.id, clock())}"
        trail = Trail()
        sys.setprofile(trail)
        try:
            answer = await client.patch(f"/v1/tasks/{task.key}", json={"title": "Shipped"})
        finally:
            sys.setprofile(None)

    assert answer.json()["title"] == "Shipped"
    longest = max(trail.ways, key=len)
    assert longest == WAY
    assert len(longest) <= MOST
