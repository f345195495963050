"""From the log to what follows from it, once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

import pytest

from taskcore.delivery import consuming
from taskcore.delivery.consuming import BATCH, Consumer
from taskcore.delivery.positions import LogPosition
from taskcore.errors import Unavailable
from taskcore.events import Event
from taskcore.ports import Unit
from taskcore.testing import World
from taskcore.testing.samples import log_of
from taskcore.values import TeamId
from taskcore_memory import open_store
from tests.unit.delivery.failing import Failing


class Seen:
    """What was applied, in the order in which it was; fails for a team while it is to."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.batches: list[int] = []
        self.fails_for: TeamId | None = None
        self.grown = asyncio.Event()

    async def __call__(self, unit: Unit, events: Sequence[Event]) -> None:  # noqa: ARG002  it only watches
        if events[0].team_id == self.fails_for:
            raise RuntimeError("a fault of ours")
        self.events += events
        self.batches.append(len(events))
        self.grown.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.events) < count:
                self.grown.clear()
                await self.grown.wait()


async def test_each_event_is_applied_once_and_in_order(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    for place in range(BATCH + 5):
        await ada.me.tasks.create(team.id, str(place))
    seen = Seen()
    consumer = Consumer(world.core, "test", seen)
    steps = [await consumer.step(), await consumer.step()]
    await ada.me.tasks.create(team.id, "one more")
    steps.append(await Consumer(world.core, "test", seen).step())
    log = await log_of(world, team)

    assert steps == [len(log) - 1, 0, 1]
    assert seen.events == log
    assert max(seen.batches) == BATCH
    assert await world.store.rows().find(LogPosition, team_id=team.id) == [
        LogPosition(team.id, "test", len(log), version=3)
    ]


async def test_consumers_of_different_names_go_on_by_themselves(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    one, other = Seen(), Seen()
    await Consumer(world.core, "one", one).step()
    await ada.me.tasks.create(team.id, "t")
    await Consumer(world.core, "one", one).step()
    await Consumer(world.core, "other", other).step()

    assert one.events == other.events == await log_of(world, team)


async def test_what_could_not_be_applied_is_applied_later_and_no_other_team_waits(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(consuming, "REST_SECONDS", 0.0)
    caplog.set_level(logging.ERROR)
    ada = await world.person()
    bad, good = await world.team(ada), await world.team(ada)
    seen = Seen()
    seen.fails_for = bad.id
    running = asyncio.create_task(Consumer(world.core, "test", seen).run())
    try:
        await seen.until(1)
        await ada.me.tasks.create(good.id, "t")
        done = len(await log_of(world, good))
        await seen.until(done)
        assert {each.team_id for each in seen.events} == {good.id}
        seen.fails_for = None
        await seen.until(done + len(await log_of(world, bad)))
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    assert [each for each in seen.events if each.team_id == bad.id] == await log_of(world, bad)
    assert len([each for each in caplog.records if str(bad.id) in each.message]) == 1


async def test_a_store_that_fails_is_told_of_once_and_read_again_when_it_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Failing(open_store("memory://"))
    world = World(store)
    ada = await world.person()
    team = await world.team(ada)
    seen = Seen()
    store.reads = [Unavailable("away")] * 5
    running = asyncio.create_task(Consumer(world.core, "test", seen).run())
    try:
        await seen.until(1)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    assert seen.events == await log_of(world, team)
    assert len([each for each in caplog.records if "no log can be read" in each.message]) == 1


async def test_a_unit_that_came_to_nothing_is_done_again(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    seen = Seen()
    consumer = Consumer(world.core, "test", seen)
    seen.fails_for = team.id
    with pytest.raises(RuntimeError):
        await consumer.step()
    seen.fails_for = None
    await consumer.step()

    assert seen.events == await log_of(world, team)
