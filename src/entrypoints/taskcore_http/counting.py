"""How many a list holds in all, of which the core gives pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from taskcore.paging import Page
from taskcore.query import MAX_LIMIT

T = TypeVar("T")
Listing = Callable[..., Awaitable[Page[T]]]
"""Reads a page, given `limit` and `cursor`."""


async def total(read: Listing[Any], page: Page[Any], asked: Mapping[str, str]) -> int:
    """How many there are on all the pages; `page` is the first, unless a cursor was asked for."""
    if "cursor" in asked:
        page = await read(limit=MAX_LIMIT)
    count = len(page.items)
    while page.next_cursor is not None:
        page = await read(limit=MAX_LIMIT, cursor=page.next_cursor)
        count += len(page.items)
    return count
