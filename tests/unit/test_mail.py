"""Mail before it leaves: what a URL says of a server, what a mail may not carry, how it is written."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskcore.connect import resolve
from taskcore.delivery.ports import Attachment, Message
from taskcore.errors import Fault, Invalid
from taskcore_mail import log_mailer, smtp_mailer
from taskcore_mail.letter import Letter, written
from taskcore_mail.mailbox import Mailbox, mailbox
from taskcore_mail.refusals import message_faults
from taskcore_mail.server import Server, server_at

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SENDER = mailbox("taskcore@example.org")
FROM = "from=taskcore%40example.org"


def _with(filename: str, content_type: str) -> Message:
    return Message("ada@example.org", "s", "t", attachments=(Attachment(filename, content_type, b"some"),))


def parsed(letter: Letter) -> EmailMessage:
    """Read by Python's own parser, headers as they are."""
    message = message_from_bytes(letter.content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_url_says_all_there_is_to_know() -> None:
    url = "smtp://po%40st:a%3A%2Fb@mail.example.org:2525?from=Task%20Core%20%3Ctc%40example.org%3E&timeout=3"

    assert server_at(url) == Server(
        host="mail.example.org",
        port=2525,
        sender=Mailbox("tc", "example.org", "Task Core"),
        starttls="required",
        user="po@st",
        password="a:/b",
        timeout_seconds=3,
    )


@pytest.mark.parametrize(
    ("url", "port", "starttls"),
    [
        ("smtp://mail.example.org", 587, "required"),
        ("smtps://mail.example.org", 465, None),
        ("smtp://localhost", 587, "if_offered"),
        ("smtp://127.0.0.1:25", 25, "if_offered"),
        ("smtp://[::1]", 587, "if_offered"),
        ("smtp://10.0.0.1", 587, "required"),
        ("smtp://localhost.example.org", 587, "required"),
    ],
)
def test_encryption_is_a_must_unless_the_way_is_within_the_machine(
    url: str, port: int, starttls: str | None
) -> None:
    server = server_at(f"{url}?{FROM}")

    assert (server.port, server.starttls) == (port, starttls)


@pytest.mark.parametrize("url", ["smtp://post:secret@localhost", "smtp://mail.example.org"])
def test_encryption_may_be_done_without_where_no_password_is_seen(url: str) -> None:
    assert server_at(f"{url}?{FROM}&starttls=never").starttls == "never"


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("smtp://", ["url"]),
        ("smtp:mail.example.org", ["url"]),
        ("http://mail.example.org", ["url"]),
        (f"smtp://:25?{FROM}", ["url"]),
        (f"smtp://mail.example.org:0?{FROM}", ["url"]),
        (f"smtp://mail.example.org:99999?{FROM}", ["url"]),
        (f"smtp://mail.example.org:smtp?{FROM}", ["url"]),
        (f"smtp://[::1?{FROM}", ["url"]),
        (f"smtp://mail example.org?{FROM}", ["url"]),
        (f"smtp://mail.example.org/inbox?{FROM}", ["url"]),
        (f"smtp://mail.example.org?{FROM}#top", ["url"]),
        ("smtp://mail.example.org", ["from"]),
        ("smtp://mail.example.org?from=", ["from"]),
        ("smtp://mail.example.org?from=nobody", ["from"]),
        ("smtp://mail.example.org?from=a%40example.org%0D%0ABcc:b%40example.org", ["from"]),
        ("smtp://mail.example.org?from=a%40example.org%2Cb%40example.org", ["from"]),
        (f"smtp://mail.example.org?{FROM}&{FROM}", ["from"]),
        (f"smtp://mail.example.org?{FROM}&starttls=maybe", ["starttls"]),
        (f"smtps://mail.example.org?{FROM}&starttls=required", ["starttls"]),
        (f"smtp://post:secret@mail.example.org?{FROM}&starttls=never", ["starttls"]),
        (f"smtp://mail.example.org?{FROM}&timeout=0", ["timeout"]),
        (f"smtp://mail.example.org?{FROM}&timeout=601", ["timeout"]),
        (f"smtp://mail.example.org?{FROM}&timeout=1.5", ["timeout"]),
        (f"smtp://mail.example.org?{FROM}&ca=/nowhere/ca.pem", ["ca"]),
        (f"smtp://mail.example.org?{FROM}&ca={__file__}", ["ca"]),
        (f"smtp://mail.example.org?{FROM}&ca=%00", ["ca"]),
        (f"smtp://mail.example.org?{FROM}&ca=", ["ca"]),
        (f"smtp://mail.example.org?{FROM}&reply_to=a", ["reply_to"]),
        (f"smtp://post@mail.example.org?{FROM}", ["password"]),
        (f"smtp://:secret@mail.example.org?{FROM}", ["user"]),
        (f"smtp://post:s%C3%A9cret@mail.example.org?{FROM}", ["password"]),
        (f"smtp://po%0Ast:secret@mail.example.org?{FROM}", ["user"]),
        (
            "smtp://post@mail.example.org?starttls=maybe&timeout=x",
            ["password", "starttls", "timeout", "from"],
        ),
    ],
)
def test_every_fault_of_a_url_is_told_by_name(url: str, fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        smtp_mailer(url)

    assert [fault.field for fault in refused.value.faults] == fields


@pytest.mark.parametrize(
    "password", ["s3/cret", "s3?cret", "s3#cret", "s3[cret", "s3@cret", "s3\ncret", "s3é", "12?s3cret"]
)
def test_a_fault_never_shows_the_password(password: str) -> None:
    """Written without encoding, half of it ends up in the path, in the query, or where the port stands."""
    with pytest.raises(Invalid) as refused:
        server_at(f"smtp://post:{password}@mail.example.org:0?{FROM}&nonsense=1")
    shown = repr((refused.value, refused.value.faults, refused.value.__cause__, refused.value.__context__))

    assert "s3" not in shown
    assert "cret" not in shown


def test_a_server_does_not_show_its_password() -> None:
    assert "secret" not in repr(server_at(f"smtp://post:secret@mail.example.org?{FROM}"))


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (Message("ada@example.org\nBcc: eve@example.org", "s", "t"), "to"),
        (Message("ada@example.org\r\n", "s", "t"), "to"),
        (Message("ada@example.org, eve@example.org", "s", "t"), "to"),
        (Message("Ada <ada@example.org>", "s", "t"), "to"),
        (Message("nobody", "s", "t"), "to"),
        (Message("", "s", "t"), "to"),
        (Message("a\x00@example.org", "s", "t"), "to"),
        (Message("ada@example.org", "s\nBcc: eve@example.org", "t"), "subject"),
        (Message("ada@example.org", "s\rBcc: eve@example.org", "t"), "subject"),
        (Message("ada@example.org", "s\u2028Bcc", "t"), "subject"),
        (Message("ada@example.org", "s\x85Bcc", "t"), "subject"),
        (Message("ada@example.org", "\ud800", "t"), "subject"),
        (Message("ada@example.org", "s", "\ud800"), "text"),
        (Message("ada@example.org", "s", "\x00"), "text"),
        (Message("ada@example.org", "s", "t", {"X-Team": "a\nBcc: eve@example.org"}), "X-Team"),
        (Message("ada@example.org", "s", "t", {"X-Team\nBcc": "a"}), "headers"),
        (Message("ada@example.org", "s", "t", {"X-Team: a\nBcc": "a"}), "headers"),
        (Message("ada@example.org", "s", "t", {"": "a"}), "headers"),
        (Message("ada@example.org", "s", "t", {"bcc": "eve@example.org"}), "bcc"),
        (Message("ada@example.org", "s", "t", {"FROM": "eve@example.org"}), "FROM"),
        (Message("ada@example.org", "s", "t", {"Content-Type": "text/html"}), "Content-Type"),
        (Message("ada@example.org", "s", "t", {"References": "<a@b>"}), "References"),
        (Message("ada@example.org", "s", "t", html="\x00"), "html"),
        (Message("ada@example.org", "s", "t", thread="a>\n"), "thread"),
        (Message("ada@example.org", "s", "t", id="a@b"), "id"),
        (_with("a\nb.pdf", "application/pdf"), "filename"),
        (_with("=?utf-8?q?=0aBcc:_eve@example.org?=", "application/pdf"), "filename"),
        (_with("../a.pdf", "application/pdf"), "filename"),
        (_with("a.pdf", "multipart/mixed"), "content_type"),
        (_with("a.pdf", "application/pdf; a=b"), "content_type"),
    ],
)
@pytest.mark.parametrize("url", ["log://", f"smtp://localhost?{FROM}"])
def test_a_mail_that_would_be_another_than_it_looks_is_refused(
    url: str, message: Message, fault: str
) -> None:
    mailer: Any = resolve("taskcore.mailers", url)(url, blocking=True)
    with pytest.raises(Invalid) as refused:
        mailer.deliver(message).send(None)

    assert [each.field for each in refused.value.faults] == [fault]


LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200)
ENCODED_WORD = st.sampled_from(["=?utf-8?q?=0aBcc:_eve@example.org?=", "=?utf-8?b?DQpCY2M6IGU=?=", "=?"])


@given(subject=st.lists(LINE | ENCODED_WORD).map("".join), value=LINE | ENCODED_WORD, text=st.text())
def test_a_mail_has_the_fields_it_was_given_and_no_others(subject: str, value: str, text: str) -> None:
    message = Message("ada@example.org", subject, text.replace("\x00", ""), {"X-Team": value})
    if list(message_faults(message)):
        return
    head, _, _ = written(message, SENDER, "id", NOW).content.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]

    assert head.isascii()
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert names == [
        *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted"),
        *(b"X-Auto-Response-Suppress", b"X-Team"),
        *(b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version"),
    ]


@given(subject=st.text(st.characters(exclude_categories=["C", "Z"]), max_size=400))
@example(subject="=?utf-8?q?=0aBcc:_eve@example.org?=")
@example(subject="x" * 2_000)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    letter = written(Message("ada@example.org", subject, ""), SENDER, "id", NOW)

    assert parsed(letter)["Subject"] == subject
    assert max(map(len, letter.content.split(b"\r\n"))) <= 998


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="@"), min_size=1, max_size=64))
def test_whatever_stands_before_the_at_is_one_address(local: str) -> None:
    message = Message(f"{local}@example.org", "s", "t")
    letter = written(message, SENDER, "id", NOW)

    assert list(message_faults(message)) == []
    assert parseaddr(letter.recipient) == ("", letter.recipient)
    assert letter.needs_smtputf8 == (not local.isascii())


