"""Pages of any list: some items, and a sealed cursor that continues it."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

import attrs

from taskcore.caller import Caller
from taskcore.errors import Fault, Malformed
from taskcore.ports import E, Rows
from taskcore.query import page_limit, seal, unseal

T = TypeVar("T")


@attrs.frozen(slots=True)
class Page(Generic[T]):
    """Some of a list, in order, and the cursor that continues it; None at the end."""

    items: list[T]
    next_cursor: str | None = None


async def entity_page(
    caller: Caller,
    kind: type[E],
    limit: object,
    cursor: str | None,
    /,
    *,
    key: str = "id",
    rows: Rows | None = None,
    newest_first: bool = False,
    **where: Any,
) -> Page[E]:
    """A page of entities whose fields equal `where`, by their key, as the caller sees them or from
    other `rows`. Raises: Malformed."""
    size = checked_limit(limit)
    binding = [kind.__name__, str(caller.user_id), newest_first, where]
    after = UUID(unseal(await caller.store.secret(), binding, cursor)) if cursor is not None else None
    items = await (rows or caller.rows()).find(
        kind, after=after, limit=size + 1, newest_first=newest_first, **where
    )
    more = len(items) > size
    items = items[:size]
    next_cursor = seal(await caller.store.secret(), binding, getattr(items[-1], key)) if more else None
    return Page(items, next_cursor)


async def slice_page(
    caller: Caller, items: Sequence[T], limit: object, cursor: str | None, binding: object, *, key: str = "id"
) -> Page[T]:
    """A page of a list that is short enough to be read whole, in the order of `key`."""
    size = checked_limit(limit)
    whole = sorted(items, key=attrgetter(key))
    if cursor is not None:
        after = UUID(unseal(await caller.store.secret(), binding, cursor))
        whole = [item for item in whole if getattr(item, key) > after]
    more = len(whole) > size
    next_cursor = seal(await caller.store.secret(), binding, getattr(whole[size - 1], key)) if more else None
    return Page(whole[:size], next_cursor)


def checked_limit(limit: object) -> int:
    try:
        return page_limit(limit)
    except ValueError as error:
        raise Malformed(faults=[Fault("limit", str(error))]) from error
