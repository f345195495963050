"""From the log to deliveries, and to the stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

import attrs
import pytest

from taskcore.delivery import publishing, resting
from taskcore.delivery.model import Delivery, Webhook
from taskcore.delivery.ports import EVENTS
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.publishing import STREAM
from taskcore.delivery.relay import BATCH, Relay
from taskcore.delivery.sending import Sender
from taskcore.errors import Unavailable
from taskcore.events import Event
from taskcore.ports import EventSearch, Store, Unit
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.receiving import says
from taskcore.testing.samples import log_of
from taskcore.testing.world import Person
from taskcore_memory import open_store
from tests.unit.delivery.failing import Failing

URL = "https://hooks.example.org/in"


class Broker:
    """A `Stream` that keeps what it is given, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.taken: list[Event] = []
        self.failures = failures

    async def publish(self, events: Sequence[Event]) -> None:
        if self.failures:
            self.failures -= 1
            self.taken += events[:1]
            raise Unavailable("the broker is away")
        self.taken += events

    async def close(self) -> None:
        """Nothing to let go of."""


async def queued(world: World, webhook: Webhook) -> list[Delivery]:
    return await world.store.rows().find(Delivery, team_id=webhook.team_id, webhook_id=webhook.id)


async def site(world: World, **fields: Any) -> tuple[Person, Team, Webhook]:
    ada = await world.person()
    team = await world.team(ada)
    webhook, _ = await ada.me.webhooks.create(team.id, URL, **fields)
    return ada, team, webhook


async def test_each_event_from_then_on_is_queued_once_in_order(world: World) -> None:
    ada, team, webhook = await site(world, kinds=["task.*"])
    for place in range(5):
        await ada.me.tasks.create(team.id, str(place))
    relay = Relay(world.core)
    steps = [await relay.step() for _ in range(3)]
    found = await queued(world, webhook)
    log = [each for each in await log_of(world, team) if each.kind == "task.created"]

    assert steps == [5, 0, 0]
    assert [each.event_id for each in found] == [each.id for each in log]
    assert [each.seq for each in found] == [each.seq for each in log]
    assert all(each.next_attempt_at == world.clock.now for each in found)


async def test_only_what_was_asked_for_is_queued_and_the_rest_is_not_read_again(world: World) -> None:
    ada, team, webhook = await site(world, kinds=["comment.created"])
    project = await ada.me.projects.create(team.id, "P")
    narrow, _ = await ada.me.webhooks.create(team.id, URL, kinds=["task.created"], project_id=project.id)
    inside = await ada.me.tasks.create(team.id, "in", project_id=project.id)
    await ada.me.tasks.create(team.id, "out")
    await ada.me.comments.create(inside.id, "said")
    await Relay(world.core).step()
    head = (await log_of(world, team))[-1].seq
    positions = await world.store.rows().find(LogPosition, team_id=team.id)

    assert [each.kind for each in await queued(world, webhook)] == ["comment.created"]
    assert [json.loads(each.body)["data"]["task_id"] for each in await queued(world, narrow)] == [
        str(inside.id)
    ]
    assert {each.seq for each in positions} == {head}


async def test_a_webhook_that_is_off_misses_what_happens(world: World) -> None:
    ada, team, webhook = await site(world, kinds=["task.*"])
    await ada.me.webhooks.edit(webhook.id, active=False)
    await ada.me.tasks.create(team.id, "missed")
    relay = Relay(world.core)
    await relay.step()
    await ada.me.webhooks.edit(webhook.id, active=True)
    told = await ada.me.tasks.create(team.id, "told")
    await relay.step()

    assert [json.loads(each.body)["data"]["task_id"] for each in await queued(world, webhook)] == [
        str(told.id)
    ]


async def test_more_events_than_fit_one_unit_are_queued_in_several(world: World) -> None:
    ada, team, webhook = await site(world, kinds=["task.created"])
    for place in range(BATCH + 3):
        await ada.me.tasks.create(team.id, str(place))
    relay = Relay(world.core)

    assert [await relay.step() for _ in range(3)] == [BATCH, 3, 0]
    assert len(await queued(world, webhook)) == BATCH + 3


