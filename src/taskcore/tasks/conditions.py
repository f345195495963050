"""
What an expression means for whoever asks it, now: `me` is somebody, each moment an instant.

As much of it as can be is put into the fields of an ordinary filter, which stores answer from
their indexes; what is left is a tree of conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs

from taskcore.expression.parser import unreadable
from taskcore.expression.terms import Both, Compared, Either, Moment, Node, Not, Term, leaves
from taskcore.permissions import missing
from taskcore.query import AllOf, AnyOf, Condition, NotOf, TaskFilter
from taskcore.teams.model import Team
from taskcore.values import Priority, Status, UserId, start_of_day, zone

Instants = tuple[tuple[frozenset[UUID] | None, datetime], ...]


def _asking(**fields: Any) -> TaskFilter:
    """A filter of these fields alone, in an expression."""
    return TaskFilter(deleted=None, **fields)


_NOTHING = _asking()
_NAMES = tuple(
    each.name for each in attrs.fields(TaskFilter) if each.name not in ("bounds", "deleted", "rest")
)
_SEVERAL = frozenset(name for name in _NAMES if getattr(_NOTHING, name) == ())
_PEOPLE = frozenset({"assignee", "created_by", "follower"})
_KINDS: Mapping[str, Iterable[Any]] = {"status": Status, "priority": Priority}
_EDGES: Mapping[str, tuple[tuple[str, bool], ...]] = {
    "<": (("before", False),),
    "<=": (("before", True),),
    ">": (("after", True),),
    ">=": (("after", False),),
    ":": (("after", False), ("before", True)),
}
"""The bounds that a comparison means, each at the moment or (True) at the following one."""
_EVER = datetime.min.replace(tzinfo=UTC)
_LEAST = timedelta(microseconds=1)
"""What lies between an instant and the next."""


@attrs.frozen
class Asker:
    """Who asks, when, and of which teams; the teams only where they matter (`needs_teams`)."""

    me: UserId
    now: datetime
    teams: Sequence[Team] = ()

    def people(self, asked: Iterable[UUID | str | None]) -> tuple[UUID | None, ...]:
        return tuple(self.me if who == "me" else who for who in asked)  # type: ignore[misc]

    def zones(self) -> dict[str, frozenset[UUID]]:
        """The teams by time zone."""
        names = sorted({team.time_zone for team in self.teams})
        return {name: frozenset(team.id for team in self.teams if team.time_zone == name) for name in names}

    def team(self, ref: str) -> UUID:
        """Raises: NotFound, also where one may not know of it."""
        for team in self.teams:
            if ref in (team.key, team.slug) or _same_id(ref, team.id):
                return team.id
        raise missing(f"team {ref}")

    def begins(self, moment: Moment, *, following: bool = False) -> Instants:
        """When the moment begins, for each team; or the one that follows it, day or instant. Raises:
        ValueError, OverflowError."""
        if moment.is_day:
            shift = moment.shift + timedelta(days=following)
            return tuple(
                (teams, start_of_day(self._day(moment, name) + shift, name))
                for name, teams in self.zones().items()
            )
        base = moment.base if isinstance(moment.base, datetime) else self.now
        return ((None, base + moment.shift + _LEAST * following),)

    def _day(self, moment: Moment, zone_name: str) -> date:
        return moment.base if isinstance(moment.base, date) else self.now.astimezone(zone(zone_name)).date()


def _same_id(ref: str, team_id: UUID) -> bool:
    try:
        return UUID(ref) == team_id
    except ValueError:
        return False


def needs_teams(expression: Node) -> bool:
    """Whether what it means hangs on the caller's teams: their names, or their days."""
    return any(
        leaf.field == "team" if isinstance(leaf, Term) else leaf.moment is not None and leaf.moment.is_day
        for leaf in leaves(expression)
    )


def within_teams(expression: Node) -> tuple[tuple[str, ...], Node | None]:
    """The teams outside of which nothing answers an expression, and what else it says."""
    parts = expression.of if isinstance(expression, Both) else (expression,)
    for place, part in enumerate(parts):
        if isinstance(part, Term) and part.field == "team":
            others = (*parts[:place], *parts[place + 1 :])
            return part.values, Both(others) if len(others) > 1 else next(iter(others), None)
    return (), expression


