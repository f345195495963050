"""A store with a replica that is 120 ms behind: what is written is seen, and what is taken away is gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import quote, unquote
from uuid import uuid4

import pytest

from taskcore.core import Acting
from taskcore.errors import Invalid, TaskCoreError
from taskcore.permissions import Actor
from taskcore.ports import EventSearch
from taskcore.progress import Progress, sealed
from taskcore.tasks.model import Task
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role, TokenId
from taskcore_sql.postgres import Postgres
from taskcore_sql.replica import ReplicatedStore
from tests.servers.standby import Standby, replicated_postgres
from tests.servers.walled import opened
from tests.servers.wire import wire_to

LANES, WRITES = 12, 20
SECONDS = 30


@asynccontextmanager
async def world_at(url: str) -> AsyncIterator[World]:
    store = opened(url)
    yield World(store)
    await store.close()


@pytest.fixture
async def world(replicated_url: str) -> AsyncIterator[World]:
    async with world_at(f"{replicated_url}&pool_size={LANES}") as world:
        yield world


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person("Ada")


@pytest.fixture
async def team(world: World, ada: Person, replicated: Standby) -> Team:
    team = await world.team(ada)
    replicated.replay()
    await until_the_replica_serves(world, ada, team)
    return team


def stranger_to_writes(world: World, person: Person) -> Acting:
    """The same user, served by a process that knows nothing of what they wrote."""
    return world.core.acting_as(person.user.id, after=Progress())


async def sees_new_task(world: World, person: Person, team: Team, token: str | None = None) -> bool:
    """Whether a read with no token, or this one, shows what was written the moment before: a replica never does."""
    made = await person.me.tasks.create(team.id, f"Is {world.new_id()} there?")
    elsewhere = Progress()
    if token is not None:
        elsewhere.expect(token)
    page = await world.core.acting_as(person.user.id, after=elsewhere).tasks.list(
        team=team.id, text=made.title
    )
    return [task.id for task in page.items] == [made.id]


async def until_the_replica_serves(world: World, person: Person, team: Team) -> None:
    deadline = time.monotonic() + SECONDS
    while await sees_new_task(world, person, team):
        assert time.monotonic() < deadline, "the replica is not asked"
        await asyncio.sleep(0.05)


async def missed(person: Person, team: Team, reader_after: Callable[[], Awaitable[Acting]]) -> int:
    """How many of 240 writes the read that follows at once does not show."""

    async def lane() -> int:
        stale = 0
        for _ in range(0, WRITES, 2):
            made = await person.me.tasks.create(team.id, uuid4().hex)
            page = await (await reader_after()).tasks.list(team=team.id, text=made.title)
            stale += [task.id for task in page.items] != [made.id]
            made = await person.me.tasks.edit(made.id, title=uuid4().hex)
            page = await (await reader_after()).tasks.list(team=team.id, text=made.title)
            stale += [task.id for task in page.items] != [made.id]
        return stale

    return sum(await asyncio.gather(*(lane() for _ in range(LANES))))


@pytest.mark.slow
async def test_a_read_with_the_token_of_a_write_shows_it(world: World, ada: Person, team: Team) -> None:
    async def with_token() -> Acting:
        token = await ada.me.consistency_token()
        elsewhere = Progress()
        elsewhere.expect(token)
        return world.core.acting_as(ada.user.id, after=elsewhere)

    assert await missed(ada, team, with_token) == 0


async def test_without_it_the_same_reads_miss_writes(world: World, ada: Person, team: Team) -> None:
    """So the test above could fail."""

    async def without() -> Acting:
        return stranger_to_writes(world, ada)

    assert await missed(ada, team, without) > 0


@pytest.mark.parametrize("token", ["", "A" * 27, "x" * 5_000, "\x00\udcff", sealed(b"another key", 2**40)])
async def test_a_token_that_nobody_gave_means_nothing(
    world: World, ada: Person, team: Team, token: str
) -> None:
    """The replica is asked, as without one, and does not have what was just written."""
    deadline = time.monotonic() + SECONDS
    while await sees_new_task(world, ada, team, token):
        assert time.monotonic() < deadline, "it keeps reads from the replica"


async def test_a_token_from_a_history_that_this_database_does_not_have_goes_to_the_primary(
    world: World, ada: Person, team: Team
) -> None:
    beyond = sealed(await world.store.secret(), 2**62)
    reader = Progress()
    reader.expect(beyond)

    made = await ada.me.tasks.create(team.id, "Now")
    page = await world.core.acting_as(ada.user.id, after=reader).tasks.list(team=team.id, limit=1)

    assert [task.id for task in page.items] == [made.id]


async def test_callers_see_what_they_wrote_in_the_same_process(world: World, ada: Person, team: Team) -> None:
    for _ in range(WRITES):
        made = await ada.me.tasks.create(team.id, "Now")
        again = world.core.acting_as(ada.user.id)
        listed = await again.tasks.list(team=team.id, limit=1)
        told = await again.events.list(team.id, limit=200)

        assert [task.id for task in listed.items] == [made.id]
        assert made.id in {event.task_id for event in told.items}


async def test_a_token_is_handed_on_as_a_text(ada: Person, team: Team, replicated_url: str) -> None:
    async with world_at(replicated_url) as elsewhere:
        await until_the_replica_serves(elsewhere, ada, team)
        made = await ada.me.tasks.create(team.id, "Now")
        token = await ada.me.consistency_token()
        page = await elsewhere.core.acting_as(ada.user.id, after=token).tasks.list(team=team.id, limit=1)

    assert [task.id for task in page.items] == [made.id]


async def test_a_walk_skips_nothing_where_its_pages_come_from_two_places(
    world: World, ada: Person, team: Team
) -> None:
    made = [await ada.me.tasks.create(team.id, f"Task {number}") for number in range(6)]
    reader, page, seen = ada.me, await ada.me.tasks.list(team=team.id, limit=2), []
    while True:
        seen += page.items
        if page.next_cursor is None:
            break
        reader = stranger_to_writes(world, ada)
        page = await reader.tasks.list(team=team.id, limit=2, cursor=page.next_cursor)

    assert {task.id for task in made} <= {task.id for task in seen}


async def test_a_command_goes_by_the_newest_state(world: World, ada: Person, team: Team) -> None:
    made = await ada.me.tasks.create(team.id, "To be claimed", priority="urgent")

    claimed = await stranger_to_writes(world, ada).tasks.claim(team.id)

    assert claimed is not None
    assert claimed.id == made.id


class TestRights:
    """They are the primary's, whatever the replica still has."""

    @pytest.fixture
    async def bob(self, world: World, ada: Person, team: Team, replicated: Standby) -> Person:
        bob = await world.member(ada, team)
        replicated.replay()
        return bob

    async def test_a_member_who_was_removed_sees_nothing_at_once(
        self, world: World, ada: Person, bob: Person, team: Team
    ) -> None:
        reader = stranger_to_writes(world, bob)
        assert (await reader.tasks.list()).items

        await ada.me.members.remove(team.id, bob.user.id)

        assert (await reader.tasks.list()).items == []
        assert await reader.tasks.count() == 0

    async def test_a_share_that_was_taken_back_is_gone_at_once(
        self, world: World, ada: Person, team: Team, replicated: Standby
    ) -> None:
        guest = await world.member(ada, team, Role.GUEST, "Gus")
        project = await ada.me.projects.create(team.id, "Zeppelin")
        await ada.me.projects.share(project.id, guest.user.id)
        await ada.me.tasks.create(team.id, "Ship it", project_id=project.id)
        replicated.replay()
        reader = stranger_to_writes(world, guest)
        assert (await reader.tasks.list()).items

        await ada.me.projects.unshare(project.id, guest.user.id)

        assert (await reader.tasks.list()).items == []
        assert await reader.tasks.count() == 0
        log = EventSearch(team.id, after=0, shared_with=guest.user.id)
        assert await world.store.rows(Actor(guest.user.id), Progress()).events(log) == []

    async def test_a_team_that_was_deleted_is_gone_at_once(
        self, world: World, ada: Person, bob: Person, team: Team
    ) -> None:
        await ada.me.teams.delete(team.id)

        assert (await stranger_to_writes(world, bob).tasks.list()).items == []

    @pytest.mark.usefixtures("team")
    async def test_a_token_that_was_revoked_is_refused_at_once(
        self, world: World, ada: Person, replicated: Standby
    ) -> None:
        token, text = await ada.me.tokens.create("program")
        replicated.replay()
        actor, _ = await world.core.auth.api_token(text)
        reader = world.core.acting_as(actor, after=Progress())
        assert (await reader.tasks.list()).items

        await ada.me.tokens.revoke(TokenId(token.id))

        with pytest.raises(TaskCoreError) as refused:
            await reader.tasks.list()
        assert refused.value.code == "unauthenticated"

    async def test_who_has_just_come_sees_the_team_at_once(
        self, world: World, ada: Person, team: Team
    ) -> None:
        bob = await world.member(ada, team)

        assert (await stranger_to_writes(world, bob).tasks.list(team=team.id)).items

    @pytest.mark.usefixtures("team")
    async def test_the_wall_stands_on_the_replica_too(self, world: World, replicated: Standby) -> None:
        eve = await world.person("Eve")
        hers = await world.team(eve)
        await eve.me.tasks.create(hers.id, "Hers")
        replicated.replay()
        late = await eve.me.tasks.create(hers.id, "Not there yet")

        everything = await world.store.rows(Actor(eve.user.id), Progress()).find(Task)

        assert {task.team_id for task in everything} == {hers.id}
        assert late.id not in {task.id for task in everything}


