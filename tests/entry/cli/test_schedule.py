"""`taskcore schedule`: the plan in words, as files, tried out and applied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar

from tests.entry.cli.conftest import ADA, Taskcore, opened
from tests.entry.cli.test_output import on_a_terminal


@pytest.fixture
def taskcore(tmp_path: Path) -> Taskcore:
    """Ada's team, with two days of work one after the other, and a third day that waits for nothing."""
    command = Taskcore(tmp_path)
    with opened(command) as core:
        ada = core.users.register(ADA, name="Ada", password="correct horse battery")
        me = core.acting_as(ada.id)
        me.teams.create("Platform", key="PLAT")
        for title in ("Dig", "Pour", "Paint"):
            me.tasks.create("PLAT", title, estimate_minutes=480, assignee_id=ada.id)
        me.dependencies.link("PLAT-2", "PLAT-1")
    return command


def test_a_plan_says_who_does_what_when_and_why(taskcore: Taskcore) -> None:
    said = taskcore("--as", ADA, "schedule", "plan")

    heading, *rows = said.stdout.splitlines()
    assert heading.split() == ["KEY", "TITLE", "WHO", "START", "FINISH", "SLACK", "WHY"]
    assert [row.split()[:3] for row in rows[:3]] == [
        ["PLAT-1", "Dig", "Ada"],
        ["PLAT-2", "Pour", "Ada"],
        ["PLAT-3", "Paint", "Ada"],
    ]
    assert "PLAT-1" in rows[1].partition("Pour")[2]
    assert said.stdout.rstrip().endswith("proven shortest")
    assert "3 tasks would move" in said.stderr
    assert taskcore.json("--as", ADA, "task", "show", "PLAT-1")["planned_start"] is None


def test_an_applied_plan_is_what_is_shown_and_drawn(taskcore: Taskcore) -> None:
    # In working hours what could start at once would be a second later in the next plan.
    later = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT00:00Z}"
    for key in ("PLAT-1", "PLAT-3"):
        taskcore("--as", ADA, "task", "edit", key, "--constraint", f"not_before={later}")
    applied = taskcore.json("--as", ADA, "schedule", "plan", "--apply")
    assert applied["applied"]
    files = [word for form in ("svg", "html", "ics") for word in (f"--{form}", f"plan.{form}")]
    shown = taskcore.json("--as", ADA, "schedule", "show", *files)

    assert shown["moves"] == []
    kept = {task["key"]: (task["start"], task["finish"]) for task in applied["tasks"]}
    assert kept == {task["key"]: (task["start"], task["finish"]) for task in shown["tasks"]}
    assert ET.parse(taskcore.folder / "plan.svg").getroot().tag.endswith("svg")  # noqa: S314  # of our own making
    assert "Paint" in (taskcore.folder / "plan.html").read_text(encoding="utf-8")
    events = Calendar.from_ical((taskcore.folder / "plan.ics").read_bytes()).walk("VEVENT")
    assert len(events) == 3

    load = taskcore.json("--as", ADA, "schedule", "show", "--workload")["items"]
    assert sum(week["minutes"] for week in load) == 3 * 480


def test_what_is_tried_is_compared_and_not_kept(taskcore: Taskcore) -> None:
    said = taskcore("--as", ADA, "schedule", "plan", "--drop", "PLAT-3", "--resize", "PLAT-2=60")

    assert "sooner than without the change" in said.stdout
    assert "PLAT-3" not in said.stdout
    assert [task["status"] for task in taskcore.json("--as", ADA, "task", "list")["items"]] == ["open"] * 3
    refused = taskcore("--as", ADA, "schedule", "plan", "--apply", "--drop", "PLAT-3", exits=2)
    assert "make the changes, then apply" in refused.stderr


def test_a_file_that_cannot_be_written_is_told(taskcore: Taskcore) -> None:
    refused = taskcore("--as", ADA, "schedule", "show", "--svg", "nowhere/plan.svg", exits=2)

    assert "nowhere/plan.svg" in refused.stderr


def test_a_terminal_is_told_of_each_better_plan_and_where_the_dates_went(taskcore: Taskcore) -> None:
    printed = on_a_terminal(taskcore, "--as", ADA, "schedule", "plan", "--schedules", "5", "--apply")

    assert "\r\x1b[KEnds " in printed
    assert "applied: 3 tasks have new dates" in printed


def test_ids_are_those_of_the_tasks(taskcore: Taskcore) -> None:
    listed = taskcore("--as", ADA, "-q", "task", "list", "--sort", "number").stdout

    assert taskcore("--as", ADA, "-q", "schedule", "show").stdout == listed


def test_why_leads_back_to_what_holds_everything_up(taskcore: Taskcore) -> None:
    taskcore("--as", ADA, "schedule", "plan", "--apply")
    steps = taskcore.json("--as", ADA, "schedule", "why", "PLAT-2")["items"]

    assert [step["key"] for step in steps if step["reason"]["cause"] != "calendar"][:2] == [
        "PLAT-2",
        "PLAT-1",
    ]
    assert steps[-1]["reason"]["task_id"] is None
    assert "PLAT-1" in taskcore("--as", ADA, "schedule", "why", "plat-2").stdout
    taskcore("--as", ADA, "schedule", "why", "PLAT-99", exits=3)


def test_the_solver_of_the_settings_is_asked(taskcore: Taskcore) -> None:
    refused = taskcore("schedule", "plan", exits=2, TASKCORE_SOLVER="abacus://")

    assert "no adapter for abacus://" in refused.stderr
