"""Who may do what, through the library: each way of each row by each caller comes out as the table has it."""

from __future__ import annotations

import pytest

from taskcore.identity.model import AuditEntry
from taskcore.permissions import READS, SENSITIVE, table
from tests.security.matrix import ways
from tests.security.stages import Attempt, Stage
from tests.security.ways import DONE, FORBIDDEN, Way

CELLS = [
    pytest.param(row, way, caller, id=f"{row}-{number}-{caller}")
    for row, number, way in ways()
    if way.library is not None
    for caller in way.callers
]


@pytest.mark.parametrize(("row", "way", "caller"), CELLS)
def test_the_table_decides(stage: Stage, row: str, way: Way, caller: str) -> None:
    told = stage.set(caller, way)
    before, entered = stage.state(told), stage.audited(told)
    attempt = stage.attempt(told, way)

    assert attempt.outcome == way.outcome(row, caller, table()), attempt
    if attempt.outcome is FORBIDDEN:
        assert attempt.code == way.code
    assert_changed(row, way, attempt, same=before == stage.state(told))
    entries = [each for key, each in stage.audited(told).items() if key not in entered]
    assert_entered(row, way, caller, attempt, entries)


def assert_changed(row: str, way: Way, attempt: Attempt, *, same: bool) -> None:
    if attempt.outcome is not DONE or (row in READS and not way.marks):
        assert same
    elif not (way.idle or way.elsewhere):
        assert not same


def assert_entered(row: str, way: Way, caller: str, attempt: Attempt, entries: list[AuditEntry]) -> None:
    told = [(each.action, each.allowed) for each in entries]
    if row not in SENSITIVE or way.entered is None or attempt.outcome not in (DONE, FORBIDDEN):
        assert told == []
    elif attempt.outcome is DONE:
        times = 2 if way.by_instance and caller == "instance admin" else 1
        if not (way.idle and not told):
            assert told == [(way.entered or row, True)] * times
    else:
        assert told == [(attempt.action, False)]
        assert attempt.action in (row, *way.needs)
