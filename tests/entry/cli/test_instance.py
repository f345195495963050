"""What runs an instance: by its operator, and by its admins; and a team's audit."""

from __future__ import annotations

import pytest

from tests.entry.cli.conftest import ADA, BOB, PASSWORD, Taskcore, invite, opened


@pytest.fixture
def two(taskcore: Taskcore) -> Taskcore:
    """With Bob as a member of Ada's team."""
    invite(taskcore, BOB)
    return taskcore


def sign_in(taskcore: Taskcore, email: str) -> None:
    with opened(taskcore) as core:
        core.auth.sign_in(email, PASSWORD)


def test_the_operator_makes_admins(two: Taskcore) -> None:
    assert two.json("user", "admin", BOB)["is_admin"] is True
    assert two.json("user", "admin", BOB, "--stop")["is_admin"] is False
    assert "admin" in two("user", "admin", ADA, "--stop", exits=5).stderr
    two("user", "admin", "nobody@example.org", exits=3)


def test_the_operator_ends_sessions(two: Taskcore) -> None:
    sign_in(two, BOB)
    two("user", "logout", BOB)

    assert two.json("--as", BOB, "me", "sessions")["items"] == []
    two("user", "logout", "nobody@example.org", exits=3)


def test_an_admin_sees_accounts_and_teams(two: Taskcore) -> None:
    accounts = two.json("--as", ADA, "instance", "users")["items"]
    (team,) = two.json("--as", ADA, "instance", "teams")["items"]

    assert [each["email"] for each in accounts] == [ADA, BOB]
    assert (team["key"], team["members"], team["owners"]) == ("PLAT", 2, 1)
    assert two.json("--as", ADA, "instance", "show", BOB) == accounts[1]


def test_an_admin_shuts_and_opens_accounts_and_makes_admins(two: Taskcore) -> None:
    edit = ("--as", ADA, "instance", "edit")
    shut = two.json(*edit, BOB, "--disable")
    opened_again = two.json(*edit, BOB, "--enable", "--admin")

    assert shut["disabled_at"] is not None
    assert (opened_again["disabled_at"], opened_again["is_admin"]) == (None, True)
    assert two.json(*edit, BOB, "--no-admin")["is_admin"] is False
    assert "nobody shuts or demotes themselves" in two(*edit, ADA, "--no-admin", exits=5).stderr
    two(*edit, BOB, "--disable", "--if-version", "1", exits=5)
    told = two.json("--as", ADA, "instance", "audit")["items"]
    assert [each["allowed"] for each in told if each["action"] == "instance.user_suspend"] == [
        False,
        True,
        True,
        True,
    ]


def test_an_admin_signs_somebody_out(two: Taskcore) -> None:
    sign_in(two, BOB)
    two("--as", ADA, "instance", "logout", BOB)

    assert two.json("--as", BOB, "me", "sessions")["items"] == []


@pytest.mark.parametrize(
    "words",
    [
        ["instance", "users"],
        ["instance", "teams"],
        ["instance", "audit"],
        ["instance", "show", ADA],
        ["instance", "edit", ADA, "--disable"],
        ["instance", "logout", ADA],
        ["team", "suspend", "PLAT"],
        ["team", "unsuspend", "PLAT"],
        ["team", "audit", "PLAT"],
        ["export", "--team", "PLAT"],
    ],
    ids=" ".join,
)
def test_a_member_is_refused_what_admins_do(words: list[str], refusing: Taskcore) -> None:
    assert "you may not do this" in refusing("--as", BOB, *words, exits=4).stderr


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Taskcore:
    made = Taskcore(tmp_path_factory.mktemp("refusing"))
    made.register(ADA, "--admin")
    made("team", "create", "Platform", "--key", "PLAT")
    invite(made, BOB)
    return made


def test_in_a_suspended_team_nothing_is_changed(two: Taskcore) -> None:
    suspended = two.json("--as", ADA, "team", "suspend", "PLAT")

    assert suspended["suspended_at"] is not None
    assert "suspended" in two("--as", BOB, "add", "Late", exits=4).stderr
    assert two.json("--as", BOB, "ls")["items"] == []
    assert two.json("--as", ADA, "team", "unsuspend", "PLAT")["suspended_at"] is None
    two("--as", BOB, "add", "In time")


def test_a_team_has_its_audit_the_newest_first(two: Taskcore) -> None:
    two("--as", BOB, "team", "edit", "PLAT", "--name", "Mine", exits=4)
    entries = two.json("--as", ADA, "team", "audit", "PLAT")["items"]
    (latest,) = two.json("--as", ADA, "team", "audit", "PLAT", "--limit", "1")["items"]

    assert latest == entries[0]
    assert (latest["action"], latest["allowed"], latest["origin"]) == ("team.update", False, "command line")
    assert entries[-1]["action"] == "team.create"
    assert f"team.update        yes      {BOB}  team" in two("--as", ADA, "team", "audit", "PLAT").stdout


def test_an_owner_takes_the_whole_audit_away_the_eldest_first(two: Taskcore) -> None:
    export = ("team", "audit", "PLAT", "--export")
    newest_first = two.json("--as", ADA, "team", "audit", "PLAT")["items"]
    *before, itself = two.json("--as", ADA, *export)["items"]

    assert before == newest_first[::-1]
    assert itself["action"] == "audit_log.export"
    two("--as", ADA, "team", "role", "PLAT", BOB, "admin")
    two("--as", BOB, "team", "audit", "PLAT")
    two("--as", BOB, *export, exits=4)
    assert "leave out --limit" in two("--as", ADA, *export, "--limit", "2", exits=2).stderr


def test_that_a_team_was_exported_stands_in_its_audit(taskcore: Taskcore) -> None:
    taskcore("export")

    assert taskcore.json("team", "audit", "PLAT", "--limit", "1")["items"][0]["action"] == "team.export"
