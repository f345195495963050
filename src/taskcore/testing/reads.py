"""The contract of reads: random instances and questions, and every store answers as memory does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskcore.connect import STORES, resolve
from taskcore.errors import NotFound
from taskcore.expression.parser import MAX_DEPTH, MAX_TERMS
from taskcore.expression.terms import Node, written
from taskcore.permissions import Actor, require
from taskcore.ports import Store, Unit
from taskcore.query import RELEVANCE, TaskQuery
from taskcore.testing.strategies import NOW, Instance, expressions, instance, task_queries
from taskcore.testing.world import World

EXAMPLES = 40
QUERIES = 8
SEED = 99
EXPRESSIONS = (
    "-assignee:me",
    "due<now",
    "due<=now",
    "due<2026-03-29 due<now",
    "due<now due>=2026-01-01 due<2026-04-09",
    "due:none or completed:none",
    "created:today or created:yesterday",
    "label:bug label:Bug",
    "label:bug or follower:none or is:overdue",
    "-follower:me (-project:none or parent:none)",
    "-(status:open,done -is:blocked) or priority:urgent",
    "ship or (zebra -ärger)",
)
"""Each of them selects some of the tasks that the first user of the instance `SEED` sees, and not others."""
_BESIDE = ("sort", "limit", "status", "due_before", "text", "deleted")
_SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class ReadContract:
    """Equal pages, order and cursors. A subclass gives the fixture `store`; examples share it, each
    with users and teams of its own."""

    @pytest.fixture
    def reference(self) -> Store:
        """The store in memory, whose answers are the specification."""
        store: Store = resolve(STORES, "memory://")("memory://", blocking=False)
        return store

    @given(data=st.data(), seed=st.integers(0, 2**32))
    @_SETTINGS
    async def test_random_questions_get_equal_answers(
        self, store: Store, reference: Store, data: st.DataObject, seed: int
    ) -> None:
        await _compared((reference, store), seed, data, task_queries)

    @given(data=st.data(), seed=st.integers(0, 2**32))
    @_SETTINGS
    async def test_random_expressions_get_equal_answers(
        self, store: Store, reference: Store, data: st.DataObject, seed: int
    ) -> None:
        await _compared((reference, store), seed, data, _expressing)

    @pytest.mark.parametrize("expression", EXPRESSIONS)
    async def test_an_expression_selects_some_and_its_negation_the_others(
        self, store: Store, reference: Store, expression: str
    ) -> None:
        made = instance(SEED)
        asked = [{"q": f"{sign}({expression}) team:{made.teams[0].key}"} for sign in ("", "-")]
        worlds = [await _filled(each, made) for each in (reference, store)]
        expected, found = [
            [await _answer(world, made.users[0].id, query) for query in asked] for world in worlds
        ]
        assert found == expected
        assert all(found)

    async def test_as_much_as_an_expression_may_say_is_answered(self, store: Store, reference: Store) -> None:
        deep = "zebra"
        for _ in range(MAX_DEPTH // 2 - 1):
            deep = f"-({deep} or label:bug,Bug due<today is:blocked follower:me -parent:none)"
        wide = " or ".join(f"(a{number})" for number in range(MAX_TERMS))
        many = f"label:{','.join(f'b{number},bug' for number in range(200))}"
        for expression in (f"{deep} or due:none", wide, many):
            made = instance(SEED)
            worlds = [await _filled(each, made) for each in (reference, store)]
            expected, found = [await _answer(world, made.users[0].id, {"q": expression}) for world in worlds]
            assert found == expected

    @given(seed=st.integers(0, 2**32))
    @_SETTINGS
    async def test_a_list_shows_just_what_each_get_shows(self, store: Store, seed: int) -> None:
        """Scope, which lists, and require, which gets, are one answer."""
        made = instance(seed)
        world = await _filled(store, made)
        for user in made.users:
            me = world.core.acting_as(user.id)
            listed = {
                task.id
                for page in ({}, {"deleted": True})
                for task in await _walk(me, {**page, "limit": 200})
            }
            for task in made.tasks:
                seen = await store.rows().see(type(task), task.id, Actor(user.id))
                try:
                    require(seen.standing, "task.read", "task", shared=seen.shared)
                    readable = seen.thing is not None
                except NotFound:
                    readable = False
                assert readable == (task.id in listed)


def _expressing(made: Instance) -> st.SearchStrategy[dict[str, Any]]:
    """Queries that all have an expression, and little beside it."""

    def both(query: dict[str, Any], expression: Node) -> dict[str, Any]:
        asked = {name: query[name] for name in query if name in _BESIDE} | {"q": written(expression)}
        if not TaskQuery(text=asked.get("text"), q=asked["q"]).terms:  # the text was in the other expression
            asked["sort"] = [key for key in asked.get("sort", ()) if RELEVANCE not in key]
        return asked

    return st.builds(both, task_queries(made), expressions(made))


async def _compared(
    stores: Sequence[Store],
    seed: int,
    data: st.DataObject,
    asked: Callable[[Instance], st.SearchStrategy[dict[str, Any]]],
) -> None:
    """The second store answers as the first does."""
    made = instance(seed)
    worlds = [await _filled(each, made) for each in stores]
    queries = asked(made)  # once: making strategies takes longer than asking
    for _ in range(QUERIES):
        query = data.draw(queries)
        who = data.draw(st.sampled_from(made.users)).id
        expected, found = [await _answer(world, who, query) for world in worlds]
        assert found == expected, query


async def _filled(store: Store, made: Instance) -> World:
    async def work(unit: Unit) -> None:
        await unit.save(list(made.things))

    await store.transact(work)
    world = World(store)
    world.clock.now = NOW
    return world


async def _answer(world: World, who: Any, query: dict[str, Any]) -> Any:
    """Every page of the answer, as tasks; with the total, or the error's code."""
    me = world.core.acting_as(who)
    try:
        tasks = await _walk(me, query)
        counted = await me.tasks.count(**{name: value for name, value in query.items() if name != "limit"})
    except NotFound as error:
        return error.code
    assert counted == len(tasks)
    return tasks


async def _walk(me: Any, query: dict[str, Any]) -> list[Any]:
    tasks: list[Any] = []
    cursor: str | None = None
    while True:
        page = await me.tasks.list(**query, cursor=cursor)
        tasks += page.items
        cursor = page.next_cursor
        assert len(page.items) <= query.get("limit", 50)
        if cursor is None:
            return tasks
