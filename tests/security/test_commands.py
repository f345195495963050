"""Who may do what, on the command line: each way of each row by each caller comes out as the table has it."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from taskcore.permissions import table
from taskcore_cli import main
from tests.entry.http.conftest import CHEAP
from tests.security.matrix import ways
from tests.security.scene import Scene
from tests.security.stages import Attempt, Stage, library_stage, said, sqlite_in
from tests.security.test_library import assert_changed
from tests.security.ways import DONE, FORBIDDEN, HIDDEN, SIGNED_OUT, Way

pytestmark = pytest.mark.slow

EXITS = {0: {DONE}, 3: {HIDDEN}, 4: {FORBIDDEN, SIGNED_OUT}}
"""Which outcomes end in which exit code."""
CELLS = [
    pytest.param(row, way, caller, id=f"{row}-{number}-{caller}")
    for row, number, way in ways()
    if way.words is not None
    for caller in way.callers
    if caller != "signed out"  # nobody signs in here
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the command runs, without settings but for a hasher that does not make us wait."""
    folder = tmp_path_factory.mktemp("commands")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TASKCORE_HASHER", CHEAP)
        patch.setenv("TASKCORE_STORE", sqlite_in(folder))
        yield folder


@pytest.fixture(scope="module")
def at_home(folder: Path) -> Iterator[Stage]:
    """The library on the store of the command."""
    with library_stage(sqlite_in(folder)) as opened:
        yield opened


def told_by(told: Scene, way: Way) -> tuple[int, str]:
    """The exit code of the command, and all that it printed."""
    assert way.words is not None
    printed = io.StringIO()
    typed = io.TextIOWrapper(io.BytesIO(said(way.typed, told.names).encode()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(printed):
        patch.setattr(sys, "stdin", typed)
        code = main(["--as", told.me.email, "--debug", *said(way.words, told.names)])
    gc.enable()  # the command, which is to end with it, has turned it off
    return code, printed.getvalue()


@pytest.mark.parametrize(("row", "way", "caller"), CELLS)
def test_the_table_decides(at_home: Stage, row: str, way: Way, caller: str) -> None:
    told, expected = at_home.set(caller, way), way.outcome(row, caller, table())
    before = at_home.state(told)
    code, printed = told_by(told, way)

    assert code in EXITS, printed
    assert expected in EXITS[code], printed
    assert_changed(row, way, Attempt(expected), same=before == at_home.state(told))
