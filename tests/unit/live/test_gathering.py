"""People at their tasks: who is told of whom, in one process and in several, and who is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import attrs
import pytest

from taskcore.connect import STORES, resolve
from taskcore.errors import Forbidden, NotFound, Unavailable
from taskcore.live import gathering
from taskcore.live.local import LocalBus
from taskcore.live.place import News, Place, Read, Sighting
from taskcore.live.presence import State
from taskcore.permissions import Actor
from taskcore.ports import Rows, Store
from taskcore.progress import Progress
from taskcore.tasks.model import Task
from taskcore.teams.model import Project, Team
from taskcore.testing.world import Person, World
from taskcore.values import Role

PATIENCE = 20
LOOKING, TYPING, GONE = State


@attrs.define
class Window:
    """One window of somebody's, and what it was told."""

    me: Any
    place: Place
    news: AsyncGenerator[Sequence[News], None]
    told: list[News] = attrs.field(factory=list)

    async def until(self, wanted: Callable[[News], bool]) -> News:
        """The news that is wanted, once it is told."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for each in await anext(self.news):
                    self.told.append(each)
                    if wanted(each):
                        return each

    async def sees(self, person: Person, state: State) -> Sighting:
        found = await self.until(
            lambda each: isinstance(each, Sighting) and (each.user_id, each.state) == (person.user.id, state)
        )
        assert isinstance(found, Sighting)
        return found

    async def look(self, task: Task | None) -> None:
        await self.me.presence.look(self.place, task.id if task is not None else None)


class Processes:
    """Processes on one store and one bus."""

    def __init__(self, count: int = 2) -> None:
        self.store = Faltering(resolve(STORES, "memory://")("memory://", blocking=False))
        self.bus = LocalBus()
        self.worlds = [World(self.store, bus=self.bus) for _ in range(count)]

    @asynccontextmanager
    async def window(self, person: Person, team: Team, process: int = 0) -> AsyncIterator[Window]:
        me = self.worlds[process].core.acting_as(person.user.id)
        place = Place()
        async with aclosing(me.presence.follow(team.id, place)) as news:
            window = Window(me, place, news)
            window.told += await anext(news)
            yield window


class Faltering:
    """A store whose rows of the instance fail when a test wants it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.fails = False

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Rows:
        if actor is None and self.fails:
            raise Unavailable("it does not answer")
        return self._store.rows(actor, progress)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
async def processes() -> AsyncIterator[Processes]:
    made = Processes()
    yield made
    for world in made.worlds:
        await world.core._gathering.close()


@attrs.frozen
class Scene:
    ada: Person
    bob: Person
    gus: Person
    team: Team
    project: Project
    open: Task
    inner: Task


async def scene(world: World) -> Scene:
    """Ada and Bob of a team, and Gus, with whom the task `open` is shared and `inner` is not."""
    ada = await world.person()
    team = await world.team(ada)
    bob, gus = await world.member(ada, team), await world.member(ada, team, Role.GUEST, "Gus")
    project = await ada.me.projects.create(team.id, "Open")
    await ada.me.projects.share(project.id, gus.user.id)
    shared = await ada.me.tasks.create(team.id, "open", project_id=project.id)
    return Scene(ada, bob, gus, team, project, shared, await ada.me.tasks.create(team.id, "inner"))


@pytest.mark.parametrize("process", [0, 1])
async def test_two_see_each_other_come_and_go(processes: Processes, process: int) -> None:
    some = await scene(processes.worlds[0])
    async with processes.window(some.ada, some.team) as ada, AsyncExitStack() as stack:
        bob = await stack.enter_async_context(processes.window(some.bob, some.team, process))
        await bob.look(some.inner)
        seen = await ada.sees(some.bob, LOOKING)
        assert (seen.task_id, seen.task, seen.at) == (
            some.inner.id,
            some.inner.key,
            processes.worlds[0].clock(),
        )
        await ada.look(some.inner)
        await bob.sees(some.ada, LOOKING)
        await bob.me.presence.type(bob.place, some.inner.key)
        await ada.sees(some.bob, TYPING)
        await bob.me.presence.type(bob.place, some.inner.key, active=False)
        await ada.sees(some.bob, LOOKING)
        await stack.aclose()
        await ada.sees(some.bob, GONE)

    assert all(isinstance(each, Sighting) and each.user_id == some.bob.user.id for each in ada.told)


