"""The bus in Redis when Redis is restarted, stands still, or loses a line: it is heard again, and nobody fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from taskcore.testing.bus import Hearing, acquainted
from taskcore_redis import RedisBus, open_bus
from taskcore_redis.bus import MOST_WAITING
from tests.servers.redis import Redis, redis_server
from tests.servers.wire import Wire, wire_to

NOBODY_LISTENS = "redis://127.0.0.1:1/0"
DEAF, DUMB, BACK = "hears of no other process", "tells other processes nothing", "Redis answers again"
SECONDS_TO_NOTICE = 30


@pytest.fixture
def redis() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


@pytest.fixture
async def wire(redis: Redis) -> AsyncIterator[Wire]:
    async with wire_to(redis.port) as led:
        yield led


@pytest.fixture
async def bus(redis: Redis) -> AsyncIterator[RedisBus]:
    opened = open_bus(redis.url)
    yield opened
    await opened.close()


@pytest.fixture
async def other(wire: Wire) -> AsyncIterator[RedisBus]:
    """One that reaches Redis by a line that can be cut."""
    opened = open_bus(f"redis://127.0.0.1:{wire.port}/0")
    yield opened
    await opened.close()


async def logged(caplog: pytest.LogCaptureFixture, what: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_NOTICE
    while what not in caplog.text:
        await asyncio.sleep(0.01)
        assert time.monotonic() < deadline, caplog.text


def restart(redis: Redis, _: Wire) -> None:
    redis.stop()
    redis.start()


def kill_listeners(redis: Redis, _: Wire) -> None:
    redis.ask("CLIENT", "KILL", "TYPE", "pubsub")


def cut(_: Redis, wire: Wire) -> None:
    wire.cut()


@pytest.mark.parametrize("lose", [restart, kill_listeners, cut])
async def test_it_is_heard_again_after_a_loss_of_which_no_listener_is_told(
    lose: Callable[[Redis, Wire], None],
    redis: Redis,
    wire: Wire,
    bus: RedisBus,
    other: RedisBus,
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = Hearing(other, "events")
    await acquainted(bus, other)
    lose(redis, wire)
    await logged(caplog, BACK)
    await acquainted(bus, other)
    bus.tell("events", "after")

    assert await heard.until("after") == ["after"]
    assert caplog.text.count(DEAF) == 1


@pytest.mark.slow
async def test_a_redis_that_stands_still_is_noticed_and_heard_again(
    redis: Redis, bus: RedisBus, other: RedisBus, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Hearing(other, "events")
    await acquainted(bus, other)
    with redis.paused():
        bus.tell("events", "meanwhile")
        await logged(caplog, DUMB)
        await logged(caplog, DEAF)
    await logged(caplog, BACK)
    await acquainted(bus, other)
    bus.tell("events", "after")

    assert (await heard.until("after"))[-1] == "after"


@pytest.mark.slow
async def test_a_line_that_falls_silent_is_noticed_and_opened_anew(
    wire: Wire, bus: RedisBus, other: RedisBus, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nobody is told that a line is gone, as when a machine or a router loses power."""
    await acquainted(bus, other)
    wire.silence()
    await logged(caplog, DEAF)
    wire.restore()

    await acquainted(bus, other)


@pytest.mark.slow
async def test_a_line_on_which_nothing_is_said_is_asked_for_a_sign_of_life_and_kept(
    redis: Redis, bus: RedisBus, other: RedisBus, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Hearing(other, "events")
    await acquainted(bus, other)
    deadline = time.monotonic() + SECONDS_TO_NOTICE
    while "cmdstat_ping" not in redis.ask("INFO", "commandstats"):
        await asyncio.sleep(0.05)
        assert time.monotonic() < deadline
    bus.tell("events", "after")

    assert await heard.until("after") == ["after"]
    assert caplog.text == ""


async def test_of_what_waits_for_redis_the_oldest_is_forgotten(bus: RedisBus, other: RedisBus) -> None:
    heard = Hearing(other, "events")
    await acquainted(bus, other)
    for number in range(MOST_WAITING + 500):
        bus.tell("events", str(number))

    assert await heard.until(str(MOST_WAITING + 499)) == [str(n) for n in range(500, MOST_WAITING + 500)]


async def test_what_redis_refuses_keeps_nothing_else_back(
    redis: Redis, bus: RedisBus, other: RedisBus, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Hearing(other, "events")
    await acquainted(bus, other)
    redis.ask("ACL", "SETUSER", "default", "-publish")
    bus.tell("events", "refused")
    await logged(caplog, DUMB)
    redis.ask("ACL", "SETUSER", "default", "+publish")
    bus.tell("events", "taken")

    assert await heard.until("taken") == ["taken"]


async def test_what_others_publish_on_its_channels_is_not_taken_for_a_message(
    redis: Redis, bus: RedisBus, other: RedisBus, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Hearing(other, "events")
    await acquainted(bus, other)
    redis.ask("PUBLISH", "taskcore:events", "foreign")
    bus.tell("events", "ours")

    assert await heard.until("ours") == ["ours"]
    assert caplog.text == ""


async def test_a_redis_that_never_was_there_costs_nobody_anything(caplog: pytest.LogCaptureFixture) -> None:
    bus = open_bus(NOBODY_LISTENS)
    heard = Hearing(bus, "events")
    bus.tell("events", "here")
    await logged(caplog, DUMB)
    await bus.close()

    assert heard.messages == ["here"]


async def test_closing_does_not_wait_for_a_redis_that_stands_still(
    redis: Redis, bus: RedisBus, other: RedisBus
) -> None:
    await acquainted(bus, other)
    with redis.paused():
        bus.tell("events", "lost")
        started = time.monotonic()
        await bus.close()
        seconds = time.monotonic() - started

    assert seconds < 5


async def test_a_password_is_not_told_when_a_server_refuses_it(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    bus = open_bus(redis.url.replace("redis://", "redis://ada:hunter2@"))
    bus.hear("events", print)
    bus.tell("events", "message")
    await logged(caplog, DUMB)
    await logged(caplog, DEAF)
    await bus.close()

    assert "hunter2" not in caplog.text
