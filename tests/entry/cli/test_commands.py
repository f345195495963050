"""One walk through each noun, and the ways to name things."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.entry.cli.conftest import ADA, BOB, PASSWORD, Taskcore, invite


def rows(taskcore: Taskcore) -> list[str]:
    """All that is in the store."""
    with sqlite3.connect(taskcore.folder / "tasks.db") as connection:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        return [
            f"{name}: {row}"
            for (name,) in connection.execute(tables).fetchall()
            for row in connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608  a name of ours
        ]


def team_of_two(taskcore: Taskcore) -> Taskcore:
    invite(taskcore, BOB)
    return taskcore


def test_a_task_goes_its_way(taskcore: Taskcore) -> None:
    added = taskcore.json(
        "add", "Ship it", "--priority", "high", "--assignee", "me", "--estimate-minutes", "90"
    )
    statuses = [
        taskcore.json("task", verb, "PLAT-1")["status"]
        for verb in ("start", "done", "reopen", "cancel", "reopen")
    ]
    edited = taskcore.json(
        "task", "edit", "PLAT-1", "--title", "Shipped", "--assignee", "none", "--estimate", "none"
    )

    assert (added["key"], added["status"], added["estimate_minutes"]) == ("PLAT-1", "open", 90)
    assert statuses == ["in_progress", "done", "open", "cancelled", "open"]
    assert (edited["title"], edited["assignee_id"], edited["estimate_minutes"]) == ("Shipped", None, None)
    assert taskcore.json("task", "rm", "PLAT-1")["deleted_at"] is not None
    taskcore("task", "show", "PLAT-1", exits=3)
    assert taskcore.json("task", "restore", "PLAT-1")["deleted_at"] is None


def test_tasks_are_labelled_moved_linked_and_talked_about(taskcore: Taskcore) -> None:
    taskcore.add(["One", "Two", "Three"])
    taskcore("label", "add", "bug")
    taskcore("label", "add", "ui")
    taskcore("project", "add", "Launch", "--target-on", "2026-12-24", "--lead", "me")
    labelled = taskcore.json("task", "label", "PLAT-1", "bug", "ui")
    unlabelled = taskcore.json("task", "label", "PLAT-1", "--remove", "bug")
    moved = taskcore.json("task", "move", "PLAT-1", "--project", "Launch", "--after", "PLAT-3")
    taskcore("task", "link", "PLAT-2", "PLAT-1", "--type", "SS", "--lag-minutes", "-30")
    taskcore("task", "comment", "PLAT-1", "See @ada")

    assert (labelled["labels"], unlabelled["labels"]) == (["bug", "ui"], ["ui"])
    assert moved["project_id"] == taskcore.json("project", "show", "Launch")["id"]
    assert [task["title"] for task in taskcore.json("ls", "--sort", "rank")["items"]] == [
        "Two",
        "Three",
        "One",
    ]
    assert [task["title"] for task in taskcore.json("ls", "--project", "Launch")["items"]] == ["One"]
    assert [link["lag_minutes"] for link in taskcore.json("task", "dependencies", "PLAT-1")["items"]] == [-30]
    assert [said["body"] for said in taskcore.json("task", "comments", "PLAT-1")["items"]] == ["See @ada"]
    assert (
        taskcore.json("task", "activity", "PLAT-1", "--limit", "1")["items"][0]["kind"] == "comment.created"
    )
    taskcore("task", "unlink", "PLAT-2", "PLAT-1")
    assert taskcore.json("task", "dependencies", "PLAT-1")["items"] == []


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        (["--status", "done"], ["Done"]),
        (["--status", "done,open", "--sort", "title"], ["Done", "Late", "Open"]),
        (["--status", "done", "--status", "open", "--sort", "-title"], ["Open", "Late", "Done"]),
        (["--overdue"], ["Late"]),
        (["--overdue", "false", "--sort", "title"], ["Done", "Open"]),
        (["--assignee", ADA], ["Open"]),
        (["--assignee", "me"], ["Open"]),
        (["--assignee", "none", "--sort", "title"], ["Done", "Late"]),
        (["--created_by", "me", "--limit", "1", "--sort", "title"], ["Done"]),
        (["--due-before", "2026-01-01"], ["Late"]),
        (["--due_before", "2026-01-01T00:00:00Z"], ["Late"]),
        (["--text", "OPE"], ["Open"]),
        (["--deleted"], ["Gone"]),
        (["--priority", "high,urgent"], ["Open"]),
    ],
)
def test_a_list_takes_every_field_of_a_query(
    asked: list[str], titles: list[str], sorted_out: Taskcore
) -> None:
    assert [task["title"] for task in sorted_out.json("task", "list", *asked)["items"]] == titles


@pytest.fixture(scope="module")
def sorted_out(tmp_path_factory: pytest.TempPathFactory) -> Taskcore:
    made = Taskcore(tmp_path_factory.mktemp("sorted"))
    made.register(ADA, "--admin")
    made("team", "create", "Platform", "--key", "PLAT")
    made("add", "Open", "--assignee", "me", "--priority", "high")
    made("add", "Late", "--due", "2025-12-01")
    made("add", "Done", "--status", "done")
    made("add", "Gone")
    made("task", "rm", "PLAT-4")
    return made


def test_next_is_what_can_be_started_now(taskcore: Taskcore) -> None:
    taskcore.add(["Free", "Blocked", "Theirs", "Later"])
    taskcore("task", "link", "PLAT-2", "PLAT-1")
    taskcore("task", "edit", "PLAT-4", "--status", "backlog")
    team_of_two(taskcore)("--as", ADA, "task", "assign", "PLAT-3", BOB)

    assert [task["title"] for task in taskcore.json("--as", ADA, "next")["items"]] == ["Free"]


def test_a_task_is_named_by_key_id_or_the_beginning_of_its_id(taskcore: Taskcore) -> None:
    (task,) = taskcore.add(["One"])
    for ref in ("PLAT-1", "plat-1", task["id"], task["id"][:23], task["id"].replace("-", "")[:20]):
        assert taskcore.json("task", "show", ref)["id"] == task["id"]


def test_a_beginning_that_several_ids_share_is_refused_with_their_keys(taskcore: Taskcore) -> None:
    first, _ = taskcore.add(["One", "Two"])

    assert "PLAT-1, PLAT-2" in taskcore("task", "show", first["id"][:6], exits=2).stderr
    assert "no such task ffff" in taskcore("task", "show", "ffff", exits=3).stderr


def test_references_come_from_stdin(taskcore: Taskcore) -> None:
    taskcore.add(["One", "Two", "Three"])
    ids = taskcore("ls", "--quiet").stdout
    done = taskcore.json("done", "-", typed=ids)

    assert {task["status"] for task in done["items"]} == {"done"}
    assert len(done["items"]) == 3
    assert taskcore.json("done", "-", typed="\n")["items"] == []


CHANGES = [
    ["user", "add", "new@example.org", "--name", "New", "--password-stdin"],
    ["user", "disable", BOB],
    ["user", "admin", BOB],
    ["user", "reset-password", BOB, "--password-stdin"],
    ["me", "edit", "--name", "Countess"],
    ["token", "create", "new"],
    ["instance", "edit", BOB, "--disable"],
    ["team", "create", "Other", "--key", "OTHER"],
    ["team", "invite", "PLAT", "new@example.org"],
    ["team", "role", "PLAT", BOB, "admin"],
    ["team", "remove", "PLAT", BOB],
    ["team", "suspend", "PLAT"],
    ["team", "rm", "PLAT"],
    ["calendar", "add-holiday", "2026-12-24"],
    ["label", "add", "new"],
    ["project", "add", "New"],
    ["view", "add", "Mine", "--assignee", "me"],
    ["add", "New", "--team", "PLAT"],
    ["task", "edit", "PLAT-1", "--title", "Changed"],
    ["task", "start", "PLAT-1"],
    ["task", "done", "PLAT-1", "PLAT-2"],
    ["task", "assign", "PLAT-1", BOB],
    ["task", "move", "PLAT-1", "--after", "PLAT-2"],
    ["task", "comment", "PLAT-1", "words"],
    ["task", "link", "PLAT-1", "PLAT-2"],
]


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Taskcore:
    made = Taskcore(tmp_path_factory.mktemp("settled"))
    made.register(ADA, "--admin")
    made("team", "create", "Platform", "--key", "PLAT")
    made.add(["One", "Two"])
    return team_of_two(made)


@pytest.mark.parametrize("words", CHANGES, ids=" ".join)
def test_a_dry_run_tells_what_would_be_and_writes_nothing(words: list[str], settled: Taskcore) -> None:
    before = rows(settled)
    told = settled("--as", ADA, *words, "--dry-run", typed=PASSWORD)

    assert "dry run, nothing was changed; it would be: 1" in told.stderr or "2 task changed" in told.stderr
    assert rows(settled) == before


def test_a_dry_run_is_refused_as_the_real_one_would_be(settled: Taskcore) -> None:
    settled("--as", ADA, "team", "create", "Other", "--key", "PLAT", "--dry-run", exits=5)


@pytest.mark.parametrize("words", [["team", "rm", "PLAT"], ["task", "purge", "PLAT-1"], ["me", "delete"]])
def test_what_is_dangerous_is_refused_where_nobody_can_be_asked(words: list[str], settled: Taskcore) -> None:
    before = rows(settled)

    assert "--yes" in settled("--as", ADA, *words, exits=2).stderr
    assert rows(settled) == before


def test_what_is_dangerous_goes_ahead_with_yes(taskcore: Taskcore) -> None:
    taskcore.add(["One"])
    taskcore("task", "rm", "PLAT-1")
    taskcore("task", "purge", "PLAT-1", "--yes")
    taskcore("task", "restore", "PLAT-1", exits=3)
    taskcore("team", "rm", "PLAT", "--yes")

    assert taskcore.json("team", "list")["items"] == []


def test_accounts_are_the_operators(empty: Taskcore) -> None:
    first = empty.register(ADA, "--admin")
    second = empty.register(BOB)
    empty("user", "reset-password", BOB, "--password-stdin", typed="another long one\n")

    assert (first["is_admin"], second["is_admin"]) == (True, False)
    assert "password_hash" not in str(first)
    assert [user["email"] for user in empty.json("user", "list")["items"]] == [ADA, BOB]
    assert empty.json("user", "disable", BOB)["disabled_at"] is not None
    assert empty.json("user", "enable", BOB)["disabled_at"] is None
    refused = empty("user", "add", ADA, "--name", "x", "--password-stdin", typed=PASSWORD, exits=5)
    assert ADA in refused.stderr or "email" in refused.stderr
    assert "--password-stdin" in empty("user", "add", "x@example.org", "--name", "x", exits=2).stderr
    assert (
        "password: must have 8"
        in empty(
            "user", "add", "x@example.org", "--name", "x", "--password-stdin", typed="short", exits=2
        ).stderr
    )


def test_people_come_and_go_in_a_team(taskcore: Taskcore) -> None:
    team_of_two(taskcore)
    promoted = taskcore.json("--as", ADA, "team", "role", "PLAT", BOB, "admin")
    members = taskcore.json("--as", ADA, "team", "members", "PLAT")["items"]

    assert promoted["role"] == "admin"
    assert {member["email"]: member["role"] for member in members} == {ADA: "owner", BOB: "admin"}
    assert "owner" in taskcore("--as", ADA, "team", "remove", "PLAT", "me", exits=5).stderr
    assert "owner" in taskcore("--as", ADA, "team", "leave", "PLAT", exits=5).stderr
    taskcore("--as", BOB, "team", "leave", "PLAT")
    taskcore("--as", BOB, "team", "leave", "PLAT", exits=3)
    assert taskcore.json("--as", BOB, "team", "list")["items"] == []


def test_an_invitation_never_shows_what_is_stored_of_its_token(taskcore: Taskcore) -> None:
    made = taskcore.json("team", "invite", "PLAT", BOB)
    listed = taskcore.json("team", "invitations", "PLAT")["items"]

    assert "token_hash" not in made
    assert [(each["email"], "token" in each, "token_hash" in each) for each in listed] == [
        (BOB, False, False)
    ]


def test_a_view_is_a_list_with_a_name(taskcore: Taskcore) -> None:
    taskcore.add(["One", "Two"])
    taskcore("done", "PLAT-1")
    view = taskcore.json("view", "add", "Open ones", "--status", "open", "--shared")

    for ref in (view["id"], "Open ones"):
        assert [task["title"] for task in taskcore.json("view", "run", ref)["items"]] == ["Two"]
        assert taskcore.json("view", "show", ref)["query"] == view["query"]
    assert [each["name"] for each in taskcore.json("view", "list")["items"]] == ["Open ones"]
    assert "no such view Nothing" in taskcore("view", "run", "Nothing", exits=3).stderr
    taskcore("view", "rm", "Open ones")
    assert taskcore.json("view", "list")["items"] == []


@pytest.mark.parametrize("option", ["--team", "--of"])
def test_a_view_belongs_to_the_team_that_is_named(option: str, taskcore: Taskcore) -> None:
    taskcore("team", "create", "Other", "--key", "OTHER")
    taskcore("add", "There", "--team", "OTHER")
    here, there = (
        taskcore.json("view", "add", "Mine", option, team, "--status", "open") for team in ("PLAT", "OTHER")
    )

    assert here["team_id"] != there["team_id"]
    assert "2 views are called Mine: give the id" in taskcore("view", "run", "Mine", exits=2).stderr
    assert [each["id"] for each in taskcore.json("view", "list", option, "OTHER")["items"]] == [there["id"]]
    assert taskcore.json("view", "show", "Mine", option, "OTHER")["id"] == there["id"]
    assert [task["title"] for task in taskcore.json("view", "run", "Mine", option, "OTHER")["items"]] == [
        "There"
    ]
    taskcore("view", "rm", "Mine", option, "OTHER")
    assert taskcore.json("view", "show", "Mine")["id"] == here["id"]


def test_a_view_of_several_teams_belongs_to_the_one_that_is_said(taskcore: Taskcore) -> None:
    taskcore("team", "create", "Other", "--key", "OTHER")
    both = ("view", "add", "Both", "--team", "PLAT,OTHER")

    assert "--of" in taskcore(*both, exits=2).stderr
    assert taskcore.json(*both, "--of", "OTHER")["query"]["team"]


def test_a_table_names_tasks_by_key_and_people_by_name(taskcore: Taskcore) -> None:
    first, second = taskcore.add(["One", "Two"])
    linked = taskcore("task", "link", "PLAT-2", "PLAT-1").stdout
    taskcore("task", "comment", "PLAT-1", "hello")

    assert linked == "PLAT-1  FS  PLAT-2\n"
    assert taskcore("task", "dependencies", "PLAT-1").stdout.splitlines()[1].split() == [
        *("PLAT-1", "FS", "PLAT-2"),
    ]
    assert " Ada  hello" in taskcore("task", "comments", "PLAT-1").stdout
    (link,) = taskcore.json("task", "dependencies", "PLAT-1")["items"]
    assert (link["predecessor_id"], link["successor_id"]) == (first["id"], second["id"])
    assert "by" not in taskcore.json("task", "comments", "PLAT-1")["items"][0]


def test_quiet_gives_the_token_of_an_invitation_for_it_is_shown_this_once(taskcore: Taskcore) -> None:
    taskcore.register(BOB)
    token = taskcore("--as", ADA, "-q", "team", "invite", "PLAT", BOB).stdout.strip()

    assert taskcore.json("--as", BOB, "team", "accept", token)["key"] == "PLAT"


def test_a_dry_run_gives_no_token_for_it_would_open_nothing(taskcore: Taskcore) -> None:
    words = ("team", "invite", "PLAT", BOB, "--dry-run")

    assert taskcore.json(*words)["token"] is None
    assert taskcore(*words, "-q").stdout == ""
    assert "token" not in taskcore(*words).stdout


def test_the_log_tells_it_all_in_order(taskcore: Taskcore) -> None:
    taskcore.add(["One"])
    events: list[Any] = taskcore.json("event", "list")["items"]

    assert [event["seq"] for event in events] == [1, 2, 3]
    assert [event["kind"] for event in taskcore.json("event", "list", "--after", "2")["items"]] == [
        "task.created"
    ]


def test_all_tasks_are_exported_the_trash_too(taskcore: Taskcore) -> None:
    taskcore.add(["One", "Two"])
    taskcore("task", "rm", "PLAT-2")
    document = taskcore.json("export", "--team", "PLAT")
    lines = taskcore("export", "--ndjson").stdout.splitlines()
    taskcore("export", "out.json", "--no-deleted")

    assert [task["title"] for task in document["tasks"]] == ["One", "Two"]
    assert document["team"]["key"] == "PLAT"
    assert sum(line.startswith('{"type": "task"') for line in lines) == 2
    assert '"Two"' not in (taskcore.folder / "out.json").read_text()


def test_an_export_holds_what_was_said_and_what_waits_for_what(taskcore: Taskcore) -> None:
    one, two, _ = taskcore.add(["One", "Two", "Gone"])
    taskcore("task", "link", "PLAT-2", "PLAT-1")
    taskcore("task", "link", "PLAT-3", "PLAT-1")
    for key in ("PLAT-1", "PLAT-3"):
        taskcore("task", "comment", key, f"about {key}")
    taskcore("task", "rm", "PLAT-3")
    whole, kept = taskcore.json("export"), taskcore.json("export", "--no-deleted")

    assert [said["body"] for said in whole["comments"]] == ["about PLAT-1", "about PLAT-3"]
    assert len(whole["dependencies"]) == 2
    assert [said["body"] for said in kept["comments"]] == ["about PLAT-1"]
    assert [(link["predecessor_id"], link["successor_id"]) for link in kept["dependencies"]] == [
        (one["id"], two["id"])
    ]


@pytest.mark.parametrize("role", ["member", "guest"])
def test_only_who_runs_a_team_takes_its_work_away(role: str, taskcore: Taskcore) -> None:
    invite(taskcore, BOB, role=role)
    told = taskcore("--as", BOB, "export", "out.json", "--team", "PLAT", exits=4)

    assert "you may not do this: team.export" in told.stderr
    assert not (taskcore.folder / "out.json").exists()


def test_settings_are_told_with_their_source_and_without_secrets(empty: Taskcore) -> None:
    secret = "q8Zr4vN1xKc7Lw2TgYb5HsJd9MfPe3Au6RkXo0Vi"
    told = empty(
        "--store", "sqlite:///other.db", "config", "--ndjson", TASKCORE_SECRET=secret, TASKCORE_PORT="81"
    )

    assert '"value":"sqlite:///other.db","source":"flag"' in told.stdout
    assert '"name":"port","value":"81","source":"environment"' in told.stdout
    assert secret not in told.stdout


def test_the_schema_is_made_and_told_of(empty: Taskcore) -> None:
    assert empty.json("db", "upgrade")["ready"] is True
    assert empty.json("db", "status")["ready"] is True


def test_the_doctor_looks_at_everything(taskcore: Taskcore, empty: Taskcore) -> None:
    findings = {each["name"]: each for each in taskcore.json("doctor")["items"]}

    assert set(findings) >= {"python", "extras", "settings", "store", "schema", "clock", "disk"}
    assert {each["verdict"] for each in findings.values()} == {"ok"}
    assert empty("doctor", "--json", exits=1, TASKCORE_PORT="many").stdout.count('"fault"') >= 1
