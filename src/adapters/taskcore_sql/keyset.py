"""
Order and place as SQL: pages by key, each read from an index at the place where the last one ended.

An index can be entered anywhere, but a list whose unset values come last is two stretches of it: those set,
then those unset. Each stretch is read in the index's own order, as far as the page's limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from taskcore.query import Position

NULLABLE = frozenset({"due_at", "completed_at"})
"""Fields to sort by that may be unset."""
Order = tuple[tuple[str, bool], ...]
Param = Callable[[str, Any, str], str]
"""Takes a parameter's name, value and field; gives its name in the statement."""


def whole(order: Order) -> Order:
    """With the id, which breaks ties in the last key's direction."""
    return (*order, ("id", order[-1][1]))


def order_by(order: Order) -> str:
    """Unset values last, in both directions."""
    return _listed(whole(order), NULLABLE)


def order_within(order: Order) -> str:
    """The same within a stretch, where it matters not on which side the first key's unset values lie."""
    return _listed(whole(order), NULLABLE - {order[0][0]})


def _listed(keys: Order, nullable: frozenset[str]) -> str:
    return ", ".join(
        f"t.{field}{' DESC' if descending else ''}{' NULLS LAST' if field in nullable else ''}"
        for field, descending in keys
    )


def stretches(order: Order, after: Position | None, param: Param) -> tuple[str, ...]:
    """The predicate of each stretch that has rows behind `after`."""
    first = order[0][0]
    values = (*after[0], after[1]) if after is not None else None
    if first not in NULLABLE:
        return (_beyond(whole(order), values, param, first),) if values is not None else ("",)
    unset = f"t.{first} IS NULL"
    if values is None:
        return f"t.{first} IS NOT NULL", unset
    if values[0] is not None:
        return _beyond(whole(order), values, param, first), unset
    return (f"{unset} AND {_beyond(whole(order)[1:], values[1:], param)}",)


def _beyond(keys: Order, values: Sequence[Any], param: Param, never_unset: str = "") -> str:
    """Strictly behind these values, in the order of the keys."""
    names = [
        param(f"after_{field}", value, field) if value is not None else ""
        for (field, _), value in zip(keys, values, strict=True)
    ]
    nullable = (NULLABLE - {never_unset}) & {field for field, _ in keys}
    if not nullable and len({descending for _, descending in keys}) == 1:
        return f"({', '.join(f't.{field}' for field, _ in keys)}) {_sign(keys[0])} ({', '.join(names)})"
    ways = " OR ".join(f"({way})" for way in _ways(keys, names, nullable))
    enter = f"t.{keys[0][0]} {_sign(keys[0])}= {names[0]} AND " if keys[0][0] not in nullable else ""
    return f"{enter}({ways})"


def _sign(key: tuple[str, bool]) -> str:
    return "<" if key[1] else ">"


def _ways(keys: Order, names: Sequence[str], nullable: frozenset[str]) -> list[str]:
    """Equal so far and beyond in the next key, for each key in turn."""
    equal: list[str] = []
    ways = []
    for key, name in zip(keys, names, strict=True):
        column = f"t.{key[0]}"
        if name:
            beyond = f"{column} {_sign(key)} {name}"
            beyond = f"({beyond} OR {column} IS NULL)" if key[0] in nullable else beyond
            ways.append(" AND ".join([*equal, beyond]))
        equal.append(f"{column} = {name}" if name else f"{column} IS NULL")
    return ways
