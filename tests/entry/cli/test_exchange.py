"""A team written to a file and read from one, by the command."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.entry.cli.conftest import ADA, BOB, Taskcore, invite

SAMPLES = Path(__file__).parents[2] / "unit" / "exchange" / "samples"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Taskcore:
    """Another instance, with Ada in it, who has an empty team."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    other = Taskcore(folder)
    other.register(ADA, "--admin")
    other("team", "create", "Platform", "--key", "PLAT")
    return other


def filled(taskcore: Taskcore) -> None:
    invite(taskcore, BOB)
    taskcore("--as", ADA, "label", "add", "bug", "--team", "PLAT")
    taskcore("--as", ADA, "add", "One", "--team", "PLAT", "--label", "bug", "--assignee", BOB)
    taskcore("--as", ADA, "add", "Two", "--team", "PLAT", "--parent", "PLAT-1")
    taskcore("--as", BOB, "task", "comment", "PLAT-1", "done soon")


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_a_team_comes_back_on_another_instance(form: str, taskcore: Taskcore, elsewhere: Taskcore) -> None:
    filled(taskcore)
    file = str(taskcore.folder / "team")
    taskcore("--as", ADA, "export", "--team", "PLAT", "--format", form, file)
    tried = elsewhere("import", "--format", form, file, "--dry-run")
    report = elsewhere.json("import", "--format", form, file)
    again = elsewhere.json("import", "--format", form, file)
    before, after = (
        each.json("export") if each is elsewhere else each.json("--as", ADA, "export", "--team", "PLAT")
        for each in (taskcore, elsewhere)
    )

    assert "dry run, nothing was changed; it would be: 2 task created" in tried.stderr
    assert (report["created"], report["people"], report["refused"]) == (2, 1, [])
    assert (again["created"], again["known"]) == (0, 2)
    for part in ("labels", "dependencies"):
        assert after[part] == before[part]
    assert [shown(task) for task in after["tasks"]] == [shown(task) for task in before["tasks"]]
    assert [person["email"] for person in after["people"]] != []
    assert sorted(each["email"] for each in after["people"]) == sorted(
        each["email"] for each in before["people"]
    )


def shown(task: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in task.items() if name not in ("created_by", "followers")}


def test_somebody_who_came_in_with_a_team_cannot_act(taskcore: Taskcore, elsewhere: Taskcore) -> None:
    filled(taskcore)
    taskcore("--as", ADA, "export", "--team", "PLAT", str(taskcore.folder / "team"))
    elsewhere("import", "--format", "json", str(taskcore.folder / "team"))
    users = {each["name"]: each for each in elsewhere.json("user", "list")["items"]}

    assert users["Bob"]["email"].endswith(".placeholder.invalid")
    assert users["Bob"]["disabled_at"] is not None
    elsewhere("--as", users["Bob"]["email"], "task", "list", exits=4)
    assert elsewhere.register(BOB)["email"] == BOB


def test_tasks_go_out_and_in_as_a_table(taskcore: Taskcore, elsewhere: Taskcore) -> None:
    filled(taskcore)
    file = str(taskcore.folder / "tasks.csv")
    taskcore("--as", ADA, "export", "--team", "PLAT", "--format", "csv", file)
    with Path(file).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    told = elsewhere("import", "--format", "csv", file, exits=6)

    assert [(row["title"], row["parent"], row["assignee"]) for row in rows] == [
        ("One", "", BOB),
        ("Two", "PLAT-1", ""),
    ]
    assert "assignee 'bob@example.org': nobody here is called so" in told.stderr
    assert [task["title"] for task in elsewhere.json("ls")["items"]] == ["Two", "One"]


@pytest.mark.parametrize("form", ["todoist", "trello", "jira"])
def test_a_dry_run_tells_what_would_become_of_each_line(form: str, taskcore: Taskcore) -> None:
    (sample,) = SAMPLES.glob(f"{form}.*")
    shown = taskcore("import", "--format", form, str(sample), "--dry-run", exits=6)
    report = json.loads(
        taskcore("import", "--format", form, str(sample), "--dry-run", "--json", exits=6).stdout
    )
    before = taskcore.json("ls")["items"]
    taskcore("import", "--format", form, str(sample), exits=6)
    again = json.loads(
        taskcore("import", "--format", form, str(sample), "--dry-run", "--json", exits=6).stdout
    )

    assert before == []
    assert shown.stdout.splitlines()[0].split() == ["LINE", "OUTCOME", "WHAT", "REASON"]
    kinds = [each["outcome"] for each in report["outcomes"]]
    assert (kinds.count("created"), kinds.count("refused") > 0) == (report["created"], True)
    assert [each["outcome"] for each in again["outcomes"]].count("known") == report["created"]


def test_an_export_goes_to_a_pipe_without_a_word_more(taskcore: Taskcore) -> None:
    taskcore.add(["Ünd 🚀"])
    told = taskcore("export", "--format", "ndjson")

    assert told.stderr == ""
    assert {json.loads(line)["type"] for line in told.stdout.splitlines()} >= {"team", "task", "event"}
    assert "Ünd 🚀" in told.stdout
    assert "format: must be one of json, ndjson, csv" in taskcore("export", "--format", "x", exits=2).stderr


def test_an_export_that_is_refused_touches_no_file(taskcore: Taskcore) -> None:
    (taskcore.folder / "kept").write_text("kept")
    invite(taskcore, BOB)
    taskcore("--as", BOB, "export", "--team", "PLAT", "kept", exits=4)

    assert (taskcore.folder / "kept").read_text() == "kept"
