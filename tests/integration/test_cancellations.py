"""Callers who give up, thousands of times and anywhere: nobody gets another's rows, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest

from taskcore.ports import EventSearch
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from tests.servers.walled import APP, Site, opened

CALLERS = 3_000
AT_ONCE = 40
POOL = 5
FIRST_PATIENCE_SECONDS = 0.15
PATIENCE_SECONDS = 240
SETTLED_WITHIN_SECONDS = 30


@attrs.define
class Tenant:
    """Somebody alone in their team, and the teams of all that they were shown."""

    person: Person
    team: Team
    seen: list[Any] = attrs.field(factory=list)

    async def read_list(self) -> None:
        page = await self.person.me.tasks.list()
        self.seen += [task.team_id for task in page.items]

    async def read_one(self) -> None:
        task = await self.person.me.tasks.get(f"{self.team.key}-1")
        self.seen.append(task.team_id)

    async def read_teams(self) -> None:
        self.seen += [team.id for team in (await self.person.me.teams.list()).items]

    async def create(self) -> None:
        self.seen.append((await self.person.me.tasks.create(self.team.id, "Another")).team_id)

    async def edit(self) -> None:
        self.seen.append((await self.person.me.tasks.edit(f"{self.team.key}-1", title="Again")).team_id)

    def ways(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.read_list, self.read_one, self.read_teams, self.create, self.edit]


async def given_up(call: Callable[[], Awaitable[None]], after_seconds: float) -> bool:
    """Whether it was answered before."""
    try:
        async with asyncio.timeout(after_seconds):
            await call()
    except TimeoutError:
        return False
    return True


async def several(tenants: list[Tenant], chances: random.Random, count: int) -> int:
    """
    So many calls of anybody's, one after the other; how many were answered.

    Each is given up somewhere on its way, or just too late: who was answered waits less long for the next, who
    was not waits longer, so that about half are, whatever else the machine does.
    """
    answered, patience = 0, FIRST_PATIENCE_SECONDS
    for _ in range(count):
        call = chances.choice(chances.choice(tenants).ways())
        was_answered = await given_up(call, chances.uniform(0, patience))
        answered += was_answered
        patience *= 0.9 if was_answered else 1.1
    return answered


async def sequence_of(tenant: Tenant, world: World) -> list[int]:
    search = EventSearch(tenant.team.id, limit=10_000)
    return [event.seq for event in await world.store.rows().events(search)]


def states_left(site: Site) -> list[str]:
    """What each connection to the database is about, when none has anything to end any more."""
    asked = f"SELECT state FROM pg_stat_activity WHERE datname = '{site.name}' AND usename = '{APP}'"  # noqa: S608
    latest = time.monotonic() + SETTLED_WITHIN_SECONDS
    while (found := site.server.execute(asked).splitlines()) != ["idle"] * len(found):
        if time.monotonic() > latest:
            break
    return found


@pytest.mark.slow
async def test_three_thousand_who_give_up_leave_nothing_behind(site: Site) -> None:
    chances = random.Random(20)  # noqa: S311  chance that can be had again
    store = opened(f"{site.url(APP)}?pool_size={POOL}")
    world = World(store)
    tenants = []
    for name in ("Ada", "Bob"):
        person = await world.person(name)
        tenants.append(Tenant(person, await world.team(person)))
        await tenants[-1].create()
    async with asyncio.timeout(PATIENCE_SECONDS):
        rounds = (several(tenants, chances, CALLERS // AT_ONCE) for _ in range(AT_ONCE))
        answered = sum(await asyncio.gather(*rounds))
        states = await asyncio.to_thread(states_left, site)
        await asyncio.gather(*(way() for tenant in tenants for way in tenant.ways() * POOL))
        logs = [await sequence_of(tenant, world) for tenant in tenants]
    await store.close()

    assert CALLERS / 10 < answered < CALLERS * 9 / 10, "they gave up too early, or too late"
    assert set(states) <= {"idle"}
    assert len(states) <= POOL
    for tenant, log in zip(tenants, logs, strict=True):
        assert set(tenant.seen) == {tenant.team.id}
        assert log == list(range(1, len(log) + 1))