def narrowed(
    where: TaskFilter, expression: Node | None, asker: Asker, *, terms: Iterable[str] = ()
) -> TaskFilter:
    """The filter that also asks for what an expression says, and for each of these texts. Raises: NotFound,
    Malformed."""
    asked: list[Condition] = [_asking(text=term) for term in terms]
    if expression is not None:
        asked += _parts(_meaning(expression, asker), AllOf)
    where, left = _folded(where, asked)
    return attrs.evolve(where, rest=_every(left)) if left else where


def _meaning(node: Node, asker: Asker) -> Condition:
    match node:
        case Both(of):
            return _every([_meaning(part, asker) for part in of])
        case Either(of):
            return _any([_meaning(part, asker) for part in of])
        case Not(of):
            return _none(_meaning(of, asker))
        case Compared():
            return _compared(node, asker)
        case Term():
            return _term(node, asker)


def _term(term: Term, asker: Asker) -> Condition:
    match term:
        case Term("team", refs):
            return _asking(team=tuple(map(asker.team, refs)))
        case Term("text", texts):
            return _any([_asking(text=text.casefold()) for text in texts])
        case Term(field, people) if field in _PEOPLE:
            return _asking(**{field: asker.people(people)})
        case Term(field, values):
            return _asking(**{field: values if field in _SEVERAL else values[0]})


def _compared(asked: Compared, asker: Asker) -> Condition:
    if asked.moment is None:
        return NotOf(_asking(bounds=((f"{asked.field}_after", ((None, _EVER),)),)))
    try:
        bounds = tuple(
            (f"{asked.field}_{side}", asker.begins(asked.moment, following=following))
            for side, following in _EDGES[asked.sign]
        )
    except (OverflowError, ValueError) as error:
        raise unreadable("a moment outside the years 1 to 9999", asked.moment.column) from error
    return _asking(bounds=bounds)


def _parts(condition: Condition, kind: type[AllOf | AnyOf]) -> tuple[Condition, ...]:
    return condition.of if isinstance(condition, kind) else (condition,)


def _given(where: TaskFilter) -> dict[str, Any]:
    """The fields that a filter asks about, its bounds aside."""
    return {name: value for name in _NAMES if (value := getattr(where, name)) not in ((), None)}


def _folded(where: TaskFilter, conditions: Iterable[Condition]) -> tuple[TaskFilter, list[Condition]]:
    """The filter with what else must hold in those of its fields that are free, and what is left."""
    left: list[Condition] = []
    for condition in conditions:
        if not isinstance(condition, TaskFilter):
            left.append(condition)
            continue
        asked, taken = _given(condition), _given(where).keys()
        free = {name: value for name, value in asked.items() if name not in taken}
        where = attrs.evolve(where, bounds=where.bounds + condition.bounds, **free)
        if more := {name: value for name, value in asked.items() if name in taken}:
            left.append(_asking(**more))
    return where, left


def _every(conditions: Iterable[Condition]) -> Condition:
    """All of them hold."""
    where, left = _folded(_NOTHING, (part for each in conditions for part in _parts(each, AllOf)))
    parts = left if where == _NOTHING else [where, *left]
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _any(conditions: Iterable[Condition]) -> Condition:
    """One of them holds. Filters for values of one field are one filter."""
    values: dict[str, dict[Any, None]] = {}
    others: list[Condition] = []
    for condition in (part for each in conditions for part in _parts(each, AnyOf)):
        if (name := _sole(condition)) in _SEVERAL:
            values.setdefault(name, {}).update(dict.fromkeys(getattr(condition, name)))
        else:
            others.append(condition)
    parts = [*(_asking(**{name: tuple(each)}) for name, each in values.items()), *others]
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _none(condition: Condition) -> Condition:
    """It does not hold; as a filter for all else, where a field has few values."""
    if isinstance(condition, NotOf):
        return condition.of
    name = _sole(condition)
    if name in ("overdue", "blocked"):
        return _asking(**{name: not getattr(condition, name)})
    others = tuple(each for each in _KINDS.get(name, ()) if each not in getattr(condition, name))
    return _asking(**{name: others}) if others else NotOf(condition)


def _sole(condition: Condition) -> str:
    """The one field that a filter asks about; "" where it is not one."""
    if not isinstance(condition, TaskFilter) or condition.bounds:
        return ""
    names = list(_given(condition))
    return names[0] if len(names) == 1 else ""
