"""Following a log: nothing is lost between catching up and being told, and a right ends when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from taskcore.connect import STORES, resolve
from taskcore.errors import Invalid, NotFound, ResyncRequired, Unauthenticated
from taskcore.events import CaughtUp, Event
from taskcore.live import feed
from taskcore.live.waking import Waking
from taskcore.permissions import Actor
from taskcore.ports import EventSearch, Store
from taskcore.progress import Progress
from taskcore.teams.model import Team
from taskcore.testing.world import Person, World
from taskcore.values import Role

PATIENCE = 20
Told = Sequence[Event] | CaughtUp


@pytest.fixture
def world() -> World:
    return World(resolve(STORES, "memory://")("memory://", blocking=False))


async def ada_and_team(world: World) -> tuple[Person, Team]:
    ada = await world.person()
    return ada, await world.team(ada)


async def until(follow: AsyncGenerator[Told, None], *, seq: int) -> list[Event]:
    """What is told, up to the event of that seq, or until the follower is caught up with it."""
    told: list[Event] = []
    async with asyncio.timeout(PATIENCE):
        async for each in follow:
            if isinstance(each, CaughtUp):
                if each.seq >= seq:
                    return told
                continue
            told += each
            if told[-1].seq >= seq:
                return told
    return told


async def head(world: World, team: Team) -> int:
    return (await world.store.rows().heads([team.id]))[team.id]


async def test_what_was_and_what_comes_are_told_once_in_order(world: World) -> None:
    ada, team = await ada_and_team(world)
    for number in range(5):
        await ada.me.tasks.create(team.id, f"before {number}")

    async with aclosing(ada.me.events.follow(team.id, after=0)) as follow:
        before = await until(follow, seq=await head(world, team))
        for number in range(5):
            await ada.me.tasks.create(team.id, f"after {number}")
        after = await until(follow, seq=await head(world, team))

    assert [event.seq for event in before + after] == list(range(1, await head(world, team) + 1))


async def test_from_now_on_nothing_earlier_is_told(world: World) -> None:
    ada, team = await ada_and_team(world)
    await ada.me.tasks.create(team.id, "before")
    async with aclosing(ada.me.events.follow(team.id)) as follow:
        assert await anext(follow) == CaughtUp(await head(world, team))
        task = await ada.me.tasks.create(team.id, "after")
        (told,) = await until(follow, seq=await head(world, team))
    assert (told.kind, told.task_id) == ("task.created", task.id)


async def test_what_another_process_writes_is_found_without_the_bus(world: World) -> None:
    ada, team = await ada_and_team(world)
    elsewhere = World(world.store).core.acting_as(ada.user.id)
    async with aclosing(ada.me.events.follow(team.id)) as follow:
        await anext(follow)
        await elsewhere.tasks.create(team.id, "elsewhere")
        (told,) = await until(follow, seq=await head(world, team))
    assert told.kind == "task.created"


async def test_who_falls_behind_what_is_kept_reads_on_from_the_store(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE", 3)
    monkeypatch.setattr(feed, "KEPT", 4)
    ada, team = await ada_and_team(world)
    slow = ada.me.events.follow(team.id)
    async with aclosing(slow):
        assert isinstance(await anext(slow), CaughtUp)
        start = await head(world, team)
        async with aclosing(ada.me.events.follow(team.id)) as quick:
            await anext(quick)
            for number in range(20):
                await ada.me.tasks.create(team.id, f"task {number}")
            await until(quick, seq=start + 20)
            told = await until(slow, seq=start + 20)
    assert [event.seq for event in told] == list(range(start + 1, start + 21))


@pytest.mark.parametrize("after", [99, "12345"])
async def test_a_place_that_the_log_never_had_asks_for_a_new_start(world: World, after: object) -> None:
    ada, team = await ada_and_team(world)
    with pytest.raises(ResyncRequired):
        await anext(ada.me.events.follow(team.id, after=after))


async def test_a_place_that_is_no_longer_kept_asks_for_a_new_start(world: World) -> None:
    ada, team = await ada_and_team(world)
    for number in range(3):
        await ada.me.tasks.create(team.id, f"task {number}")
    store: Any = world.store
    del store._tables.events[team.id][:2]
    with pytest.raises(ResyncRequired):
        await anext(ada.me.events.follow(team.id, after=0))


async def test_only_what_is_asked_for_is_told(world: World) -> None:
    ada, team = await ada_and_team(world)
    project = await ada.me.projects.create(team.id, "Alpha")
    inside = await ada.me.tasks.create(team.id, "inside", project_id=project.id)
    outside = await ada.me.tasks.create(team.id, "outside")
    start = await head(world, team)

    asked: dict[str, dict[str, Any]] = {
        "kinds": {"kinds": ["task.completed", "comment.*"]},
        "project": {"project": project.id},
        "task": {"task": outside.key},
    }
    live = {name: ada.me.events.follow(team.id, **each) for name, each in asked.items()}
    for follow in live.values():
        assert isinstance(await anext(follow), CaughtUp)
    await ada.me.comments.create(inside.id, "a word")
    await ada.me.tasks.complete(inside.id)
    await ada.me.tasks.edit(inside.id, project_id=None)
    await ada.me.tasks.complete(outside.id)
    wanted = {
        "kinds": ["comment.created", "task.completed", "task.completed"],
        "task": ["task.completed"],
    }
    end = await head(world, team)

    for name in ("kinds", "task"):
        told = await until(live[name], seq=end)
        again = await until(ada.me.events.follow(team.id, after=start, **asked[name]), seq=end)
        read = await ada.me.events.list(team.id, after=start, **asked[name])
        count = await ada.me.events.count(team.id, after=start, **asked[name])
        assert [event.kind for event in told] == [event.kind for event in again] == wanted[name]
        assert (read.items, count) == (told, len(told))
    told = await until(live["project"], seq=end - 1)
    assert "task.moved" in [event.kind for event in told]
    for follow in live.values():
        await follow.aclose()


@pytest.mark.parametrize("kinds", [["Task.created"], ["task"], ["task.created; --"]])
async def test_kinds_that_are_none_are_refused(world: World, kinds: list[str]) -> None:
    ada, team = await ada_and_team(world)
    with pytest.raises(Invalid, match="kinds"):
        await anext(ada.me.events.follow(team.id, kinds=kinds))


async def test_a_project_or_task_of_another_team_is_not_there(world: World) -> None:
    ada, team = await ada_and_team(world)
    other = await world.team(ada)
    project = await ada.me.projects.create(other.id, "Beta")
    task = await ada.me.tasks.create(other.id, "elsewhere")
    with pytest.raises(NotFound):
        await anext(ada.me.events.follow(team.id, project=project.id))
    with pytest.raises(NotFound):
        await anext(ada.me.events.follow(team.id, task=task.id))


async def test_a_task_in_the_trash_is_not_there(world: World) -> None:
    ada, team = await ada_and_team(world)
    task = await ada.me.tasks.create(team.id, "gone")
    await ada.me.tasks.delete(task.id)
    with pytest.raises(NotFound):
        await anext(ada.me.events.follow(team.id, task=task.id))
    with pytest.raises(NotFound):
        await ada.me.events.list(team.id, task=task.id)


async def test_a_guest_is_told_of_shared_tasks_alone(world: World) -> None:
    ada, team = await ada_and_team(world)
    gus = await world.member(ada, team, Role.GUEST, "Gus")
    project = await ada.me.projects.create(team.id, "Shared")
    await ada.me.projects.share(project.id, gus.user.id)
    async with aclosing(gus.me.events.follow(team.id)) as follow:
        assert isinstance(await anext(follow), CaughtUp)
        await ada.me.tasks.create(team.id, "hidden")
        shown = await ada.me.tasks.create(team.id, "shown", project_id=project.id)
        (told,) = await until(follow, seq=await head(world, team))
    assert told.task_id == shown.id


async def ends(follow: AsyncGenerator[Told, None]) -> None:
    async with asyncio.timeout(PATIENCE):
        async for _ in follow:
            pass


async def test_who_becomes_a_guest_or_a_member_begins_anew(world: World) -> None:
    ada, team = await ada_and_team(world)
    bob = await world.member(ada, team)
    for role in (Role.GUEST, Role.MEMBER):
        follow = bob.me.events.follow(team.id)
        assert isinstance(await anext(follow), CaughtUp)
        await ada.me.members.edit(team.id, bob.user.id, role=role)
        with pytest.raises(ResyncRequired):
            await ends(follow)


async def test_a_guest_begins_anew_when_other_projects_are_shared_with_them(world: World) -> None:
    ada, team = await ada_and_team(world)
    gus, other = [await world.member(ada, team, Role.GUEST, name) for name in ("Gus", "Eve")]
    project, theirs = [await ada.me.projects.create(team.id, name) for name in ("Shared", "Theirs")]
    await ada.me.projects.share(theirs.id, other.user.id)
    stays = other.me.events.follow(team.id)
    assert isinstance(await anext(stays), CaughtUp)
    for change in (ada.me.projects.share, ada.me.projects.unshare):
        follow = gus.me.events.follow(team.id)
        assert isinstance(await anext(follow), CaughtUp)
        await change(project.id, gus.user.id)
        with pytest.raises(ResyncRequired):
            await ends(follow)
    shown = await ada.me.tasks.create(team.id, "shown", project_id=theirs.id)
    assert [event.task_id for event in await until(stays, seq=await head(world, team))] == [shown.id]
    await stays.aclose()


async def test_who_is_removed_is_told_no_more(world: World) -> None:
    ada, team = await ada_and_team(world)
    bob = await world.member(ada, team)
    follow = bob.me.events.follow(team.id)
    await anext(follow)
    await ada.me.members.remove(team.id, bob.user.id)
    with pytest.raises(NotFound):
        await ends(follow)


async def test_a_session_that_is_revoked_ends_what_it_follows(world: World) -> None:
    ada, team = await ada_and_team(world)
    signed = await world.core.auth.sign_in(ada.user.email, password="correct horse battery")
    me = world.core.acting_as(Actor(ada.user.id, signed.session.id))
    follow = me.events.follow(team.id)
    await anext(follow)
    await world.core.auth.sign_out(signed.refresh_token)
    with pytest.raises(Unauthenticated):
        await ends(follow)


async def test_a_token_that_runs_out_ends_what_it_follows(world: World) -> None:
    ada, team = await ada_and_team(world)
    soon = world.clock() + timedelta(days=1)
    _, text = await ada.me.tokens.create("short", scopes=["events:read"], expires_at=soon)
    actor, _ = await world.core.auth.api_token(text)
    follow = world.core.acting_as(actor).events.follow(team.id)
    await anext(follow)
    world.clock.advance(days=2)
    with pytest.raises(Unauthenticated):
        await ends(follow)


class Growing:
    """A store in which a log grows while it is read: each look at it begins with `meanwhile`."""

    def __init__(self, store: Store, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._store = store
        self._meanwhile = meanwhile

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Any:
        rows: Any = self._store.rows(actor, progress)
        if actor is None:
            read = rows.events

            async def events(search: EventSearch) -> list[Event]:
                await self._meanwhile()
                found: list[Event] = await read(search)
                return found

            rows.events = events
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def test_a_right_ends_while_a_log_grows_as_fast_as_it_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE", 1)
    monkeypatch.setattr(feed, "RECHECK_SECONDS", 0.0)
    ada, team = await ada_and_team(world)
    bob = await world.member(ada, team)
    written: list[object] = []

    async def meanwhile() -> None:
        if not written:
            await world.core.users.disable(bob.user.email)
        if len(written) < 100:
            written.append(await ada.me.tasks.create(team.id, f"task {len(written)}"))
        await asyncio.sleep(0)

    reading = World(Growing(world.store, meanwhile)).core.acting_as(bob.user.id)
    follow = reading.events.follow(team.id)
    await anext(follow)
    await ada.me.tasks.create(team.id, "first")
    with pytest.raises(Unauthenticated):
        await ends(follow)

    assert len(written) < 100


async def test_closing_ends_whatever_is_followed(world: World) -> None:
    ada, team = await ada_and_team(world)
    follow = ada.me.events.follow(team.id)
    await anext(follow)
    waiting = asyncio.create_task(ends(follow))
    await world.core.close()
    with pytest.raises(Exception, match="closed"):
        await waiting


async def test_a_unit_that_was_undone_wakes_nobody(world: World) -> None:
    ada, team = await ada_and_team(world)
    heard: list[str] = []
    assert isinstance(world.core.store, Waking)
    ada.me.events._caller.outside.bus.hear("events", heard.append)
    with pytest.raises(Invalid):
        await ada.me.tasks.create(team.id, "")
    assert heard == []
    await ada.me.tasks.create(team.id, "done")
    assert heard == [str(team.id)]


async def test_between_events_others_go_on(world: World) -> None:
    ada, team = await ada_and_team(world)
    told: asyncio.Queue[Told] = asyncio.Queue()

    async def listen() -> None:
        async for each in ada.me.events.follow(team.id):
            told.put_nowait(each)

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(PATIENCE):
        assert isinstance(await told.get(), CaughtUp)
        for number in range(3):
            task = await ada.me.tasks.create(team.id, f"task {number}")
            each = await told.get()
            assert isinstance(each, list)
            assert [event.task_id for event in each] == [task.id]
    listening.cancel()


async def test_a_project_is_asked_for_where_nobody_had_asked_before(world: World) -> None:
    ada, team = await ada_and_team(world)
    project = await ada.me.projects.create(team.id, "Alpha")
    task = await ada.me.tasks.create(team.id, "inside", project_id=project.id)
    start = await head(world, team)
    async with aclosing(ada.me.events.follow(team.id)) as everything:
        await anext(everything)
        await ada.me.tasks.edit(task.id, title="still inside")
        await until(everything, seq=start + 1)
        async with aclosing(ada.me.events.follow(team.id, after=start, project=project.id)) as follow:
            (told,) = await until(follow, seq=start + 1)
    assert told.task_id == task.id
