"""The suite catches the variants that it is there to catch: each of these stores is broken on purpose."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import attrs
import pytest

from taskcore.events import Event
from taskcore.permissions import Actor
from taskcore.ports import E, Entity, Found, Rows, Seen, Store, TaskSearch, Unit
from taskcore.progress import Progress
from taskcore.testing import CredentialRaces, RaceContract, WalkContract, World
from taskcore.values import TeamId
from taskcore_sql.dialect import POSTGRESQL
from taskcore_sql.postgres import Postgres
from taskcore_sql.store import SqlStore, SqlUnit


class Numbered(SqlUnit):
    """Numbers events by a sequence: neither gap-free nor in the order of commits."""

    async def _advance(self, counter: str, team_id: TeamId, count: int) -> tuple[int, str]:
        if counter != "last_seq":
            return await super()._advance(counter, team_id, count)
        name = f"seq_{team_id.hex}"
        await self._connection.fetch(f"CREATE SEQUENCE IF NOT EXISTS {name}", {})
        numbers = f"SELECT max(nextval('{name}')) FROM generate_series(1, {count})"  # noqa: S608  names of ours
        rows = await self._connection.fetch(numbers, {})
        return int(rows[0][0]), ""


class Unlocked(SqlUnit):
    """Loads without locking, and writes whatever the version."""

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        return await self._reader.see(kind, ref, actor)

    async def lock(self, team_id: TeamId | None) -> None:
        """No lock."""


class Early(SqlUnit):
    """Commits what it writes at once, so that nothing is undone."""

    async def save(
        self,
        changed: Sequence[Entity],
        *,
        removed: Sequence[Entity] = (),
        events: Sequence[Event] = (),
        verbatim: bool = False,
    ) -> list[Any]:
        saved = await super().save(changed, removed=removed, events=events, verbatim=verbatim)
        await self._connection.fetch("COMMIT", {})
        await self._connection.fetch("BEGIN", {})
        return saved


class Forgiving(SqlUnit):
    """Takes no lock of the instance, under which its admins are counted."""

    async def lock(self, team_id: TeamId | None) -> None:
        if team_id is not None:
            await super().lock(team_id)


class Broken(Postgres):
    """PostgreSQL with one of these units."""

    def __init__(self, url: str, unit: type[SqlUnit]) -> None:
        super().__init__(url, rls=False)  # one of them makes sequences, which behind the wall nobody may
        self._unit = unit

    @asynccontextmanager
    async def unit(self, actor: Actor | None = None) -> AsyncIterator[Unit]:
        async with self.writing(actor) as connection:
            yield self._unit(connection, POSTGRESQL, locks=True)


class ByOffset:
    """A store whose pages begin behind as many rows as were given, not behind the row that was the last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._given: dict[UUID, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Any:
        return RowsByOffset(self._store.rows(actor, progress), self._given)


class RowsByOffset:
    """What it reads by. `given` has how many rows there were up to the last of a page."""

    def __init__(self, rows: Rows, given: dict[UUID, int]) -> None:
        self._rows = rows
        self._given = given

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    async def search(self, search: TaskSearch) -> Found:
        skipped = self._given[search.after[1]] if search.after is not None else 0
        found = await self._rows.search(attrs.evolve(search, after=None, limit=skipped + search.limit))
        page = found.items[skipped:]
        self._given |= {task.id: place for place, task in enumerate(page, skipped + 1)}
        return attrs.evolve(found, items=page)


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_pages_by_offset_are_caught(store: Store) -> None:
    class Few(WalkContract):
        tasks = 1_000

    with pytest.raises(AssertionError, match="untouched tasks by how often they were met"):
        await Few().test_a_walk_under_writes_meets_each_untouched_task_once(World(ByOffset(store)))


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("unit", "case"),
    [
        (Numbered, "test_the_log_has_no_gap_and_a_live_reader_misses_nothing"),
        (Early, "test_the_log_has_no_gap_and_a_live_reader_misses_nothing"),
        (Unlocked, "test_owners_who_demote_each_other_leave_one"),
        (Unlocked, "test_dependencies_made_at_once_never_close_a_cycle"),
        (Unlocked, "test_two_hundred_duels_of_owners_leave_each_team_one"),
        (Forgiving, "test_admins_who_shut_each_other_leave_one"),
    ],
)
async def test_a_broken_store_is_caught(store_url: str, unit: type[SqlUnit], case: str) -> None:
    store = SqlStore(Broken(store_url, unit))
    suite = RaceContract() if hasattr(RaceContract, case) else CredentialRaces()
    try:
        with pytest.raises(AssertionError):
            await getattr(suite, case)(World(store))
    finally:
        await store.close()
