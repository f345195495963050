"""What the command has mailed, and what it says of mail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.entry.cli.conftest import BOB, Taskcore
from tests.servers.smtp import SmtpServer, smtp_server, text_of

INVITE = ("team", "invite", "PLAT", BOB)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


def test_an_invitation_is_mailed_before_the_command_ends(taskcore: Taskcore, server: SmtpServer) -> None:
    told = taskcore(*INVITE, "-q", TASKCORE_MAIL=server.url)

    (mail,) = server.messages
    assert mail["To"] == BOB
    assert told.stdout.strip() in text_of(mail)
    assert told.stderr == ""


def test_a_dry_run_mails_nobody(taskcore: Taskcore, server: SmtpServer) -> None:
    taskcore(*INVITE, "--dry-run", TASKCORE_MAIL=server.url)

    assert (server.connections, server.messages) == (0, [])


def test_the_demo_mails_nobody(empty: Taskcore, server: SmtpServer) -> None:
    empty("demo", "--no-serve", "--store", empty.store, TASKCORE_MAIL=server.url)

    assert (server.connections, server.messages) == (0, [])


def test_mail_that_cannot_be_delivered_is_told_and_stays_with_the_invitation(taskcore: Taskcore) -> None:
    told = taskcore(*INVITE, "-q", TASKCORE_MAIL="smtp://127.0.0.1:1?from=taskcore%40example.org")

    assert told.stdout.strip() != ""
    assert f"a mail to {BOB} waits for a service or taskcore worker: 127.0.0.1:1" in told.stderr
    assert all(line.startswith("taskcore: ") for line in told.stderr.splitlines())
    assert [each["email"] for each in taskcore.json("team", "invitations", "PLAT")["items"]] == [BOB]


def test_mail_to_the_log_is_told_to_who_asks_for_the_log(taskcore: Taskcore) -> None:
    quiet = taskcore(*INVITE, "-q")
    asked = taskcore("team", "invite", "PLAT", "eve@example.org", "-q", TASKCORE_LOG_LEVEL="info")

    assert quiet.stderr == ""
    assert asked.stdout.strip() in asked.stderr
    assert len(asked.stdout.splitlines()) == 1


def test_the_doctor_tells_whether_mail_reaches_anybody(taskcore: Taskcore) -> None:
    assert "log://: it reaches nobody but the log" in taskcore("doctor").stdout
    told = taskcore("doctor", TASKCORE_MAIL="smtp://me:secret@mail.example.org?from=taskcore%40example.org")

    assert "smtp://***" in told.stdout
    assert "secret" not in told.stdout


def test_a_declined_or_resent_invitation_has_a_token_that_is_good_for_nothing(taskcore: Taskcore) -> None:
    taskcore.register(BOB)
    ada, bob = ("--as", "ada@example.org"), ("--as", BOB)
    first = taskcore.json(*ada, *INVITE)
    again = taskcore.json(*ada, "team", "resend", "PLAT", first["id"])

    assert (again["id"], "token_hash" in again) == (first["id"], False)
    taskcore(*bob, "team", "accept", first["token"], exits=3)
    taskcore(*bob, "team", "decline", first["token"], exits=3)
    taskcore(*bob, "team", "decline", again["token"])
    taskcore(*bob, "team", "accept", again["token"], exits=3)
    taskcore(*ada, "team", "resend", "PLAT", first["id"], exits=3)


def test_what_comes_back_of_a_mail_is_taken_in_from_a_pipe(taskcore: Taskcore, server: SmtpServer) -> None:
    taskcore.register(BOB)
    taskcore(*("--as", "ada@example.org"), *INVITE[:3], BOB, "-q", TASKCORE_MAIL=server.url)
    (mail,) = server.messages
    report = (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; {BOB}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: {mail['Message-ID']}\n\n--B--\n"
    )
    told = taskcore.json("mail", "bounce", "-", typed=report)
    inbox = taskcore.json("--as", BOB, "notification", "list")

    assert told["items"] == [{"email": BOB, "status": "5.1.1", "disabled": True, "detail": "status 5.1.1"}]
    assert [each["reason"] for each in inbox["items"]] == ["mail_disabled"]
    taskcore("mail", "bounce", "-", typed="a letter", exits=3)
    taskcore("mail", "bounce", "no-such-file", exits=2)


def test_a_link_that_is_none_ends_nothing(taskcore: Taskcore) -> None:
    taskcore("mail", "unsubscribe", "https://tasks.example.org/v1/unsubscribe/forged", exits=3)
