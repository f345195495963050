"""Mail as jobs: delivered, tried again, given up; and what follows where it comes back, or is wanted no more."""

from __future__ import annotations

import logging
from datetime import timedelta
from textwrap import dedent
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.delivery.bounces import failures_in, is_bounce
from taskcore.delivery.inbox import Channel, Notification, Reason
from taskcore.delivery.letters.subscribing import way_out
from taskcore.delivery.mailing import mail_job, message_of, read, written
from taskcore.delivery.ports import Attachment, Message, Undeliverable
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.errors import Invalid, NotFound, Unavailable
from taskcore.identity.model import EmailToken, User
from taskcore.jobs.model import Job, JobState
from taskcore.ports import Unit
from taskcore.system import uuid7_ids
from taskcore.testing.world import FakeClock, Person, World

PASSWORD = "correct horse battery"
DEAD = Undeliverable("mail.example.org:25 answered 550 5.1.1 no such mailbox", bounced=True)
ADA = Message(
    "ada@example.org", "Welcome", "text", {"X-A": "b"}, "<p>", (Attachment("a", "b/c", b"\0"),), "t"
)


_JOB = mail_job(uuid7_ids()(), FakeClock().now, ADA)


async def put(world: World, *jobs: Job) -> None:
    async def work(unit: Unit) -> None:
        await unit.save(list(jobs))

    await world.core.store.transact(work)


def job_of(world: World, message: Message, **more: Any) -> Job:
    return mail_job(world.new_id(), world.clock(), message, **more)


async def found(world: World, job: Job) -> Job:
    (there,) = await world.store.rows().find(Job, id=job.id)
    return there


async def preferences_of(world: World, user: User) -> NotificationPreferences:
    (there,) = await world.store.rows().find(NotificationPreferences, user_id=user.id)
    return there


def test_a_mail_is_the_same_once_it_was_json() -> None:
    assert read(written(ADA)) == ADA


@pytest.mark.parametrize("seal", [None, b"k" * 32])
def test_the_mail_of_a_job_is_known_by_the_job_and_the_time_it_is_for(
    world: World, seal: bytes | None
) -> None:
    later = world.clock() + timedelta(hours=8)
    job = job_of(world, ADA, at=later, seal=seal)
    message = message_of(job, b"k" * 32)

    assert message is not None
    assert (message.id, message.at) == (job.id.hex, later)
    assert job.due_at == later
    assert ("Welcome" in str(job.payload)) == (seal is None)


async def test_a_mail_is_delivered_and_what_it_said_is_kept_no_longer(world: World) -> None:
    job = job_of(world, ADA)
    await put(world, job)
    await world.core.deliver_mail()
    done = await found(world, job)

    assert [each.id for each in world.mailbox.delivered] == [job.id.hex]
    assert (done.state, done.result) == (JobState.DONE, {"sent": True})
    assert "content" not in done.payload
    assert done.payload["to"] == "ada@example.org"


async def test_a_mail_that_is_delivered_is_not_delivered_again(world: World) -> None:
    await put(world, job_of(world, ADA))
    await world.core.deliver_mail()
    await world.core.deliver_mail()

    assert len(world.mailbox.delivered) == 1


