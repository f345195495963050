"""A task search as SQL: whose teams, which tasks, in which order, from where on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

import attrs

from taskcore.events import instant_text
from taskcore.expression.texts import sought
from taskcore.ports import TaskSearch
from taskcore.query import RELEVANCE, AllOf, AnyOf, Condition, NotOf, TaskFilter
from taskcore.tasks.model import Task
from taskcore.values import Role, UserId
from taskcore_sql.database import Params
from taskcore_sql.dialect import Dialect
from taskcore_sql.keyset import Order, order_by, order_within, stretches
from taskcore_sql.mapping import BLOCKED, mapping
from taskcore_sql.standing import active, actor_params, only_team
from taskcore_sql.texts import OF_TASK, relevance

_TEAM_KEY = re.compile(r"[A-Z]{2,10}")
_FINISHED = "('done', 'cancelled')"


def clean(text: str) -> str:
    """A text that a database can compare with; one that it could not hold names nothing."""
    if "\x00" in text:
        return ""
    return text if text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text) else ""


@lru_cache(maxsize=4096)
def team_ref(ref: str) -> tuple[str, UUID | str]:
    """Which column a team's name is of, and its value there."""
    try:
        return "id", UUID(ref)
    except ValueError:
        return ("key" if _TEAM_KEY.fullmatch(ref) else "slug"), clean(ref)


def _same(value: Any) -> Any:
    return value


@attrs.define(slots=True)
class _Where:
    """Predicates and their parameters, as they are gathered."""

    dialect: Dialect
    params: Params = attrs.field(factory=dict)
    predicates: list[str] = attrs.field(factory=list)
    prefix: str = ""
    """What the names of these parameters begin with: one field may be asked about again in an expression."""
    tables: dict[str, str] = attrs.field(factory=lambda: {"mine": ""})
    """Queries by name, of which the statement makes tables."""
    texts: dict[str, str] = attrs.field(factory=dict)
    """The tables of all tasks that have a text, by that text."""

    def apart(self) -> _Where:
        """Other predicates, with parameters in the same place under names of their own."""
        return attrs.evolve(self, predicates=[], prefix=f"q{len(self.params)}_")

    def found(self, text: str, indexed: str) -> str:
        """The table of all tasks that have a text."""
        if text not in self.texts:
            name = self.texts[text] = f"found{len(self.texts)}"
            part, asked = self.param(f"{name}_text", sought(text).part), self.param(f"{name}_asked", indexed)
            self.tables[name] = self.dialect.tasks_with(part, asked)
        return self.texts[text]

    def all_tables(self) -> str:
        return ", ".join(f"{name} AS ({query})" for name, query in self.tables.items())

    def param(self, name: str, value: Any, kind: str = "str") -> str:
        encode = self.dialect.encoders.get(kind)
        self.params[self.prefix + name] = encode(value) if encode and value is not None else value
        return f":{self.prefix}{name}"

    def any_of(self, expression: str, name: str, values: Iterable[Any], kind: str = "str") -> str:
        name = self.prefix + name
        encode = self.dialect.encoders.get(kind, _same)
        encoded = [encode(value) for value in values]
        if len(encoded) == 1:
            self.params[name] = encoded[0]
            return f"{expression} = :{name}"
        self.params[name] = self.dialect.several(encoded)
        return self.dialect.any_of(expression, name)

    def any_or_none(self, column: str, name: str, values: Sequence[Any], kind: str = "str") -> str:
        """A column is one of the values, None among them meaning null."""
        there = [value for value in values if value is not None]
        tests = [self.any_of(column, name, there, kind)] if there else []
        tests += [f"{column} IS NULL"] if None in values else []
        return f"({' OR '.join(tests)})"

    def add(self, predicate: str) -> None:
        self.predicates.append(predicate)


def listing(search: TaskSearch, dialect: Dialect) -> tuple[str, Params]:
    """One row a task behind `active, is_admin, teams` of the caller; one with nulls if there is none."""
    where = _where(search, dialect)
    where.tables["mine"] = _mine(search, where)
    teams = dialect.joined(_PACKED, "FROM mine") if search.teams else "NULL"
    kinds = {**mapping(Task, dialect).kinds, RELEVANCE: "int"}
    runs = stretches(
        search.order, search.after, lambda name, value, field: where.param(name, value, kinds[field])
    )
    predicates = tuple(where.predicates)
    if search.ranked:
        page = _ranked(predicates, relevance(search.terms, dialect, where.param), runs)
    else:
        page = _page(dialect, predicates, runs, search.order, search.limit)
    holds = active(search.scope.actor)
    rank = "t.relevance" if search.ranked else "0"
    return _listing(
        dialect, holds, where.all_tables(), teams, rank, page, search.order, search.limit
    ), where.params


_PACKED = "CAST(mine.team_id AS TEXT) || ' ' || mine.slug || ' ' || mine.key || ' ' || mine.role"


