"""What every stream promises, as a suite that is run over a real broker."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

import pytest

from taskcore.delivery.cloudevents import encoded, event_of
from taskcore.delivery.ports import Stream
from taskcore.errors import Unavailable
from taskcore.events import Event
from taskcore.values import EventId, TeamId

QUICK_SECONDS = 0.5
"""The patience of a stream whose broker will not answer."""
ODD_TEXTS = ["", "a\r\nb", "\0", "Grüße \U0001f600", '"\\', "x" * 100_000]


class Broker(Protocol):
    """A broker of the suite's own, and somebody who reads what it has."""

    url: str
    keeps: bool
    """Whether it still has after a restart what it confirmed before: some test brokers are in memory alone."""

    async def bodies(self, teams: Iterable[TeamId]) -> Sequence[bytes]:
        """All messages of these teams so far, those of a team in the order in which a consumer gets them."""

    def stop(self) -> None:
        """At once, as if its machine had lost power."""

    def start(self) -> None:
        """Anew, at the same address."""

    def paused(self) -> AbstractContextManager[None]:
        """It keeps its connections and answers nothing."""


class StreamContract:
    """
    Give it two fixtures: `broker`, which is running, and `open_stream`, which opens a stream at a URL.

    `open_stream(url, timeout)` gives a stream whose broker has `timeout` seconds for each confirmation.
    """

    patience_seconds = 30.0
    """How long a broker may take to confirm, where it is to confirm; less where a client library waits for as
    long as it may for a broker that has gone."""

    @pytest.fixture
    async def stream(
        self, broker: Broker, open_stream: Callable[[str, float], Stream]
    ) -> AsyncIterator[Stream]:
        opened = open_stream(broker.url, self.patience_seconds)
        yield opened
        await opened.close()

    async def test_events_arrive_whole_and_in_order(self, broker: Broker, stream: Stream) -> None:
        team = new_team()
        events = log_of(team, 40, texts=ODD_TEXTS)
        await stream.publish(events[:25])
        await stream.publish(events[25:26])
        await stream.publish(events[26:])

        assert await broker.bodies([team]) == [encoded(event) for event in events]

    async def test_the_largest_events_arrive(self, broker: Broker, stream: Stream) -> None:
        """A description of 100,000 characters that was changed, of four bytes each, and of six when they are escaped."""
        team = new_team()
        events = log_of(team, 2, texts=["\U0001f600" * 200_000, "\1" * 200_000])
        await stream.publish(events)

        assert await broker.bodies([team]) == [encoded(event) for event in events]

    async def test_no_events_are_published_at_once(self, stream: Stream) -> None:
        await stream.publish([])

    async def test_teams_at_once_keep_each_its_order(self, broker: Broker, stream: Stream) -> None:
        logs = [log_of(new_team(), 20) for _ in range(8)]
        await asyncio.gather(*(stream.publish(events) for events in logs))

        for events in logs:
            assert await broker.bodies([events[0].team_id]) == [encoded(event) for event in events]

    async def test_what_is_published_again_is_told_by_its_bytes_and_its_place(
        self, broker: Broker, stream: Stream
    ) -> None:
        team = new_team()
        events = log_of(team, 10)
        for part in (events[:6], events[2:8], events):
            await stream.publish(part)

        assert once(await broker.bodies([team])) == [encoded(event) for event in events]

    async def test_a_broker_that_is_restarted_midway_is_found_again(
        self, broker: Broker, stream: Stream
    ) -> None:
        team = new_team()
        events = log_of(team, 60)
        await stream.publish(events[:20])
        broker.stop()
        with pytest.raises(Unavailable):
            await stream.publish(events[20:40])
        broker.start()
        await until_confirmed(lambda: stream.publish(events[20:40]))
        await stream.publish(events[40:])

        expected = events if broker.keeps else events[20:]
        assert once(await broker.bodies([team])) == [encoded(event) for event in expected]

    async def test_a_broker_that_dies_under_load_has_all_in_order_in_the_end(
        self, broker: Broker, stream: Stream
    ) -> None:
        logs = [log_of(new_team(), 120) for _ in range(3)]
        begun = asyncio.Event()

        async def tell(events: Sequence[Event]) -> None:
            for start in range(0, len(events), 10):
                part = events[start : start + 10]
                await until_confirmed(lambda part=part: stream.publish(part))  # type: ignore[misc]
                begun.set()

        telling = asyncio.gather(*map(tell, logs))
        await begun.wait()
        broker.stop()
        broker.start()
        await telling

        for events in logs:
            arrived = once(await broker.bodies([events[0].team_id]))
            expected = [encoded(event) for event in events]
            assert arrived == expected[-len(arrived) :]
            assert not broker.keeps or arrived == expected

    async def test_a_broker_that_stands_still_is_not_waited_for(
        self, broker: Broker, open_stream: Callable[[str, float], Stream]
    ) -> None:
        stream = open_stream(broker.url, QUICK_SECONDS)
        team = new_team()
        events = log_of(team, 9)
        await until_confirmed(lambda: stream.publish(events[:3]))
        with broker.paused():
            with pytest.raises(Unavailable):
                await stream.publish(events[3:6])
            with pytest.raises(Unavailable):
                await stream.publish(events[3:6])
        await until_confirmed(lambda: stream.publish(events[3:6]))
        await until_confirmed(lambda: stream.publish(events[6:]))
        await stream.close()

        assert once(await broker.bodies([team])) == [encoded(event) for event in events]

    async def test_who_stops_waiting_costs_nobody_an_event(self, broker: Broker, stream: Stream) -> None:
        team = new_team()
        events = log_of(team, 30)
        await stream.publish(events[:1])
        given_up = asyncio.create_task(stream.publish(events[1:]))
        for _ in range(20):
            await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        await stream.publish(events[1:])

        assert once(await broker.bodies([team])) == [encoded(event) for event in events]

    async def test_a_stream_can_be_closed_before_anything_came(
        self, broker: Broker, open_stream: Callable[[str, float], Stream]
    ) -> None:
        await open_stream(broker.url, QUICK_SECONDS).close()

    async def test_closing_does_not_wait_for_a_broker_that_stands_still(
        self, broker: Broker, open_stream: Callable[[str, float], Stream]
    ) -> None:
        stream = open_stream(broker.url, QUICK_SECONDS)
        await until_confirmed(lambda: stream.publish(log_of(new_team(), 1)))
        with broker.paused():
            async with asyncio.timeout(20):
                await stream.close()

    async def test_neither_errors_nor_the_log_tell_a_password(
        self,
        broker: Broker,
        open_stream: Callable[[str, float], Stream],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        scheme, _, rest = broker.url.partition("://")
        place = rest.rpartition("@")[2]
        nobody = re.sub("^[^/?]*", "127.0.0.1:1", place)
        caplog.set_level(0)
        for where in (place, nobody):
            stream = open_stream(f"{scheme}://ada:hunter%402@{where}", 5)
            try:
                await stream.publish(log_of(new_team(), 1))
            except Unavailable as error:
                assert "hunter" not in f"{error!r} {error} {error.__cause__!r}"  # noqa: PT017  not all ask who one is
            await stream.close()

        assert "hunter" not in caplog.text


def new_team() -> TeamId:
    return TeamId(uuid4())


def log_of(team: TeamId, count: int, *, texts: Sequence[str] = ("Paint the fence",)) -> list[Event]:
    """The first `count` events of a team's log."""
    began = datetime(2026, 3, 1, 9, tzinfo=UTC)
    return [
        Event(
            id=EventId(uuid4()),
            team_id=team,
            kind="task.created",
            subject_type="task",
            subject_id=UUID(int=seq),
            at=began + timedelta(seconds=seq),
            data={"task": {"title": texts[seq % len(texts)]}},
            seq=seq,
        )
        for seq in range(1, count + 1)
    ]


async def until_confirmed(publish: Callable[[], Awaitable[None]]) -> None:
    """Ask again, as the relay does, for at most a minute."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await publish()
            except Unavailable:
                await asyncio.sleep(0.05)  # the broker's time to come up, not ours to wait for a result


def once(bodies: Sequence[bytes]) -> list[bytes]:
    """Without repetitions, as a consumer drops them: by team and `seq`. What repeats must be equal bytes."""
    first: dict[tuple[TeamId, int], bytes] = {}
    for body in bodies:
        event = event_of(body)
        assert first.setdefault((event.team_id, event.seq), body) == body
    return list(first.values())


def by_team(bodies: Iterable[bytes], teams: Iterable[TeamId]) -> list[bytes]:
    """Those of these teams, for a broker whose reader cannot ask for them alone."""
    wanted = set(teams)
    return [body for body in bodies if UUID(json.loads(body)["partitionkey"]) in wanted]
