"""
`TaskQuery`: what to list, in the same words through every door.

A field that takes several values means any of them; two fields mean both. The cursor goes by key,
not by offset: it seals the place of the last row, bound to the query that made it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import attrs

from taskcore.errors import Fault, Invalid, Malformed
from taskcore.events import plain
from taskcore.expression.parser import parsed
from taskcore.expression.terms import texts
from taskcore.expression.texts import MAX_TERMS, asked_for
from taskcore.expression.values import READERS, Bound, bound, word
from taskcore.values import Priority, Status, UserId

MAX_LIMIT = 200
SORTS = (
    "created_at",
    "updated_at",
    "due_at",
    "priority",
    "rank",
    "number",
    "title",
    "completed_at",
)
"""Fields a list can be sorted by."""
RELEVANCE = "relevance"
"""What a list can be sorted by too, if a text is looked for."""
SORTED_BY = (*SORTS, RELEVANCE)
_NEWEST: tuple[str, ...] = ("-created_at",)
_MOST_RELEVANT = (f"-{RELEVANCE}", *_NEWEST)
BOUNDS = tuple(
    f"{field}_{side}" for field in ("due", "created", "updated", "completed") for side in ("after", "before")
)
"""`after` includes its instant, `before` excludes it."""
Position = tuple[tuple[Any, ...], UUID]
"""Where a page ended: the last row's sort values, and its id."""


class ClaimFields(TypedDict, total=False):
    """What a task must be like to be claimed, and which comes first; each field takes one value or several."""

    project: Any
    status: Any
    priority: Any
    assignee: Any
    created_by: Any
    label: Any
    parent: Any
    follower: Any
    due_after: Any
    due_before: Any
    created_after: Any
    created_before: Any
    updated_after: Any
    updated_before: Any
    completed_after: Any
    completed_before: Any
    overdue: Any
    text: str | None
    q: str | None
    sort: Any


class QueryFields(ClaimFields, total=False):
    """The keyword arguments of a list; each field takes one value or several."""

    team: object
    blocked: object
    deleted: object
    limit: object
    cursor: str | None


@attrs.frozen(slots=True)
class TaskQuery:
    """One question about tasks, as asked: `me` is not yet somebody, a date not yet an instant."""

    team: tuple[str, ...] = ()
    project: tuple[UUID | None, ...] = ()
    status: tuple[Status, ...] = ()
    priority: tuple[Priority, ...] = ()
    assignee: tuple[UUID | str | None, ...] = ()
    created_by: tuple[UUID | str | None, ...] = ()
    label: tuple[str, ...] = ()
    parent: tuple[str | None, ...] = ()
    follower: tuple[UUID | str | None, ...] = ()
    due_after: Bound | None = None
    due_before: Bound | None = None
    created_after: Bound | None = None
    created_before: Bound | None = None
    updated_after: Bound | None = None
    updated_before: Bound | None = None
    completed_after: Bound | None = None
    completed_before: Bound | None = None
    overdue: bool | None = None
    blocked: bool | None = None
    text: str | None = None
    q: str | None = None
    """An expression over these fields (`taskcore.expression`), as it was written."""
    deleted: bool = False
    sort: tuple[str, ...] = ()
    """None: the most relevant first, if a text is looked for; then the newest."""
    limit: int = 50
    cursor: str | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """The texts that are looked for: those of `text`, and those of `q` that are not to be absent."""
        asked = asked_for(self.text) if self.text is not None else ()
        if self.q is not None:
            asked += tuple(each.casefold() for each in texts(parsed(self.q)))
        return tuple(dict.fromkeys(asked))

    @property
    def order(self) -> tuple[tuple[str, bool], ...]:
        sort = self.sort or (_MOST_RELEVANT if self.terms else _NEWEST)
        return tuple((key.removeprefix("-"), key.startswith("-")) for key in sort)

    @property
    def ranked(self) -> bool:
        """Whether the order goes by relevance."""
        return any(field == RELEVANCE for field, _ in self.order)

    def params(self) -> dict[str, Any]:
        """The query as JSON values, without what is default, page and place: what a view saves
        and a cursor is bound to."""
        defaults = _DEFAULT
        values = {name: getattr(self, name) for name in _PARSERS if name not in ("cursor", "limit")}
        return {
            name: [_none_word(item) for item in plain(value)] if isinstance(value, tuple) else plain(value)
            for name, value in values.items()
            if value != getattr(defaults, name)
        }