async def reads_while(
    world: World, person: Person, team: Team, happens: Callable[[], Awaitable[None]]
) -> int:
    """Read with and without token all the time while something happens; how many reads there were."""
    over, reads = asyncio.Event(), 0

    async def reading() -> None:
        nonlocal reads
        while not over.is_set():
            made = await person.me.tasks.create(team.id, f"Read {reads}.")
            seen = await person.me.tasks.list(team=team.id, text=made.title, limit=LANES)
            await stranger_to_writes(world, person).tasks.list(team=team.id)
            assert made.id in {task.id for task in seen.items}
            reads += 2

    lanes = [asyncio.create_task(reading()) for _ in range(4)]
    try:
        await happens()
    finally:
        over.set()
    await asyncio.gather(*lanes)
    return reads


@pytest.mark.slow
async def test_a_replica_that_is_killed_costs_nobody_an_answer_and_serves_again_when_it_is_back(
    world: World, ada: Person, team: Team, replicated: Standby
) -> None:
    async def dies() -> None:
        replicated.kill()
        for _ in range(5):
            assert await sees_new_task(world, ada, team)
        replicated.start_again()  # in this thread, with which it is to die

    assert await reads_while(world, ada, team, dies) > 0

    replicated.replay()
    await until_the_replica_serves(world, ada, team)


