"""The table of rights, and its two readings: `require` for one thing, `scope` for many."""

from __future__ import annotations

from itertools import product

import pytest

from taskcore.errors import Forbidden, NotFound, TaskCoreError, Unauthenticated
from taskcore.permissions import COLUMNS, TABLE, Actor, Standing, require, scope, table
from taskcore.values import Role, TeamId, UserId
from tests.unit.examples import new_id

USER, HOME = UserId(new_id()), TeamId(new_id())
STANDINGS = {
    **{role.value: Standing(Actor(USER), HOME, role) for role in Role},
    "outsider": Standing(Actor(USER), HOME),
    "instance_admin": Standing(Actor(USER), HOME, is_admin=True),
    "anonymous": Standing(Actor(USER), HOME, Role.OWNER, active=False, is_admin=True),
}
NEVER: dict[str, type[TaskCoreError]] = {"D": Forbidden, "H": NotFound, "U": Unauthenticated}
UNLESS: dict[str, tuple[str, type[TaskCoreError]]] = {
    "O": ("own", Forbidden),
    "S": ("shared", NotFound),
    "L": ("lower", Forbidden),
}
CELLS = [(action, column) for action in table() for column in COLUMNS]


def outcome(standing: Standing, action: str, **facts: bool) -> type[TaskCoreError] | None:
    try:
        require(standing, action, "task PLAT-42", **facts)
    except TaskCoreError as error:
        return type(error)
    return None


def test_every_line_has_a_letter_for_every_column() -> None:
    assert len(table()) == len(TABLE.strip().splitlines())
    assert {letter for row in table().values() for letter in row.values()} == set("AOSLDHU")
    assert all(tuple(row) == COLUMNS for row in table().values())


@pytest.mark.parametrize(("action", "column"), CELLS)
def test_a_cell_decides_by_its_letter(action: str, column: str) -> None:
    letter = table()[action][column]
    for own, shared, lower in product([True, False], repeat=3):
        facts = {"own": own, "shared": shared, "lower": lower}
        fact, refusal = UNLESS.get(letter, ("own", None))
        expected = NEVER.get(letter) if letter in NEVER else None if facts[fact] else refusal

        assert outcome(STANDINGS[column], action, **facts) is expected


def test_what_may_not_be_known_of_looks_like_what_is_not_there() -> None:
    with pytest.raises(NotFound) as hidden:
        require(STANDINGS["outsider"], "task.read", "task PLAT-42")

    assert (hidden.value.message, hidden.value.data) == ("no such task PLAT-42", {})


def test_a_refusal_names_what_was_refused() -> None:
    with pytest.raises(Forbidden) as refused:
        require(STANDINGS["guest"], "task.create", "team PLAT")

    assert refused.value.data == {"action": "task.create"}


@pytest.mark.parametrize("action", ["task.list", "task.read", "event.read", "comment.read", "project.read"])
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("shared", [True, False])
def test_a_list_shows_just_what_may_be_read(action: str, column: str, *, shared: bool) -> None:
    standing = STANDINGS[column]
    listed = standing.active and scope(Actor(USER), action).permits(standing.role, shared=shared)

    assert listed == (outcome(standing, action, shared=shared) is None)


def test_an_action_that_is_not_in_the_table_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        require(STANDINGS["owner"], "task.teleport", "task PLAT-42")
