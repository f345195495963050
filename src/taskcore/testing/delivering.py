"""The contract of a store for what is posted to webhooks; for stores whose coroutines can meet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import attrs
import pytest

from taskcore.delivery.consuming import Consumer
from taskcore.delivery.model import Delivery, DeliveryStatus, Webhook
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.relay import Relay
from taskcore.delivery.sending import Sender
from taskcore.errors import PreconditionFailed
from taskcore.events import Event
from taskcore.ports import Store, Unit
from taskcore.teams.model import Team
from taskcore.testing.samples import NOW, log_of
from taskcore.testing.world import Person, World
from taskcore.values import DeliveryId

URL = "https://hooks.example.org"
TASKS, RELAYS = 12, 4


class DeliveryContract:
    """A subclass gives the fixture `store`: open, and empty or not."""

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    async def test_what_is_due_is_found_the_earliest_first(self, world: World) -> None:
        _, _, webhook = await _site(world)
        minutes = [5, None, 3, 9, 1, 3]
        made = [_delivery(webhook, place, due) for place, due in enumerate(minutes)]
        await _save(world, *made)

        async def found(due: int, limit: int | None = None) -> list[int]:
            at = NOW + timedelta(minutes=due)
            rows = await world.store.rows().find(Delivery, due=at, limit=limit, webhook_id=webhook.id)
            return [each.seq for each in rows]

        assert await found(0) == []
        assert await found(3) == [4, *sorted([2, 5], key=lambda place: made[place].id)]
        assert (await found(9))[-2:] == [0, 3]
        assert await found(9, limit=1) == [4]

    async def test_with_a_webhook_go_its_deliveries_and_no_others(self, world: World) -> None:
        ada, team, webhook = await _site(world)
        other, _ = await ada.me.webhooks.create(team.id, URL)
        kept, _ = [await ada.me.webhooks.test(each.id) for each in (other, webhook)]
        await ada.me.webhooks.delete(webhook.id)

        assert await world.store.rows().find(Delivery, team_id=team.id) == [kept]
        assert await world.store.rows().find(Webhook, team_id=team.id) == [other]

    async def test_racing_relays_queue_each_event_once(self, world: World) -> None:
        ada, team, webhook = await _site(world)
        writing = asyncio.gather(*(ada.me.tasks.create(team.id, str(place)) for place in range(TASKS)))
        relays = [Relay(world.core) for _ in range(RELAYS)]
        while not writing.done():
            await asyncio.gather(*(relay.step() for relay in relays))
        await writing
        await asyncio.gather(*(relay.step() for relay in relays))
        await relays[0].step()
        queued = await world.store.rows().find(Delivery, webhook_id=webhook.id)

        created = [each.seq for each in await log_of(world, team) if each.kind == "task.created"]
        assert sorted(each.seq for each in queued) == created
        assert len(created) == TASKS

    async def test_a_relay_cancelled_anywhere_loses_and_repeats_nothing(self, world: World) -> None:
        ada, team, webhook = await _site(world)
        for turns in range(TASKS):
            await ada.me.tasks.create(team.id, str(turns))
            dying = asyncio.create_task(Relay(world.core).step())
            for _ in range(2 * turns):
                await asyncio.sleep(0)
            dying.cancel()
            with suppress(asyncio.CancelledError):
                await dying
        await Relay(world.core).step()
        queued = await world.store.rows().find(Delivery, webhook_id=webhook.id)

        assert len({each.event_id for each in queued}) == len(queued) == TASKS

    async def test_racing_consumers_apply_each_event_once(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)

        async def apply(unit: Unit, events: Sequence[Event]) -> None:
            await unit.save([_delivery(webhook, event.seq, None) for event in events])

        webhook, _ = await ada.me.webhooks.create(team.id, URL)
        writing = asyncio.gather(*(ada.me.tasks.create(team.id, str(place)) for place in range(TASKS)))
        consumers = [Consumer(world.core, "race", apply) for _ in range(RELAYS)]
        while not writing.done():
            await asyncio.gather(*(consumer.step([team.id]) for consumer in consumers))
        await writing
        dying = asyncio.create_task(consumers[1].step([team.id]))
        await asyncio.sleep(0)
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying
        await consumers[0].step([team.id])
        applied = await world.store.rows().find(Delivery, webhook_id=webhook.id)

        assert sorted(each.seq for each in applied) == [each.seq for each in await log_of(world, team)]

    async def test_racing_senders_post_each_delivery_once(self, world: World) -> None:
        ada, _, webhook = await _site(world)
        for _ in range(TASKS):
            await ada.me.webhooks.test(webhook.id)
        senders = [Sender(world.core) for _ in range(RELAYS)]
        while len(world.receiver.posted) < TASKS:
            await asyncio.gather(*(sender.step() for sender in senders))
        settled = await world.store.rows().find(Delivery, webhook_id=webhook.id)

        assert len(set(world.receiver.ids())) == len(world.receiver.ids()) == TASKS
        assert {(each.status, each.attempts) for each in settled} == {(DeliveryStatus.DELIVERED, 1)}

    async def test_a_position_is_moved_by_whoever_read_it_last(self, world: World) -> None:
        _, team, webhook = await _site(world)
        (read,) = await world.store.rows().find(LogPosition, team_id=team.id, consumer=webhook.consumer)
        await _save(world, attrs.evolve(read, seq=read.seq + 1, version=2))

        with pytest.raises(PreconditionFailed):
            await _save(world, attrs.evolve(read, seq=read.seq + 2, version=2))


async def _site(world: World) -> tuple[Person, Team, Webhook]:
    ada = await world.person()
    team = await world.team(ada)
    webhook, _ = await ada.me.webhooks.create(team.id, URL, kinds=["task.created"])
    return ada, team, webhook


def _delivery(webhook: Webhook, seq: int, due_minutes: int | None) -> Delivery:
    due = NOW + timedelta(minutes=due_minutes) if due_minutes is not None else None
    made = Delivery(DeliveryId(uuid4()), webhook.team_id, webhook.id, "task.created", "{}", NOW, seq)
    return attrs.evolve(made, next_attempt_at=due)


async def _save(world: World, *things: Delivery | LogPosition) -> None:
    async def work(unit: Unit) -> None:
        await unit.save(things)

    await world.store.transact(work)
