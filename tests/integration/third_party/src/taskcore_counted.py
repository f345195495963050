"""`counted://`: an adapter that taskcore knows nothing of, made of its public parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from taskcore.permissions import Actor
from taskcore.ports import Unit
from taskcore_memory import MemoryStore

R = TypeVar("R")


class CountedStore(MemoryStore):
    """The reference store, which counts the units that were committed."""

    committed = 0

    async def transact(self, work: Callable[[Unit], Awaitable[R]], actor: Actor | None = None) -> R:
        result = await super().transact(work, actor)
        self.committed += 1
        return result


def open_store(url: str, *, blocking: bool = False) -> CountedStore:  # noqa: ARG001  the factory's signature
    return CountedStore()
