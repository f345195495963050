"""Pages of tasks: from a query as asked to one that a store can answer, and back to a cursor."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from taskcore.caller import Caller
from taskcore.errors import invalid
from taskcore.expression.parser import parsed
from taskcore.expression.terms import Moment
from taskcore.expression.texts import asked_for
from taskcore.identity.model import User
from taskcore.paging import Page
from taskcore.permissions import missing, scope, signed_out
from taskcore.ports import TaskSearch
from taskcore.query import (
    BOUNDS,
    RELEVANCE,
    Position,
    TaskFilter,
    TaskQuery,
    parse_position,
    position_of,
    seal,
    unseal,
)
from taskcore.tasks.conditions import Asker, Instants, narrowed, needs_teams, within_teams
from taskcore.tasks.lifecycle import derived
from taskcore.tasks.model import Task
from taskcore.teams.model import Membership, Team


async def page(caller: Caller, query: TaskQuery) -> Page[Task]:
    """The page that `query` asks for."""
    now = caller.clock()
    search = await _search(caller, query, now, query.limit + 1)
    found = await caller.rows().search(search)
    if not found.active:
        raise signed_out()
    for ref in search.teams:
        standing = found.standings.get(ref)
        if standing is None or not search.scope.permits(standing.role, shared=True):
            raise missing(f"team {ref}")
    items = [derived(task, None, now) for task in found.items[: query.limit]]
    more = len(found.items) > query.limit
    if not more:
        return Page(items, None)
    relevance = found.relevance[query.limit - 1] if found.relevance else 0
    return Page(items, await _cursor(caller, query, items[-1], relevance))


async def free(caller: Caller, query: TaskQuery) -> list[Task]:
    """What the caller could claim next of what `query` selects: free, started by now, and not blocked."""
    now = caller.clock()
    search = await _search(caller, query, now, query.limit)
    where = attrs.evolve(search.where, blocked=False, free_for=caller.user_id)
    found = await caller.newest_rows().search(attrs.evolve(search, where=where))
    return [task for task in found.items if task.start_at is None or task.start_at <= now]


async def count(caller: Caller, query: TaskQuery) -> int:
    """How many tasks `query` selects, its cursor and limit set aside."""
    await page(caller, attrs.evolve(query, limit=1, cursor=None))
    return await caller.rows().count(await _search(caller, query, caller.clock(), 1))


async def _search(caller: Caller, query: TaskQuery, now: datetime, limit: int) -> TaskSearch:
    teams, expression = query.team, parsed(query.q) if query.q is not None else None
    if expression is not None and not teams:
        teams, expression = within_teams(expression)
    bounds = _bounds(query)
    days = any(moment.is_day for _, moment in bounds)
    homes = await _homes(caller) if days or (expression is not None and needs_teams(expression)) else ()
    asker = Asker(caller.user_id, now, homes)
    where = _filter(query, asker, tuple((name, _begins(name, moment, asker)) for name, moment in bounds))
    return TaskSearch(
        scope=scope(caller.actor, "task.list"),
        teams=teams,
        where=narrowed(where, expression, asker, terms=asked_for(query.text or "")),
        terms=query.terms,
        order=query.order,
        now=now,
        after=await _position(caller, query),
        limit=limit,
    )


def _filter(query: TaskQuery, asker: Asker, bounds: Any) -> TaskFilter:
    return TaskFilter(
        project=query.project,
        status=query.status,
        priority=query.priority,
        assignee=asker.people(query.assignee),
        created_by=asker.people(query.created_by),
        label=query.label,
        parent=query.parent,
        follower=asker.people(query.follower),
        bounds=bounds,
        overdue=query.overdue,
        blocked=query.blocked,
        deleted=query.deleted,
    )


def _bounds(query: TaskQuery) -> list[tuple[str, Moment]]:
    return [(name, Moment(bound)) for name in BOUNDS if (bound := getattr(query, name)) is not None]


def _begins(field: str, moment: Moment, asker: Asker) -> Instants:
    try:
        return asker.begins(moment)
    except ValueError as error:
        raise invalid(field, str(error)) from error


async def _homes(caller: Caller) -> list[Team]:
    """The teams whose tasks the caller may list: read only if a day or a team's name is to mean something."""
    seen = await caller.rows().see(User, caller.user_id, caller.actor)
    if not seen.standing.active:
        raise signed_out()
    allowed = scope(caller.actor, "task.list")
    memberships = await caller.rows().find(Membership, user_id=caller.user_id)
    ids = tuple(each.team_id for each in memberships if allowed.permits(each.role, shared=True))
    only = caller.actor.team_id
    teams = await caller.rows().find(Team, id=ids, deleted_at=None)
    return [team for team in teams if only in (None, team.id)]


def _binding(caller: Caller, query: TaskQuery) -> Any:
    return [str(caller.user_id), query.params(), *([query.order] if query.ranked else [])]


async def _cursor(caller: Caller, query: TaskQuery, last: Task, relevance: int) -> str:
    values = (relevance if field == RELEVANCE else getattr(last, field) for field, _ in query.order)
    position = position_of(values, last.id)
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
    found = await caller.newest_rows().search(search)
    return next((other.rank for other in found.items if other.id != moving.id), None)
