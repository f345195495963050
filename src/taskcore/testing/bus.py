"""The contract of `Bus`; and of one that processes share, what they hear of each other."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from taskcore.delivery.ports import Bus

ODD = ["", " ", "é\U0001f600", "\ud800", "a\r\nPUBLISH b c", "\0", '{"json": [1]}', "x" * 100_000]
SECONDS_TO_ARRIVE = 30
SECONDS_TO_ASK_AGAIN = 0.05


class Hearing:
    """A listener that keeps what it hears, and can be waited for."""

    def __init__(self, bus: Bus, topic: str) -> None:
        self.messages: list[str] = []
        self._came = asyncio.Event()
        self.end = bus.hear(topic, self._take)

    def _take(self, message: str) -> None:
        self.messages.append(message)
        self._came.set()

    async def until(self, message: str) -> list[str]:
        """All that was heard, once `message` was."""
        async with asyncio.timeout(SECONDS_TO_ARRIVE):
            while message not in self.messages:
                self._came.clear()
                await self._came.wait()
        return self.messages


async def acquainted(bus: Bus, other: Bus) -> None:
    """Once `other` hears what `bus` tells: it may take a moment to be so, for the first time and after a loss."""
    hearing = Hearing(other, "hello")
    async with asyncio.timeout(SECONDS_TO_ARRIVE):
        while not hearing.messages:
            bus.tell("hello", "is anybody there?")
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS_TO_ASK_AGAIN):
                    await hearing.until("is anybody there?")
    hearing.end()


class BusContract:
    """Behaviours of one bus. A subclass gives the fixture `bus`."""

    async def test_who_listens_hears_at_once_and_in_order(self, bus: Bus) -> None:
        heard: list[str] = []
        bus.hear("topic", heard.append)
        for message in ("first", "second", "second", "third"):
            bus.tell("topic", message)

        assert heard == ["first", "second", "second", "third"]

    def test_it_needs_no_event_loop_within_a_process(self, bus: Bus) -> None:
        heard: list[str] = []
        bus.hear("topic", heard.append)
        bus.tell("topic", "message")

        assert heard == ["message"]

    async def test_everybody_who_listens_hears(self, bus: Bus) -> None:
        heard: list[str] = []
        bus.hear("topic", lambda message: heard.append(f"one {message}"))
        bus.hear("topic", lambda message: heard.append(f"two {message}"))
        bus.tell("topic", "message")

        assert heard == ["one message", "two message"]

    async def test_topics_are_heard_apart(self, bus: Bus) -> None:
        heard: list[str] = []
        bus.hear("topic", heard.append)
        bus.tell("other", "message")
        bus.tell("topi", "message")
        bus.tell("topic*", "message")

        assert heard == []

    async def test_what_nobody_hears_is_told_to_nobody(self, bus: Bus) -> None:
        bus.tell("topic", "message")
        heard: list[str] = []
        bus.hear("topic", heard.append)

        assert heard == []

    async def test_who_has_ended_hears_no_more_and_may_end_twice(self, bus: Bus) -> None:
        heard: list[str] = []
        end = bus.hear("topic", heard.append)
        end_other = bus.hear("topic", lambda message: heard.append(f"other {message}"))
        bus.tell("topic", "one")
        end()
        end()
        bus.tell("topic", "two")
        end_other()
        bus.tell("topic", "three")

        assert heard == ["one", "other one", "other two"]

    async def test_one_listener_may_listen_twice(self, bus: Bus) -> None:
        heard: list[str] = []
        end = bus.hear("topic", heard.append)
        bus.hear("topic", heard.append)
        bus.tell("topic", "twice")
        end()
        bus.tell("topic", "once")

        assert heard == ["twice", "twice", "once"]

    async def test_a_listener_may_end_another_before_its_turn(self, bus: Bus) -> None:
        heard: list[str] = []
        bus.hear("topic", lambda _: end())
        end = bus.hear("topic", heard.append)
        bus.tell("topic", "message")

        assert heard == []

    async def test_a_listener_that_fails_keeps_nothing_from_the_others(
        self, bus: Bus, caplog: pytest.LogCaptureFixture
    ) -> None:
        heard: list[str] = []

        def fail(message: str) -> None:
            raise ValueError(message)

        bus.hear("topic", fail)
        bus.hear("topic", heard.append)
        bus.tell("topic", "message")

        assert heard == ["message"]
        assert "a listener of topic failed" in caplog.text

    @pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
    async def test_a_message_and_a_topic_may_be_any_text(self, bus: Bus, odd: str) -> None:
        heard: list[str] = []
        bus.hear(odd[:100], heard.append)
        bus.tell(odd[:100], odd)

        assert heard == [odd]

    async def test_it_can_be_closed_before_anything_came_and_told_something_after(self, bus: Bus) -> None:
        await bus.close()
        bus.tell("topic", "message")


class SharedBusContract:
    """What two buses of one place hear of each other. A subclass gives the fixtures `bus` and `other`."""

    async def test_they_hear_each_other(self, bus: Bus, other: Bus) -> None:
        here, there = Hearing(bus, "topic"), Hearing(other, "topic")
        await acquainted(bus, other)
        await acquainted(other, bus)
        bus.tell("topic", "from here")
        await there.until("from here")
        other.tell("topic", "from there")

        assert await here.until("from there") == ["from here", "from there"]
        assert there.messages == ["from here", "from there"]

    async def test_nobody_hears_their_own_messages_twice(self, bus: Bus, other: Bus) -> None:
        here, there = Hearing(bus, "topic"), Hearing(other, "topic")
        await acquainted(bus, other)
        await acquainted(other, bus)
        bus.tell("topic", "mine")
        await there.until("mine")
        other.tell("topic", "done")  # whatever came back to this bus came before it

        assert await here.until("done") == ["mine", "done"]

    async def test_messages_arrive_in_order(self, bus: Bus, other: Bus) -> None:
        there = Hearing(other, "topic")
        await acquainted(bus, other)
        sent = [str(number) for number in range(2_000)]
        for message in sent:
            bus.tell("topic", message)

        assert await there.until("1999") == sent

    async def test_a_message_that_waits_is_told_once_at_its_latest_place(self, bus: Bus, other: Bus) -> None:
        there = Hearing(other, "topic")
        await acquainted(bus, other)
        for message in ("here", "gone", "here", "gone", "here", "end"):
            bus.tell("topic", message)

        assert (await there.until("end"))[-3:] == ["gone", "here", "end"]

    async def test_texts_arrive_as_they_are(self, bus: Bus, other: Bus) -> None:
        there = Hearing(other, "topic")
        await acquainted(bus, other)
        for odd in ODD:
            bus.tell("topic", odd)

        assert await there.until(ODD[-1]) == ODD

    async def test_topics_are_heard_apart_there_too(self, bus: Bus, other: Bus) -> None:
        odd, end = Hearing(other, "\ud800 *\r\n"), Hearing(other, "end")
        topic = Hearing(other, "topic")
        await acquainted(bus, other)
        bus.tell("\ud800 *\r\n", "odd")
        bus.tell("topic?", "none of it")
        bus.tell("end", "end")
        await end.until("end")

        assert (odd.messages, topic.messages) == (["odd"], [])

    async def test_what_is_told_at_the_end_arrives(self, bus: Bus, other: Bus) -> None:
        there = Hearing(other, "topic")
        await acquainted(bus, other)
        bus.tell("topic", "good bye")
        await bus.close()

        assert await there.until("good bye") == ["good bye"]
