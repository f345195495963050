"""The store behind PgBouncer in transaction mode, where a connection is somebody else's after every transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import pytest

from taskcore.ports import Store
from taskcore.teams.model import Team
from taskcore.testing import StoreContract, World
from taskcore.testing.world import Person
from tests.servers.pgbouncer import NOT_HERE, PgBouncer, installed, pgbouncer
from tests.servers.postgres import Postgres
from tests.servers.walled import APP, Site, opened

CONNECTIONS = 3
CLIENTS = 20
ROUNDS = 10
LEFT = """SELECT current_user, nullif(current_setting('taskcore.user_id', true), ''),
  nullif(current_setting('taskcore.scope', true), '')"""

pytestmark = pytest.mark.skipif(installed() is None, reason=NOT_HERE)


@pytest.fixture(scope="module")
def bouncer(site: Site) -> Iterator[PgBouncer]:
    """Everybody who comes through it is the app, on three connections to each database."""
    with pgbouncer(site.server, APP, connections=CONNECTIONS) as running:
        yield running


@pytest.fixture
def url(bouncer: PgBouncer, postgres_server: Postgres, migrated: str) -> Iterator[str]:
    name = f"bounced_{uuid4().hex}"
    postgres_server.create(name, template=migrated)
    yield bouncer.url(name)
    postgres_server.drop(name)


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    store = opened(f"{url}?statement_cache_size=0&pool_size={CLIENTS}")
    await store.check()
    yield store
    await store.close()


class TestBehindPgBouncer(StoreContract):
    """The whole contract of one at a time."""


async def test_many_who_share_few_connections_see_and_change_what_is_theirs(store: Store) -> None:
    world = World(store)
    people = [await world.person(name) for name in ("Ada", "Bob", "Cy")]
    teams = [await world.team(person) for person in people]

    async def at_work(person: Person, team: Team) -> set[object]:
        seen: set[object] = set()
        for _ in range(ROUNDS):
            made = await person.me.tasks.create(team.id, "Mine")
            listed = await person.me.tasks.list(limit=200)
            changed = await person.me.tasks.edit(made.id, title="Still mine")
            mine = await person.me.teams.list()
            await store.check()
            seen |= {task.team_id for task in (*listed.items, changed)} | {each.id for each in mine.items}
        return seen

    turns = [(person, team) for person, team in zip(people, teams, strict=True)] * (CLIENTS // 3)
    seen = await asyncio.gather(*(at_work(person, team) for person, team in turns))

    assert seen == [{team.id} for _, team in turns]
    for person in people:
        assert len((await person.me.tasks.list(limit=200)).items) == ROUNDS * (CLIENTS // 3)


async def test_nothing_of_one_transaction_is_left_for_the_next(store: Store, url: str) -> None:
    world = World(store)
    ada = await world.person()
    team = await world.team(ada)
    await asyncio.gather(*(ada.me.tasks.create(team.id, "Mine") for _ in range(CLIENTS)))
    clients = [await asyncpg.connect(url, statement_cache_size=0) for _ in range(CONNECTIONS)]
    found = []
    for client in clients:  # each keeps its connection to the server until its transaction ends
        await client.execute("BEGIN")
        found.append(tuple(await client.fetchrow(LEFT)))
    for client in clients:
        await client.close()

    assert found == [(APP, None, None)] * CONNECTIONS
