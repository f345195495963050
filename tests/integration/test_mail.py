"""Mail handed to a real SMTP server: that it arrives, whom it is shown to, and what becomes of it if not."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from threading import Condition
from typing import Any

import attrs
import pytest

from taskcore.connect import resolve
from taskcore.delivery.ports import Mailer, Message
from taskcore_mail import SmtpMailer, smtp_mailer
from taskcore_mail.outbox import Patience
from taskcore_mail.server import server_at
from tests.servers.certificates import Certificate, certificate_for
from tests.servers.postgres import free_port
from tests.servers.smtp import HOST, SENDER, SmtpServer, silent_server, smtp_server

QUICK = Patience(retry_seconds=(0.01,) * 5)
STUBBORN = Patience(retry_seconds=(0.01,) * 1_000)
ADA = Message("ada@example.org", "Welcome", "Here is your token: s3cret-token\n")
BOB = Message("bob@example.org", "Welcome", "Here is yours\n")
SECONDS_TO_WAIT = 20

MailerTo = Callable[..., SmtpMailer]


class Said(logging.Handler):
    """What `taskcore.mail` has logged, to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = Condition()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        with self._changed:
            self.lines.append(f"{record.levelname} {self.format(record)}")
            self._changed.notify_all()

    def wait_for(self, words: str, times: int = 1) -> str:
        """The first line with these words in it, once there are as many."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._with(words)) >= times, SECONDS_TO_WAIT):
                raise TimeoutError(f"nobody said {words!r}, but {self.lines}")
            return self._with(words)[0]

    def _with(self, words: str) -> list[str]:
        return [line for line in self.lines if words in line]


@pytest.fixture
def said() -> Iterator[Said]:
    said, log = Said(), logging.getLogger("taskcore.mail")
    log.addHandler(said)
    yield said
    log.removeHandler(said)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def mailer_to() -> Iterator[MailerTo]:
    """Mailers to a URL that are closed in the end; a test's `with` blocks around servers end before."""
    made: list[SmtpMailer] = []

    def mailer_to(url: str, patience: Patience = QUICK, **changes: Any) -> SmtpMailer:
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


async def test_a_mail_arrives_at_whom_it_is_for(server: SmtpServer) -> None:
    mailer: Mailer = resolve("taskcore.mailers", server.url)(server.url, blocking=False)
    mailer.send(ADA)
    server.wait_for(1)
    await mailer.close()
    (delivery,) = server.deliveries

    assert mailer.reaches_people
    assert delivery.recipients == ("ada@example.org",)
    assert delivery.sender == SENDER
    assert delivery.message["To"] == "ada@example.org"
    assert delivery.message["From"] == SENDER
    assert delivery.message["Subject"] == "Welcome"
    assert delivery.message.get_content() == ADA.text