async def test_a_replica_that_is_left_behind_shows_nothing_that_is_too_old(
    replicated: Standby, replicated_url: str
) -> None:
    url, _, replica = replicated_url.partition("?replica=")
    store = ReplicatedStore(Postgres(url), [Postgres(unquote(replica))], stalest_seconds=0.5)
    world = World(store)
    ada = await world.person("Ada")
    team = await world.team(ada)
    replicated.replay()
    await until_the_replica_serves(world, ada, team)
    reader = stranger_to_writes(world, ada)

    replicated.server.execute("SELECT pg_wal_replay_pause()")
    try:
        made = await ada.me.tasks.create(team.id, "Never replayed")
        deadline = time.monotonic() + SECONDS
        while not (await reader.tasks.list(team=team.id, text=made.title)).items:
            assert time.monotonic() < deadline, "what is too old is shown"
    finally:
        replicated.server.execute("SELECT pg_wal_replay_resume()")

    replicated.replay()
    await until_the_replica_serves(world, ada, team)
    await store.close()


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["cut", "silence"])
async def test_a_line_that_fails_costs_nobody_an_answer(
    replicated: Standby, replicated_url: str, fault: str
) -> None:
    url, _, replica = replicated_url.partition("?replica=")
    async with wire_to(replicated.server.port) as wire:
        through = unquote(replica).replace(f":{replicated.server.port}/", f":{wire.port}/")
        async with world_at(f"{url}?replica={quote(through, safe='')}") as world:
            ada = await world.person("Ada")
            team = await world.team(ada)
            replicated.replay()
            await until_the_replica_serves(world, ada, team)

            async def fails() -> None:
                getattr(wire, fault)()
                for _ in range(5):
                    await stranger_to_writes(world, ada).tasks.list(team=team.id)

            assert await reads_while(world, ada, team, fails) > 0
            wire.restore()
            await until_the_replica_serves(world, ada, team)


@pytest.mark.slow
async def test_a_replica_that_was_promoted_is_one_no_longer() -> None:
    with replicated_postgres(delay_milliseconds=0) as (primary, standby):
        url = primary.create("app")
        async with world_at(f"{url}?replica={quote(standby.server.url('app'), safe='')}") as world:
            await world.store.upgrade()
            ada = await world.person("Ada")
            team = await world.team(ada)
            standby.replay()
            await stranger_to_writes(world, ada).tasks.list(team=team.id)
            await asyncio.sleep(0)
            standby.server.execute("SELECT pg_promote()")
            made = await ada.me.tasks.create(team.id, "Now")

            page = await stranger_to_writes(world, ada).tasks.list(team=team.id)

            assert [task.id for task in page.items] == [made.id]


async def test_another_database_is_no_replica(replicated: Standby) -> None:
    """Not even a copy of the same one on the same server: what is written later is not there."""
    one = replicated.primary.create("one", template="migrated")
    try:
        async with world_at(one) as world:
            ada = await world.person("Ada")
            team = await world.team(ada)
        replicated.primary.create("two", template="one")
        replicated.replay()
        async with world_at(f"{one}?replica={quote(replicated.server.url('two'), safe='')}") as world:
            ada = Person(ada.user, world.core.acting_as(ada.user.id))

            assert [await sees_new_task(world, ada, team) for _ in range(20)] == [True] * 20
    finally:
        for name in ("one", "two"):
            replicated.primary.drop(name)


@pytest.mark.parametrize(
    "replica", ["sqlite:///tasks.db", "127.0.0.1", "postgresql://a/b?replica=postgresql%3A%2F%2Fc%2Fd"]
)
def test_what_can_be_no_replica_is_told(replica: str) -> None:
    with pytest.raises(Invalid) as told:
        opened(f"postgresql://host/database?replica={quote(replica, safe='')}")

    assert "replica" in told.value.message
