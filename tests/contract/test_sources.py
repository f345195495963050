"""What every source promises, over each broker, all of them real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from uuid import uuid4

import attrs
import pytest

from taskcore.connect import SOURCES, STREAMS, build, resolve
from taskcore.delivery.ports import Stream
from taskcore.errors import Invalid, Unavailable
from taskcore.events import Event
from taskcore.reporting.ports import Delivered, Source
from taskcore.values import EventId, Status, TeamId
from tests.contract.brokers import kafka_broker, nats_broker, rabbit_broker, redis_broker
from tests.unit.reporting.tales import lived

LOGS = lived([("create", which % 2, 0, Status.OPEN, 0, 1) for which in range(6)]).logs
BROKERS = {"nats": nats_broker, "redis": redis_broker, "amqp": rabbit_broker, "kafka": kafka_broker}


@pytest.fixture(scope="module", params=BROKERS)
def broker_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with BROKERS[request.param]() as running:
        yield running.url


@pytest.fixture
async def stream(broker_url: str) -> AsyncIterator[Stream]:
    opened: Stream = build(resolve(STREAMS, broker_url), broker_url, "stream")
    yield opened
    await opened.close()


@pytest.fixture
def source_url(broker_url: str) -> str:
    """With a consumer whom the broker does not know yet."""
    again = "&again=1" if broker_url.startswith(("nats", "redis")) else ""
    return f"{broker_url}{'&' if '?' in broker_url else '?'}consumer=reader-{uuid4().hex}{again}"


def source(url: str) -> Source:
    opened: Source = build(resolve(SOURCES, url), url, "source")
    return opened


async def read(
    url: str, teams: Sequence[TeamId], count: int, *, done: int | None = None, from_start: bool = False
) -> list[Event]:
    """So many events of these teams, the first of which are `done` with (None: all); as whatever is of others."""
    found: list[Delivered] = []
    given = source(url).read({}, once=True, from_start=from_start)
    async with aclosing(given) as batches:  # type: ignore[type-var]  # a generator, as each of ours
        async for batch in batches:
            for each in batch:
                ours = each.event.team_id in teams
                found += [each] if ours else []
                if not ours or done is None or len(found) <= done:
                    await each.done()
            if done is not None and len(found) >= count:
                break
    return [each.event for each in found]


def logs_of_others() -> list[list[Event]]:
    """The logs of teams that no other test has."""
    found = []
    for log in LOGS:
        team = TeamId(uuid4())
        found.append([attrs.evolve(event, id=EventId(uuid4()), team_id=team) for event in log])
    return found


async def published(stream: Stream, url: str) -> list[list[Event]]:
    """Logs, once there is a consumer that waits for them: RabbitMQ keeps nothing for who comes later."""
    if url.startswith("amqp"):
        await read(url, (), 0)
    logs = logs_of_others()
    for part in range(2):
        for log in logs:
            middle = len(log) // 2
            await stream.publish(log[:middle] if part == 0 else log[middle:])
    return logs


def by_team(events: Sequence[Event], logs: Sequence[Sequence[Event]]) -> list[list[Event]]:
    return [[event for event in events if event.team_id == log[0].team_id] for log in logs]


async def test_all_is_given_in_order_until_it_is_done_with(stream: Stream, source_url: str) -> None:
    logs = await published(stream, source_url)
    teams, count = [log[0].team_id for log in logs], sum(map(len, logs))
    first = await read(source_url, teams, count, done=3)
    second = await read(source_url, teams, count - 3)

    assert by_team(first, logs) == logs
    assert {event.id for event in first[3:]} <= {event.id for event in second}
    assert await read(source_url, teams, 0) == []


async def test_one_may_begin_with_the_first_that_is_there(stream: Stream, source_url: str) -> None:
    logs = await published(stream, source_url)
    teams, count = [log[0].team_id for log in logs], sum(map(len, logs))
    await read(source_url, teams, count)
    if source_url.startswith("amqp"):
        with pytest.raises(Invalid, match="--from store --from-start"):
            await read(source_url, teams, count, from_start=True)
        return

    assert by_team(await read(source_url, teams, count, from_start=True), logs) == logs


@pytest.mark.parametrize("scheme", BROKERS)
async def test_who_is_not_there_gives_nothing(scheme: str) -> None:
    with pytest.raises(Unavailable, match="gives no events") as refused:
        await read(f"{scheme}://ada:geheim@127.0.0.1:1?timeout=2", (), 0)

    assert "geheim" not in refused.value.message


@pytest.mark.parametrize("scheme", ["nats", "redis"])
@pytest.mark.parametrize("again", ["0", "soon", "-1"])
def test_what_no_url_says(scheme: str, again: str) -> None:
    with pytest.raises(Invalid, match="must be written"):
        source(f"{scheme}://127.0.0.1?again={again}")
