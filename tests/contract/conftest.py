"""The stores that the contract is run over."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from taskcore.connect import STORES, resolve
from taskcore.ports import Store


@pytest.fixture
async def store(store_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An open, empty store of each kind."""
    blocking = "sqlite-blocking" in request.node.name
    opened: Store = resolve(STORES, store_url)(store_url, blocking=blocking)
    await opened.check()
    yield opened
    await opened.close()
