"""Several operations at once: what each says, what it is told, and what they are together."""

from __future__ import annotations

from typing import Any

import pytest

from taskcore.errors import Invalid, NotFound
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Status
from tests.unit.refusals import refusal

Operation = dict[str, Any]


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


async def test_each_operation_stands_by_itself(ada: Person, team: Team) -> None:
    outcomes = await ada.me.batches.run(
        [
            {"op": "create", "team_id": team.id, "title": "Ship it", "temp_id": "ship"},
            {"op": "complete", "id": "ship"},
            {"op": "assign", "id": "ship", "assignee_id": ada.user.id},
            {"op": "edit", "id": "PLAT-99", "title": "Sail it"},
            {"op": "delete", "id": "ship"},
            {"op": "restore", "id": "ship"},
            Invalid(faults=[]),
        ]
    )
    errors = [type(each.error) for each in outcomes if each.error]
    last = outcomes[5].task

    assert errors == [NotFound, Invalid]
    assert outcomes[4].task is None
    assert last is not None
    assert (last.status, last.assignee_id) == (Status.DONE, ada.user.id)


async def test_of_all_or_none_the_first_that_is_refused_undoes_the_others(ada: Person, team: Team) -> None:
    new: Operation = {"op": "create", "team_id": team.id, "title": "Ship it"}
    with pytest.raises(NotFound) as refused:
        await ada.me.batches.run([new, {"op": "complete", "id": "PLAT-99"}], atomic=True)
    with pytest.raises(Invalid) as unread:
        await ada.me.batches.run([new, Invalid(faults=[])], atomic=True)

    assert (refused.value.data["index"], unread.value.data["index"]) == (1, 1)
    assert (await ada.me.tasks.list()).items == []
    assert len(await ada.me.batches.run([new, new], atomic=True)) == 2


@pytest.mark.parametrize(
    ("operation", "faults"),
    [
        ({}, ["op"]),
        ({"op": "fly", "id": "PLAT-1"}, ["op"]),
        ({"op": "create", "title": "Ship it"}, ["team_id"]),
        ({"op": "edit"}, ["id"]),
        ({"op": "edit", "temp_id": "one"}, ["id", "temp_id"]),
        ({"op": "delete", "id": "PLAT-1", "title": "Ship it"}, ["title"]),
        ({"op": "assign", "id": "PLAT-1"}, ["assignee_id"]),
        ({"op": "create", "temp_id": 1}, ["temp_id"]),
        ({"op": "create", "temp_id": ""}, ["temp_id"]),
        ({"op": "create", "temp_id": "PLAT-1"}, ["temp_id"]),
    ],
)
async def test_what_is_no_operation_is_told_so(ada: Person, operation: Operation, faults: list[str]) -> None:
    (outcome,) = await ada.me.batches.run([operation])

    assert isinstance(outcome.error, Invalid)
    assert [each.field for each in outcome.error.faults] == faults


async def test_a_name_is_given_once(ada: Person, team: Team) -> None:
    new = {"op": "create", "team_id": team.id, "title": "Ship it", "temp_id": "one"}
    _, again = await ada.me.batches.run([new, new])

    assert isinstance(again.error, Invalid)


async def test_none_and_too_many_are_no_batch(ada: Person) -> None:
    assert await refusal(ada.me.batches.run([])) == (Invalid, "invalid")
    assert await refusal(ada.me.batches.run([{}] * 101)) == (Invalid, "invalid")


async def test_a_batch_under_a_key_is_done_once(ada: Person, team: Team) -> None:
    new = {"op": "create", "team_id": team.id, "title": "Ship it"}
    first, second = [await ada.me.batches.run([new], idempotency_key="once") for _ in range(2)]

    assert [each.task for each in first] == [each.task for each in second]
    assert len((await ada.me.tasks.list()).items) == 1
