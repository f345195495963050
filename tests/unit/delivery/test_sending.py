"""Posting what is due."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

import attrs
import pytest
from standardwebhooks import Webhook as Verifier

from taskcore.core import TaskCore
from taskcore.delivery import sending
from taskcore.delivery.attempts import GIVEN_UP_AFTER, LEASE, SUSPENDED_WAIT, WAITS
from taskcore.delivery.model import Delivery, DeliveryStatus, Disabled, Webhook
from taskcore.delivery.ports import Reply
from taskcore.delivery.sending import KEPT, LOOKED_AT, Sender
from taskcore.delivery.slots import Limits, Slots
from taskcore.errors import Unavailable
from taskcore.ports import Store, Unit
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.receiving import Answer, Posted, says, taken, unreachable
from taskcore.testing.samples import log_of
from taskcore.testing.world import Person
from taskcore.values import Role, TeamId, WebhookId
from taskcore_memory import open_store
from tests.unit.delivery.failing import Failing

URL = "https://hooks.example.org/in"


async def site(world: World, **fields: Any) -> tuple[Person, Team, Webhook, str]:
    ada = await world.person()
    team = await world.team(ada)
    webhook, secret = await ada.me.webhooks.create(team.id, URL, **fields)
    return ada, team, webhook, secret


async def only(world: World, webhook: Webhook) -> Delivery:
    (delivery,) = await world.store.rows().find(Delivery, webhook_id=webhook.id)
    return delivery


async def test_what_is_due_is_posted_signed_and_noted(world: World) -> None:
    ada, _, webhook, secret = await site(world)
    delivery = await ada.me.webhooks.test(webhook.id)
    world.receiver.answer = says(202, excerpt="thank you\x00")
    sender = Sender(world.core)
    steps = [await sender.step() for _ in range(2)]
    (posted,) = world.receiver.posted
    noted = await only(world, webhook)

    assert steps == [1, 0]
    assert (posted.url, posted.id, posted.body) == (URL, f"msg_{delivery.id}", delivery.body.encode())
    signed = {**posted.headers, "webhook-timestamp": str(int(world.clock.now.timestamp()))}
    assert signed == posted.headers
    expected = Verifier(secret).sign(posted.id, world.clock.now, posted.body.decode())
    assert posted.headers["webhook-signature"] == expected
    assert (noted.status, noted.attempts, noted.delivered_at) == (
        DeliveryStatus.DELIVERED,
        1,
        world.clock.now,
    )
    assert (noted.log[0].status, noted.log[0].excerpt) == (202, "thank you\ufffd")
    assert noted.log[0].headers == posted.headers


async def test_what_fails_is_tried_by_the_schedule_and_then_given_up(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)
    world.receiver.answer = unreachable
    sender = Sender(world.core, chance=lambda: 0.5)
    for wait in WAITS:
        assert await sender.step() == 1
        world.clock.advance(seconds=wait.total_seconds() - 0.001)
        assert await sender.step() == 0
        world.clock.advance(seconds=0.001)
    assert await sender.step() == 1
    failed = await only(world, webhook)

    assert (failed.status, failed.attempts, failed.next_attempt_at) == (DeliveryStatus.FAILED, 10, None)
    assert {each.error for each in failed.log} == {"no connection to the receiver"}
    assert len({(each.id, each.body) for each in world.receiver.posted}) == 1
    await ada.me.webhooks.redeliver(failed.id)
    world.receiver.answer = taken
    assert await sender.step() == 1
    assert (await only(world, webhook)).status is DeliveryStatus.DELIVERED
    assert len({(each.id, each.body) for each in world.receiver.posted}) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 400, 500])
async def test_a_redirect_is_a_failure_like_others(world: World, status: int) -> None:
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)
    world.receiver.answer = says(status)
    await Sender(world.core).step()
    noted = await only(world, webhook)

    assert (noted.status, noted.log[0].status) == (DeliveryStatus.PENDING, status)
    assert (await ada.me.webhooks.get(webhook.id)).failing_since == world.clock.now


async def test_retry_after_is_kept_to(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)
    world.receiver.answer = says(429, retry_after_seconds=600)
    await Sender(world.core).step()

    assert (await only(world, webhook)).next_attempt_at == world.clock.now + timedelta(seconds=600)


async def test_410_switches_the_webhook_off_and_tells_its_owners(world: World) -> None:
    ada, team, webhook, _ = await site(world)
    await world.member(ada, team, Role.ADMIN)
    for _ in range(2):
        await ada.me.webhooks.test(webhook.id)
    world.receiver.answer = says(410)
    sender = Sender(world.core, limits=Limits(of_a_webhook=1))
    steps = [await sender.step() for _ in range(2)]
    off = await ada.me.webhooks.get(webhook.id)
    last = (await log_of(world, team))[-1]
    letters = [each for each in world.mailbox.sent if webhook.host in each.text]

    assert steps == [1, 0]
    assert (off.active, off.disabled_reason, off.disabled_at) == (False, Disabled.GONE, world.clock.now)
    assert (last.kind, last.subject_id, last.actor_id) == ("webhook.disabled", webhook.id, None)
    assert [each.to for each in letters] == [ada.user.email]
    assert (await ada.me.webhooks.deliveries(webhook.id, status="pending")).items == []
    await ada.me.webhooks.edit(webhook.id, active=True)
    world.receiver.answer = taken
    await ada.me.webhooks.test(webhook.id)
    assert await sender.step() == 1


@pytest.mark.parametrize("answer", [says(410), says(500), unreachable])
async def test_an_answer_counts_for_the_url_that_was_called(world: World, answer: Answer) -> None:
    ada, _, webhook, _ = await site(world)
    sender = Sender(world.core)
    world.receiver.answer = says(500)
    await ada.me.webhooks.test(webhook.id)
    await sender.step()
    assert (await ada.me.webhooks.get(webhook.id)).failing_since is not None

    async def meanwhile(posted: Posted) -> Reply:
        await ada.me.webhooks.edit(webhook.id, url="https://other.example.org")
        return await answer(posted)

    world.receiver.answer = meanwhile
    await ada.me.webhooks.test(webhook.id)
    await sender.step()
    moved = await ada.me.webhooks.get(webhook.id)

    assert (moved.active, moved.failing_since) == (True, None)


async def test_what_a_deleted_team_had_to_tell_is_told_nobody(world: World) -> None:
    ada, team, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)
    await ada.me.teams.delete(team.id)
    assert await Sender(world.core).step() == 0
    left = await only(world, webhook)

    assert world.receiver.posted == []
    assert (left.status, left.next_attempt_at) == (DeliveryStatus.FAILED, None)
    assert [each.error for each in left.log] == ["the team is deleted"]


async def test_what_a_suspended_team_has_to_tell_waits_until_it_may_go_on(world: World) -> None:
    ada, team, webhook, _ = await site(world)
    root = await world.admin()
    await ada.me.webhooks.test(webhook.id)
    await root.me.teams.suspend(team.id)
    sender = Sender(world.core)
    for _ in range(2):
        world.clock.advance(seconds=SUSPENDED_WAIT.total_seconds())
        assert [await sender.step() for _ in range(2)] == [0, 0]
    waiting = await only(world, webhook)
    await root.me.teams.unsuspend(team.id)
    world.clock.advance(seconds=SUSPENDED_WAIT.total_seconds())

    assert (waiting.status, waiting.attempts, waiting.log) == (DeliveryStatus.PENDING, 0, ())
    assert waiting.next_attempt_at == world.clock.now
    assert await sender.step() == 1


async def test_days_of_failures_switch_it_off(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    world.receiver.answer = says(500)
    sender = Sender(world.core)
    await ada.me.webhooks.test(webhook.id)
    await sender.step()
    world.clock.advance(seconds=GIVEN_UP_AFTER.total_seconds())
    await ada.me.webhooks.test(webhook.id)
    await sender.step()
    off = await ada.me.webhooks.get(webhook.id)

    assert (off.active, off.disabled_reason) == (False, Disabled.FAILING)
    assert "for five days" in world.mailbox.sent[-1].text


async def test_a_success_ends_the_failing(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    sender = Sender(world.core)
    for answer in (says(500), taken):
        world.receiver.answer = answer
        await ada.me.webhooks.test(webhook.id)
        await sender.step()

    assert (await ada.me.webhooks.get(webhook.id)).failing_since is None


async def test_two_senders_share_what_is_due(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    for _ in range(20):
        await ada.me.webhooks.test(webhook.id)
    senders = [Sender(world.core, limits=Limits(of_a_webhook=32)) for _ in range(4)]
    await asyncio.gather(*(each.step() for each in senders))

    assert len(world.receiver.ids()) == len(set(world.receiver.ids())) == 20


async def test_what_a_dead_sender_had_in_hand_is_posted_again_after_its_lease(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)
    reached = asyncio.Event()

    async def never(_: Posted) -> Reply:
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    world.receiver.answer = never
    dying = asyncio.create_task(Sender(world.core).run())
    await reached.wait()
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying
    world.receiver.answer, other = taken, Sender(world.core)
    assert await other.step() == 0
    world.clock.advance(seconds=LEASE.total_seconds())
    assert await other.step() == 1
    one, two = world.receiver.posted

    assert (one.id, one.body) == (two.id, two.body)


async def test_a_redelivery_under_an_attempt_counts_and_both_are_logged(world: World) -> None:
    """The first is answered while another sender posts the second."""
    ada, _, webhook, _ = await site(world)
    delivery = await ada.me.webhooks.test(webhook.id)

    async def again(_: Posted) -> Reply:
        world.receiver.answer = waits
        world.clock.advance(seconds=1)
        await ada.me.webhooks.redeliver(delivery.id)
        asked.set()
        return await answer

    async def waits(_: Posted) -> Reply:
        begun.set()
        await posting_first
        return Reply(500, "the second")

    asked, begun, answer = asyncio.Event(), asyncio.Event(), asyncio.Future[Reply]()
    world.receiver.answer = again
    posting_first = asyncio.create_task(Sender(world.core).step())
    await asked.wait()
    posting_second = asyncio.create_task(Sender(world.core, chance=lambda: 0.5).step())
    await begun.wait()
    answer.set_result(Reply(200, "the first"))
    await posting_second
    noted = await only(world, webhook)

    assert [each.excerpt for each in noted.log] == ["the first", "the second"]
    assert (noted.status, noted.attempts) == (DeliveryStatus.PENDING, 1)
    assert noted.next_attempt_at == world.clock.now + WAITS[0]


async def test_an_answer_to_what_was_asked_for_again_is_only_logged(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    delivery = await ada.me.webhooks.test(webhook.id)

    async def meanwhile(_: Posted) -> Reply:
        await ada.me.webhooks.redeliver(delivery.id)
        return Reply(200, "too late")

    world.receiver.answer = meanwhile
    await Sender(world.core).step()
    noted = await only(world, webhook)

    assert (noted.status, noted.attempts) == (DeliveryStatus.PENDING, 0)
    assert noted.next_attempt_at == world.clock.now
    assert [each.excerpt for each in noted.log] == ["too late"]


async def test_what_is_gone_meanwhile_is_not_noted(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)

    async def meanwhile(_: Posted) -> Reply:
        await ada.me.webhooks.delete(webhook.id)
        return Reply(410, "")

    world.receiver.answer = meanwhile

    assert await Sender(world.core).step() == 1
    assert await world.store.rows().find(Delivery, webhook_id=webhook.id) == []


async def test_a_slow_endpoint_delays_nobody_else(world: World) -> None:
    """It hangs with all the slots it may have and hundreds more due, all of them earlier."""
    ada, _, slow, _ = await site(world)
    _, _, quick, _ = await site(world)
    slow = await ada.me.webhooks.edit(slow.id, url="https://slow.example.org")
    for _ in range(200):
        await ada.me.webhooks.test(slow.id)
    world.clock.advance(seconds=1)
    bob = world.core.acting_as(quick.created_by)
    told = await bob.webhooks.test(quick.id)
    reached = asyncio.Event()

    async def answer(request: Posted) -> Reply:
        if request.url == slow.url:
            await asyncio.Event().wait()
        reached.set()
        return Reply(200, "")

    world.receiver.answer = answer
    running = asyncio.create_task(Sender(world.core).run())
    await asyncio.wait_for(reached.wait(), 30)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert world.receiver.ids().count(told.message_id) == 1
    assert sum(each.url == slow.url for each in world.receiver.posted) == 4


async def test_a_team_of_slow_endpoints_leaves_slots_to_others(world: World) -> None:
    ada, team, first, _ = await site(world)
    hooks = [first, *[(await ada.me.webhooks.create(team.id, URL))[0] for _ in range(9)]]
    for webhook in hooks:
        for _ in range(4):
            await ada.me.webhooks.test(webhook.id)
    _, _, quick, _ = await site(world)
    await world.core.acting_as(quick.created_by).webhooks.test(quick.id)
    sender = Sender(world.core)

    assert await sender.step() == 17


async def test_teams_that_take_their_time_keep_slots_for_a_team_that_has_none(world: World) -> None:
    """They answer, so they do not count as failing; each has more due than is looked at in one read."""
    for _ in range(2):
        ada, team, first, _ = await site(world)
        hooks = [first, *[(await ada.me.webhooks.create(team.id, URL))[0] for _ in range(4)]]
        for webhook in hooks * (LOOKED_AT // len(hooks) + 1):
            await ada.me.webhooks.test(webhook.id)
    world.clock.advance(seconds=1)
    sender, under_way = Sender(world.core), Counter[TeamId]()
    while taken := await sender._claim():
        under_way.update(each.webhook.team_id for each in taken)
    ada, _, quick, _ = await site(world)
    told = [(await ada.me.webhooks.test(quick.id)).id for _ in range(2)]

    assert [*under_way.values()] == [12, 12]
    for due in told:
        (only,) = await sender._claim()
        assert only.delivery.id == due
        assert await sender._claim() == []
        await sender._in_slot(only)


async def test_a_slot_goes_to_the_team_that_has_the_fewest(world: World) -> None:
    sites = [await site(world) for _ in range(3)]
    one, two, three = (webhook for _, _, webhook, _ in sites)
    due = [await ada.me.webhooks.test(webhook.id) for ada, _, webhook, _ in sites for _ in range(3)]
    slots = Slots(Limits(whole=6, kept=0, of_a_webhook=6))
    held = [slots.use(one) for _ in range(4)]

    def shared() -> list[WebhookId]:
        return [each.webhook_id for each in slots.share(due, {each.id: each for each in (one, two, three)})]

    assert shared() == [two.id, three.id]
    for names in held[:3]:
        slots.free(names)
    assert shared() == [one.id, two.id, three.id]


async def test_all_that_fail_together_leave_slots_to_those_that_answer(world: World) -> None:
    sites = [await site(world) for _ in range(8)]
    world.receiver.answer = says(500)
    sender = Sender(world.core)
    for ada, _, webhook, _ in sites:
        await ada.me.webhooks.test(webhook.id)
    await sender.step()
    for ada, _, webhook, _ in sites:
        for _ in range(4):
            await ada.me.webhooks.test(webhook.id)
    ada, _, quick, _ = await site(world)
    told = await ada.me.webhooks.test(quick.id)

    assert await sender.step() == 17
    assert told.message_id in world.receiver.ids()


async def test_what_was_settled_long_ago_is_forgotten(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)
    sender = Sender(world.core)
    await sender.step()
    waiting = await ada.me.webhooks.test(webhook.id)
    assert await sender.sweep() == 0
    world.clock.advance(seconds=KEPT.total_seconds() + 1)
    kept = await ada.me.webhooks.test(webhook.id)

    assert await sender.sweep() == 1
    assert (await ada.me.webhooks.deliveries(webhook.id)).items == [kept, waiting]


async def test_a_running_sender_forgets_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing = Failing(open_store("memory://"))
    world = World(cast("Store", failing))
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)
    await Sender(world.core).step()
    world.clock.advance(seconds=KEPT.total_seconds() + 1)
    monkeypatch.setattr(sending, "SWEEP_SECONDS", 0.0)
    failing.units.append(Unavailable("away"))
    running = asyncio.create_task(Sender(world.core).run())
    async with asyncio.timeout(30):
        while (await ada.me.webhooks.deliveries(webhook.id)).items:  # noqa: ASYNC110  a turn of the loop is what forgets
            await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert "old deliveries could not be forgotten" in caplog.text


async def test_a_full_sender_takes_nothing_more(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    for _ in range(3):
        await ada.me.webhooks.test(webhook.id)
    sender = Sender(world.core, limits=Limits(whole=1))
    taken = await sender._claim()

    assert len(taken) == 1
    assert await sender.step() == 0


async def test_a_poster_that_breaks_is_a_failed_attempt(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)

    async def broken(_: Posted) -> Reply:
        raise ZeroDivisionError

    world.receiver.answer = broken
    await Sender(world.core).step()

    assert (await only(world, webhook)).log[0].error == "ZeroDivisionError"


@pytest.mark.parametrize("failure", [Unavailable("away"), ValueError("odd")])
async def test_an_outcome_that_cannot_be_noted_is_posted_again(failure: Exception) -> None:
    failing = Failing(open_store("memory://"))
    world = World(cast("Store", failing))
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)

    async def answer(_: Posted) -> Reply:
        failing.units.append(failure)
        world.receiver.answer = taken
        return Reply(200, "")

    world.receiver.answer = answer
    await Sender(world.core).step()
    world.clock.advance(seconds=LEASE.total_seconds())
    await Sender(world.core).step()

    assert len(world.receiver.ids()) == 2
    assert (await only(world, webhook)).status is DeliveryStatus.DELIVERED


async def test_a_store_that_fails_keeps_no_sender_from_going_on(caplog: pytest.LogCaptureFixture) -> None:
    failing = Failing(open_store("memory://"))
    world = World(cast("Store", failing))
    ada, _, webhook, _ = await site(world)
    await ada.me.webhooks.test(webhook.id)
    reached = asyncio.Event()

    async def answer(_: Posted) -> Reply:
        reached.set()
        return Reply(200, "")

    failing.reads += [Unavailable("away"), ValueError("odd")]
    world.receiver.answer, sender = answer, Sender(world.core)
    running = asyncio.create_task(sender.run())
    sender.wake()
    await asyncio.wait_for(reached.wait(), 30)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert "no delivery can be read" in caplog.text
    assert "no delivery could be claimed" in caplog.text


async def test_a_core_without_a_poster_says_what_is_missing(world: World) -> None:
    outside = world.core._outside
    bare = TaskCore(
        store=outside.store,
        hasher=outside.hasher,
        clock=world.clock,
        ids=world.new_id,
        new_token=outside.new_token,
        mail=world.mailbox,
    )
    ada = await world.person()
    team = await world.team(ada)

    with pytest.raises(Unavailable, match="pip install"):
        await bare.acting_as(ada.user.id).webhooks.create(team.id, URL)


async def test_a_delivery_of_another_state_is_left_alone(world: World) -> None:
    ada, _, webhook, _ = await site(world)
    delivery = await ada.me.webhooks.test(webhook.id)

    async def settle(unit: Unit) -> None:
        await unit.save([attrs.evolve(delivery, next_attempt_at=None, version=2)])

    await world.store.transact(settle)

    assert await Sender(world.core).step() == 0