@pytest.mark.parametrize("process", [0, 1])
async def test_who_comes_later_is_told_who_is_there(processes: Processes, process: int) -> None:
    some = await scene(processes.worlds[0])
    async with processes.window(some.ada, some.team) as ada:
        await ada.look(some.inner)
        async with processes.window(some.bob, some.team, process) as bob:
            if not bob.told:  # a process that has only just begun is told in a moment
                await bob.sees(some.ada, LOOKING)
            assert [each.user_id for each in bob.told] == [some.ada.user.id]
        async with processes.window(some.bob, some.team, process) as bob:
            assert [each.user_id for each in bob.told] == [some.ada.user.id]


async def test_a_guest_is_told_only_of_what_is_shared_with_them(processes: Processes) -> None:
    some = await scene(processes.worlds[0])
    async with processes.window(some.ada, some.team) as ada, processes.window(some.bob, some.team) as bob:
        await ada.look(some.inner)
        async with processes.window(some.gus, some.team, 1) as gus:
            await bob.look(some.open)
            await gus.sees(some.bob, LOOKING)
            await ada.look(some.open)
            await gus.sees(some.ada, LOOKING)
            await ada.look(some.inner)
            await gus.sees(some.ada, GONE)
            with pytest.raises(NotFound):
                await gus.look(some.inner)
            await some.ada.me.projects.unshare(some.project.id, some.gus.user.id)
            await bob.me.presence.type(bob.place, some.open.id)
            await gus.sees(some.bob, GONE)

    assert {each.task_id for each in gus.told} == {some.open.id}


async def test_whoever_left_the_team_is_told_nothing_more(processes: Processes) -> None:
    some = await scene(processes.worlds[0])
    async with processes.window(some.ada, some.team) as ada, processes.window(some.bob, some.team) as bob:
        await ada.look(some.inner)
        await bob.sees(some.ada, LOOKING)
        await some.ada.me.members.remove(some.team.id, some.bob.user.id)
        await ada.me.presence.type(ada.place, some.inner.id)
        await bob.sees(some.ada, GONE)


