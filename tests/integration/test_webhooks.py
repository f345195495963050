"""Webhooks from the log to a receiver: over real HTTP, on stores that others use, by processes that die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import pytest
from standardwebhooks import Webhook as Verifier

from taskcore.core import Acting, TaskCore
from taskcore.delivery.model import Delivery, DeliveryStatus, Disabled, Webhook
from taskcore.delivery.relay import Relay
from taskcore.delivery.sending import Sender
from taskcore.delivery.slots import SLOTS
from taskcore.events import Event, Stamp
from taskcore.ports import Unit
from taskcore.system import system_clock, uuid7_ids
from taskcore.teams.model import Team
from tests.servers.courier import reaching_loopback, relay_and_send
from tests.servers.deliveries import delivered_despite_kills
from tests.servers.receiver import Receiver, receiver


@pytest.fixture
async def core(store_url: str) -> AsyncIterator[TaskCore]:
    opened = reaching_loopback(store_url)
    await opened.store.check()
    async with opened:
        yield opened


@pytest.fixture
async def there() -> AsyncIterator[Receiver]:
    async with receiver() as listening:
        yield listening


async def site(core: TaskCore) -> tuple[Acting, Team]:
    """Somebody, and a team of theirs."""
    user = await core.users.register(f"{uuid4().hex}@example.org", name="Ada", password="correct horse")
    me = core.acting_as(user.id)
    return me, await me.teams.create(
        "A team", key="".join(chr(65 + digit % 26) for digit in uuid4().bytes[:8])
    )


@asynccontextmanager
async def running(core: TaskCore) -> AsyncIterator[None]:
    loops = asyncio.create_task(relay_and_send(core))
    yield
    loops.cancel()
    with suppress(asyncio.CancelledError):
        await loops


PATHS = ("/ok", "/status/500", "/status/410", "/retry/3600", "/redirect")


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
async def test_what_a_receiver_answers_is_what_becomes_of_a_delivery(core: TaskCore, there: Receiver) -> None:
    me, team = await site(core)
    made: dict[str, tuple[Webhook, str]] = {
        path: await me.webhooks.create(team.id, there.url(path), kinds=["task.created"]) for path in PATHS
    }
    await me.tasks.create(team.id, "told")
    await Relay(core).step()
    await Sender(core).step()
    found: dict[str, Delivery] = {
        path: (await me.webhooks.deliveries(webhook.id)).items[0] for path, (webhook, _) in made.items()
    }
    gone = await me.webhooks.get(made["/status/410"][0].id)

    assert {path: (each.status.value, each.log[0].status) for path, each in found.items()} == {
        "/ok": ("delivered", 200),
        "/status/500": ("pending", 500),
        "/status/410": ("failed", 410),
        "/retry/3600": ("pending", 503),
        "/redirect": ("pending", 307),
    }
    assert {each.log[0].excerpt for each in found.values()} == {"heard"}
    assert (gone.active, gone.disabled_reason) == (False, Disabled.GONE)
    waits = found["/retry/3600"].next_attempt_at
    assert waits is not None
    assert (waits - found["/retry/3600"].log[0].at).total_seconds() >= 3600
    assert there.at("/elsewhere") == []
    for path, (_, secret) in made.items():
        (request,) = there.at(path)
        assert Verifier(secret).verify(request.body, request.headers)["type"] == "task.created"


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_an_endpoint_that_never_answers_delays_no_other_team(core: TaskCore, there: Receiver) -> None:
    me, team = await site(core)
    you, other = await site(core)
    slow, _ = await me.webhooks.create(team.id, there.url("/silent"), kinds=["task.created"])
    await you.webhooks.create(other.id, there.url("/quick"), kinds=["task.created"])
    for place in range(10):
        await me.tasks.create(team.id, str(place))
    async with running(core):
        await there.until(lambda each: len(each.at("/silent")) == 4)
        await you.tasks.create(other.id, "told")
        await there.until(lambda each: bool(each.at("/quick")))
        statuses = {each.status for each in (await me.webhooks.deliveries(slow.id)).items}

    assert statuses == {DeliveryStatus.PENDING}


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_a_write_that_stays_open_delays_no_other_teams_events(core: TaskCore, there: Receiver) -> None:
    """It holds the counter of its own team's log, and its event is not told before it ends."""
    me, team = await site(core)
    you, other = await site(core)
    for acting, home, path in ((me, team, "/held"), (you, other, "/free")):
        await acting.webhooks.create(home.id, there.url(path), kinds=["task.*"])
    begun, over = asyncio.Event(), asyncio.Event()

    async def hold(unit: Unit) -> None:
        await unit.save([], events=[_event(me, team)])
        begun.set()
        await over.wait()

    async with running(core):
        holding = asyncio.create_task(core.store.transact(hold))
        await begun.wait()
        await you.tasks.create(other.id, "told")
        await there.until(lambda each: bool(each.at("/free")))
        before = len(there.at("/held"))
        over.set()
        await holding
        await there.until(lambda each: bool(each.at("/held")))

    assert before == 0


def _event(me: Acting, team: Team) -> Event:
    stamp = Stamp(me.user_id, system_clock(), uuid7_ids())
    return stamp.event("task.updated", team.id, "task", uuid4(), {})


@pytest.mark.slow
@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_process_killed_at_any_moment_loses_nothing(store_url: str) -> None:
    """Small; `python -m bench webhooks` has 50 kills and 5,000 deliveries."""
    outcome = await delivered_despite_kills(store_url, webhooks=4, events=50, kills=5, seed=6)

    assert outcome.came == outcome.expected
    assert (len(outcome.expected), outcome.kills) == (200, 5)
    assert (outcome.different, outcome.twice) == (0, 0)
    assert outcome.repeats <= outcome.kills * SLOTS