@attrs.frozen(slots=True)
class TaskFilter:
    """What a store needs to select tasks: people are ids, days are instants (by team, where the
    zones of teams differ: `(teams, instant)` pairs, teams None meaning all).

    Every field that is given must hold, and `rest`. A field that a task has no value for does not
    hold, and its negation does."""

    team: tuple[UUID, ...] = ()
    project: tuple[UUID | None, ...] = ()
    status: tuple[Status, ...] = ()
    priority: tuple[Priority, ...] = ()
    assignee: tuple[UUID | None, ...] = ()
    created_by: tuple[UUID | None, ...] = ()
    label: tuple[str, ...] = ()
    parent: tuple[str | None, ...] = ()
    follower: tuple[UUID | None, ...] = ()
    bounds: tuple[tuple[str, tuple[tuple[frozenset[UUID] | None, datetime], ...]], ...] = ()
    overdue: bool | None = None
    blocked: bool | None = None
    text: str | None = None
    """In one of the texts that `tasks.relevance` searches."""
    deleted: bool | None = False
    """Whether it lies in the trash; None: no matter."""
    free_for: UserId | None = None
    """Who could claim it: nobody holds it any more, and it is nobody else's."""
    rest: Condition | None = None


@attrs.frozen(slots=True)
class AllOf:
    """Each of the conditions holds."""

    of: tuple[Condition, ...]


@attrs.frozen(slots=True)
class AnyOf:
    """At least one of the conditions holds."""

    of: tuple[Condition, ...]


@attrs.frozen(slots=True)
class NotOf:
    """The condition does not hold."""

    of: Condition


Condition = TaskFilter | AllOf | AnyOf | NotOf
"""What an expression means to a store; the filters in it do not ask about the trash."""


def _none_word(value: object) -> object:
    return "none" if value is None else value


def _several(parse: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def parse_all(value: Any) -> tuple[Any, ...]:
        if isinstance(value, str):
            items: Iterable[Any] = [item.strip() for item in value.split(",")]
        elif isinstance(value, tuple | list | set | frozenset):
            items = value
        else:
            items = [value]
        return tuple(dict.fromkeys(parse(item) for item in items))

    return parse_all


def _sort_key(value: Any) -> str:
    if isinstance(value, str) and value.removeprefix("-") in SORTED_BY:
        return value
    raise ValueError(f"must be one of {', '.join(SORTED_BY)}, with - first for descending, not {value!r:.80}")


def _sort(value: Any) -> tuple[str, ...]:
    keys = _several(_sort_key)(value)
    if len({key.removeprefix("-") for key in keys}) != len(keys):
        raise ValueError("names a field twice")
    if not 1 <= len(keys) <= 3:
        raise ValueError("takes one to three fields")
    return keys


def page_limit(value: Any) -> int:
    """A page's size, 1 to 200; raises `ValueError`."""
    text = str(value)
    limit = int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"must be a whole number from 1 to {MAX_LIMIT}, not {value!r}")
    return limit


def _text(value: Any) -> str:
    text = word(value)
    if len(asked_for(text)) > MAX_TERMS:
        raise ValueError(
            f'has more than {MAX_TERMS} words; put some in double quotes to find them as "one text"'
        )
    return text