async def test_who_sees_other_tasks_than_before_is_told(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody at the tasks does anything: what changes is who may see them."""
    monkeypatch.setattr(gathering, "TICK_SECONDS", 0.01)
    some = await scene(processes.worlds[0])
    me, guest = some.ada.me, some.gus.user.id
    async with (
        processes.window(some.ada, some.team) as ada,
        processes.window(some.bob, some.team) as bob,
        processes.window(some.gus, some.team, 1) as gus,
    ):
        await ada.look(some.inner)
        await bob.sees(some.ada, LOOKING)
        await me.tasks.edit(some.inner.id, project_id=some.project.id)
        await gus.sees(some.ada, LOOKING)
        await me.tasks.delete(some.inner.id)
        await bob.sees(some.ada, GONE)
        await gus.sees(some.ada, GONE)
        await me.tasks.restore(some.inner.id)
        await bob.sees(some.ada, LOOKING)
        await gus.sees(some.ada, LOOKING)
        await me.projects.unshare(some.project.id, guest)
        await gus.sees(some.ada, GONE)
        await me.projects.share(some.project.id, guest)
        await gus.sees(some.ada, LOOKING)
        await me.tasks.edit(some.inner.id, project_id=None)
        await gus.sees(some.ada, GONE)
        await me.members.edit(some.team.id, guest, role=Role.MEMBER)
        await gus.sees(some.ada, LOOKING)
        await ada.look(None)
        await bob.sees(some.ada, GONE)

    assert len(bob.told) == 4, "what stayed as it was is told again"


async def test_who_has_read_is_told_to_those_who_look(processes: Processes) -> None:
    some = await scene(processes.worlds[0])
    said = await some.bob.me.comments.create(some.inner.id, "hello")
    async with (
        processes.window(some.ada, some.team) as ada,
        processes.window(some.bob, some.team, 1) as bob,
        processes.window(some.bob, some.team) as other,
    ):
        await bob.look(some.inner)
        await other.look(some.open)
        await ada.look(some.inner)
        marker = await ada.me.presence.read(ada.place, some.inner.id)
        await bob.until(lambda each: isinstance(each, Read))
        await ada.look(None)
        await other.sees(some.ada, GONE)

    assert marker.comment_id == said.id
    assert Read(some.inner.id, some.ada.user.id, said.id) in bob.told
    assert not [each for each in (*other.told, *ada.told) if isinstance(each, Read)]


async def test_a_marker_that_stays_where_it_is_is_not_told_again(processes: Processes) -> None:
    some = await scene(processes.worlds[0])
    first = await some.bob.me.comments.create(some.inner.id, "hello")
    last = await some.bob.me.comments.create(some.inner.id, "are you there?")
    said: list[str] = []
    async with processes.window(some.ada, some.team) as ada:
        processes.bus.hear("presence", said.append)
        for comment in (first, first, last, first, last):
            await ada.me.presence.read(ada.place, some.inner.id, comment.id)

    assert [str(last.id) in each for each in said if '"read"' in each] == [False, True]


async def test_nothing_is_said_at_what_one_may_not(processes: Processes) -> None:
    some = await scene(processes.worlds[0])
    elsewhere = await processes.worlds[0].team(some.bob)
    foreign = await some.bob.me.tasks.create(elsewhere.id, "theirs")
    await some.ada.me.tasks.delete(some.inner.id)
    reading = processes.worlds[0].core.acting_as(Actor(some.bob.user.id, scopes=frozenset({"read"})))
    async with processes.window(some.bob, some.team) as bob:
        for task in (foreign, some.inner):
            with pytest.raises(NotFound):
                await bob.look(task)
        with pytest.raises(Forbidden):
            await reading.presence.type(Place(), some.open.id)
        empty = await bob.me.presence.read(bob.place, some.open.id)

    assert empty.comment_id is None


async def test_who_is_slow_is_told_the_newest(processes: Processes) -> None:
    some = await scene(processes.worlds[0])
    async with processes.window(some.ada, some.team) as ada, processes.window(some.bob, some.team) as bob:
        for _ in range(20):
            for task in (some.inner, some.open):
                await bob.look(task)
                await asyncio.sleep(0)
        await ada.until(lambda each: isinstance(each, Sighting) and each.task_id == some.open.id)

    assert len(ada.told) <= 2


async def test_what_could_not_be_told_is_told_once_the_store_answers(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "TICK_SECONDS", 0.01)
    some = await scene(processes.worlds[0])
    async with processes.window(some.ada, some.team) as ada, processes.window(some.bob, some.team) as bob:
        await ada.look(some.open)
        await bob.sees(some.ada, LOOKING)
        processes.store.fails = True
        await bob.look(some.inner)
        await asyncio.sleep(0.05)
        processes.store.fails = False
        await ada.sees(some.bob, LOOKING)


async def test_a_process_that_ends_says_so(processes: Processes) -> None:
    some = await scene(processes.worlds[0])
    async with processes.window(some.ada, some.team) as ada, processes.window(some.bob, some.team, 1) as bob:
        await bob.look(some.inner)
        await ada.sees(some.bob, LOOKING)
        await processes.worlds[1].core._gathering.close()
        await ada.sees(some.bob, GONE)