@pytest.mark.parametrize(
    ("domain", "wire"),
    [
        ("example.org", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("straße.example", "straße.example"),  # IDNA 2003 would make it strasse.example
        ("x" * 64 + "é.example", "x" * 64 + "é.example"),
        ("[127.0.0.1]", "[127.0.0.1]"),
    ],
)
def test_a_domain_is_written_in_ascii_only_where_that_is_the_same_domain(domain: str, wire: str) -> None:
    assert written(Message(f"ada@{domain}", "s", "t"), SENDER, "id", NOW).recipient == f"ada@{wire}"


@pytest.mark.parametrize("domain", ["example.org,eve", "example.org>", "(example)", "a:b", "[x"])
def test_a_domain_that_is_none_is_not_written_to(domain: str) -> None:
    with pytest.raises(ValueError, match="no domain"):
        written(Message(f"ada@{domain}", "s", "t"), SENDER, "id", NOW)


def test_a_sender_beyond_ascii_needs_a_server_that_takes_it() -> None:
    letter = written(Message("ada@example.org", "s", "t"), mailbox("täsk@example.org"), "id", NOW)

    assert letter.needs_smtputf8


def test_a_mail_tried_twice_is_the_same_mail() -> None:
    message = Message("ada@example.org", "Grüße", "text")

    assert written(message, SENDER, "id", NOW) == written(message, SENDER, "id", NOW)


def test_a_name_to_show_stands_before_the_senders_address() -> None:
    letter = written(Message("ada@example.org", "s", "t"), mailbox("Täsk, Core <tc@example.org>"), "id", NOW)
    (sender,) = parsed(letter)["From"].addresses

    assert (sender.display_name, sender.addr_spec) == ("Täsk, Core", "tc@example.org")


async def test_the_log_holds_a_whole_mail_where_nothing_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    mailer = log_mailer("log://")
    with caplog.at_level(logging.INFO, "taskcore.mail"):
        await mailer.deliver(Message("ada@example.org", "Welcome", "Your token: abc\n", {"X-Team": "one"}))
    await mailer.close()
    (record,) = caplog.records

    assert not mailer.reaches_people
    assert (record.name, record.levelname) == ("taskcore.mail", "INFO")
    assert record.getMessage() == (
        "a mail that reaches nobody:\nTo: ada@example.org\nSubject: Welcome\nX-Team: one\n\nYour token: abc\n"
    )


@pytest.mark.parametrize("url", ["log://here", "log:///var/log/mail", "log://?level=debug", "log://#a"])
def test_the_log_is_told_nothing(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        log_mailer(url)

    assert refused.value.faults == (Fault("url", "log:// takes nothing behind it"),)
