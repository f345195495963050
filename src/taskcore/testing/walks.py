"""The contract of cursors: who walks through a list while others write meets each row that nobody touches, once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import attrs
import pytest

from taskcore.errors import NotFound
from taskcore.paging import Page
from taskcore.ports import Store, Unit
from taskcore.query import MAX_LIMIT
from taskcore.tasks.model import Task
from taskcore.teams.model import Team
from taskcore.testing.samples import NOW, a_task
from taskcore.testing.world import Person, World
from taskcore.values import Priority

TASKS, TOUCHED = 10_000, 400
PAGES, WRITES_A_PAGE = TASKS // MAX_LIMIT, 5
"""So many writes come with each page, for as many pages as there would be without them."""
SORTS = ("-created_at", "updated_at", "due_at", "-due_at", "-priority,due_at", "rank")
_CHUNK = 1_000
_RANKS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

Ask = Callable[[str, str | None], Awaitable[Page[Any]]]
"""The page of a sort behind a cursor; its items have an `id`."""
Write = Callable[..., Awaitable[object]]
"""A verb of tasks, with its arguments and fields; what is not there (any more) does no harm."""


def many_tasks(team: Team, person: Person, count: int = TASKS) -> list[Task]:
    """Tasks with values that differ, values that many share, and values that are missing."""
    chance = Random(TASKS)
    return [
        attrs.evolve(
            a_task(team, person),
            created_at=(made := NOW + timedelta(seconds=place // 3)),
            updated_at=made + timedelta(seconds=chance.randrange(TASKS)),
            due_at=None if chance.random() < 0.4 else NOW + timedelta(hours=chance.randrange(2_000)),
            priority=chance.choice([*Priority]),
            rank="".join(chance.choices(_RANKS, k=chance.randrange(1, 4))) + "V",
        )
        for place in range(count)
    ]


@attrs.define
class Others:
    """Who write meanwhile: they make tasks, and edit, delete and restore `touched` ones, so that these move ahead of
    a cursor and behind it."""

    write: Write
    team: str
    touched: Sequence[UUID | str]
    chance: Random = attrs.field(factory=lambda: Random(50))

    async def once(self) -> None:
        task = self.chance.choice(self.touched)
        verb = self.chance.choices(("create", "edit", "delete", "restore"), (2, 12, 2, 2))[0]
        fields = self._fields() if verb in ("create", "edit") else {}
        about = (self.team, "new") if verb == "create" else (task,)
        await self.write(verb, *about, **fields)

    def _fields(self) -> dict[str, Any]:
        due = NOW + timedelta(hours=self.chance.randrange(2_000))
        return self.chance.choice(
            [
                {"due_at": due},
                {"due_at": None},
                {"priority": self.chance.choice([*Priority])},
                {"rank": self.chance.choice(_RANKS) + "V"},
                {"description": str(due)},
            ]
        )


async def walked(ask: Ask, others: Others, sort: str) -> Counter[str]:
    """How often each task was met, by its id."""
    met, cursor, pages = Counter[str](), None, 0
    while True:
        meanwhile = [others.once() for _ in range(WRITES_A_PAGE if pages < PAGES else 0)]
        page, _ = await asyncio.gather(ask(sort, cursor), asyncio.gather(*meanwhile))
        met.update(str(each.id) for each in page.items)
        cursor, pages = page.next_cursor, pages + 1
        if cursor is None:
            return met


def assert_each_once(met: Counter[str], untouched: Sequence[UUID | str], sort: str) -> None:
    times = Counter(met[str(each)] for each in untouched)

    assert times == {1: len(untouched)}, f"{sort}: untouched tasks by how often they were met: {dict(times)}"


@attrs.frozen
class Library:
    """A team of many tasks, and who walks through it by the library."""

    person: Person
    team: Team
    ids: Sequence[UUID]
    """In an order by chance: the first `TOUCHED` are those that others change."""

    @property
    def others(self) -> Others:
        return Others(self.write, self.team.key, self.ids[:TOUCHED])

    async def ask(self, sort: str, cursor: str | None) -> Page[Task]:
        tasks = self.person.me.tasks
        return await tasks.list(team=self.team.key, sort=sort, limit=MAX_LIMIT, cursor=cursor)

    async def write(self, verb: str, *args: Any, **fields: Any) -> None:
        with suppress(NotFound):
            await getattr(self.person.me.tasks, verb)(*args, **fields)


async def filled(world: World, count: int = TASKS) -> Library:
    """A team with so many tasks in it."""
    ada = await world.person()
    team = await world.team(ada)
    tasks = many_tasks(team, ada, count)
    for start in range(0, count, _CHUNK):
        await _save(world, tasks[start : start + _CHUNK])
    ids = [task.id for task in tasks]
    Random(1).shuffle(ids)
    return Library(ada, team, ids)


class WalkContract:
    """Cursors under writes. A subclass gives the fixture `store`, whose coroutines can meet."""

    tasks = TASKS
    sorts: tuple[str, ...] = SORTS

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    @pytest.mark.slow
    async def test_a_walk_under_writes_meets_each_untouched_task_once(self, world: World) -> None:
        library = await filled(world, self.tasks)
        others = library.others
        for sort in self.sorts:
            assert_each_once(await walked(library.ask, others, sort), library.ids[TOUCHED:], sort)


async def _save(world: World, tasks: Sequence[Task]) -> None:
    async def work(unit: Unit) -> None:
        await unit.save(tasks)

    await world.store.transact(work)
