"""`taskcore me`: one's own account, and where one is signed in."""

from __future__ import annotations

import pytest

from taskcore import blocking
from taskcore.errors import Unauthenticated
from tests.entry.cli.conftest import ADA, BOB, PASSWORD, Taskcore, opened

OTHER = "another long password"


def signed_in(taskcore: Taskcore, *origins: str) -> list[str]:
    with opened(taskcore) as core:
        return [str(core.auth.sign_in(ADA, PASSWORD, origin=origin).session.id) for origin in origins]


def proves(core: blocking.TaskCore, email: str, password: str) -> bool:
    try:
        core.users.authenticate(email, password)
    except Unauthenticated:
        return False
    return True


def test_my_account_is_shown_and_changed(taskcore: Taskcore) -> None:
    before = taskcore.json("me", "show")
    after = taskcore.json("me", "edit", "--name", "Countess", "--time-zone", "Europe/London")

    assert before["email"] == ADA
    assert (after["name"], after["time_zone"]) == ("Countess", "Europe/London")
    assert "version" in taskcore("me", "edit", "--name", "x", "--if-version", "1", exits=5).stderr
    assert "time_zone" in taskcore("me", "edit", "--time-zone", "Nowhere", exits=2).stderr


def test_a_new_address_wants_the_password_and_is_to_be_verified_anew(taskcore: Taskcore) -> None:
    words = ("me", "edit", "--email", "countess@example.org")

    assert "--password-stdin" in taskcore(*words, exits=2).stderr
    taskcore(*words, "--password-stdin", typed="wrong password\n", exits=4)
    changed = taskcore.json(*words, "--password-stdin", typed=f"{PASSWORD}\n")
    assert (changed["email"], changed["email_verified_at"]) == ("countess@example.org", None)


def test_an_address_is_verified_by_the_token_that_came_there(taskcore: Taskcore) -> None:
    taskcore("me", "edit", "--email", "countess@example.org", "--password-stdin", typed=PASSWORD)
    mail = taskcore("me", "verify", TASKCORE_LOG_LEVEL="info").stderr
    token = next(word for word in mail.split() if word.startswith("tcm_"))
    taskcore("me", "verify", token)

    assert taskcore.json("me", "show")["email_verified_at"] is not None
    assert "token" in taskcore("me", "verify", token, exits=2).stderr


def test_a_password_is_changed_by_who_knows_it(taskcore: Taskcore) -> None:
    signed_in(taskcore, "a browser")
    taskcore("me", "password", "--password-stdin", typed=f"wrong\n{OTHER}\n", exits=2)
    taskcore("me", "password", "--password-stdin", typed=f"{PASSWORD}\nshort\n", exits=2)
    with opened(taskcore) as core:
        assert proves(core, ADA, PASSWORD)
    taskcore("me", "password", "--password-stdin", typed=f"{PASSWORD}\n{OTHER}\n")

    with opened(taskcore) as core:
        assert (proves(core, ADA, PASSWORD), proves(core, ADA, OTHER)) == (False, True)
    assert taskcore.json("me", "sessions")["items"] == []


def test_sessions_are_listed_and_ended_one_by_one(taskcore: Taskcore) -> None:
    phone, browser = signed_in(taskcore, "a phone", "a browser")
    taskcore("me", "revoke", phone)

    assert [each["id"] for each in taskcore.json("me", "sessions")["items"]] == [browser]
    assert "a browser" in taskcore("me", "sessions").stdout
    taskcore("me", "revoke", "01890000-0000-7000-8000-000000000000", exits=3)


def test_nobody_ends_the_sessions_of_others(taskcore: Taskcore) -> None:
    (session,) = signed_in(taskcore, "a browser")
    taskcore.register(BOB)

    taskcore("--as", BOB, "me", "revoke", session, exits=3)
    assert len(taskcore.json("--as", ADA, "me", "sessions")["items"]) == 1


def test_an_account_is_deleted_for_good_by_who_says_yes(taskcore: Taskcore) -> None:
    taskcore.register(BOB)

    assert "--yes" in taskcore("--as", BOB, "me", "delete", exits=2).stderr
    taskcore("--as", BOB, "me", "delete", "--yes", "--dry-run")
    taskcore("--as", BOB, "me", "show")
    taskcore("--as", BOB, "me", "delete", "--yes")
    taskcore("--as", BOB, "me", "show", exits=4)


def test_who_owns_a_team_alone_stays(taskcore: Taskcore) -> None:
    assert "PLAT" in taskcore("me", "delete", "--yes", exits=5).stderr


@pytest.mark.parametrize("words", [["me", "show"], ["me", "sessions"], ["token", "list"]], ids=" ".join)
def test_who_acts_has_to_be_known(words: list[str], empty: Taskcore) -> None:
    empty(*words, exits=4)
