"""Each family of errors has its exit code and one line on stderr."""

from __future__ import annotations

import sys

import pytest

from tests.entry.cli.conftest import ADA, BOB, Taskcore

NOBODY_LISTENS = "postgresql://127.0.0.1:1/taskcore"


def line(taskcore: Taskcore, *words: str, exits: int) -> str:
    told = taskcore(*words, exits=exits)

    assert told.stdout == ""
    assert len(told.stderr.splitlines()) == 1
    assert told.stderr.startswith("taskcore: ")
    return told.stderr


@pytest.mark.parametrize(
    ("words", "exits", "says"),
    [
        (["task", "list", "--limit", "0"], 2, "limit: must be a whole number from 1 to 200"),
        (["task", "list", "--sort", "nonsense"], 2, "sort: must be one of"),
        (["task", "list", "--nonsense"], 2, "No such option"),
        (["nonsense"], 2, "No such command"),
        (["add", "x", "--status", "nonsense"], 2, "status: must be one of backlog, open"),
        (["add", "x", "--due", "tomorrow"], 2, "must be a day such as 2026-12-01"),
        (["add", "x", "--estimate", "much"], 2, "estimate_minutes: must be a whole number"),
        (["add", "x", "--label", "unknown"], 2, "no such label in this team: unknown"),
        (["task", "edit", "PLAT-1", "--title", " "], 2, "title: must not be blank"),
        (["task", "link", "PLAT-1", "PLAT-2", "--type", "XX"], 2, "type: must be one of FS, SS, FF, SF"),
        (["task", "show", "PLAT-99"], 3, "no such task PLAT-99"),
        (["task", "list", "--team", "NONE"], 3, "no such team NONE"),
        (["add", "x", "--assignee", "nobody@example.org"], 3, "no such user nobody@example.org"),
        (["add", "x", "--project", "Nowhere"], 3, "no such project Nowhere"),
        (["user", "show", "nobody@example.org"], 3, "no such user nobody@example.org"),
        (["--as", "nobody@example.org", "ls"], 4, "this store has no such user"),
        (["team", "create", "Other", "--key", "PLAT"], 5, "key"),
        (["task", "done", "PLAT-2"], 5, "PLAT-2 is blocked by PLAT-1"),
        (["task", "edit", "PLAT-1", "--title", "y", "--if-version", "9"], 5, "version"),
    ],
)
def test_an_error_is_one_line_and_a_code(words: list[str], exits: int, says: str, busy: Taskcore) -> None:
    assert says in line(busy, *words, exits=exits)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Taskcore:
    """With PLAT-1, and PLAT-2 which waits for it. Nothing here changes anything."""
    made = Taskcore(tmp_path_factory.mktemp("busy"))
    made.register(ADA, "--admin")
    made("team", "create", "Platform", "--key", "PLAT")
    made.add(["First", "Second"])
    made("task", "link", "PLAT-2", "PLAT-1")
    return made


def test_a_stranger_finds_nothing_and_a_member_may_not_all(taskcore: Taskcore) -> None:
    taskcore.register(BOB)
    taskcore("--as", ADA, "add", "Secret")

    line(taskcore, "--as", BOB, "task", "show", "PLAT-1", exits=3)
    token = taskcore.json("--as", ADA, "team", "invite", "PLAT", BOB)["token"]
    taskcore("--as", BOB, "team", "accept", token)
    assert "you may not do this: task.delete_other" in line(
        taskcore, "--as", BOB, "task", "rm", "PLAT-1", exits=4
    )


def test_nobody_acts_on_an_empty_store(empty: Taskcore) -> None:
    assert "taskcore user add EMAIL" in line(empty, "ls", exits=4)


def test_with_several_users_somebody_has_to_be_named(taskcore: Taskcore) -> None:
    taskcore.register(BOB)

    assert "--as EMAIL" in line(taskcore, "ls", exits=4)
    taskcore("user", "disable", BOB)
    assert taskcore.json("ls")["items"] == []
    assert "disabled" in line(taskcore, "--as", BOB, "ls", exits=4)


def test_a_store_that_does_not_answer_is_unavailable(empty: Taskcore) -> None:
    told = empty("--store", NOBODY_LISTENS, "--as", ADA, "ls", exits=7, TASKCORE_HASHER="")

    assert told.stderr.startswith("taskcore: ")


@pytest.mark.parametrize("words", [["ls"], ["serve"], ["demo"]], ids=" ".join)
def test_a_store_of_an_unknown_kind_is_an_invalid_value(words: list[str], empty: Taskcore) -> None:
    told = empty("--store", "oracle://x/y", *words, exits=2, TASKCORE_HASHER="").stderr

    assert "store: no adapter for oracle://; installed: memory://, postgresql://, sqlite://" in told


def test_only_who_signs_tokens_is_asked_for_the_secret(empty: Taskcore) -> None:
    asked = ("--store", NOBODY_LISTENS)

    for words in (["db", "status"], ["team", "list"], ["--as", ADA, "ls"], ["user", "list"]):
        assert "secret" not in empty(*asked, *words, exits=7, TASKCORE_HASHER="").stderr.lower()
    for words in (["serve"], ["demo"]):
        assert "TASKCORE_SECRET: not set" in empty(*asked, *words, exits=2, TASKCORE_HASHER="").stderr


@pytest.mark.parametrize("words", [["ls"], ["db", "upgrade"], ["user", "list"]], ids=" ".join)
def test_a_mistyped_path_makes_no_folder(words: list[str], empty: Taskcore) -> None:
    told = line(empty, "--store", f"sqlite:///{empty.folder.as_posix()}/typo/x.db", *words, exits=7)

    assert "typo does not exist" in told
    assert list(empty.folder.iterdir()) == []


def test_the_default_store_gets_its_folder(empty: Taskcore) -> None:
    empty("user", "list", TASKCORE_STORE="", XDG_DATA_HOME=str(empty.folder / "data"), HOME=str(empty.folder))

    assert len(list(empty.folder.rglob("taskcore.db"))) == 1


def test_all_faults_of_the_settings_are_told_at_once(empty: Taskcore) -> None:
    told = empty("ls", exits=2, TASKCORE_PORT="many", TASKCORE_SINGUP="open").stderr

    assert "TASKCORE_PORT" in told
    assert "did you mean TASKCORE_SIGNUP?" in told


def test_some_done_and_some_not_is_a_code_of_its_own(taskcore: Taskcore) -> None:
    taskcore.add(["One", "Two"])
    told = taskcore("done", "PLAT-1", "PLAT-99", "PLAT-2", "--quiet", exits=6)

    assert len(told.stdout.split()) == 2
    assert told.stderr == "taskcore: no such task PLAT-99\n"
    assert taskcore("done", "PLAT-98", "PLAT-99", exits=3).stdout == ""


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's way of ending a program")
def test_debug_shows_where_an_error_comes_from(taskcore: Taskcore) -> None:
    done = taskcore.__class__(taskcore.folder)
    with pytest.raises(AssertionError, match="Traceback"):
        done("--debug", "task", "show", "PLAT-99", exits=3)
