"""
Committed things, and what one unit of work lays over them.

Everything is a frozen value, so a commit is the laying of references, and a rollback is forgetting
the overlay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taskcore.delivery.inbox import Notification
from taskcore.delivery.model import Delivery, Webhook
from taskcore.errors import Conflict, PreconditionFailed
from taskcore.events import Event
from taskcore.identity.model import ApiToken, AuditEntry, RefreshToken, Session
from taskcore.jobs.model import Job
from taskcore.ports import KEYS, UNIQUE, Entity
from taskcore.tasks.model import Comment, Dependency, Task
from taskcore.tasks.reading import ReadMarker
from taskcore.teams.model import Membership
from taskcore.values import TeamId
from taskcore.watching.model import Watch

Key = tuple[Any, ...]
INDEXED: dict[type[Any], tuple[str, ...]] = {
    Task: ("id", "key", "parent_id"),
    Dependency: ("predecessor_id", "successor_id"),
    Comment: ("id", "task_id"),
    Session: ("user_id",),
    RefreshToken: ("token_hash", "session_id", "user_id"),
    ApiToken: ("token_hash", "user_id"),
    AuditEntry: ("team_id",),
    ReadMarker: ("task_id",),
    Delivery: ("id", "webhook_id"),
    Job: ("state", "user_id"),
    Watch: ("task_id",),
    Notification: ("user_id", "team_id", "task_id"),
}
"""Fields looked up often enough for an index of their own."""


def key_of(thing: Any) -> Key:
    return tuple(getattr(thing, field) for field in KEYS[type(thing)])


def equals(value: Any, wanted: Any) -> bool:
    """As `Rows.find` compares."""
    if isinstance(value, tuple):
        return wanted in value
    return value in wanted if isinstance(wanted, tuple) else bool(value == wanted)


class Table:
    """The committed things of one kind, by key and by indexed fields."""

    def __init__(self, kind: type[Any]) -> None:
        self.rows: dict[Key, Any] = {}
        self.indexes: dict[str, dict[Any, dict[Key, Any]]] = {field: {} for field in INDEXED.get(kind, ())}
        self.unique: dict[tuple[str, ...], dict[Key, Key]] = {
            fields: {} for each, fields in UNIQUE if each is kind
        }

    def copied(self, kind: type[Any]) -> Table:
        other = Table(kind)
        other.rows = dict(self.rows)
        other.indexes = {
            field: {value: dict(things) for value, things in index.items()}
            for field, index in self.indexes.items()
        }
        other.unique = {fields: dict(taken) for fields, taken in self.unique.items()}
        return other

    def among(self, where: Mapping[str, Any]) -> Iterable[Any]:
        """Things that include all whose fields equal `where`, as few as an index tells."""
        for field, index in self.indexes.items():
            if field in where:
                wanted = where[field] if isinstance(where[field], tuple) else (where[field],)
                return [thing for value in wanted for thing in index.get(value, {}).values()]
        return self.rows.values()

    def put(self, key: Key, thing: Any) -> None:
        old = self.rows.get(key)
        if old is not None:
            self._unindex(key, old)
        self.rows[key] = thing
        for field, index in self.indexes.items():
            index.setdefault(getattr(thing, field), {})[key] = thing
        for fields, taken in self.unique.items():
            taken[tuple(getattr(thing, field) for field in fields)] = key

    def drop(self, key: Key) -> None:
        """Gone it is, too, if something else took it along."""
        thing = self.rows.pop(key, None)
        if thing is not None:
            self._unindex(key, thing)

    def _unindex(self, key: Key, thing: Any) -> None:
        for field, index in self.indexes.items():
            bucket = index[getattr(thing, field)]
            del bucket[key]
            if not bucket:
                del index[getattr(thing, field)]
        for fields, taken in self.unique.items():
            taken.pop(tuple(getattr(thing, field) for field in fields), None)


class Tables:
    """All that is committed."""

    def __init__(self) -> None:
        self.kinds = {kind: Table(kind) for kind in KEYS}
        self.events: dict[TeamId, list[Event]] = {}
        self.numbers: dict[TeamId, int] = {}

    def copied(self) -> Tables:
        """The same things in tables of their own."""
        other = Tables()
        other.kinds = {kind: table.copied(kind) for kind, table in self.kinds.items()}
        other.events = {team_id: list(log) for team_id, log in self.events.items()}
        other.numbers = dict(self.numbers)
        return other

    def drop(self, thing: Any) -> None:
        """With a webhook goes what it was to get, with a task or a membership what was told of it, or of its team."""
        self.kinds[type(thing)].drop(key_of(thing))
        if isinstance(thing, Webhook):
            self._drop_all(Delivery, "webhook_id", thing.id)
        if isinstance(thing, Task):
            self._drop_all(Notification, "task_id", thing.id)
        if isinstance(thing, Membership):
            self._drop_all(Notification, "team_id", thing.team_id, user_id=thing.user_id)

    def _drop_all(self, kind: type[Any], field: str, value: Any, **where: Any) -> None:
        table = self.kinds[kind]
        for key, thing in [*table.indexes[field].get(value, {}).items()]:
            if all(getattr(thing, name) == wanted for name, wanted in where.items()):
                table.drop(key)

    def all(self, kind: type[Any]) -> Iterator[Any]:
        yield from self.kinds[kind].rows.values()

    def check(self, changed: list[Entity], removed: list[Entity], *, verbatim: bool = False) -> None:
        """Raise unless every change replaces the version it was made from, or none, and stays unique."""
        gone = {(type(thing), key_of(thing)) for thing in removed}
        claimed: set[tuple[Any, ...]] = set()
        for thing in changed:
            table, key = self.kinds[type(thing)], key_of(thing)
            stored = table.rows.get(key)
            if verbatim and stored is not None:
                raise already_exists(thing, KEYS[type(thing)])
            if not verbatim and (stored.version if stored is not None else 0) != thing.version - 1:
                raise stale(thing, stored)
            self._check_unique(thing, key, gone, claimed)

    def _check_unique(self, thing: Entity, key: Key, gone: set[Any], claimed: set[Any]) -> None:
        table = self.kinds[type(thing)]
        for fields, taken in table.unique.items():
            values = tuple(getattr(thing, field) for field in fields)
            if None in values or values[-1] == 0:
                continue
            holder = taken.get(values)
            other = holder is not None and holder != key and (type(thing), holder) not in gone
            if other or (type(thing), fields, values) in claimed:
                raise already_exists(thing, fields)
            claimed.add((type(thing), fields, values))


def stale(thing: Any, stored: Any) -> Conflict | PreconditionFailed:
    if thing.version == 1:
        return already_exists(thing, KEYS[type(thing)])
    version = stored.version if stored is not None else None
    return PreconditionFailed("it was changed by somebody else: read it again", version=version)


def already_exists(thing: Any, fields: tuple[str, ...]) -> Conflict:
    field, noun = fields[-1], type(thing).__name__.lower()
    return Conflict(f"there is another {noun} with this {field}", code="already_exists", field=field)
