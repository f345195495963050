"""What the command says of itself, and what it imports to say it."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
import typer

from taskcore_cli.program import NOUNS, program
from tests.entry.cli.conftest import COMMAND, Taskcore

NOT_FOR_HELP = {
    "sqlalchemy",
    "litestar",
    "asyncio",
    "sqlite3",
    "rich",
    "dependency_injector",
    "cattrs",
    "msgspec",
    "httpx",
}
NOT_FOR_A_LIST = NOT_FOR_HELP - {"sqlite3"}
VERBS = {
    "user": {"add", "list", "show", "disable", "reset-password", "admin", "logout"},
    "team": {
        *("create", "list", "show", "invite", "role", "remove", "accept", "resend", "decline", "leave"),
        *("suspend", "unsuspend", "audit"),
    },
    "token": {"create", "list", "revoke"},
    "me": {"show", "edit", "password", "verify", "sessions", "revoke", "delete"},
    "instance": {"users", "show", "edit", "logout", "teams", "audit"},
    "task": {
        *("add", "list", "show", "edit", "start", "done", "reopen", "cancel", "assign", "label", "move"),
        *("comment", "link", "unlink", "rm", "restore", "import"),
    },
    "db": {"upgrade", "status"},
}


def imported(taskcore: Taskcore, *words: str) -> set[str]:
    """The modules that a run imports, by `-X importtime`."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *COMMAND[1:], *words],
        env=taskcore.environment,
        cwd=taskcore.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def foreign(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_help_lists_every_noun(empty: Taskcore) -> None:
    lines = empty("--help").stdout.splitlines()

    assert [noun for noun in NOUNS if not any(line.startswith(f"  {noun} ") for line in lines)] == []


def test_help_imports_no_adapter_and_nothing_slow(empty: Taskcore) -> None:
    loaded = imported(empty, "--help")

    assert foreign(loaded) & NOT_FOR_HELP == set()
    assert {name for name in foreign(loaded) if name.startswith("taskcore_")} == {"taskcore_cli"}


def test_a_list_imports_no_framework_it_does_not_need(taskcore: Taskcore) -> None:
    loaded = imported(taskcore, "task", "list")

    assert foreign(loaded) & NOT_FOR_A_LIST == set()
    assert "taskcore_sql" in foreign(loaded)


def test_nothing_to_do_shows_help_and_is_a_usage_error(empty: Taskcore) -> None:
    assert "Usage: taskcore" in empty(exits=2).stderr


def test_the_version_is_told(empty: Taskcore) -> None:
    assert empty("--version").stdout.startswith("taskcore 0.")


@pytest.mark.parametrize("noun", VERBS)
def test_a_noun_has_the_verbs_that_are_promised(noun: str) -> None:
    root = program()
    assert isinstance(root, click.Group)
    ctx = click.Context(root)
    command = root.get_command(ctx, noun)

    assert isinstance(command, click.Group)
    assert VERBS[noun] <= set(command.list_commands(ctx))


@pytest.mark.parametrize("noun", NOUNS)
def test_everything_explains_itself(noun: str) -> None:
    root = program()
    assert isinstance(root, click.Group)
    ctx = typer.Context(root, info_name="taskcore")
    command = root.get_command(ctx, noun)
    assert command is not None
    inner = typer.Context(command, info_name=noun, parent=ctx)
    verbs = command.list_commands(inner) if isinstance(command, click.Group) else []
    commands = (
        [command.get_command(inner, verb) for verb in verbs] if isinstance(command, click.Group) else []
    )

    assert command.help
    assert [verb for verb, each in zip(verbs, commands, strict=True) if each is None or not each.help] == []
    assert "Usage: taskcore" in command.get_help(inner)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_its_completion(shell: str, empty: Taskcore) -> None:
    script = empty("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")

    assert "taskcore" in script.stdout + script.stderr


def complete(taskcore: Taskcore, *words: str) -> list[str]:
    """What bash is offered for the last of the words."""
    done = taskcore(
        _TASKCORE_COMPLETE="complete_bash",
        COMP_WORDS=" ".join(["taskcore", *words]),
        COMP_CWORD=str(len(words)),
    )
    return done.stdout.split()


def test_nouns_verbs_keys_and_statuses_are_completed(taskcore: Taskcore) -> None:
    taskcore.add(["One", "Two"])

    assert complete(taskcore, "ta") == ["task"]
    assert "reopen" in complete(taskcore, "task", "re")
    assert complete(taskcore, "task", "show", "PLAT-1") == ["PLAT-1"]
    assert complete(taskcore, "task", "list", "--status", "in_p") == ["in_progress"]
    assert complete(taskcore, "team", "show", "PL") == ["PLAT"]
    assert complete(taskcore, "token", "create", "x", "--scope", "tasks:") == ["tasks:read", "tasks:write"]
    token = taskcore.json("token", "create", "ci")["id"]
    assert complete(taskcore, "token", "revoke", token[:4]) == [token]


def test_completion_on_a_store_that_does_not_answer_offers_nothing(empty: Taskcore) -> None:
    assert complete(empty, "task", "show", "PLAT-") == []
