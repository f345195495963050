"""The pool of connections: shared, bounded, and none kept that cannot be trusted."""

from __future__ import annotations

import asyncio

import pytest

from taskcore.errors import Unavailable
from taskcore_sql.pool import Pool


class Line:
    """A connection that only knows its own state."""

    def __init__(self) -> None:
        self.closed = False
        self.in_transaction = False
        self.unfinished = False
        self.gone = False
        self.finishing = asyncio.Event()
        self.finishing.set()
        self.dropped = asyncio.Event()

    def is_closed(self) -> bool:
        return self.closed

    def is_in_transaction(self) -> bool:
        return self.in_transaction

    def is_unfinished(self) -> bool:
        return self.unfinished

    async def finish(self) -> None:
        if self.gone:
            raise Unavailable("nobody answers")
        self.unfinished = False
        await self.finishing.wait()

    def terminate(self) -> None:
        self.closed = True
        self.dropped.set()

    async def close(self) -> None:
        self.closed = True


class Lines:
    """Opens them, and can be told to fail."""

    def __init__(self) -> None:
        self.opened: list[Line] = []
        self.failing = False
        self.answering = asyncio.Event()
        self.answering.set()

    async def __call__(self) -> Line:
        await self.answering.wait()
        if self.failing:
            raise Unavailable("nobody answers")
        self.opened.append(Line())
        return self.opened[-1]


@pytest.fixture
def lines() -> Lines:
    return Lines()


async def turn() -> None:
    """Let every task that can run come to where it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_connection_that_was_given_back_is_used_again(lines: Lines) -> None:
    pool = Pool(lines, 2)
    async with pool.connection() as first:
        pass
    async with pool.connection() as second:
        pass

    assert first is second


async def test_no_more_are_opened_than_allowed_and_those_who_wait_come_in_turn(lines: Lines) -> None:
    pool = Pool(lines, 1)
    held = await pool.take()
    order: list[int] = []

    async def use(place: int) -> None:
        async with pool.connection():
            order.append(place)

    tasks = [asyncio.create_task(use(place)) for place in range(5)]
    await turn()
    pool.give(held)
    await asyncio.gather(*tasks)

    assert (order, len(lines.opened)) == ([0, 1, 2, 3, 4], 1)


@pytest.mark.parametrize("state", ["closed", "in_transaction"])
async def test_one_that_cannot_be_trusted_is_replaced(lines: Lines, state: str) -> None:
    pool = Pool(lines, 1)
    async with pool.connection() as first:
        setattr(first, state, True)
    async with pool.connection() as second:
        pass

    assert second is not first
    assert first.closed


async def test_one_that_closed_while_idle_is_replaced(lines: Lines) -> None:
    pool = Pool(lines, 1)
    async with pool.connection() as first:
        pass
    first.closed = True

    assert await pool.take() is not first


async def test_whoever_waits_opens_another_when_one_is_lost(lines: Lines) -> None:
    pool = Pool(lines, 1)
    held = await pool.take()
    waiting = asyncio.create_task(pool.take())
    await turn()
    held.closed = True
    pool.give(held)

    assert await waiting is lines.opened[1]


async def test_one_whose_user_was_cancelled_is_thrown_away(lines: Lines) -> None:
    pool = Pool(lines, 1)
    inside = asyncio.Event()

    async def use() -> None:
        async with pool.connection():
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(use())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert lines.opened[0].closed
    assert not (await pool.take()).closed


async def test_an_error_of_its_user_does_a_connection_no_harm(lines: Lines) -> None:
    pool = Pool(lines, 1)
    with pytest.raises(LookupError):
        async with pool.connection():
            raise LookupError

    assert await pool.take() is lines.opened[0]


async def test_a_connection_handed_to_one_who_gave_up_goes_to_the_next(lines: Lines) -> None:
    pool = Pool(lines, 1)
    held = await pool.take()
    first, second = (asyncio.create_task(pool.take()) for _ in range(2))
    await turn()
    pool.give(held)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    assert await second is held


async def test_a_failed_attempt_to_connect_leaves_room_for_the_next(lines: Lines) -> None:
    pool = Pool(lines, 1)
    lines.failing = True
    with pytest.raises(Unavailable):
        await pool.take()
    lines.failing = False

    assert await pool.take() is lines.opened[0]


async def test_a_closed_pool_gives_none_and_closes_those_that_come_back(lines: Lines) -> None:
    pool = Pool(lines, 2)
    held, idle = await pool.take(), await pool.take()
    pool.give(idle)
    await pool.close()
    pool.give(held)

    assert (held.closed, idle.closed) == (True, True)
    with pytest.raises(Unavailable):
        await pool.take()


async def test_those_who_wait_are_told_that_the_pool_closes(lines: Lines) -> None:
    pool = Pool(lines, 1)
    await pool.take()
    waiting = asyncio.create_task(pool.take())
    await turn()
    await pool.close()

    with pytest.raises(Unavailable):
        await waiting


async def test_what_a_connection_has_left_to_do_is_left_to_its_next_user(lines: Lines) -> None:
    pool = Pool(lines, 1)
    held = await pool.take()
    waiting = asyncio.create_task(pool.take())
    await turn()
    held.unfinished = True
    pool.give(held)

    assert (await waiting).unfinished


async def test_what_nobody_does_in_a_moment_is_done_for_them(lines: Lines) -> None:
    pool = Pool(lines, 2)
    held, other = await pool.take(), await pool.take()
    held.unfinished = True
    pool.give(held)
    pool.give(other)
    async with asyncio.timeout(10):
        while held.unfinished:
            await turn()

    assert {id(await pool.take()), id(await pool.take())} == {id(held), id(other)}
    assert len(lines.opened) == 2


async def test_whoever_comes_while_one_finishes_waits_for_it(lines: Lines) -> None:
    pool = Pool(lines, 2)
    held = await pool.take()
    held.unfinished = True
    held.finishing.clear()
    pool.give(held)
    async with asyncio.timeout(10):
        while not pool._finishing:
            await turn()
    first, second = (asyncio.create_task(pool.take()) for _ in range(2))
    await turn()
    held.finishing.set()

    assert {id(await first), id(await second)} == {id(held), id(lines.opened[1])}


async def test_one_that_cannot_finish_is_replaced(lines: Lines) -> None:
    pool = Pool(lines, 1)
    held = await pool.take()
    held.unfinished = held.gone = True
    pool.give(held)
    async with asyncio.timeout(10):
        await held.dropped.wait()  # whoever asks at this very moment must not wait for it
        assert await pool.take() is lines.opened[1]


async def test_a_pool_that_closes_leaves_no_timer_and_no_task_behind(lines: Lines) -> None:
    pool = Pool(lines, 1)
    held = await pool.take()
    held.unfinished = True
    pool.give(held)
    await pool.close()

    assert held.closed
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert pool._timer is not None
    assert pool._timer.cancelled()


async def test_what_was_being_opened_for_one_who_gave_up_is_for_the_next(lines: Lines) -> None:
    pool = Pool(lines, 1)
    lines.answering.clear()
    first, second = (asyncio.create_task(pool.take()) for _ in range(2))
    await turn()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    lines.answering.set()

    assert await second is lines.opened[0]


async def test_what_could_not_be_opened_for_one_who_gave_up_leaves_room_for_the_next(lines: Lines) -> None:
    pool = Pool(lines, 1)
    lines.answering.clear()
    lines.failing = True
    first = asyncio.create_task(pool.take())
    await turn()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    lines.answering.set()
    await turn()
    lines.failing = False

    assert await pool.take() is lines.opened[0]