async def test_a_relay_that_dies_in_the_middle_loses_and_repeats_nothing(world: World) -> None:
    ada, team, webhook = await site(world, kinds=["task.created"])
    for turns in range(12):
        await ada.me.tasks.create(team.id, str(turns))
        dying = asyncio.create_task(Relay(world.core).step())
        for _ in range(turns):
            await asyncio.sleep(0)
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying
    await Relay(world.core).step()

    assert len({each.event_id for each in await queued(world, webhook)}) == 12
    assert len(await queued(world, webhook)) == 12


async def test_a_running_relay_is_woken_by_each_event(world: World) -> None:
    ada, team, webhook = await site(world, kinds=["task.created"])
    rung = asyncio.Event()
    running = asyncio.create_task(Relay(world.core, queued=rung.set).run())
    for place in range(3):
        await ada.me.tasks.create(team.id, str(place))
        await asyncio.wait_for(rung.wait(), 30)
        rung.clear()
        assert len(await queued(world, webhook)) == place + 1
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_team_that_wakes_it_all_the_time_hides_no_other(world: World) -> None:
    """Whose events another process wrote, of which no bus told."""
    _, noisy, _ = await site(world)
    elsewhere = World(world.store)
    you, quiet, webhook = await site(elsewhere, kinds=["task.created"])
    rung = asyncio.Event()
    running = asyncio.create_task(Relay(world.core, queued=rung.set).run())
    await asyncio.wait_for(rung.wait(), 30)  # it has looked at every team once
    await you.me.tasks.create(quiet.id, "told")
    async with asyncio.timeout(30):
        while not await queued(world, webhook):
            world.core._bus.tell("events", str(noisy.id))
            await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_relay_that_comes_second_leaves_it_to_the_first(world: World) -> None:
    ada, team, _ = await site(world, kinds=["task.created"])
    await ada.me.tasks.create(team.id, "x")
    one, other = Relay(world.core), Relay(world.core)
    seen = [await each._look(every=True) for each in (one, other)]

    assert [await relay._tell(behind) for relay, (behind,) in zip((one, other), seen, strict=True)] == [1, 0]


class Small(Broker):
    """Takes so few events in the time it has."""

    async def publish(self, events: Sequence[Event]) -> None:
        if len(events) > 3:
            raise Unavailable("too slow")
        await super().publish(events)


async def test_a_broker_that_is_too_slow_for_many_events_is_given_fewer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resting, "FIRST_SECONDS", 0.0)
    ada = await world.person()
    team = await world.team(ada)
    for number in range(20):
        await ada.me.tasks.create(team.id, f"Task {number}")
    broker = Small()
    relay = Relay(world.core, stream=broker)
    log = await world.store.rows().events(EventSearch(team.id))
    for _ in range(40):
        await relay.step()

    assert broker.taken == log


async def test_the_stream_is_told_of_every_event_of_every_team_in_order(world: World) -> None:
    ada, team, _ = await site(world, kinds=["comment.created"])
    other = await world.team(ada)
    for place in range(BATCH + 3):
        await ada.me.tasks.create(team.id, str(place))
    broker = Broker()
    relay = Relay(world.core, stream=broker)
    await relay.step()

    for each in (team, other):
        assert [event for event in broker.taken if event.team_id == each.id] == await log_of(world, each)
    assert await relay.step() == 0
    await ada.me.tasks.create(other.id, "more")
    assert await relay.step() >= 1
    positions = await world.store.rows().find(LogPosition, consumer=STREAM)
    assert {each.holder for each in positions} == {None}


async def test_what_the_broker_did_not_take_is_published_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resting, "FIRST_SECONDS", 0.0)
    ada, team, _ = await site(world)
    await ada.me.tasks.create(team.id, "x")
    broker = Broker(failures=2)
    relay = Relay(world.core, stream=broker)
    for _ in range(3):
        await relay.step()
    log = await log_of(world, team)

    assert broker.taken == [log[0], log[0], *log]


async def test_a_broker_that_failed_is_left_alone_for_a_moment(world: World) -> None:
    await site(world)
    broker = Broker(failures=1)
    relay = Relay(world.core, stream=broker)
    await relay.step()
    before = len(broker.taken)
    await relay.step()

    assert len(broker.taken) == before


