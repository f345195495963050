"""An SMTP server of our own for as long as a `with` block lasts, that keeps what it is given.

with smtp_server() as server:
    …                       # TASKCORE_MAIL=server.url
    server.wait_for(1)
    server.messages[0]["Subject"]
"""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from threading import Condition, Event
from typing import Any, Literal
from urllib.parse import quote, urlencode

import attrs
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import Certificate

HOST = "127.0.0.1"
SENDER = "taskcore@example.org"
SECONDS_TO_WAIT = 20

Encryption = Literal["none", "starttls", "from_start"]


@attrs.frozen
class Delivery:
    """One mail that was accepted, and how it came."""

    message: EmailMessage
    recipients: tuple[str, ...]
    sender: str
    encrypted: bool
    user: str | None


def text_of(message: EmailMessage) -> str:
    """What a mail says to who reads no HTML."""
    body = message.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


@attrs.define(eq=False)
class SmtpServer:
    """
    What a server is told to do, and what it got.

    `to_recipient` and `to_mail` say what is answered in place of `250` to a recipient, or to a whole
    mail, one after the other.
    """

    users: Mapping[str, str] = attrs.field(factory=dict)
    encryption: Encryption = "none"
    certificate: Certificate | None = None
    smtputf8: bool = True
    to_recipient: dict[str, deque[str]] = attrs.field(factory=dict)
    to_mail: deque[str] = attrs.field(factory=deque)
    port: int = 0
    connections: int = 0
    logins: int = 0
    held: int = 0
    refused: int = 0
    tried: list[EmailMessage] = attrs.field(factory=list)
    """Every mail, accepted or not."""
    deliveries: list[Delivery] = attrs.field(factory=list)
    _open: set[_Conversation] = attrs.field(factory=set)
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event = attrs.field(factory=asyncio.Event)
    _changed: Condition = attrs.field(factory=Condition)
    _to_answer: float = math.inf

    @property
    def url(self) -> str:
        """With the first user's password, and the certificate's authority, where there are such."""
        user = next((f"{quote(each)}:{quote(self.users[each], safe='')}@" for each in self.users), "")
        query = {"from": SENDER}
        if self.encryption == "starttls":
            query["starttls"] = "required"
        if self.certificate is not None:
            query["ca"] = str(self.certificate.ca_file)
        scheme = "smtps" if self.encryption == "from_start" else "smtp"
        return f"{scheme}://{user}{HOST}:{self.port}?{urlencode(query)}"

    @property
    def open(self) -> int:
        """How many are connected."""
        return len(self._open)

    @property
    def messages(self) -> list[EmailMessage]:
        return [each.message for each in self.deliveries]

    def wait_for(self, count: int) -> None:
        """Until so many mails have been accepted."""
        self.wait_until(lambda: len(self.deliveries) >= count)

    def wait_until(self, come: Callable[[], bool]) -> None:
        """Until what is asked of the server's counts is so."""
        with self._changed:
            if not self._changed.wait_for(come, SECONDS_TO_WAIT):
                raise TimeoutError(f"still not after {SECONDS_TO_WAIT} s: {self}")

    def hold(self) -> None:
        """Answer no mail from now on."""
        self._to_answer = 0

    def answer(self, count: float) -> None:
        """Answer so many of the mails that are held, or will be."""
        with self._changed:
            self._to_answer += count
            self._changed.notify_all()

    def release(self) -> None:
        """Answer every mail again."""
        self.answer(math.inf)

    def hang_up(self) -> None:
        """End every connection there is, without a word."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._abort)
        self.wait_until(lambda: not self._open)

    # What aiosmtpd asks of a handler.

    async def handle_MAIL(  # noqa: N802  aiosmtpd's word
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.users and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's word
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._next(self.to_recipient.get(address))
        if answer == "250 OK":
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(  # noqa: N802  aiosmtpd's word
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        text = envelope.content.decode().replace("\r\n", "\n")
        message = message_from_string(text, policy=default)
        self.tried.append(message)
        if not self._to_answer:
            self._count(held=1)
        await asyncio.to_thread(self._wait_for_turn)
        answer = self._next(self.to_mail)
        if answer == "250 OK":
            self._keep(message, session, envelope)
        return answer

    def authenticate(
        self, _server: SMTP, _s: Session, _e: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        given = data if isinstance(data, LoginPassword) else LoginPassword(b"", b"")
        user = given.login.decode()
        self._count(logins=1)
        if self.users.get(user) == given.password.decode():
            return AuthResult(success=True, auth_data=user)
        return AuthResult(success=False, handled=False)  # unhandled, or aiosmtpd answers nothing at all

    def began(self, conversation: _Conversation) -> None:
        if conversation not in self._open:  # once more after STARTTLS
            self._open.add(conversation)
            self._count(connections=1)

    def ended(self, conversation: _Conversation) -> None:
        self._open.discard(conversation)
        self._count()

    def _conversation(self) -> SMTP:
        return _Conversation(
            self,
            authenticator=self.authenticate if self.users else None,
            auth_require_tls=self.encryption == "starttls",
            tls_context=self._context if self.encryption == "starttls" else None,
            enable_SMTPUTF8=self.smtputf8,
            hostname="mail.example.org",
        )

    def _wait_for_turn(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._to_answer)
            self._to_answer -= 1

    def _count(self, **more: int) -> None:
        with self._changed:
            for name, count in more.items():
                setattr(self, name, getattr(self, name) + count)
            self._changed.notify_all()

    def _abort(self) -> None:
        for each in list(self._open):
            if isinstance(each.transport, asyncio.WriteTransport):
                each.transport.abort()

    @property
    def _context(self) -> ssl.SSLContext | None:
        return None if self.certificate is None else self.certificate.server_context()

    def _next(self, answers: deque[str] | None) -> str:
        if not answers:
            return "250 OK"
        self._count(refused=1)
        return answers.popleft()

    def _keep(self, message: EmailMessage, session: Session, envelope: Envelope) -> None:
        delivery = Delivery(
            message=message,
            recipients=tuple(envelope.rcpt_tos),
            sender=envelope.mail_from or "",
            encrypted=session.ssl is not None or self.encryption == "from_start",
            user=session.auth_data if session.authenticated else None,
        )
        self.deliveries.append(delivery)
        self._count()

    def stop(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)

    async def serve(self, ready: Event) -> None:
        self._loop = asyncio.get_running_loop()
        context = self._context if self.encryption == "from_start" else None
        listener = await self._loop.create_server(self._conversation, HOST, self.port, ssl=context)
        self.port = listener.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        listener.close()
        self._abort()


class _Conversation(SMTP):
    """One connection that says when it begins and ends."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.event_handler.began(self)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.event_handler.ended(self)


@contextmanager
def smtp_server(
    *,
    port: int = 0,
    users: Mapping[str, str] | None = None,
    encryption: Encryption = "none",
    certificate: Certificate | None = None,
    smtputf8: bool = True,
    to_recipient: Mapping[str, Sequence[str]] | None = None,
    to_mail: Sequence[str] = (),
) -> Iterator[SmtpServer]:
    server = SmtpServer(
        users=users or {},
        encryption=encryption,
        certificate=certificate,
        smtputf8=smtputf8,
        to_recipient={address: deque(answers) for address, answers in (to_recipient or {}).items()},
        to_mail=deque(to_mail),
        port=port,
    )
    ready = Event()
    with ThreadPoolExecutor(1, "smtp-server") as thread:
        running = thread.submit(asyncio.run, server.serve(ready))
        if not ready.wait(SECONDS_TO_WAIT):
            raise TimeoutError("the SMTP server did not start")
        try:
            yield server
        finally:
            server.release()
            server.stop()
            running.result()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that lets everybody connect, and then says nothing."""
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]
