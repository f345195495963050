"""What a service does beside answering goes on, whatever happens to it, until it is told to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest

from taskcore.core import TaskCore
from taskcore.delivery.alarm import Alarm
from taskcore.delivery.ports import Reply
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.publishing import STREAM
from taskcore.errors import Unavailable
from taskcore.events import Event
from taskcore.live.local import LocalBus
from taskcore.system import new_token, system_clock, uuid7_ids
from taskcore.testing.receiving import Receiver
from taskcore.testing.world import Mailbox, QuickHasher
from taskcore_app import background as background_module
from taskcore_app.background import STUCK_SECONDS, background
from taskcore_app.liveness import telling_health
from taskcore_memory import open_store

PATIENCE_SECONDS = 30


class Stumbling(LocalBus):
    """A bus that fails once."""

    failures = 1

    def hear(self, topic: str, listener: Callable[[str], None]) -> Callable[[], None]:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("stumbled")
        return super().hear(topic, listener)


class Broker:
    """A `Stream` that keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[Event] = []
        self.came = asyncio.Event()
        self.is_closed = False

    async def publish(self, events: Sequence[Event]) -> None:
        self.taken += events
        self.came.set()

    async def close(self) -> None:
        self.is_closed = True


class Answering(Receiver):
    """Tells when something was posted."""

    def __init__(self) -> None:
        super().__init__()
        self.came = asyncio.Event()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        reply = await super().post(url, headers, body)
        self.came.set()
        return reply


class Silent(Broker):
    """A broker that never confirms."""

    async def publish(self, events: Sequence[Event]) -> None:  # noqa: ARG002  a port's method
        self.came.set()
        await asyncio.Event().wait()


class Hanging(Silent):
    """One that does not even say good-bye."""

    async def close(self) -> None:
        await asyncio.Event().wait()


async def test_the_end_waits_for_no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_module, "CLOSING_SECONDS", 0.01)
    broker = Hanging()
    async with TaskCore(
        store=open_store("memory://"),
        hasher=QuickHasher(),
        clock=system_clock,
        ids=uuid7_ids(),
        new_token=new_token,
        mail=Mailbox(),
    ) as core:
        ada = await core.users.register("ada@example.org", name="Ada", password=None)
        await core.acting_as(ada.id).teams.create("Platform", key="PLAT")
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with background(core, ["relay"], broker):
                await broker.came.wait()
        (position,) = await core._outside.store.rows().find(LogPosition, consumer=STREAM)

    assert position.holder is None


async def test_no_webhook_waits_for_a_broker_that_does_not_answer() -> None:
    broker, receiver = Silent(), Answering()
    async with TaskCore(
        store=open_store("memory://"),
        hasher=QuickHasher(),
        clock=system_clock,
        ids=uuid7_ids(),
        new_token=new_token,
        mail=Mailbox(),
        poster=lambda: receiver,
    ) as core:
        ada = await core.users.register("ada@example.org", name="Ada", password=None)
        me = core.acting_as(ada.id)
        teams = [await me.teams.create(f"Team {letter}", key=f"TEAM{letter}") for letter in "ABCDEFGH"]
        await me.webhooks.create(teams[-1].id, "https://example.org/hook")
        async with background(core, ["relay"], broker), asyncio.timeout(PATIENCE_SECONDS):
            await broker.came.wait()
            await me.tasks.create(teams[-1].id, "Ship it")
            await receiver.came.wait()

    assert receiver.posted[0].url == "https://example.org/hook"


async def test_it_begins_anew_after_a_fault_and_ends_with_what_it_stands_beside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    core = TaskCore(
        store=open_store("memory://"),
        hasher=QuickHasher(),
        clock=system_clock,
        ids=uuid7_ids(),
        new_token=new_token,
        mail=Mailbox(),
        bus=Stumbling(),
    )
    broker = Broker()
    async with core:
        ada = await core.users.register("ada@example.org", name="Ada", password=None)
        team = await core.acting_as(ada.id).teams.create("Platform", key="PLAT")
        async with background(core, ["relay"], broker), asyncio.timeout(PATIENCE_SECONDS):
            await broker.came.wait()
        told = list(broker.taken)
        await core.acting_as(ada.id).tasks.create(team.id, "Afterwards")
        await asyncio.sleep(0)

    assert [event.kind for event in told][:1] == ["team.created"]
    assert (broker.taken, broker.is_closed) == (told, True)
    assert "begins anew" in caplog.text


class Looping:
    """A loop that comes round when it is told to, and fails when it is told to."""

    def __init__(self) -> None:
        self.alarm = Alarm()
        self.failure: Exception | None = None
        self.came = asyncio.Event()

    async def run(self) -> None:
        self.came.set()
        while self.failure is None:
            await self.alarm.sleep(PATIENCE_SECONDS)
        failure, self.failure = self.failure, None
        raise failure


async def test_it_is_well_while_every_loop_comes_round(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Looping()
    monkeypatch.setattr(background_module, "TIMERS", (lambda _: loop,))
    monkeypatch.setattr(background_module, "SECONDS_BETWEEN", 0.05)
    core = TaskCore(
        store=open_store("memory://"),
        hasher=QuickHasher(),
        clock=system_clock,
        ids=uuid7_ids(),
        new_token=new_token,
        mail=Mailbox(),
    )
    async with core, background(core, ["timers"]) as under_way, asyncio.timeout(PATIENCE_SECONDS):
        await loop.came.wait()
        well = [under_way.is_well()]
        turned, loop.alarm.turned_at = loop.alarm.turned_at, loop.alarm.turned_at - STUCK_SECONDS - 1
        well.append(under_way.is_well())
        loop.alarm.turned_at, loop.failure = turned, RuntimeError("stumbled")
        loop.came.clear()
        loop.alarm.ring()
        while not under_way.is_down:  # noqa: ASYNC110  nothing is told of it
            await asyncio.sleep(0)
        well.append(under_way.is_well())
        await loop.came.wait()
        well.append(under_way.is_well())

    assert well == [True, False, False, True]


@pytest.mark.parametrize(("well", "status"), [(True, b"200 OK"), (False, b"503 Service Unavailable")])
async def test_a_process_says_whether_it_is_well(well: bool, status: bytes) -> None:  # noqa: FBT001  a table's
    async with telling_health("127.0.0.1", 0, lambda: well) as port:
        with pytest.raises(Unavailable):
            async with telling_health("127.0.0.1", port, lambda: well):
                raise AssertionError("two listen on one port")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.read()
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /" + b"x" * 100_000)
        refused = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert refused == b""