async def hold(world: World, team: Team, holder: str) -> None:
    """Another relay's claim on the stream's place in a team's log."""

    async def work(unit: Unit) -> None:
        found = await unit.find(LogPosition, team_id=team.id, consumer=STREAM)
        if found:
            await unit.save([attrs.evolve(found[0], holder=holder, version=found[0].version + 1)])
        else:
            await unit.save([LogPosition(team.id, STREAM, holder=holder)])

    await world.store.transact(work)


async def test_one_relay_publishes_at_a_time_until_it_is_taken_for_dead(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, team, _ = await site(world)
    await hold(world, team, "another")
    broker = Broker()
    relay = Relay(world.core, stream=broker)
    await relay.step()
    await relay.step()
    assert broker.taken == []

    await hold(world, team, "another")  # it shows that it lives
    monkeypatch.setattr(publishing, "ABANDONED_SECONDS", 0.0)
    await relay.step()
    assert broker.taken == []
    await relay.step()

    assert broker.taken == await log_of(world, team)


async def test_a_relay_whose_claim_was_taken_over_notes_nothing(world: World) -> None:
    _, team, _ = await site(world)

    class Slow(Broker):
        async def publish(self, events: Sequence[Event]) -> None:
            await hold(world, team, "another")
            await super().publish(events)

    await Relay(world.core, stream=Slow()).step()
    (position,) = await world.store.rows().find(LogPosition, team_id=team.id, consumer=STREAM)

    assert (position.seq, position.holder) == (0, "another")


async def test_a_store_that_fails_keeps_no_relay_from_going_on(caplog: pytest.LogCaptureFixture) -> None:
    failing = Failing(open_store("memory://"))
    world = World(cast("Store", failing))
    ada, team, webhook = await site(world, kinds=["task.created"])
    await ada.me.tasks.create(team.id, "x")
    failing.reads += [Unavailable("away"), ValueError("odd")]
    failing.units += [Unavailable("away"), ValueError("odd")]
    rung = asyncio.Event()
    running = asyncio.create_task(Relay(world.core, queued=rung.set).run())
    await asyncio.wait_for(rung.wait(), 30)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert len(await queued(world, webhook)) == 1
    for told in ("no log can be read", "no log could be read", "waits to be relayed", "could not be relayed"):
        assert told in caplog.text


async def test_a_team_that_tells_nobody_wakes_nobody_until_it_has_whom_to_tell(world: World) -> None:
    """Else each write would cost reads, wherever nobody has a webhook."""
    ada = await world.person()
    team = await world.team(ada)
    relay = Relay(world.core)
    world.core._outside.bus.hear(EVENTS, relay._hear)
    await relay.step()
    await ada.me.tasks.create(team.id, "unheard")
    unheard = set(relay._woken)
    await ada.me.webhooks.create(team.id, URL)
    await relay.step()
    await ada.me.tasks.create(team.id, "heard")

    assert (unheard, relay._woken) == (set(), {team.id})


@pytest.mark.parametrize("gone", [False, True])
async def test_only_what_happens_while_it_is_off_is_left_out(world: World, gone: bool) -> None:  # noqa: FBT001
    ada, team, webhook = await site(world, kinds=["task.created"])
    other, _ = await ada.me.webhooks.create(team.id, URL)
    await ada.me.tasks.create(team.id, "before")
    await ada.me.webhooks.edit(other.id, active=False)
    await ada.me.tasks.create(team.id, "before, too")
    if gone:
        world.receiver.answer = says(410)
        await ada.me.webhooks.test(webhook.id)
        await Sender(world.core).step()
    else:
        await ada.me.webhooks.edit(webhook.id, active=False)
    await ada.me.tasks.create(team.id, "meanwhile")
    await Relay(world.core).step()
    await ada.me.webhooks.edit(webhook.id, active=True, kinds=[])
    await ada.me.tasks.create(team.id, "after")
    for active in (False, True):
        await ada.me.webhooks.edit(webhook.id, active=active)
    await Relay(world.core).step()

    told = [json.loads(each.body)["data"] for each in await queued(world, webhook) if each.seq]
    titles = [each["data"]["title"]["to"] for each in told if each["kind"] == "task.created"]
    assert titles == ["before", "before, too", "after"]
