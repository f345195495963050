"""`taskcore calendar`, as people read and type it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskcore import blocking
from tests.entry.cli.conftest import ADA, CHEAP, PASSWORD
from tests.entry.cli.twins import Ran, ran

Taskcore = Callable[..., Ran]
CHRISTMAS = ("calendar", "add-holiday", "2026-12-24", "2026-12-26", "--name", "Christmas")


@pytest.fixture
def taskcore(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Taskcore:
    """The command, in this process, as Ada, who has a team."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("TASKCORE_HASHER", CHEAP)
    store = f"sqlite:///{tmp_path}/tasks.db"
    with blocking.open(store, hasher=CHEAP) as core:
        ada = core.users.register(ADA, name="Ada", password=PASSWORD)
        core.acting_as(ada.id).teams.create("Platform", key="PLAT")

    def run(*words: str) -> Ran:
        done = ran(["--store", store, "--as", ADA, *words], capsys, monkeypatch)
        assert done.code == 0, done.err
        return done

    return run


def read_json(done: Ran) -> Any:
    return json.loads(done.out)


def test_a_calendar_reads_as_it_is_typed(taskcore: Taskcore) -> None:
    hours = "mon-thu 09:00-12:00,13:00-17:00; fri 09:00-13:00"
    taskcore("calendar", "set", "--hours", hours)
    taskcore(*CHRISTMAS)
    taskcore("calendar", "set", "--member", "me", "--units", "0.5", "--skills", "python, review")
    shown = taskcore("calendar", "show", "--member", "me", "--from", "2026-12-23", "--to", "2026-12-24").out

    assert shown.splitlines() == [
        f"hours       {hours}",
        "time zone   UTC",
        "units       0.5",
        "efficiency  1",
        "skills      python, review",
        "",
        "Wed 2026-12-23 09:00 to Wed 2026-12-23 12:00",
        "Wed 2026-12-23 13:00 to Wed 2026-12-23 17:00",
    ]
    assert "exceptions  2026-12-24 to 2026-12-26 Christmas\n" in taskcore("calendar", "show").out


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("09:00-12:00", {"mon-sun": ["09:00-12:00"]}),
        (
            "mon,wed 09:00-12:00, 13:00-14:00;",
            {"mon": ["09:00-12:00", "13:00-14:00"], "wed": ["09:00-12:00", "13:00-14:00"]},
        ),
        ("mon-fri 13:00-24:00; mon-fri 09:00-12:00", {"mon-fri": ["09:00-12:00", "13:00-24:00"]}),
        ("never", {}),
        ("none", {"mon-fri": ["09:00-17:00"]}),
    ],
)
def test_hours_are_typed_in_short(taskcore: Taskcore, typed: str, read: dict[str, list[str]]) -> None:
    assert read_json(taskcore("calendar", "set", "--hours", typed, "--json"))["hours"] == read


def test_setting_one_thing_leaves_the_rest(taskcore: Taskcore) -> None:
    set_me = ("calendar", "set", "--member", "me")
    taskcore("calendar", "add-time-off", "2026-12-28", "--name", "Leave")
    taskcore(*set_me, "--time-zone", "Asia/Tokyo", "--max-minutes-per-week", "900", "--skills", "python")
    found = read_json(taskcore(*set_me, "--time-zone", "none", "--efficiency", "2", "--json"))["calendar"]

    assert found == {
        "hours": None,
        "exceptions": [{"from": "2026-12-28", "to": "2026-12-28", "hours": None, "name": "Leave"}],
        "time_zone": None,
        "units": 1,
        "efficiency": 2,
        "max_minutes_per_week": 900,
        "skills": ["python"],
    }


def test_a_dry_run_tells_the_fields_of_a_calendar(taskcore: Taskcore) -> None:
    taskcore(*CHRISTMAS)
    told = taskcore("calendar", "set", "--member", "me", "--units", "0.5", "--dry-run").err
    cut = taskcore("calendar", "rm-holiday", "2026-12-25", "2026-12-26", "--dry-run").err

    assert "calendar.units none → 0.5" in told
    assert "calendar.hours" not in told
    assert 'to 2026-12-26, name Christmas" → "from 2026-12-24, to 2026-12-24, name Christmas"' in cut
