"""Mail handed to a real SMTP server: that it arrives, whom it is shown to, and what is said where it does not."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import attrs
import pytest

from taskcore.connect import resolve
from taskcore.delivery.letters.account import invitation
from taskcore.delivery.ports import Attachment, Mailer, Message, Undeliverable
from taskcore.errors import Unavailable
from taskcore_mail import SmtpMailer, smtp_mailer
from taskcore_mail.server import server_at
from taskcore_mail.smtp import Patience
from tests.servers.certificates import Certificate, certificate_for
from tests.servers.postgres import free_port
from tests.servers.smtp import HOST, SENDER, SmtpServer, silent_server, smtp_server

RESTLESS = Patience(rest_seconds=0)
ADA = Message("ada@example.org", "Welcome", "Here is your token: s3cret-token\n")
BOB = Message("bob@example.org", "Welcome", "Here is yours\n")

MailerTo = Callable[..., SmtpMailer]


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def mailer_to() -> Iterator[MailerTo]:
    """Mailers to a URL that are closed in the end; a test's `with` blocks around servers end before."""
    made: list[SmtpMailer] = []

    def mailer_to(url: str, patience: Patience = RESTLESS, **changes: Any) -> SmtpMailer:
        made.append(SmtpMailer(attrs.evolve(server_at(url), **changes), patience, blocking=True))
        return made[-1]

    yield mailer_to
    for each in made:
        now(each.close())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for(HOST, tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def somebody_elses(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for("mail.example.org", tmp_path_factory.mktemp("certificate"))


def now(call: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never suspends."""
    with pytest.raises(StopIteration):
        call.send(None)


def deliver(mailer: SmtpMailer, message: Message = ADA) -> None:
    now(mailer.deliver(message))


def refused(kind: type[Exception], mailer: SmtpMailer, message: Message = ADA) -> Any:
    """The error that it is not delivered for."""
    with pytest.raises(kind) as error:
        mailer.deliver(message).send(None)
    return error.value


async def test_a_mail_has_arrived_when_it_is_delivered(server: SmtpServer) -> None:
    mailer: Mailer = resolve("taskcore.mailers", server.url)(server.url, blocking=False)
    await mailer.deliver(ADA)
    (delivery,) = server.deliveries
    await mailer.close()

    assert mailer.reaches_people
    assert delivery.recipients == ("ada@example.org",)
    assert delivery.sender == SENDER
    assert delivery.message["To"] == "ada@example.org"
    assert delivery.message["From"] == SENDER
    assert delivery.message["Subject"] == "Welcome"
    assert delivery.message.get_content() == ADA.text


def test_a_mail_says_when_and_by_what_it_was_written(server: SmtpServer, mailer_to: MailerTo) -> None:
    deliver(mailer_to(server.url), attrs.evolve(ADA, headers={"Reply-To": "bob@example.org"}))
    (message,) = server.messages

    assert message["Date"].datetime.tzinfo is not None
    assert message["Message-ID"].endswith("@example.org>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Reply-To"] == "bob@example.org"


def test_no_two_mails_have_one_id(server: SmtpServer, mailer_to: MailerTo) -> None:
    mailer = mailer_to(server.url)
    deliver(mailer)
    deliver(mailer)

    assert len({each["Message-ID"] for each in server.messages}) == 2


def test_a_mail_that_is_delivered_twice_is_the_same_mail(server: SmtpServer, mailer_to: MailerTo) -> None:
    same = attrs.evolve(invitation("ada@example.org", "T", "Bob", "t"), id="0197-a")
    for _ in range(2):
        deliver(mailer_to(server.url), same)

    assert [each["Message-ID"] for each in server.messages] == ["<0197-a@example.org>"] * 2
    assert server.messages[0].get_boundary() == server.messages[1].get_boundary()


def test_mails_of_one_thread_answer_one_that_nobody_has(server: SmtpServer, mailer_to: MailerTo) -> None:
    deliver(mailer_to(server.url), attrs.evolve(ADA, thread="task.1"))
    (message,) = server.messages

    assert message["References"] == message["In-Reply-To"] == "<task.1@example.org>"


def test_html_and_text_are_two_ways_to_read_one_mail_and_files_go_with_it(
    server: SmtpServer, mailer_to: MailerTo
) -> None:
    letter = invitation("ada@example.org", "Grün & <b>fett</b>", "Bob", "tok")
    report = Attachment("report 1.pdf", "application/pdf", bytes(range(256)) * 100)
    table = Attachment("tasks.csv", "text/csv", "ä\r\n".encode())
    deliver(mailer_to(server.url), attrs.evolve(letter, attachments=(report, table)))
    (message,) = server.messages
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    first, second = message.iter_attachments()

    assert message.get_content_type() == "multipart/mixed"
    assert plain is not None
    assert html is not None
    assert plain.get_content() == letter.text
    assert html.get_content() == letter.html
    assert "Grün &amp; &lt;b&gt;fett&lt;/b&gt;" in html.get_content()
    assert (first.get_filename(), first.get_content_type()) == ("report 1.pdf", "application/pdf")
    assert first.get_payload(decode=True) == report.content
    assert second.get_payload(decode=True) == table.content


def test_one_connection_serves_many_mails(server: SmtpServer, mailer_to: MailerTo) -> None:
    mailer = mailer_to(server.url)
    for _ in range(5):
        deliver(mailer)

    assert server.connections == 1


async def test_a_few_connections_serve_many_mails_at_a_time(server: SmtpServer) -> None:
    server.hold()
    mailer = smtp_mailer(server.url)
    under_way = [asyncio.create_task(mailer.deliver(ADA)) for _ in range(20)]
    await asyncio.to_thread(server.wait_until, lambda: server.held == 4)
    server.release()
    await asyncio.gather(*under_way)
    await mailer.close()
    server.wait_until(lambda: server.open == 0)

    assert (len(server.messages), server.connections) == (20, 4)


async def test_an_idle_connection_is_given_up(server: SmtpServer) -> None:
    mailer = SmtpMailer(server_at(server.url), Patience(keep_seconds=0))
    await mailer.deliver(ADA)
    await asyncio.to_thread(server.wait_until, lambda: server.open == 0)
    await mailer.deliver(BOB)
    await mailer.close()

    assert server.connections == 2


def test_a_connection_that_went_away_meanwhile_is_made_anew(server: SmtpServer, mailer_to: MailerTo) -> None:
    mailer = mailer_to(server.url, Patience(trust_seconds=-1))
    deliver(mailer)
    server.hang_up()
    deliver(mailer, BOB)

    assert server.connections == 2


def test_unicode_arrives_as_it_was_written(server: SmtpServer, mailer_to: MailerTo) -> None:
    message = Message("ada@example.org", "Grüße aus 東京 🎉 " * 20, "Zeile\n.\nnoch eine: ß 東京\n")
    deliver(mailer_to(server.url), message)
    (arrived,) = server.messages

    assert arrived["Subject"] == message.subject
    assert arrived.get_content() == message.text


def test_an_internationalised_address_is_written_to(server: SmtpServer, mailer_to: MailerTo) -> None:
    deliver(mailer_to(server.url), attrs.evolve(ADA, to="jürgen@straße.example", subject="Grüße"))
    (delivery,) = server.deliveries

    assert delivery.recipients == ("jürgen@straße.example",)
    assert delivery.message["To"] == "jürgen@straße.example"
    assert delivery.message["Subject"] == "Grüße"


def test_a_server_that_takes_no_such_address_says_nothing_of_it(mailer_to: MailerTo) -> None:
    with smtp_server(smtputf8=False) as server:
        mailer = mailer_to(server.url)
        error = refused(Undeliverable, mailer, attrs.evolve(ADA, to="jürgen@example.org"))
        deliver(mailer, attrs.evolve(BOB, to="bob@bücher.example"))

        assert not error.bounced
        assert server.deliveries[0].recipients == ("bob@xn--bcher-kva.example",)


def test_an_address_that_is_none_is_dead(server: SmtpServer, mailer_to: MailerTo) -> None:
    error = refused(Undeliverable, mailer_to(server.url), attrs.evolve(ADA, to="ada@example.org,eve"))

    assert "the address has no domain that mail could go to" in str(error)
    assert error.bounced


@pytest.mark.parametrize("encryption", ["starttls", "from_start"])
def test_the_way_to_the_server_is_encrypted(
    encryption: Any, certificate: Certificate, mailer_to: MailerTo
) -> None:
    with smtp_server(encryption=encryption, certificate=certificate) as server:
        deliver(mailer_to(server.url))

        assert server.deliveries[0].encrypted


@pytest.mark.parametrize(("asked", "encrypted"), [("if_offered", True), ("never", False)])
def test_encryption_that_is_offered_is_taken_where_it_is_wanted(
    asked: str, certificate: Certificate, mailer_to: MailerTo, *, encrypted: bool
) -> None:
    with smtp_server(encryption="starttls", certificate=certificate) as server:
        deliver(mailer_to(server.url.replace("required", asked)))

        assert server.deliveries[0].encrypted == encrypted


def test_a_server_without_the_encryption_that_is_required_gets_nothing(
    server: SmtpServer, mailer_to: MailerTo
) -> None:
    error = refused(Unavailable, mailer_to(f"{server.url}&starttls=required"))

    assert "STARTTLS" in error.message
    assert server.messages == []


@pytest.mark.parametrize("encryption", ["starttls", "from_start"])
@pytest.mark.parametrize("trusted", ["the machine's", "another"])
def test_a_server_whose_certificate_nobody_trusts_gets_nothing(
    encryption: Any,
    trusted: str,
    certificate: Certificate,
    somebody_elses: Certificate,
    mailer_to: MailerTo,
) -> None:
    ca_file = None if trusted == "the machine's" else str(somebody_elses.ca_file)
    with smtp_server(encryption=encryption, certificate=certificate) as server:
        error = refused(Unavailable, mailer_to(server.url, ca_file=ca_file))

        assert "certificate verify failed" in error.message
        assert server.messages == []


@pytest.mark.parametrize("encryption", ["starttls", "from_start"])
def test_a_server_with_the_certificate_of_another_gets_nothing(
    encryption: Any, somebody_elses: Certificate, mailer_to: MailerTo
) -> None:
    with smtp_server(encryption=encryption, certificate=somebody_elses) as server:
        error = refused(Unavailable, mailer_to(server.url))

        assert "certificate is not valid for '127.0.0.1'" in error.message
        assert server.messages == []


@pytest.mark.parametrize("encryption", ["none", "starttls", "from_start"])
def test_a_user_is_known_by_the_password(
    encryption: Any, certificate: Certificate, mailer_to: MailerTo
) -> None:
    trusted = None if encryption == "none" else certificate
    with smtp_server(encryption=encryption, certificate=trusted, users={"post": "a:/b@c?#%"}) as server:
        deliver(mailer_to(server.url))

        assert server.deliveries[0].user == "post"


def test_a_wrong_password_is_told_but_not_shown_and_says_nothing_of_an_address(mailer_to: MailerTo) -> None:
    with smtp_server(users={"post": "right"}) as server:
        error = refused(Unavailable, mailer_to(server.url, password="wr0ng-one"))

        assert "535" in error.message
        assert "wr0ng-one" not in repr(error)
        assert server.messages == []


def test_no_password_is_sent_in_clear_to_another_machine(mailer_to: MailerTo) -> None:
    """`127.1` is as good as another machine: its name does not say that it is this one."""
    with smtp_server(users={"post": "right"}) as server:
        error = refused(Unavailable, mailer_to(server.url, host="127.1"))

        assert "no password is sent" in error.message
        assert server.logins == 0


def test_one_login_that_is_refused_speaks_for_others_for_a_while(mailer_to: MailerTo) -> None:
    """Or a password that was changed would lock the account."""
    with smtp_server(users={"post": "right"}) as server:
        mailer = mailer_to(server.url, Patience(rest_seconds=60), password="wrong")
        said = {refused(Unavailable, mailer).message for _ in range(20)}
        tries = server.logins

        assert tries <= 2, "one for each mechanism"
        assert len(said) == 1


def test_a_mail_is_not_delivered_where_there_is_no_server_and_is_once_there_is(mailer_to: MailerTo) -> None:
    port = free_port()
    mailer = mailer_to(f"smtp://{HOST}:{port}?from={SENDER}")
    refused(Unavailable, mailer)
    with smtp_server(port=port) as server:
        deliver(mailer)

        assert len(server.messages) == 1


def test_a_mail_refused_for_now_is_taken_over_the_same_connection(
    mailer_to: MailerTo, server: SmtpServer
) -> None:
    server.to_mail.extend(["451 4.3.0 later", "452 4.3.1 still later"])
    server.to_recipient["ada@example.org"] = deque(["450 4.2.0 greylisted"])
    mailer, mail = mailer_to(server.url), attrs.evolve(ADA, id="one")
    said = [refused(Unavailable, mailer, mail).message for _ in range(3)]
    deliver(mailer, mail)

    assert [re.sub(r"^\S+ answered ", "", each) for each in said] == [
        "450 4.2.0 greylisted",
        "451 4.3.0 later",
        "452 4.3.1 still later",
    ]
    assert len(server.messages) == 1
    assert {each["Message-ID"] for each in server.tried} == {"<one@example.org>"}
    assert server.connections == 1


async def test_a_connection_that_breaks_leaves_nobody_knowing(server: SmtpServer) -> None:
    server.hold()
    mailer = smtp_mailer(server.url)
    under_way = asyncio.create_task(mailer.deliver(ADA))
    await asyncio.to_thread(server.wait_until, lambda: server.held == 1)
    server.hang_up()
    with pytest.raises(Unavailable):
        await under_way
    server.release()
    await mailer.deliver(ADA)
    await mailer.close()

    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "bounced"),
    [
        ("550 5.1.1 no such mailbox", True),
        ("550 no such mailbox", True),
        ("553 5.1.3 no such form of address", True),
        ("550 5.2.1 mailbox disabled", True),
        ("552 5.2.2 mailbox full", False),
        ("554 5.7.1 relay access denied", False),
        ("550 5.7.26 sender is not who it says", False),
    ],
)
def test_a_recipient_refused_for_good_is_dead_unless_it_is_something_else(
    answer: str, mailer_to: MailerTo, *, bounced: bool
) -> None:
    with smtp_server(to_recipient={"ada@example.org": [answer]}) as server:
        mailer = mailer_to(server.url)
        error = refused(Undeliverable, mailer)
        deliver(mailer, BOB)

        assert answer in str(error)
        assert error.bounced == bounced
        assert [each["To"] for each in server.messages] == ["bob@example.org"]


@pytest.mark.parametrize(
    ("answer", "bounced"),
    [("554 5.7.1 looks like spam", False), ("554 no, thank you", False), ("550 5.1.1 nobody here", True)],
)
def test_a_mail_refused_once_it_was_read_leaves_its_address_alive_unless_it_is_said_to_be_dead(
    server: SmtpServer, mailer_to: MailerTo, answer: str, *, bounced: bool
) -> None:
    server.to_mail.append(answer)
    mailer = mailer_to(server.url)
    error = refused(Undeliverable, mailer)
    deliver(mailer, BOB)

    assert error.bounced == bounced
    assert server.connections == 1


def test_what_is_said_of_a_mail_is_not_what_it_said(server: SmtpServer, mailer_to: MailerTo) -> None:
    server.to_mail.extend(["451 4.3.0 later", "554 5.7.1 never"])
    mailer = mailer_to(server.url)
    errors = [refused(Unavailable, mailer), refused(Undeliverable, mailer)]

    assert not any("s3cret-token" in repr(each) for each in errors)


async def test_a_server_that_takes_its_time_holds_up_nobody_else(server: SmtpServer) -> None:
    server.hold()
    mailer = smtp_mailer(server.url)
    under_way = asyncio.create_task(mailer.deliver(ADA))
    await asyncio.to_thread(server.wait_until, lambda: server.held == 1)

    assert not under_way.done()

    server.release()
    await under_way
    await mailer.close()


def test_a_program_ends_although_the_server_says_nothing() -> None:
    program = """if True:
        import asyncio, sys
        from taskcore.delivery.ports import Message
        from taskcore_mail import smtp_mailer
        async def main():
            mailer = smtp_mailer(sys.argv[1])
            under_way = asyncio.create_task(mailer.deliver(Message("ada@example.org", "Welcome", "text")))
            await asyncio.wait([under_way], timeout=0.1)
            under_way.cancel()
            await asyncio.gather(under_way, return_exceptions=True)
            await mailer.close()
        asyncio.run(main())
    """
    with silent_server() as port:
        url = f"smtp://{HOST}:{port}?from={SENDER}&timeout=600"
        command = [sys.executable, "-c", program, url]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)

    assert done.stderr == ""


def test_nothing_is_loaded_and_nobody_runs_before_the_first_mail() -> None:
    program = """if True:
        import sys, threading
        from taskcore_mail import smtp_mailer
        smtp_mailer("smtp://localhost?from=taskcore%40example.org", blocking=True)
        loaded = {"smtplib", "ssl", "email", "asyncio"} & set(sys.modules)
        print(*loaded, threading.active_count())
    """
    printed = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert printed == "1\n"
