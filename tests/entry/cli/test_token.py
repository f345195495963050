"""`taskcore token`: what programs act with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskcore import blocking
from taskcore.errors import Forbidden, Unauthenticated
from taskcore.events import plain
from tests.entry.cli.conftest import ADA, BOB, Taskcore, invite, opened


def created_by(core: blocking.TaskCore, text: str) -> Any:
    actor, _ = core.auth.api_token(text)
    return core.acting_as(actor).tasks.create("PLAT", "by a program").created_by


def test_the_text_of_a_token_is_printed_once_and_acts_for_its_user(taskcore: Taskcore) -> None:
    made = taskcore.json("token", "create", "ci", "--scope", "read", "--scope", "tasks:write,members:read")
    listed = taskcore.json("token", "list")["items"]

    assert made["scopes"] == ["read", "tasks:write", "members:read"]
    assert listed == [{name: value for name, value in made.items() if name != "token"}]
    with opened(taskcore) as core:
        assert created_by(core, made["token"]) == core.users.find(ADA).id
    assert made["token"] not in taskcore("token", "list").stdout


def test_a_token_is_good_for_reading_if_nothing_is_said(taskcore: Taskcore) -> None:
    text = taskcore("token", "create", "ci", "--quiet").stdout.strip()

    with opened(taskcore) as core, pytest.raises(Forbidden):
        created_by(core, text)


def test_json_has_all_of_a_token_but_its_hash(taskcore: Taskcore) -> None:
    taskcore("token", "create", "ci", "--team", "PLAT", "--expires-at", "2099-12-01T09:00:00+01:00")
    with opened(taskcore) as core:
        (kept,) = core.acting_as(core.users.find(ADA).id).tokens.list().items
    whole = plain(kept)
    del whole["token_hash"]

    for words in (["token", "list"], ["token", "list", "--team", "PLAT"]):
        (listed,) = taskcore.json(*words)["items"]
        assert listed == whole
        assert listed["expires_at"] == "2099-12-01T08:00:00.000000Z"
        assert kept.token_hash not in taskcore(*words, "--csv").stdout


@pytest.mark.parametrize(
    ("span", "lasts"),
    [("90m", timedelta(minutes=90)), ("12h", timedelta(hours=12)), ("4w", timedelta(weeks=4))],
)
def test_a_token_may_last_a_while(span: str, lasts: timedelta, taskcore: Taskcore) -> None:
    before = datetime.now(UTC)
    made = taskcore.json("token", "create", "ci", "--expires-in", span)
    after = datetime.now(UTC)

    assert before + lasts <= datetime.fromisoformat(made["expires_at"]) <= after + lasts


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--scope", "everything"], "scopes: must be some of read, write"),
        (["--expires-in", "a month"], "expires_in: must be such as 30m"),
        (["--expires-in", "99999d"], "expires_in: must be such as 30m"),
        (["--expires-at", "tomorrow"], "expires_at: must be an instant"),
        (["--expires-at", "2099-12-01"], "expires_at: "),
        (["--expires-at", "2020-12-01T09:00:00Z"], "expires_at: must lie in the future"),
        (["--expires-at", "2099-12-01T09:00:00Z", "--expires-in", "1d"], "give one of them"),
    ],
    ids=" ".join,
)
def test_a_token_that_cannot_be_is_not_made(words: list[str], says: str, taskcore: Taskcore) -> None:
    assert says in taskcore("token", "create", "ci", *words, exits=2).stderr
    assert taskcore.json("token", "list")["items"] == []


def test_a_dry_run_gives_no_text_for_no_token_stays(taskcore: Taskcore) -> None:
    words = ("token", "create", "ci", "--dry-run")

    assert taskcore.json(*words)["token"] is None
    assert taskcore(*words, "--quiet").stdout == ""
    assert "it would be: 1 api token created\n" in taskcore(*words).stderr
    assert taskcore.json("token", "list")["items"] == []


def test_a_token_that_is_revoked_is_good_for_nothing(taskcore: Taskcore) -> None:
    made = taskcore.json("token", "create", "ci", "--scope", "write")
    taskcore("token", "revoke", made["id"])

    assert taskcore.json("token", "list")["items"] == []
    taskcore("token", "revoke", "no-such-token", exits=3)
    with opened(taskcore) as core, pytest.raises(Unauthenticated):
        created_by(core, made["token"])


def test_whoever_runs_a_team_sees_and_revokes_the_tokens_for_it(taskcore: Taskcore) -> None:
    invite(taskcore, BOB)
    own = taskcore.json("--as", BOB, "token", "create", "bob's", "--team", "PLAT")["id"]
    taskcore("--as", BOB, "token", "create", "elsewhere")

    assert [
        each["id"] for each in taskcore.json("--as", ADA, "token", "list", "--team", "PLAT")["items"]
    ] == [own]
    assert BOB in taskcore("--as", ADA, "token", "list", "--team", "PLAT").stdout
    taskcore("--as", BOB, "token", "list", "--team", "PLAT", exits=4)
    taskcore("--as", BOB, "token", "revoke", own, "--team", "PLAT", exits=4)
    taskcore("--as", ADA, "token", "revoke", own, exits=3)
    taskcore("--as", ADA, "token", "revoke", own, "--team", "PLAT")
    assert taskcore.json("--as", ADA, "token", "list", "--team", "PLAT")["items"] == []


def test_a_service_has_no_password_and_acts_by_its_token(taskcore: Taskcore) -> None:
    bot = taskcore.json("user", "add", "bot@example.org", "--name", "Bot", "--service")
    invite(taskcore, bot["email"], register=False)
    text = taskcore(
        "--as", bot["email"], "token", "create", "deploys", "--scope", "tasks:write", "-q"
    ).stdout.strip()

    with opened(taskcore) as core:
        assert str(created_by(core, text)) == bot["id"]
        with pytest.raises(Unauthenticated):
            core.users.authenticate(bot["email"], "")


def test_a_service_is_given_no_password(empty: Taskcore) -> None:
    words = ("user", "add", "bot@example.org", "--name", "Bot", "--service", "--password-stdin")

    assert "leave out --password-stdin" in empty(*words, typed="long enough", exits=2).stderr
    assert empty.json("user", "list")["items"] == []
