"""A connection and where it comes from: the little that statements need of a driver."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from taskcore.errors import Conflict, TaskCoreError
from taskcore.permissions import Actor
from taskcore.ports import KEYS, UNIQUE, Unit
from taskcore_sql.dialect import Dialect
from taskcore_sql.mapping import TABLES

Params = dict[str, Any]


class Connection(Protocol):
    """Runs statements with `:name` parameters."""

    async def fetch(self, sql: str, params: Params) -> list[Sequence[Any]]:
        """All rows."""

    async def execute(self, sql: str, params: Params) -> int:
        """How many rows it changed."""

    async def execute_many(self, sql: str, params: Sequence[Params]) -> None:
        """The same statement for each, in one go."""

    async def change_many(self, sql: str, params: Sequence[Params]) -> int:
        """The same UPDATE for each, in one go: how many rows they changed in all."""


class Database(Protocol):
    """Where connections come from. Vendors' errors leave it as taskcore's."""

    dialect: Dialect
    suspends: bool
    creates: bool
    """Whether an empty one gets its schema when it is first opened."""

    def reading(self, actor: Actor | None = None) -> AbstractAsyncContextManager[Connection]:
        """A connection in the name of `actor` (None: the instance's), on which each statement sees one
        committed state."""

    def writing(self, actor: Actor | None = None) -> AbstractAsyncContextManager[Connection]:
        """The same in a transaction: committed on a clean exit, else rolled back."""

    def unit(self, actor: Actor | None = None) -> AbstractAsyncContextManager[Unit]:
        """A unit of work on a writing connection. Raises `LostRace` where another attempt may do."""

    async def now(self) -> datetime | None:
        """Its own clock's time; None, where that is this machine's."""

    async def version(self) -> str | None:
        """The schema's version; None where there is no schema. Raises: Unavailable."""

    async def upgrade(self) -> str:
        """Bring the schema to this code's version."""

    async def close(self) -> None:
        """Let go of every connection."""


class LostRace(Exception):
    """This transaction lost a race that it need not have lost: run it again."""


_PARAMETER = re.compile(r"(?<!:):([a-z_]\w*)")


@lru_cache(maxsize=2048)
def positional(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement with `$1`, `$2` … for its `:name` parameters, and the names in that order."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return _PARAMETER.sub(number, sql), tuple(names)


def not_unique(table: str, fields: Sequence[str]) -> TaskCoreError:
    """The error for a value that another row has, from the vendor's naming of it."""
    nouns = {name: kind.__name__.lower() for kind, name in TABLES.items()}
    field = fields[-1]
    return Conflict(
        f"there is another {nouns.get(table, table)} with this {field}", code="already_exists", field=field
    )


@lru_cache(maxsize=1)
def constraints() -> dict[str, tuple[str, tuple[str, ...]]]:
    """What each unique constraint and primary key of ours is about, by its name."""
    unique = {f"uq_{TABLES[kind]}_{'_'.join(fields)}": (TABLES[kind], fields) for kind, fields in UNIQUE}
    keys = {f"{TABLES[kind]}_pkey": (TABLES[kind], fields) for kind, fields in KEYS.items()}
    return {**unique, **keys}


def removed_meanwhile() -> Conflict:
    return Conflict("something it refers to was removed meanwhile", code="removed_meanwhile")
