"""Who asks about an address learns nothing from the work it makes: known or not, the store is asked the same."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from taskcore.connect import STORES, resolve
from taskcore.core import TaskCore
from taskcore.errors import Unauthenticated
from taskcore.permissions import Actor
from taskcore.ports import Unit
from taskcore.progress import Progress
from taskcore.system import uuid7_ids
from taskcore.testing import FakeClock, World
from taskcore.testing.world import Mailbox, QuickHasher

KNOWN, UNKNOWN, PASSWORD = "ada@example.org", "eve@example.org", "correct horse battery"


class Counted:
    """A store that notes what it is asked, without the values."""

    def __init__(self) -> None:
        self.store: Any = resolve(STORES, "memory://")("memory://")
        self.asked: list[str] = []
        self.suspends = self.store.suspends

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Any:
        return _Noting(self.store.rows(actor, progress), self.asked)

    async def transact(self, work: Any, actor: Actor | None = None) -> Any:
        async def noted(unit: Unit) -> Any:
            return await work(_Noting(unit, self.asked))

        self.asked.append("transact")
        return await self.store.transact(noted, actor)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


class _Noting:
    def __init__(self, target: Any, asked: list[str]) -> None:
        self._target = target
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            things = [type(each).__name__ for each in args[0]] if name == "save" else [args[0].__name__]
            self._asked.append(f"{name} {things} {sorted(kwargs)}")
            return await method(*args, **kwargs)

        return call


class Counting(QuickHasher):
    hashed = 0

    async def verify(self, password: str, hashed: str | None) -> bool:
        self.hashed += 1
        return await super().verify(password, hashed)


@pytest.fixture
async def counted() -> tuple[Counted, Counting, TaskCore]:
    store, hasher = Counted(), Counting()
    world = World(store.store)
    await world.core.auth.sign_up(KNOWN, name="Ada", password=PASSWORD)
    tokens = iter(f"token-{number}" for number in range(100))
    core = TaskCore(
        store=store,
        hasher=hasher,
        clock=FakeClock(),
        ids=uuid7_ids(),
        new_token=lambda: f"other-{next(tokens)}",
        mail=Mailbox(),
    )
    return store, hasher, core


@pytest.mark.parametrize("act", ["sign_in", "request_reset"])
async def test_a_known_and_an_unknown_address_make_the_same_work(
    counted: tuple[Counted, Counting, TaskCore], act: str
) -> None:
    store, hasher, core = counted
    work = []
    for email in (KNOWN, UNKNOWN):
        store.asked.clear()
        before = hasher.hashed
        with suppress(Unauthenticated):
            await (
                core.auth.request_reset(email)
                if act == "request_reset"
                else core.auth.sign_in(email, "wrong")
            )
        work.append(([*store.asked], hasher.hashed - before))

    assert work[0] == work[1]
    assert len(work[0][0]) >= 3
