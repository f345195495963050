"""
What an expression says, while nobody has asked it yet: `me` is not yet somebody, `now` no instant.

`written` gives the text that says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Literal

import attrs

from taskcore.events import instant_text

DATES = ("due", "created", "updated", "completed")
"""The fields that are compared."""
UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
}


@attrs.frozen(slots=True)
class Term:
    """A field is one of the values; of `text`: it is somewhere in the task's."""

    field: str
    values: tuple[Any, ...]


@attrs.frozen(slots=True)
class Moment:
    """An instant, or a day, which begins where each team's zone has it begin."""

    base: datetime | date | Literal["now", "today"]
    shift: timedelta = timedelta()
    column: int = attrs.field(default=1, eq=False, repr=False)

    @property
    def is_day(self) -> bool:
        return self.base == "today" or (isinstance(self.base, date) and not isinstance(self.base, datetime))


@attrs.frozen(slots=True)
class Compared:
    """A date stands so to a moment (`:` is the same day, or instant); None: there is no such date."""

    field: str
    sign: str
    moment: Moment | None


@attrs.frozen(slots=True)
class Both:
    of: tuple[Node, ...]


@attrs.frozen(slots=True)
class Either:
    of: tuple[Node, ...]


@attrs.frozen(slots=True)
class Not:
    of: Node


Node = Term | Compared | Both | Either | Not


def leaves(node: Node) -> Iterator[Term | Compared]:
    """Its terms, from left to right."""
    match node:
        case Both(parts) | Either(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield node


def texts(node: Node, *, wanted: bool = True) -> Iterator[str]:
    """The texts that it looks for, from left to right: not those that shall be absent."""
    match node:
        case Both(parts) | Either(parts):
            for part in parts:
                yield from texts(part, wanted=wanted)
        case Not(part):
            yield from texts(part, wanted=not wanted)
        case Term("text", found) if wanted:
            yield from found


def written(node: Node) -> str:
    """The expression as text."""
    match node:
        case Both(parts):
            return " ".join(_within(part, Both, Either) for part in parts)
        case Either(parts):
            return " or ".join(_within(part, Either) for part in parts)
        case Not(part):
            return f"-{_within(part, Both, Either)}"
        case Compared(field, sign, moment):
            return f"{field}{sign}{_moment(moment) if moment else 'none'}"
        case Term("text", (text,)):
            return _word(text)
        case Term(field, values):
            return f"{field}:{','.join(map(_value, values))}"


def _within(node: Node, *looser: type) -> str:
    return f"({written(node)})" if isinstance(node, looser) else written(node)


_PLAIN = re.compile(r"[\w.@/#+][\w.@/#+-]*")
_KEYWORDS = frozenset({"and", "or", "not"})
_SPAN = re.compile(r"[0-9]+[mhdw]", re.IGNORECASE)
"""What is left of `now+7d`, where a URL makes a space of the plus."""


def _word(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _KEYWORDS and not _SPAN.fullmatch(text)
    return text if plain else _quoted(text)


def _value(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if _PLAIN.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _moment(moment: Moment) -> str:
    if isinstance(moment.base, datetime):
        return instant_text(moment.base)
    return f"{moment.base}{_shift(moment.shift)}"


def _shift(shift: timedelta) -> str:
    if not shift:
        return ""
    size = abs(shift)
    letter, unit = next((letter, unit) for letter, unit in UNITS.items() if not size % unit)
    return f"{'-' if shift < timedelta() else '+'}{size // unit}{letter}"
