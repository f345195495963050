"""What every source does with what a broker gives: foreign messages, faults, the end."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

import attrs
import pytest

from taskcore.delivery.cloudevents import MOST_BYTES, encoded
from taskcore.errors import Conflict, Unavailable
from taskcore.reporting.ports import Delivered
from taskcore.values import Status, TeamId
from taskcore_stream.broker_url import BrokerUrl
from taskcore_stream.reading.source import BrokerSource, Got
from tests.unit.reporting.tales import lived

LOG = lived([("create", 0, 0, Status.OPEN, 0, 1)]).logs[0]
URL = BrokerUrl("nats", "example.org", 4222, "ada", "geheim")


@attrs.define
class Given:
    """A connection that gives what it was told to, and then breaks or is at its end."""

    bodies: list[bytes]
    breaks: bool = False
    remembered: int = 0
    """How often it still says that something is to come again."""
    done: list[bytes] = attrs.field(factory=list)
    closed: int = 0

    async def some(self, _seconds: float) -> Sequence[Got]:
        if self.breaks and not self.bodies:
            raise ConnectionError("nats://ada:geheim@example.org went away")
        given, self.bodies = self.bodies[:2], self.bodies[2:]
        return [(body, partial(self._done, body)) for body in given]

    async def _done(self, body: bytes) -> None:
        self.done.append(body)

    async def rest(self) -> bool:
        self.remembered -= 1
        return self.remembered >= 0

    async def close(self) -> None:
        self.closed += 1
        raise ConnectionError("it was gone already")


async def read(given: Given, known: Mapping[TeamId, int] = MappingProxyType({})) -> list[Delivered]:
    async def connect(_from_start: bool) -> Given:  # noqa: FBT001  as sources call it
        return given

    source = BrokerSource(URL, connect, patience_seconds=1)
    return [each async for batch in source.read(known, once=True, from_start=False) for each in batch]


async def test_what_is_no_event_is_passed_over_and_told(caplog: pytest.LogCaptureFixture) -> None:
    foreign = [b"", b"{}", encoded(LOG[0]).replace(b"1.0", b"2.0")]
    given = Given([encoded(LOG[0]), *foreign, encoded(LOG[1])])
    with caplog.at_level(logging.WARNING, "taskcore.stream"):
        found = await read(given)

    assert [each.event for each in found] == LOG[:2]
    assert given.done == foreign
    assert [record.getMessage()[:60] for record in caplog.records] == [
        "a message at nats://example.org:4222 is passed over: the Clo",
        "a message at nats://example.org:4222 is passed over: not a C",
        "a message at nats://example.org:4222 is passed over: not a C",
    ]
    await found[0].done()
    assert given.done == [*foreign, encoded(LOG[0])]


async def test_an_event_too_large_for_the_broker_ends_it_at_once_unless_it_is_known() -> None:
    large = attrs.evolve(LOG[1], data={"description": {"from": None, "to": "x" * MOST_BYTES}})
    bodies = [encoded(LOG[0]), encoded(large), encoded(LOG[2])]
    team = large.team_id
    unread, given = Given([*bodies]), Given([*bodies])
    with pytest.raises(Conflict, match=f"event 2 of team {team} .* --from store --once") as refused:
        await read(unread, {team: 1})

    assert (refused.value.code, unread.done, unread.closed) == ("log_gap", [], 1)
    assert [each.event for each in await read(given, {team: 2})] == [LOG[0], LOG[2]]
    assert given.done == [bodies[1]]


async def test_it_ends_once_the_broker_has_nothing_more_to_give_again() -> None:
    given = Given([encoded(LOG[0])], remembered=2)
    await read(given)

    assert (given.remembered, given.closed) == (-1, 1)


async def test_a_broker_that_goes_away_is_told_without_who_we_are() -> None:
    given = Given([encoded(LOG[0])], breaks=True)
    with pytest.raises(
        Unavailable, match=r"nats://example.org:4222 gives no events: ConnectionError"
    ) as refused:
        await read(given)

    assert "geheim" not in refused.value.message
    assert given.closed == 1