def test_a_mail_says_when_and_by_what_it_was_written(server: SmtpServer, mailer_to: MailerTo) -> None:
    mailer_to(server.url).send(attrs.evolve(ADA, headers={"Reply-To": "bob@example.org"}))
    server.wait_for(1)
    (message,) = server.messages

    assert message["Date"].datetime.tzinfo is not None
    assert message["Message-ID"].endswith("@example.org>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "bob@example.org"


def test_no_two_mails_have_one_id(server: SmtpServer, mailer_to: MailerTo) -> None:
    mailer = mailer_to(server.url)
    mailer.send(ADA)
    mailer.send(ADA)
    server.wait_for(2)

    assert len({each["Message-ID"] for each in server.messages}) == 2


def test_one_connection_serves_many_mails(server: SmtpServer, mailer_to: MailerTo) -> None:
    mailer = mailer_to(server.url)
    for count in range(1, 6):
        mailer.send(ADA)
        server.wait_for(count)

    assert server.connections == 1


def test_an_idle_connection_is_given_up(server: SmtpServer, mailer_to: MailerTo) -> None:
    mailer = mailer_to(server.url, attrs.evolve(QUICK, keep_seconds=0))
    mailer.send(ADA)
    server.wait_until(lambda: server.connections == 1 and server.open == 0)
    mailer.send(BOB)
    server.wait_for(2)

    assert server.connections == 2


def test_a_connection_that_went_away_meanwhile_is_made_anew(
    server: SmtpServer, mailer_to: MailerTo, said: Said
) -> None:
    mailer = mailer_to(server.url, attrs.evolve(QUICK, trust_seconds=-1))
    mailer.send(ADA)
    server.wait_for(1)
    server.hang_up()
    mailer.send(BOB)
    server.wait_for(2)

    assert server.connections == 2
    assert said.lines == []


def test_unicode_arrives_as_it_was_written(server: SmtpServer, mailer_to: MailerTo) -> None:
    message = Message("ada@example.org", "Grüße aus 東京 🎉 " * 20, "Zeile\n.\nnoch eine: ß 東京\n")
    mailer_to(server.url).send(message)
    server.wait_for(1)
    (arrived,) = server.messages

    assert arrived["Subject"] == message.subject
    assert arrived.get_content() == message.text


def test_an_internationalised_address_is_written_to(server: SmtpServer, mailer_to: MailerTo) -> None:
    mailer_to(server.url).send(attrs.evolve(ADA, to="jürgen@straße.example", subject="Grüße"))
    server.wait_for(1)
    (delivery,) = server.deliveries

    assert delivery.recipients == ("jürgen@straße.example",)
    assert delivery.message["To"] == "jürgen@straße.example"
    assert delivery.message["Subject"] == "Grüße"


def test_a_server_that_knows_no_such_address_loses_that_mail_alone(mailer_to: MailerTo, said: Said) -> None:
    with smtp_server(smtputf8=False) as server:
        mailer = mailer_to(server.url)
        mailer.send(attrs.evolve(ADA, to="jürgen@example.org"))
        mailer.send(attrs.evolve(BOB, to="bob@bücher.example"))
        server.wait_for(1)

        assert "ERROR a mail to jürgen@example.org is lost" in said.wait_for("jürgen")
        assert server.deliveries[0].recipients == ("bob@xn--bcher-kva.example",)


def test_an_address_that_is_none_loses_that_mail_alone(
    server: SmtpServer, mailer_to: MailerTo, said: Said
) -> None:
    mailer = mailer_to(server.url)
    mailer.send(attrs.evolve(ADA, to="ada@example.org,eve"))
    mailer.send(BOB)
    server.wait_for(1)

    assert "(the address has no domain that mail could go to)" in said.wait_for("ada@example.org,eve is lost")
    assert server.deliveries[0].recipients == ("bob@example.org",)


@pytest.mark.parametrize("encryption", ["starttls", "from_start"])
def test_the_way_to_the_server_is_encrypted(
    encryption: Any, certificate: Certificate, mailer_to: MailerTo
) -> None:
    with smtp_server(encryption=encryption, certificate=certificate) as server:
        mailer_to(server.url).send(ADA)
        server.wait_for(1)

        assert server.deliveries[0].encrypted


def test_encryption_that_is_offered_is_taken(certificate: Certificate, mailer_to: MailerTo) -> None:
    with smtp_server(encryption="starttls", certificate=certificate) as server:
        mailer_to(server.url.replace("required", "if_offered")).send(ADA)
        server.wait_for(1)

        assert server.deliveries[0].encrypted


def test_encryption_is_left_where_it_is_not_wanted(certificate: Certificate, mailer_to: MailerTo) -> None:
    with smtp_server(encryption="starttls", certificate=certificate) as server:
        mailer_to(server.url.replace("required", "never")).send(ADA)
        server.wait_for(1)

        assert not server.deliveries[0].encrypted


def test_a_server_without_the_encryption_that_is_required_gets_nothing(
    server: SmtpServer, mailer_to: MailerTo, said: Said
) -> None:
    mailer_to(f"{server.url}&starttls=required").send(ADA)

    assert "STARTTLS" in said.wait_for("ERROR a mail to ada@example.org is lost")
    assert server.messages == []


@pytest.mark.parametrize("encryption", ["starttls", "from_start"])
@pytest.mark.parametrize("trusted", ["the machine's", "another"])
def test_a_server_whose_certificate_nobody_trusts_gets_nothing(
    encryption: Any,
    trusted: str,
    certificate: Certificate,
    somebody_elses: Certificate,
    mailer_to: MailerTo,
    said: Said,
) -> None:
    ca_file = None if trusted == "the machine's" else str(somebody_elses.ca_file)
    with smtp_server(encryption=encryption, certificate=certificate) as server:
        mailer_to(server.url, ca_file=ca_file).send(ADA)

        assert "certificate verify failed" in said.wait_for("ERROR a mail to ada@example.org is lost")
        assert server.messages == []


@pytest.mark.parametrize("encryption", ["starttls", "from_start"])
def test_a_server_with_the_certificate_of_another_gets_nothing(
    encryption: Any, somebody_elses: Certificate, mailer_to: MailerTo, said: Said
) -> None:
    with smtp_server(encryption=encryption, certificate=somebody_elses) as server:
        mailer_to(server.url).send(ADA)

        assert "certificate is not valid for '127.0.0.1'" in said.wait_for("ERROR a mail")
        assert server.messages == []


@pytest.mark.parametrize("encryption", ["none", "starttls", "from_start"])
def test_a_user_is_known_by_the_password(
    encryption: Any, certificate: Certificate, mailer_to: MailerTo
) -> None:
    trusted = None if encryption == "none" else certificate
    with smtp_server(encryption=encryption, certificate=trusted, users={"post": "a:/b@c?#%"}) as server:
        mailer_to(server.url).send(ADA)
        server.wait_for(1)

        assert server.deliveries[0].user == "post"


def test_a_wrong_password_is_told_but_not_shown(mailer_to: MailerTo, said: Said) -> None:
    with smtp_server(users={"post": "right"}) as server:
        mailer_to(server.url, password="wr0ng-one").send(ADA)
        told = said.wait_for("ERROR a mail to ada@example.org is lost")

        assert "535" in told
        assert "wr0ng-one" not in told
        assert server.messages == []


def test_no_password_is_sent_in_clear_to_another_machine(mailer_to: MailerTo, said: Said) -> None:
    """`127.1` is as good as another machine: its name does not say that it is this one."""
    with smtp_server(users={"post": "right"}) as server:
        mailer_to(server.url, host="127.1").send(ADA)

        assert "no password is sent" in said.wait_for("ERROR a mail to ada@example.org is lost")
        assert server.logins == 0


def test_a_mail_waits_for_a_server_that_is_not_there_yet(mailer_to: MailerTo, said: Said) -> None:
    port = free_port()
    mailer = mailer_to(f"smtp://{HOST}:{port}?from={SENDER}", STUBBORN)
    mailer.send(ADA)
    mailer.send(BOB)
    said.wait_for("WARNING a mail to bob@example.org waits")
    with smtp_server(port=port) as server:
        server.wait_for(2)

        assert {each["To"] for each in server.messages} == {"ada@example.org", "bob@example.org"}


def test_one_login_that_is_refused_speaks_for_all_that_wait(mailer_to: MailerTo, said: Said) -> None:
    """Or a password that was changed would lock the account."""
    with smtp_server(users={"post": "right"}) as server:
        server.hold()
        mailer = mailer_to(server.url)
        mailer.send(ADA)
        server.wait_until(lambda: server.held == 1)
        server.users = {"post": "changed"}
        for _ in range(20):
            mailer.send(BOB)
        server.hang_up()
        said.wait_for("bob@example.org is lost", times=20)
        said.wait_for("ada@example.org is lost")

        assert server.logins < 10


def test_a_mail_refused_for_now_is_the_same_mail_when_it_arrives(
    mailer_to: MailerTo, server: SmtpServer
) -> None:
    server.to_mail.extend(["451 4.3.0 later", "452 4.3.1 still later"])
    mailer_to(server.url).send(ADA)
    server.wait_for(1)

    assert len(server.messages) == 1
    assert len({each["Message-ID"] for each in server.tried}) == 1
    assert server.refused == 2


def test_a_mail_whose_connection_breaks_is_tried_on_another(server: SmtpServer, mailer_to: MailerTo) -> None:
    server.hold()
    mailer_to(server.url, Patience(retry_seconds=(0.01,))).send(ADA)
    server.wait_until(lambda: server.held == 1)
    server.hang_up()
    server.release()
    server.wait_for(1)

    assert server.connections == 2


def test_who_is_refused_for_now_holds_up_nobody_else(mailer_to: MailerTo) -> None:
    with smtp_server(to_recipient={"ada@example.org": ["450 4.2.0 greylisted"]}) as server:
        mailer = mailer_to(server.url, Patience(retry_seconds=(3_600,), close_seconds=20))
        mailer.send(ADA)
        mailer.send(BOB)
        server.wait_for(1)

        assert [each["To"] for each in server.messages] == ["bob@example.org"]


def test_a_mail_refused_for_good_is_not_tried_again(mailer_to: MailerTo, said: Said) -> None:
    with smtp_server(to_recipient={"ada@example.org": ["550 5.1.1 no such mailbox"]}) as server:
        mailer = mailer_to(server.url)
        mailer.send(ADA)
        mailer.send(BOB)
        server.wait_for(1)

        assert "550 5.1.1 no such mailbox" in said.wait_for("ERROR a mail to ada@example.org is lost")
        assert [each["To"] for each in server.messages] == ["bob@example.org"]
        assert server.refused == 1


def test_a_whole_mail_refused_for_good_is_not_tried_again(
    server: SmtpServer, mailer_to: MailerTo, said: Said
) -> None:
    server.to_mail.append("554 5.7.1 looks like spam")
    mailer = mailer_to(server.url)
    mailer.send(ADA)
    said.wait_for("ERROR a mail to ada@example.org is lost")
    mailer.send(BOB)
    server.wait_for(1)

    assert [each["To"] for each in server.messages] == ["bob@example.org"]
    assert server.connections == 1


def test_a_mail_refused_too_often_is_lost(server: SmtpServer, mailer_to: MailerTo, said: Said) -> None:
    server.to_mail.extend(["451 4.3.0 later"] * 100)
    mailer_to(server.url, Patience(retry_seconds=(0.01, 0.01))).send(ADA)
    said.wait_for("ERROR a mail to ada@example.org is lost")

    assert server.refused == 3
    assert len([line for line in said.lines if "waits" in line]) == 2


def test_the_log_does_not_say_what_a_lost_mail_said(
    server: SmtpServer, mailer_to: MailerTo, said: Said
) -> None:
    server.to_mail.extend(["451 4.3.0 later", "554 5.7.1 never"])
    mailer_to(server.url).send(ADA)
    said.wait_for("is lost")

    assert "s3cret-token" not in "".join(said.lines)


def test_a_server_that_takes_its_time_holds_up_nobody_who_sends(
    server: SmtpServer, mailer_to: MailerTo
) -> None:
    server.hold()
    mailer = mailer_to(server.url)
    for _ in range(50):
        mailer.send(ADA)

    assert server.messages == []

    server.release()
    server.wait_for(50)


def test_mails_go_in_the_order_they_came(server: SmtpServer, mailer_to: MailerTo) -> None:
    mailer = mailer_to(server.url)
    for number in range(20):
        mailer.send(attrs.evolve(ADA, subject=str(number)))
    server.wait_for(20)

    assert [each["Subject"] for each in server.messages] == [str(number) for number in range(20)]


def test_a_mail_too_many_is_lost_and_told(server: SmtpServer, mailer_to: MailerTo, said: Said) -> None:
    server.hold()
    mailer = mailer_to(server.url, attrs.evolve(QUICK, most_waiting=3))
    for _ in range(3):
        mailer.send(BOB)
    mailer.send(ADA)

    assert said.lines == ["ERROR a mail to ada@example.org is lost: 3 others are waiting already"]

    server.release()
    server.wait_for(3)
    mailer.send(ADA)
    server.wait_for(4)


async def test_closing_delivers_what_is_left_and_lets_others_run(server: SmtpServer) -> None:
    """Where closing kept the event loop for itself, the server would never be released in time."""
    server.hold()
    mailer = smtp_mailer(server.url)
    for _ in range(5):
        mailer.send(ADA)

    async def release() -> None:
        server.release()

    await asyncio.gather(mailer.close(), release())

    assert len(server.messages) == 5


def test_closing_waits_without_an_event_loop_too(server: SmtpServer) -> None:
    mailer = smtp_mailer(server.url, blocking=True)
    mailer.send(ADA)
    now(mailer.close())

    assert len(server.messages) == 1


def test_closing_tries_once_more_what_waits_for_its_turn(mailer_to: MailerTo, said: Said) -> None:
    with smtp_server(to_mail=["451 4.3.0 later"]) as server:
        mailer = mailer_to(server.url, Patience(retry_seconds=(3_600,)))
        mailer.send(ADA)
        said.wait_for("waits")
        now(mailer.close())

        assert len(server.messages) == 1


def test_what_closing_could_not_deliver_is_told(mailer_to: MailerTo, said: Said) -> None:
    with smtp_server(to_mail=["451 4.3.0 later"] * 2) as server:
        mailer = mailer_to(server.url, Patience(retry_seconds=(3_600, 3_600)))
        mailer.send(ADA)
        said.wait_for("waits")
        now(mailer.close())

        assert [line.partition(": ")[0] for line in said.lines if "ERROR" in line] == [
            "ERROR a mail to ada@example.org is lost"
        ]
        assert server.refused == 2


def test_closing_does_not_wait_for_ever(server: SmtpServer, mailer_to: MailerTo, said: Said) -> None:
    """The server answers only after we have closed; then nothing more is tried or told."""
    server.hold()
    server.to_mail.append("554 5.7.1 never")
    mailer = mailer_to(server.url, attrs.evolve(QUICK, close_seconds=0.2), timeout_seconds=600)
    mailer.send(ADA)
    server.wait_until(lambda: server.held == 1)
    mailer.send(BOB)
    now(mailer.close())
    server.release()
    server.wait_until(lambda: server.open == 0)

    assert [line.partition(" is lost")[0] for line in said.lines] == [
        "ERROR a mail to ada@example.org",
        "ERROR a mail to bob@example.org",
    ]
    assert len(server.tried) == 1


def test_closing_stops_in_the_middle_of_many(server: SmtpServer, mailer_to: MailerTo) -> None:
    """As above, with mails that were all due at once."""
    server.hold()
    mailer = mailer_to(server.url, attrs.evolve(QUICK, close_seconds=0.2), timeout_seconds=600)
    mailer.send(ADA)
    server.wait_until(lambda: server.held == 1)
    for _ in range(5):
        mailer.send(BOB)
    server.answer(1)
    server.wait_until(lambda: server.held == 2)
    now(mailer.close())
    server.release()
    server.wait_until(lambda: server.open == 0)

    assert len(server.tried) == 2


def test_a_mail_after_closing_is_lost_and_told(server: SmtpServer, mailer_to: MailerTo, said: Said) -> None:
    mailer = mailer_to(server.url)
    now(mailer.close())
    mailer.send(ADA)
    now(mailer.close())

    assert said.lines == ["ERROR a mail to ada@example.org is lost: the mailer is closed"]
    assert server.connections == 0


def test_a_program_ends_although_the_server_says_nothing() -> None:
    program = """if True:
        import asyncio, sys
        from taskcore.delivery.ports import Message
        from taskcore_mail import SmtpMailer
        from taskcore_mail.outbox import Patience
        from taskcore_mail.server import server_at
        async def main():
            mailer = SmtpMailer(server_at(sys.argv[1]), Patience(close_seconds=0.1))
            mailer.send(Message("ada@example.org", "Welcome", "text"))
            await mailer.close()
        asyncio.run(main())
    """
    with silent_server() as port:
        url = f"smtp://{HOST}:{port}?from={SENDER}&timeout=600"
        command = [sys.executable, "-c", program, url]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)

    assert done.stderr == (
        "a mail to ada@example.org is lost: it was not accepted in the time there is to close\n"
    )


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
