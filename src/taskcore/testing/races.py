"""The contract of `Store` where many act at once; for stores whose coroutines can meet."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import Any
from uuid import uuid4

import attrs
import pytest

from taskcore.errors import Conflict, PreconditionFailed, TaskCoreError
from taskcore.events import Stamp
from taskcore.permissions import Actor
from taskcore.ports import EventSearch, Store, Unit
from taskcore.tasks.model import Task
from taskcore.tasks.reading import ReadMarker
from taskcore.teams.model import Label, Membership, Team
from taskcore.testing.world import Person, World
from taskcore.values import LabelId, Role

WRITERS = 20


class Undone(Exception):
    """Raised by a test inside a unit of work, to have it undone."""


class RaceContract:
    """Behaviours under races. A subclass gives the fixture `store`."""

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    async def test_of_racing_writers_with_one_version_exactly_one_wins(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "prize")

        async def write(place: int) -> bool:
            try:
                await ada.me.tasks.edit(task.id, title=f"writer {place}", if_version=task.version)
            except PreconditionFailed:
                return False
            return True

        won = await asyncio.gather(*map(write, range(WRITERS)))

        assert sum(won) == 1
        assert (await ada.me.tasks.get(task.id)).version == task.version + 1

    async def test_who_marks_as_read_in_many_windows_at_once_has_one_marker(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "x")
        said = [await ada.me.comments.create(task.id, str(place)) for place in range(WRITERS)]
        await asyncio.gather(*(ada.me.comments.mark_read(task.id, comment.id) for comment in said))

        assert (await ada.me.comments.read_state(task.id)).comment_id == said[-1].id
        assert len(await world.store.rows().find(ReadMarker, team_id=team.id)) == 1

    async def test_of_racing_calls_under_one_key_one_does_it(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)

        async def create(_: int) -> Task | None:
            try:
                return await ada.me.tasks.create(team.id, "once", idempotency_key="key")
            except Conflict as running:
                if running.code != "in_progress":
                    raise
                return None

        answers = [each for each in await asyncio.gather(*map(create, range(WRITERS))) if each is not None]

        assert {each.id for each in answers} == {
            task.id for task in await world.store.rows().find(Task, team_id=team.id)
        }
        assert len({each.id for each in answers}) == 1

    async def test_a_task_seen_in_a_unit_is_nobody_elses_until_it_ends(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "counter", estimate_minutes=0)

        async def work(unit: Unit) -> None:
            seen = await unit.see(Task, task.id, Actor(ada.user.id))
            assert seen.thing is not None
            await asyncio.sleep(0)
            more = (seen.thing.estimate_minutes or 0) + 1
            await unit.save([attrs.evolve(seen.thing, estimate_minutes=more, version=seen.thing.version + 1)])

        await asyncio.gather(*(world.store.transact(work) for _ in range(WRITERS)))

        assert (await ada.me.tasks.get(task.id)).estimate_minutes == WRITERS

    async def test_nothing_is_visible_before_the_unit_ends(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)

        async def work(unit: Unit) -> list[Label]:
            await unit.save([Label(LabelId(uuid4()), team.id, "new", world.clock())])
            return await world.store.rows().find(Label, team_id=team.id)

        assert await world.store.transact(work) == []
        assert len(await world.store.rows().find(Label, team_id=team.id)) == 1

    async def test_a_set_on_a_task_loses_nothing_to_a_race(self, world: World) -> None:
        """Labels and followers lie outside the row: they must be as new as it is."""
        ada = await world.person()
        team = await world.team(ada)
        people = [await world.member(ada, team) for _ in range(8)]
        task = await ada.me.tasks.create(team.id, "followed")
        await asyncio.gather(*(ada.me.followers.add(task.id, person.user.id) for person in people))

        assert set((await ada.me.tasks.get(task.id)).followers) == {person.user.id for person in people}

    async def test_numbers_of_racing_creators_have_no_gap(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        tasks = await asyncio.gather(*(ada.me.tasks.create(team.id, str(place)) for place in range(WRITERS)))

        assert sorted(task.number for task in tasks) == list(range(1, WRITERS + 1))

    async def test_dependencies_made_at_once_never_close_a_cycle(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        rings = [
            [await ada.me.tasks.create(team.id, f"{ring}.{place}") for place in range(6)] for ring in range(4)
        ]

        async def link(ring: list[Task], place: int) -> bool:
            try:
                await ada.me.dependencies.link(ring[place].id, ring[place - 1].id)
            except Conflict as error:
                return error.code != "cycle"
            return True

        # Ring by ring: in the first, connections may still be opened one after the other.
        made = [await asyncio.gather(*(link(ring, place) for place in range(6))) for ring in rings]

        assert [sum(ring) for ring in made] == [5] * len(rings)

    async def test_owners_who_demote_each_other_leave_one(self, world: World) -> None:
        ada = await world.person()
        bob = await world.person("Bob")
        teams = [await world.team(ada) for _ in range(WRITERS)]
        for team in teams:
            _, token = await ada.me.invitations.create(team.id, bob.user.email)
            await bob.me.invitations.accept(token)
            await ada.me.members.edit(team.id, bob.user.id, role=Role.OWNER)

        async def demote(by: Person, whom: Person, team: Team) -> None:
            with suppress(TaskCoreError):
                await by.me.members.edit(team.id, whom.user.id, role=Role.MEMBER)

        await asyncio.gather(*(demote(*pair, team) for team in teams for pair in ((ada, bob), (bob, ada))))

        for team in teams:
            assert len(await world.store.rows().find(Membership, team_id=team.id, role=Role.OWNER)) == 1

    async def test_a_cancelled_unit_is_done_or_undone_and_the_store_goes_on(self, world: World) -> None:
        """Cancelled wherever it may be: what is there is whole, and nobody waits for a lock left behind."""
        ada = await world.person()
        team = await world.team(ada)
        for turns in range(2 * WRITERS):
            creation = asyncio.create_task(ada.me.tasks.create(team.id, f"turn {turns}"))
            for _ in range(turns):
                await asyncio.sleep(0)
            creation.cancel()
            with suppress(asyncio.CancelledError):
                await creation
        last = await ada.me.tasks.create(team.id, "last")

        tasks = await world.store.rows().find(Task, team_id=team.id)
        created = [event for event in await _events(world, team, after=0) if event.kind == "task.created"]
        assert [task.number for task in tasks] == list(range(1, last.number + 1))
        assert [event.task_id for event in created] == [task.id for task in tasks]

    async def test_the_log_has_no_gap_and_a_live_reader_misses_nothing(self, world: World) -> None:
        """24 writers over 3 teams, a third of whose units are undone; readers poll meanwhile. Catches
        numbering by a sequence, which is neither gap-free nor in the order of commits."""
        ada = await world.person()
        teams = [await world.team(ada) for _ in range(3)]
        tasks = {team.id: [await ada.me.tasks.create(team.id, str(n)) for n in range(8)] for team in teams}
        done = asyncio.Event()
        readers = [asyncio.create_task(_follow(world, team, done)) for team in teams]

        kept = [f"{place}.{round_}" for place in range(24) for round_ in range(6)]
        undone = set(random.Random(7).sample(kept, len(kept) // 3))

        async def write(place: int) -> None:
            task = tasks[teams[place % 3].id][place // 3]
            for title in kept[place * 6 : place * 6 + 6]:
                await _change(world, ada, task, title, undo=title in undone)

        await asyncio.gather(*map(write, range(24)))
        done.set()
        for team, seen in zip(teams, await asyncio.gather(*readers), strict=True):
            log = await _events(world, team, after=0)
            assert [event.seq for event in log] == list(range(1, len(log) + 1))
            assert seen == [event.id for event in log]
            assert undone.isdisjoint(event.data.get("title") for event in log if event.kind == "task.updated")


async def _change(world: World, person: Person, task: Task, title: str, *, undo: bool) -> None:
    stamp = Stamp(person.user.id, world.clock(), uuid4)

    async def work(unit: Unit) -> None:
        seen = await unit.see(Task, task.id, Actor(person.user.id))
        assert seen.thing is not None
        changed = attrs.evolve(seen.thing, title=title, version=seen.thing.version + 1)
        event = stamp.event("task.updated", task.team_id, "task", task.id, {"title": title}, task_id=task.id)
        await unit.save([changed], events=[event])
        await asyncio.sleep(0)
        if undo:
            raise Undone

    try:
        await world.store.transact(work)
    except Undone:
        return


async def _follow(world: World, team: Team, done: asyncio.Event) -> list[Any]:
    """Read on from the last seq seen, as a relay does, until the writers are done."""
    seen: list[Any] = []
    last = 0
    while True:
        finished = done.is_set()
        events = await _events(world, team, after=last)
        seen += [event.id for event in events]
        last = events[-1].seq if events else last
        if finished and not events:
            return seen
        await asyncio.sleep(0)


async def _events(world: World, team: Team, after: int) -> list[Any]:
    return await world.store.rows().events(EventSearch(team.id, after=after, limit=1000))