async def test_a_mail_that_is_not_taken_for_now_waits_for_whoever_runs_jobs(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    job = job_of(world, ADA)
    await put(world, job)
    world.mailbox.refuses = Unavailable("mail.example.org:25 answered 451 later")
    await world.core.deliver_mail()
    waiting = await found(world, job)

    assert waiting.state is JobState.WAITING
    assert waiting.due_at is not None
    assert waiting.due_at > world.clock()
    assert waiting.last_error == "mail.example.org:25 answered 451 later"
    assert "a mail to ada@example.org waits for a service or taskcore worker" in caplog.text


@pytest.mark.parametrize(
    "refusal", [Undeliverable("554 5.7.1 spam", bounced=False), Invalid("the mail is another than it looks")]
)
async def test_a_mail_that_is_refused_for_what_it_is_is_given_up(world: World, refusal: Exception) -> None:
    ada = await world.person()
    job = job_of(world, Message(ada.user.email, "s", "t"))
    await put(world, job)
    world.mailbox.refuses = refusal
    await world.core.deliver_mail()

    assert (await found(world, job)).state is JobState.DEAD
    assert (await preferences_of(world, ada.user)).mail_disabled_at is None


async def test_a_letter_that_cannot_be_read_is_lost_and_the_next_one_is_delivered(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    sound = job_of(world, ADA)
    broken = attrs.evolve(sound, payload={**sound.payload, "until": "no instant"})
    whole = job_of(world, ADA)
    await put(world, broken, whole)
    await world.core.deliver_mail()

    assert (await found(world, broken)).state is JobState.DEAD
    assert (await found(world, whole)).state is JobState.DONE
    assert "a mail to ada@example.org is lost: it cannot be read" in caplog.text


async def test_where_an_address_is_dead_nothing_but_letters_about_the_account_goes_there(
    world: World,
) -> None:
    ada = await world.person()
    first = job_of(world, Message(ada.user.email, "s", "t"))
    await put(world, first)
    world.mailbox.refuses = DEAD
    await world.core.deliver_mail()
    muted = await preferences_of(world, ada.user)
    (notice,) = await world.store.rows().find(Notification, user_id=ada.user.id)
    bounced = await found(world, first)

    assert (bounced.state, bounced.attempts) == (JobState.DONE, 1)
    assert bounced.result == {"sent": False, "why": str(DEAD)}
    assert (muted.mail_disabled_at, muted.mail_disabled_reason) == (world.clock(), str(DEAD))
    assert (notice.reason, notice.channel) == (Reason.MAIL_DISABLED, Channel.INBOX)
    assert "switch mail on again" in notice.text

    world.mailbox.refuses = None
    usual, account = (
        job_of(world, Message(ada.user.email, "s", "t"), account=each) for each in (False, True)
    )
    await put(world, usual, account)
    await world.core.deliver_mail()

    assert [each.id for each in world.mailbox.delivered] == [account.id.hex]
    assert (await found(world, usual)).result == {"sent": False, "why": "the address takes no mail"}


@pytest.mark.parametrize(("by_user", "after"), [(False, None), (True, "switched off by its user")])
async def test_who_confirms_another_address_has_mail_again_unless_they_wanted_none(
    world: World, *, by_user: bool, after: str | None
) -> None:
    world.mailbox.reaches_people = True
    ada = await world.person()
    if by_user:
        await ada.me.notifications.edit_preferences(mail_disabled=True)
    else:
        await put(world, job_of(world, Message(ada.user.email, "s", "t")))
        world.mailbox.refuses = DEAD
        await world.core.deliver_mail()
    await ada.me.me.edit(email="countess@example.org", current=PASSWORD)
    await world.core.auth.verify_email(world.mailbox.token("countess@example.org"))

    assert (await preferences_of(world, ada.user)).mail_disabled_reason == after


async def test_a_dead_address_is_told_once(world: World) -> None:
    ada = await world.person()
    world.mailbox.refuses = DEAD
    await put(world, *(job_of(world, Message(ada.user.email, "s", "t"), account=True) for _ in range(3)))
    await world.core.deliver_mail()

    assert len(await world.store.rows().find(Notification, user_id=ada.user.id)) == 1


async def test_a_dead_address_of_nobody_is_nobodys(world: World) -> None:
    job = job_of(world, ADA)
    world.mailbox.refuses = DEAD
    await put(world, job)
    await world.core.deliver_mail()

    assert (await found(world, job)).state is JobState.DONE


async def test_what_has_expired_or_is_for_a_closed_account_is_not_sent(world: World) -> None:
    ada, root = await world.person(), await world.admin()
    message = Message(ada.user.email, "s", "t")
    late = job_of(world, message, until=world.clock(), account=True)
    closed = job_of(world, message)
    await put(world, late, closed)
    await root.me.instance.edit_user(ada.user.id, disabled=True)
    await world.core.deliver_mail()

    assert world.mailbox.delivered == []
    assert (await found(world, late)).result == {"sent": False, "why": "what it says has expired"}
    assert (await found(world, closed)).result == {"sent": False, "why": "the account is closed"}


async def test_what_somebody_else_delivers_meanwhile_is_theirs(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    job = job_of(world, ADA)
    await put(world, job)

    async def overtaken() -> None:
        mine = await found(world, job)
        await put(world, attrs.evolve(mine, attempts=mine.attempts + 1, version=mine.version + 1))

    world.mailbox.meanwhile = overtaken
    with caplog.at_level(logging.DEBUG, "taskcore.mail"):
        await world.core.deliver_mail()

    assert (await found(world, job)).attempts == 2
    assert "is somebody else's by now" in caplog.text


async def test_asking_for_a_password_of_nobody_saves_as_much_and_mails_nothing(world: World) -> None:
    ada = await world.person()
    for email in (ada.user.email, "nobody@example.org"):
        await world.core.auth.request_reset(email)
    jobs = await world.store.rows().find(Job)
    tokens = await world.store.rows().find(EmailToken)
    await world.core.deliver_mail()

    assert [each.payload["to"] for each in jobs] == [ada.user.email, "nobody@example.org"]
    assert len({frozenset(each.payload) for each in jobs}) == 1
    assert len(tokens) == 2
    assert [each.to for each in world.mailbox.delivered] == [ada.user.email]


async def test_no_token_that_is_mailed_can_be_read_in_the_store(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    _, token = await ada.me.invitations.create(team.id, "bob@example.org")
    await world.core.auth.request_reset(ada.user.email)
    mailed = [token, world.mailbox.token(ada.user.email)]
    kept = str([await world.store.rows().find(kind) for kind in (Job, EmailToken)])

    assert [each for each in mailed if each in kept] == []
    assert all(each in sent.text for each, sent in zip(mailed, world.mailbox.sent[-2:], strict=True))


async def test_a_letter_about_what_was_not_saved_is_not_sent(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    await ada.me.invitations.create(team.id, "bob@example.org")
    world.mailbox.sent.clear()
    with pytest.raises(Exception, match="is invited already"):
        await ada.me.invitations.create(team.id, "bob@example.org")
    await world.core.deliver_mail()

    assert world.mailbox.sent == []
    assert len(await world.store.rows().find(Job)) == 1


async def test_an_invitation_asked_for_twice_under_one_key_is_mailed_once(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    for _ in range(2):
        await ada.me.invitations.create(team.id, "bob@example.org", idempotency_key="k")

    assert len(await world.store.rows().find(Job)) == 1


@pytest.mark.parametrize(
    ("reason", "before", "after"),
    [
        ("assigned", Channel.MAIL, Channel.INBOX),
        ("commented", Channel.INBOX, Channel.INBOX),
        ("overdue", Channel.DIGEST, Channel.DIGEST),
    ],
)
async def test_a_reason_is_mailed_no_more(world: World, reason: str, before: Channel, after: Channel) -> None:
    ada, bob = await world.person(), await world.person("Bob")
    token = way_out(await world.store.secret(), ada.user.id, reason)
    assert await world.core.mail.subscription(token) == reason
    assert (await preferences_of(world, ada.user)).channels[Reason(reason)] is before
    assert [await world.core.mail.unsubscribe(token) for _ in range(2)] == [reason] * 2

    assert (await preferences_of(world, ada.user)).channels[Reason(reason)] is after
    assert (await preferences_of(world, bob.user)).channels[Reason(reason)] is before


async def test_the_digest_and_the_report_are_mailed_no_more(world: World) -> None:
    ada = await world.person()
    for reason in ("digest", "report", "no such kind"):
        await world.core.mail.unsubscribe(way_out(await world.store.secret(), ada.user.id, reason))
    now = await preferences_of(world, ada.user)

    assert (now.digest_at, now.next_digest_at, now.weekly_report) == (None, None, False)


async def test_a_link_that_is_none_ends_nothing(world: World) -> None:
    for call in (world.core.mail.unsubscribe, world.core.mail.subscription):
        with pytest.raises(NotFound):
            await call("forged")


def report(job: Job, *, to: str, status: str = "5.1.1", action: str = "failed", kind: str = "") -> bytes:
    """What a mail server sends back (as Postfix does)."""
    text = f"""\
        From: MAILER-DAEMON@mx.example.org
        To: taskcore@example.org
        Subject: Undelivered Mail Returned to Sender
        Message-ID: <20261126.A1@mx.example.org>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type={kind or "delivery-status"}; boundary="B"

        --B
        Content-Type: text/plain

        I'm sorry to have to inform you.

        --B
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.org

        Final-Recipient: rfc822; {to}
        Original-Recipient: rfc822;{to}
        Action: {action}
        Status: {status}
        Remote-MTA: dns; mail.example.net
        Diagnostic-Code: smtp; 550 5.1.1 <{to}>: no such
          mailbox

        --B
        Content-Type: text/rfc822-headers

        From: taskcore@example.org
        To: {to}
        Message-ID: <{job.id.hex}@example.org>
        Subject: s

        --B--
        """
    return dedent(text).encode()


@pytest.fixture
async def sent(world: World) -> tuple[Person, Job]:
    """Somebody who was mailed, and by what."""
    ada = await world.person()
    job = job_of(world, Message(ada.user.email, "s", "t"))
    await put(world, job)
    await world.core.deliver_mail()
    return ada, job


async def test_a_mail_that_comes_back_later_mutes_its_address_too(
    world: World, sent: tuple[Person, Job]
) -> None:
    ada, job = sent
    (bounce,) = await world.core.mail.bounce(report(job, to=ada.user.email.upper()))
    muted = await preferences_of(world, ada.user)
    (notice,) = await world.store.rows().find(Notification, user_id=ada.user.id)

    assert (bounce.status, bounce.disabled) == ("5.1.1", True)
    assert muted.mail_disabled_at == world.clock()
    assert muted.mail_disabled_reason == f"550 5.1.1 <{ada.user.email.upper()}>: no such mailbox"
    assert notice.reason is Reason.MAIL_DISABLED


@pytest.mark.parametrize(
    ("status", "action"),
    [
        ("4.4.1", "delayed"),
        ("4.2.2", "failed"),
        ("5.2.2", "failed"),
        ("5.7.1", "failed"),
        ("5.6.0", "failed"),
    ],
)
async def test_what_passes_or_is_nothing_of_the_address_mutes_nobody(
    world: World, sent: tuple[Person, Job], status: str, action: str
) -> None:
    ada, job = sent
    (bounce,) = await world.core.mail.bounce(report(job, to=ada.user.email, status=status, action=action))

    assert (bounce.status, bounce.disabled) == (status, False)
    assert (await preferences_of(world, ada.user)).mail_disabled_at is None


async def test_nobody_ends_anothers_mail_by_a_report_of_their_own(
    world: World, sent: tuple[Person, Job]
) -> None:
    """Whoever knows an address knows no Message-ID of a mail that went there."""
    ada, job = sent
    eve = await world.person("Eve")
    unknown, hers = job_of(world, ADA), job_of(world, Message(eve.user.email, "s", "t"))
    await put(world, hers)
    forged = [
        report(unknown, to=ada.user.email),
        report(hers, to=ada.user.email),
        report(job, to=eve.user.email),
        report(job, to=ada.user.email, action="delivered"),
        report(job, to=ada.user.email, kind="disposition-notification"),
        report(job, to=ada.user.email).replace(b"rfc822;", b"x400;"),
        report(job, to=ada.user.email).replace(b"Status: 5.1.1", b"Status: bad"),
        report(job, to=ada.user.email).replace(job.id.hex.encode(), b"other"),
    ]
    for each in forged:
        with pytest.raises(NotFound):
            await world.core.mail.bounce(each)

    assert (await preferences_of(world, ada.user)).mail_disabled_at is None
    assert (await preferences_of(world, eve.user)).mail_disabled_at is None


@given(st.binary() | st.builds(lambda some: report(_JOB, to="a@b").replace(b"5.1.1", some), st.binary()))
def test_whatever_comes_back_is_read_without_a_fault(content: bytes) -> None:
    assert all(each.email for each in failures_in(content))


@pytest.mark.parametrize(
    ("status", "dead"),
    [
        ("5.1.1", True),
        ("5.0.0", True),
        ("5.4.4", True),
        ("5.2.1", True),
        ("5.2.2", False),
        ("5.2.3", False),
        ("5.3.4", False),
        ("5.6.1", False),
        ("5.7.26", False),
        ("4.1.1", False),
        ("2.1.5", False),
        ("", False),
        ("5.1.1.1", False),
    ],
)
def test_a_status_says_whether_an_address_is_dead(status: str, *, dead: bool) -> None:
    assert is_bounce(status) == dead
