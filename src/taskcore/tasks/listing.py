"""Pages of tasks: from a query as asked to one that a store can answer, and back to a cursor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import attrs

from taskcore.caller import Caller
from taskcore.errors import invalid
from taskcore.paging import Page
from taskcore.permissions import missing, scope, signed_out
from taskcore.ports import TaskSearch
from taskcore.query import (
    BOUNDS,
    Position,
    TaskFilter,
    TaskQuery,
    parse_position,
    position_of,
    seal,
    unseal,
)
from taskcore.tasks.lifecycle import derived
from taskcore.tasks.model import Task
from taskcore.teams.model import Membership, Team
from taskcore.values import UserId, start_of_day


async def page(caller: Caller, query: TaskQuery) -> Page[Task]:
    """The page that `query` asks for."""
    now = caller.clock()
    search = await _search(caller, query, now, query.limit + 1)
    found = await caller.rows().search(search)
    if not found.active:
        raise signed_out()
    for ref in query.team:
        standing = found.standings.get(ref)
        if standing is None or not search.scope.permits(standing.role, shared=True):
            raise missing(f"team {ref}")
    items = [derived(task, None, now) for task in found.items[: query.limit]]
    more = len(found.items) > query.limit
    return Page(items, await _cursor(caller, query, items[-1]) if more else None)


async def count(caller: Caller, query: TaskQuery) -> int:
    """How many tasks `query` selects, its cursor and limit set aside."""
    await page(caller, attrs.evolve(query, limit=1, cursor=None))
    return await caller.rows().count(await _search(caller, query, caller.clock(), 1))


async def _search(caller: Caller, query: TaskQuery, now: datetime, limit: int) -> TaskSearch:
    return TaskSearch(
        scope=scope(caller.actor, "task.list"),
        teams=query.team,
        where=_filter(query, caller.user_id, await _bounds(caller, query)),
        order=query.order,
        now=now,
        after=await _position(caller, query),
        limit=limit,
    )


def _filter(query: TaskQuery, me: UserId, bounds: Any) -> TaskFilter:
    def people(asked: Iterable[UUID | str | None]) -> tuple[UUID | None, ...]:
        return tuple(me if who == "me" else who for who in asked)  # type: ignore[misc]

    return TaskFilter(
        project=query.project,
        status=query.status,
        priority=query.priority,
        assignee=people(query.assignee),
        created_by=people(query.created_by),
        label=query.label,
        parent=query.parent,
        follower=people(query.follower),
        bounds=bounds,
        overdue=query.overdue,
        blocked=query.blocked,
        text=query.text.casefold() if query.text else None,
        deleted=query.deleted,
    )


async def _bounds(caller: Caller, query: TaskQuery) -> Any:
    """Each bound as instants; the zones of teams are read only if a bound is a day."""
    asked = {name: getattr(query, name) for name in BOUNDS if getattr(query, name) is not None}
    days = [value for value in asked.values() if not isinstance(value, datetime)]
    zones = await _zones(caller) if days else {}
    return tuple(
        (name, ((None, value),) if isinstance(value, datetime) else _day_bound(name, value, zones))
        for name, value in asked.items()
    )


def _day_bound(field: str, day: date, zones: dict[str, frozenset[UUID]]) -> Any:
    try:
        return tuple((teams, start_of_day(day, name)) for name, teams in zones.items())
    except ValueError as error:
        raise invalid(field, str(error)) from error


async def _zones(caller: Caller) -> dict[str, frozenset[UUID]]:
    """The caller's teams by time zone."""
    memberships = await caller.rows().find(Membership, user_id=caller.user_id)
    teams = await caller.rows().find(Team, id=tuple(membership.team_id for membership in memberships))
    names = sorted({team.time_zone for team in teams})
    return {name: frozenset(team.id for team in teams if team.time_zone == name) for name in names}


def _binding(caller: Caller, query: TaskQuery) -> Any:
    return [str(caller.user_id), query.params()]


async def _cursor(caller: Caller, query: TaskQuery, last: Task) -> str:
    position = position_of((getattr(last, field) for field, _ in query.order), last.id)
    return seal(await caller.store.secret(), _binding(caller, query), position)


async def _position(caller: Caller, query: TaskQuery) -> Position | None:
    if query.cursor is None:
        return None
    sealed = unseal(await caller.store.secret(), _binding(caller, query), query.cursor)
    return parse_position(query.order, sealed)


_FIRST_ID, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)


async def next_rank(caller: Caller, task: Task, moving: Task, *, following: bool) -> str | None:
    """The next rank that is not `task`'s in its team, the moving task's own set aside; None at the
    end. Tasks that share a rank stay together."""
    search = TaskSearch(
        scope=scope(caller.actor, "task.list"),
        teams=(str(task.team_id),),
        where=TaskFilter(),
        order=(("rank", not following),),
        now=caller.clock(),
        after=((task.rank,), _LAST_ID if following else _FIRST_ID),
        limit=2,
    )
    found = await caller.rows().search(search)
    return next((other.rank for other in found.items if other.id != moving.id), None)