def _expression(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {value!r:.80}")  # noqa: TRY004  as every other reader
    parsed(value)
    return value


_SINGLE = frozenset({"overdue", "blocked", "text"})
_BY_NAME: dict[str, Callable[[Any], Any]] = {
    **{name: read if name in _SINGLE else _several(read) for name, read in READERS.items()},
    **dict.fromkeys(BOUNDS, bound),
    "text": _text,
    "q": _expression,
    "deleted": READERS["overdue"],
    "sort": _sort,
    "limit": page_limit,
    "cursor": str,
}
_PARSERS = {field.name: _BY_NAME[field.name] for field in attrs.fields(TaskQuery)}
SEVERAL = tuple(field.name for field in attrs.fields(TaskQuery) if isinstance(field.default, tuple))
"""The fields that take several values."""
FIELDS = tuple(_PARSERS)
"""The names of a task query, for doors that list them."""
CLAIM_FIELDS = tuple(name for name in FIELDS if name in ClaimFields.__annotations__)
"""Those of them that say what may be claimed; the rest is what claiming decides."""
_DEFAULT = TaskQuery()


def task_query(fields: Mapping[str, Any], names: Sequence[str] = FIELDS) -> TaskQuery:
    """
    The query that `fields`, some of `names`, ask for; values may be Python's own or the text of a URL.

    Raises: Malformed, for an unknown name, a bad `limit` or `cursor`, or an expression that cannot be
    read (with its `column`); Invalid, for any other value; each with all faults found.
    """
    values, faults, malformed = {}, [], False
    data: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in names:
            faults.append(Fault(name, f"is no field of a task query here; there are {', '.join(names)}"))
            malformed = True
        elif value not in (None, (), []):
            try:
                values[name] = _PARSERS[name](value)
            except Malformed as error:
                faults += error.faults
                malformed, data = True, error.data
            except ValueError as error:
                faults.append(Fault(name, str(error)))
                malformed = malformed or name == "limit"
    if faults:
        raise (Malformed if malformed else Invalid)(faults=faults, **data)
    query = TaskQuery(**values)
    if query.ranked and not query.terms:
        raise Invalid(faults=[Fault("sort", f"goes by {RELEVANCE} only where text or q looks for a text")])
    return query


_SEAL_BYTES = 12
_compact = json.JSONEncoder(separators=(",", ":"), default=plain).encode
_ordered = json.JSONEncoder(sort_keys=True, default=plain).encode


def seal(key: bytes, binding: object, position: object) -> str:
    """An opaque, tamper-evident cursor for `position`, good only with the same `binding`."""
    payload = _compact(position).encode()
    return _written(_mac(key, binding, payload) + payload)


def unseal(key: bytes, binding: object, cursor: str) -> Any:
    """What `seal` was given, as JSON values; raises `Malformed` for any other cursor."""
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        sealed = b""
    mac, payload = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
    if _written(sealed) != cursor or not hmac.compare_digest(mac, _mac(key, binding, payload)):
        raise Malformed(faults=[Fault("cursor", "is not one that this query gave; start without it")])
    return json.loads(payload)


def _written(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _mac(key: bytes, binding: object, payload: bytes) -> bytes:
    return hmac.digest(key, _ordered(binding).encode() + b"\0" + payload, hashlib.sha256)[:_SEAL_BYTES]


def position_of(values: Iterable[Any], task_id: UUID) -> Position:
    return tuple(values), task_id


def parse_position(order: tuple[tuple[str, bool], ...], sealed: list[Any]) -> Position:
    """The position inside an unsealed cursor, its values as Python's own."""
    values, task_id = sealed
    return tuple(
        _parse_sort_value(field, value) for (field, _), value in zip(order, values, strict=True)
    ), UUID(task_id)


def _parse_sort_value(field: str, value: Any) -> Any:
    if value is None:
        return None
    if field.endswith("_at"):
        return datetime.fromisoformat(value)
    return Priority(value) if field == "priority" else value
