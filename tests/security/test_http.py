"""Who may do what, over HTTP: each way of each row by each caller comes out as the table has it, and what is
refused leaves everything as it was."""

from __future__ import annotations

import pytest

from taskcore.permissions import table
from tests.security.matrix import ways
from tests.security.stages import Service
from tests.security.test_library import assert_changed, assert_entered
from tests.security.ways import FORBIDDEN, Way

pytestmark = pytest.mark.slow

CELLS = [
    pytest.param(row, way, caller, id=f"{row}-{number}-{caller}")
    for row, number, way in ways()
    if way.http is not None
    for caller in way.callers
]


@pytest.mark.parametrize(("row", "way", "caller"), CELLS)
def test_the_table_decides(service: Service, row: str, way: Way, caller: str) -> None:
    assert way.http is not None
    told = service.set(caller, way)
    before, entered = service.state(told), service.audited(told)
    attempt = service.ask(told, way.http)

    assert attempt.outcome == way.outcome(row, caller, table()), attempt.answer.text
    if attempt.outcome is FORBIDDEN:
        assert attempt.code == way.code
    assert_changed(row, way, attempt, same=before == service.state(told))
    entries = [each for key, each in service.audited(told).items() if key not in entered]
    assert_entered(row, way, caller, attempt, entries)
