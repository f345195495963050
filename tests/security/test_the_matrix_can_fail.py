"""The matrix is compared with the table for every letter: one letter that is another is noticed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from taskcore.permissions import COLUMNS, table
from tests.security.matrix import MATRIX
from tests.security.scene import CALLERS
from tests.security.stages import library_stage
from tests.security.ways import Never, Outcome, Unbuilt, Way

LETTERS = "AOSLDHU"
Table = Mapping[str, Mapping[str, str]]


def with_letter(row: str, column: str, letter: str) -> Table:
    return {**table(), row: {**table()[row], column: letter}}


def outcomes(row: str, way: Way, read: Table) -> list[Outcome]:
    return [way.outcome(row, caller, read) for caller in way.callers]


def noticed(row: str, column: str, letter: str) -> bool:
    """Whether some way of the row would have to come out otherwise, were the table so."""
    entry = MATRIX[row]
    assert isinstance(entry, tuple)
    return any(
        outcomes(row, way, table()) != outcomes(row, way, with_letter(row, column, letter)) for way in entry
    )


BUILT = [row for row, entry in MATRIX.items() if not isinstance(entry, Unbuilt | Never)]
CELLS = [(row, column) for row in BUILT for column in COLUMNS]
FIXED = {
    ("membership.set_own_role", "instance_admin"): "who is in no role can change none",
    ("follower.manage", "guest"): "the row's condition leaves others to members",
}
"""Cells that no letter would change."""
ALL_ONES_OWN = {"api_token.list_own", "session.list_own"}
"""Rows that nobody else's things can be asked for by."""


def opposite(letter: str) -> str:
    return "A" if letter in "DHU" else "D"


@pytest.mark.parametrize(("row", "column"), [cell for cell in CELLS if cell not in FIXED])
def test_a_cell_that_allowed_or_refused_wrongly_would_be_noticed(row: str, column: str) -> None:
    assert noticed(row, column, opposite(table()[row][column]))


@pytest.mark.parametrize(("row", "column"), [cell for cell in CELLS if cell not in FIXED])
def test_a_cell_that_hid_wrongly_or_not_would_be_noticed(row: str, column: str) -> None:
    assert noticed(row, column, "D" if table()[row][column] == "H" else "H")


@pytest.mark.parametrize("letter", ["O", "L"])
def test_a_right_to_ones_own_and_to_lower_roles_that_went_further_would_be_noticed(letter: str) -> None:
    unnoticed = {
        row for row, column in CELLS if table()[row][column] == letter and not noticed(row, column, "A")
    }

    assert unnoticed - ALL_ONES_OWN == set()


def test_a_guest_who_saw_more_than_is_shared_would_be_noticed() -> None:
    unnoticed = {row for row in BUILT if table()[row]["guest"] == "S" and not noticed(row, "guest", "A")}
    of_the_whole_team = {row for row in unnoticed if all(way.team_wide for way in MATRIX[row])}  # type: ignore[union-attr]

    assert unnoticed == of_the_whole_team
    assert of_the_whole_team == {"project.list", "task.list", "view.manage_own"}


@pytest.mark.parametrize("caller", [each for each in CALLERS if each != "shut out"])
def test_what_the_library_does_differs_from_what_another_table_says(caller: str) -> None:
    row, column = "task.delete_other", CALLERS[caller]
    way = next(way for way in MATRIX[row] if isinstance(way, Way) and way.library)  # type: ignore[union-attr]
    with library_stage("memory://") as stage:
        outcome = stage.attempt(stage.set(caller, way), way).outcome
    others = [way.outcome(row, caller, with_letter(row, column, letter)) for letter in LETTERS]

    assert outcome == way.outcome(row, caller, table())
    assert {*others} - {outcome}
