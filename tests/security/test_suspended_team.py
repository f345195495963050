"""A suspended team can be read, and nothing in it changed, by anybody but whoever runs the instance."""

from __future__ import annotations

import pytest

from taskcore.permissions import DESPITE_SUSPENSION, READS, table
from tests.security.matrix import ways
from tests.security.stages import Service, Stage
from tests.security.ways import DONE, FORBIDDEN, PERSONAL, Way

JOINING = {"invitation.accept", "invitation.decline"}
"""About a team that the caller is not in yet."""
CALLERS = ("owner", "guest")
CELLS = [
    pytest.param(row, way, caller, id=f"{row}-{number}-{caller}")
    for row, number, way in ways()
    if row in JOINING or row not in PERSONAL
    for caller in CALLERS
    if caller in way.callers and way.outcome(row, caller, table()) is DONE
]


def may(row: str) -> bool:
    return row in READS | DESPITE_SUSPENSION


@pytest.mark.parametrize(("row", "way", "caller"), [cell for cell in CELLS if cell.values[1].library])  # type: ignore[union-attr]
def test_the_library_lets_it_be_read_alone(stage: Stage, row: str, way: Way, caller: str) -> None:
    told = stage.set(caller, suspended=True)
    before = stage.state(told)
    attempt = stage.attempt(told, way)

    if may(row):
        assert attempt.outcome is DONE
    else:
        assert (attempt.outcome, attempt.code) == (FORBIDDEN, "team_suspended")
        assert stage.state(told) == before


@pytest.mark.parametrize(("row", "way", "caller"), [cell for cell in CELLS if cell.values[1].http])  # type: ignore[union-attr]
def test_the_service_lets_it_be_read_alone(service: Service, row: str, way: Way, caller: str) -> None:
    assert way.http is not None
    told = service.set(caller, suspended=True)
    before = service.state(told)
    attempt = service.ask(told, way.http)

    if may(row):
        assert attempt.outcome is DONE
    else:
        assert (attempt.outcome, attempt.code) == (FORBIDDEN, "team_suspended")
        assert service.state(told) == before


def test_a_team_that_is_not_suspended_any_more_goes_on(stage: Stage) -> None:
    root = stage.set("instance admin", suspended=True)
    stage.run(stage.core.acting_as(root.actor).teams.unsuspend(root["team"]))
    owner = stage.core.acting_as(root["other_owner"])

    assert stage.run(owner.tasks.edit(root["task"], title="New")).title == "New"
