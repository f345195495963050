"""How a broker that is down is left alone, and teams whose events are taken are not."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from taskcore.delivery import resting
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.relay import Relay
from taskcore.delivery.resting import Rests
from taskcore.errors import Unavailable
from taskcore.events import Event
from taskcore.testing import World
from taskcore.testing.samples import log_of
from taskcore.values import TeamId

A, B, C = (TeamId(UUID(int=number)) for number in range(1, 4))


class Clock:
    """Monotonic time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(resting, "time", clock)
    return clock


class Picky:
    """A `Stream` that is down, or takes no events of one team; it counts what it is asked."""

    def __init__(self) -> None:
        self.is_down = False
        self.refused: TeamId | None = None
        self.asked: list[TeamId] = []
        self.taken: list[Event] = []

    async def publish(self, events: Sequence[Event]) -> None:
        self.asked.append(events[0].team_id)
        if self.is_down or events[0].team_id == self.refused:
            raise Unavailable("not taken")
        self.taken += events

    async def close(self) -> None:
        """Nothing to let go of."""


def test_rests_grow_to_eight_seconds_and_are_over_with_a_success(clock: Clock) -> None:
    rests, seen = Rests(), []
    for _ in range(6):
        assert rests.choose([A], every=True)
        rests.failed(A)
        rests.done(A)
        start = clock.now
        while not rests.choose([A], every=True):
            clock.now += 0.5
        rests.done(A)
        seen.append(clock.now - start)
    rests.taken(A)
    rests.failed(A)
    clock.now += 1.0

    assert seen == [1, 2, 4, 8, 8, 8]
    assert list(rests.choose([A], every=True)) == [A]


def test_while_it_is_down_one_asks_at_a_time_and_each_in_turn(clock: Clock) -> None:
    rests = Rests()
    assert [rests.failed(each) for each in (A, B)] == [True, False]
    asked = []
    for _ in range(6):
        clock.now += 8
        assert rests.choose([A, B, C], every=False) == ()
        (chosen,) = rests.choose([A, B, C], every=True)
        assert rests.choose([A, B, C], every=True) == ()
        assert [rests.may_try(each) for each in (A, B, C)] == [each == chosen for each in (A, B, C)]
        rests.failed(chosen)
        rests.done(chosen)
        asked.append(chosen)

    assert asked[:3] == [C, A, B] or asked[:3] == [C, B, A]
    assert {*asked[3:]} == {A, B, C}


def test_what_is_one_teams_fault_keeps_no_other_waiting(clock: Clock) -> None:
    rests = Rests()
    assert rests.failed(A)
    clock.now += 1
    assert list(rests.choose([A, B], every=True)) == [B]
    assert rests.taken(B)
    rests.done(B)
    news = []
    for _ in range(5):
        clock.now += 8
        assert list(rests.choose([A, B, C], every=False)) == [A, B, C]
        news.append(rests.failed(A))
        assert list(rests.choose([A, B, C], every=False)) == [B, C]
        assert not rests.may_try(A)

    assert news == [True, False, False, False, False]
    assert rests.taken(A)
    assert not rests.taken(A)


async def test_a_broker_that_is_down_costs_no_claims_of_teams_that_wait(world: World, clock: Clock) -> None:
    ada = await world.person()
    teams = [await world.team(ada) for _ in range(6)]
    broker = Picky()
    broker.is_down = True
    relay = Relay(world.core, stream=broker)
    assert await relay.step() == 0
    written = await world.store.rows().find(LogPosition)
    for _ in range(5):
        assert await relay.step() == 0
    assert (len(broker.asked), await world.store.rows().find(LogPosition)) == (1, written)

    clock.now += 1
    await relay.step()
    await relay.step()
    assert len(broker.asked) == 2
    broker.is_down = False
    clock.now += 2
    await relay.step()
    clock.now += 2
    await relay.step()

    for team in teams:
        assert [each for each in broker.taken if each.team_id == team.id] == await log_of(world, team)


async def test_a_team_whose_events_are_refused_starves_no_other(world: World, clock: Clock) -> None:
    ada = await world.person()
    bad, good = await world.team(ada), await world.team(ada)
    broker = Picky()
    broker.refused = bad.id
    relay = Relay(world.core, stream=broker)
    await relay.step()
    clock.now += 1
    for place in range(5):
        await ada.me.tasks.create(good.id, str(place))
        clock.now += 0.01
        await relay.step()

    assert broker.taken == await log_of(world, good)
    assert broker.asked.count(bad.id) <= 2