@lru_cache(maxsize=1024)
def _page(
    dialect: Dialect, predicates: tuple[str, ...], runs: tuple[str, ...], order: Order, limit: int
) -> str:
    """Tasks `t`: the page of each of my teams, from an index."""
    pages = [
        f"SELECT {dialect.row} FROM tasks t"  # noqa: S608  names of ours
        f" WHERE {' AND '.join(filter(None, ('t.team_id = mine.team_id', *predicates, stretch)))}"
        f" ORDER BY {order_within(order)} LIMIT {limit}"
        for stretch in runs
    ]
    page = pages[0] if len(pages) == 1 else dialect.in_turn(pages[0], pages[1], limit)
    return dialect.of_each("mine", page)


def _ranked(predicates: tuple[str, ...], rank: str, runs: tuple[str, ...]) -> str:
    """Tasks `t` with their relevance, beyond the place where the last page ended. An index has no order by
    relevance: what is found is sorted."""
    tests = " AND ".join(("t.team_id = mine.team_id", *predicates))
    beyond = f" WHERE ({' OR '.join(runs)})" if all(runs) else ""
    return f"(SELECT t.*, {rank} AS relevance FROM mine JOIN tasks t ON {tests}) t{beyond}"  # noqa: S608  as above


@lru_cache(maxsize=1024)
def _listing(
    dialect: Dialect,
    holds: str,
    tables: str,
    teams: str,
    rank: str,
    page: str,
    order: Order,
    limit: int,
) -> str:
    """Of these tasks the first of all; what hangs on them alone."""
    return f"""WITH {tables}
SELECT {holds}, u.is_admin, {teams}, {rank}, {mapping(Task, dialect).select}
FROM users u LEFT JOIN (
  SELECT t.* FROM {page} ORDER BY {order_by(order)} LIMIT {limit}
) t ON TRUE
WHERE u.id = :user_id
ORDER BY {order_by(order)}"""  # noqa: S608  names of ours


def counting(search: TaskSearch, dialect: Dialect) -> tuple[str, Params]:
    where = _where(search, dialect)
    where.tables["mine"] = _mine(search, where)
    tests = " AND ".join(("t.team_id = mine.team_id", *where.predicates))
    sql = f"""WITH {where.all_tables()}
SELECT count(*) FROM {dialect.all_of("mine", tests)}"""  # noqa: S608  names of ours
    return sql, where.params


def _where(search: TaskSearch, dialect: Dialect) -> _Where:
    where = _Where(dialect)
    where.params |= actor_params(search.scope.actor, dialect.encoders.get("uuid", _same))
    _scope(search, where)
    _filter(search.where, search.now, where)
    return where


def _filter(asked: TaskFilter, now: datetime, where: _Where) -> None:
    _fields(asked, where)
    _bounds(asked, where)
    _states(asked, now, where)
    if asked.rest is not None:
        where.add(_condition(asked.rest, now, where))


def _condition(asked: Condition, now: datetime, where: _Where) -> str:
    """A condition that is true, or else false or null: only a negation tells these two apart, and makes
    both true."""
    match asked:
        case AllOf(of):
            return f"({' AND '.join(_condition(each, now, where) for each in of)})"
        case AnyOf(of):
            return f"({' OR '.join(_condition(each, now, where) for each in of)})"
        case NotOf(of):
            return f"({_condition(of, now, where)} IS NOT TRUE)"
        case TaskFilter():
            part = where.apart()
            _filter(asked, now, part)
            return f"({' AND '.join(part.predicates) or 'TRUE'})"


def _mine(search: TaskSearch, where: _Where) -> str:
    """The caller's teams, of those asked for, and whether the caller sees the whole of each."""
    asked = ""
    if search.teams:
        refs = [team_ref(ref) for ref in search.teams]
        by_column = {column: [value for each, value in refs if each == column] for column, _ in refs}
        kinds = {"id": "uuid", "slug": "str", "key": "str"}
        tests = [
            where.any_of(f"h.{column}", f"team_{column}", values, kinds[column])
            for column, values in by_column.items()
        ]
        asked = f" AND ({' OR '.join(tests)})"
    return f"""SELECT h.id AS team_id, h.slug, h.key, m.role, {_in(search.scope.whole)} AS whole, {_in(search.scope.shared)} AS shared
  FROM memberships m JOIN teams h ON h.id = m.team_id AND h.deleted_at IS NULL
  WHERE m.user_id = :user_id{only_team(search.scope.actor)}{asked}"""  # noqa: S608  names of ours


@cache
def _in(roles: frozenset[Role]) -> str:
    return f"m.role IN ({', '.join(repr(role.value) for role in sorted(roles)) or 'NULL'})"


def _scope(search: TaskSearch, where: _Where) -> None:
    """My role in the team sees all of it, or the project is shared with me."""
    if search.scope.shared:
        guest = where.dialect.each_row("SELECT g.project_id FROM project_guests g WHERE g.user_id = :user_id")
        where.add(f"(mine.whole OR (mine.shared AND t.project_id {guest}))")
    else:
        where.add("mine.whole")


