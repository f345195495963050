"""The blocking door: the same use cases without `await`."""

from __future__ import annotations

import asyncio
import inspect
from threading import current_thread

import pytest

from taskcore import blocking
from taskcore.errors import NotFound
from taskcore.mirror import Mirror, run_unsuspended, runner
from taskcore.tasks.api import Tasks


async def on_a_loop() -> str:
    await asyncio.sleep(0)
    return current_thread().name


async def raising() -> None:
    raise NotFound("no such thing")


def test_use_cases_give_their_results_at_once() -> None:
    with blocking.open("memory://", hasher="scrypt://?n=2") as core:
        ada = core.users.register("ada@example.org", name="Ada", password="correct horse battery")
        me = core.acting_as(ada.id)
        team = me.teams.create("Platform")
        task = me.tasks.create(team.key, "Ship it")

        assert me.user_id == ada.id
        assert me.tasks.list(team="PLAT").items == [task]
        assert [event.kind for event in me.events.activity("PLAT-1").items] == ["task.created"]
        with pytest.raises(NotFound):
            me.tasks.get("PLAT-2")


def test_it_can_be_looked_at_like_what_it_mirrors() -> None:
    with blocking.open("memory://") as core:
        me = core.acting_as(core.users.register("a@example.org", name="A", password="correct horse").id)
        create = me.tasks.create

        assert list(inspect.signature(create).parameters) == ["team", "title", "idempotency_key", "fields"]
        assert create.__doc__ == Tasks.create.__doc__
        assert {"tasks", "teams", "me"} <= set(dir(me))
        assert repr(me).startswith("<blocking <taskcore.core.Acting")


def test_a_command_shows_what_its_caller_gives_and_not_its_unit_of_work() -> None:
    assert list(inspect.signature(Tasks.create).parameters) == [
        "self",
        "team",
        "title",
        "idempotency_key",
        "fields",
    ]


def test_what_never_suspends_runs_without_a_loop() -> None:
    with runner(suspends=False) as run:
        assert run is run_unsuspended
        with pytest.raises(NotFound):
            run(raising())
        with pytest.raises(RuntimeError, match="waits on one"):
            run(on_a_loop())


def test_what_suspends_runs_on_a_loop_in_a_thread_of_its_own() -> None:
    with runner(suspends=True) as run:
        assert run(on_a_loop()) == "taskcore-blocking"
        with pytest.raises(NotFound):
            run(raising())


def test_what_is_not_offered_is_not_there() -> None:
    with pytest.raises(AttributeError):
        _ = Mirror(object(), run_unsuspended).nothing