def _fields(asked: TaskFilter, where: _Where) -> None:
    if asked.team:
        where.add(where.any_of("t.team_id", "team", asked.team, "uuid"))
    if asked.status:
        where.add(where.any_of("t.status", "status", asked.status))
    if asked.priority:
        where.add(where.any_of("t.priority", "priority", asked.priority, "priority"))
    for name, column in (
        ("project", "project_id"),
        ("assignee", "assignee_id"),
        ("created_by", "created_by"),
    ):
        if values := getattr(asked, name):
            where.add(where.any_or_none(f"t.{column}", name, values, "uuid"))
    if asked.label:
        named = where.any_of("l.name", "label", asked.label)
        where.add(
            "t.id IN (SELECT x.task_id FROM labels l JOIN task_labels x ON x.team_id = l.team_id"  # noqa: S608
            f" AND x.label_id = l.id WHERE l.team_id IN (SELECT team_id FROM mine) AND {named})"
        )
    if asked.follower:
        where.add(_follower(asked.follower, where))
    if asked.parent:
        where.add(_parent(asked.parent, where))
    if asked.text is not None:
        where.add(_has(asked.text, where))


def _has(text: str, where: _Where) -> str:
    """A text is in one of the task's: by the index on texts, or task by task where that knows nothing of it."""
    indexed = where.dialect.sought_in_index(sought(text))
    if indexed is not None:
        return f"t.id IN (SELECT task_id FROM {where.found(text, indexed)})"  # noqa: S608  names of ours
    has_it = f"{where.dialect.find}(x.text, {where.param('text', sought(text).part)}) > 0"
    return f"EXISTS (SELECT 1 {OF_TASK} AND {has_it})"


def _follower(wanted: Sequence[UUID | None], where: _Where) -> str:
    people = [who for who in wanted if who is not None]
    tests = []
    if people:
        followed = where.any_of("x.user_id", "follower", people, "uuid")
        tests.append(
            "t.id IN (SELECT x.task_id FROM task_followers x"  # noqa: S608
            f" WHERE x.team_id IN (SELECT team_id FROM mine) AND {followed})"
        )
    if None in wanted:
        tests.append(
            "NOT EXISTS (SELECT 1 FROM task_followers x WHERE x.team_id = t.team_id AND x.task_id = t.id)"
        )
    return f"({' OR '.join(tests)})"


def _parent(wanted: Sequence[str | None], where: _Where) -> str:
    tests = ["t.parent_id IS NULL"] if None in wanted else []
    ids, keys = [], []
    for name in wanted:
        try:
            ids += [UUID(name)] if name is not None else []
        except ValueError:
            keys.append((name or "").upper())
    if ids:
        tests.append(where.any_of("t.parent_id", "parent_id", ids, "uuid"))
    if keys:
        named = where.any_of("p.key", "parent_key", keys)
        comparison = "=" if len(keys) == 1 else "IN"
        tests.append(f"t.parent_id {comparison} (SELECT p.id FROM tasks p WHERE {named})")  # noqa: S608
    return f"({' OR '.join(tests)})"


def _bounds(asked: TaskFilter, where: _Where) -> None:
    """Also of one date several times."""
    for place, (name, allowed) in enumerate(asked.bounds):
        where.add(_bound(name, f"{name}{place}", allowed, where))


def _states(asked: TaskFilter, now: datetime, where: _Where) -> None:
    if asked.overdue is not None:
        instant = where.param("now", now, "instant")
        late = f"t.due_at < {instant} AND t.status NOT IN {_FINISHED}"
        on_time = f"t.due_at IS NULL OR t.due_at >= {instant} OR t.status IN {_FINISHED}"
        where.add(f"({late if asked.overdue else on_time})")
    if asked.blocked is not None:
        where.add(f"t.status NOT IN {_FINISHED} AND {BLOCKED}" if asked.blocked else f"NOT {BLOCKED}")
    if asked.deleted is not None:
        where.add(f"t.deleted_at IS {'NOT ' if asked.deleted else ''}NULL")
    if asked.free_for is not None:
        where.add(_free(asked.free_for, now, where))


def _free(user_id: UserId, now: datetime, where: _Where) -> str:
    """`lifecycle.is_free` in SQL: an instant in JSON has one spelling, which sorts as it does."""
    held = "json_extract(t.lease, '$.until')" if where.dialect.name == "sqlite" else "t.lease ->> 'until'"
    until, me = where.param("held_until", instant_text(now)), where.param("free_for", user_id, "uuid")
    return (
        f"CASE WHEN t.lease IS NOT NULL THEN {held} <= {until}"
        f" ELSE t.assignee_id IS NULL OR t.assignee_id = {me} END"
    )


def _bound(
    name: str, parameter: str, allowed: Iterable[tuple[frozenset[UUID] | None, Any]], where: _Where
) -> str:
    field, _, side = name.rpartition("_")
    comparison = ">=" if side == "after" else "<"
    tests = []
    for place, (teams, instant) in enumerate(allowed):
        test = f"t.{field}_at {comparison} {where.param(f'{parameter}_{place}', instant, 'instant')}"
        if teams is not None:
            test += f" AND {where.any_of('t.team_id', f'{parameter}_teams_{place}', sorted(teams), 'uuid')}"
        tests.append(f"({test})")
    return f"({' OR '.join(tests) or 'FALSE'})"
