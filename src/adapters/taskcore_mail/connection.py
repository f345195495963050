"""The way to a mail server, as `smtplib` goes it."""

from __future__ import annotations

import smtplib
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from uuid import uuid4

from taskcore.delivery.ports import Message, Undeliverable
from taskcore.errors import Unavailable
from taskcore_mail.answers import told_of_a_mail, told_of_connecting
from taskcore_mail.letter import Letter, written
from taskcore_mail.server import Server

LEAVE_SECONDS = 2.0
"""How long taking leave of a server may take."""


class Connection:
    """One connection, made when it is needed and kept until it is closed; used by one thread at a time."""

    def __init__(self, server: Server, trust_seconds: float) -> None:
        self._server = server
        self._trust_seconds = trust_seconds
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._smtp is not None

    def open(self) -> None:
        """Be connected, encrypted and known as the URL asks. Raises: Unavailable."""
        if self._smtp is not None and not self._still_answers(self._smtp):
            self.close()
        if self._smtp is None:
            with told_of_connecting(self._server):
                self._smtp = self._connected()
            self._used_at = time.monotonic()

    def deliver(self, message: Message) -> None:
        """Hand over one mail, once open. Raises: Unavailable, Undeliverable."""
        if self._smtp is None:
            raise Unavailable("not connected")
        letter = self._written(message)
        options = ["SMTPUTF8"] if letter.needs_smtputf8 else []
        try:
            with told_of_a_mail(self._server):
                self._smtp.sendmail(letter.sender, [letter.recipient], letter.content, options)
        finally:
            self._used_at = time.monotonic()
            if self._smtp.sock is None:  # smtplib hung up
                self._smtp = None

    def close(self) -> None:
        """Take leave of the server, if there is one."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(OSError):
                if smtp.sock is not None:
                    smtp.sock.settimeout(LEAVE_SECONDS)
                smtp.quit()
            smtp.close()

    def idle_for(self, seconds: float) -> bool:
        return self._smtp is not None and time.monotonic() - self._used_at >= seconds

    def _still_answers(self, smtp: smtplib.SMTP) -> bool:
        if time.monotonic() - self._used_at < self._trust_seconds:
            return True
        try:
            return smtp.noop()[0] == 250
        except OSError:
            return False

    def _written(self, message: Message) -> Letter:
        try:
            return written(
                message, self._server.sender, message.id or uuid4().hex, message.at or datetime.now(UTC)
            )
        except ValueError as error:
            raise Undeliverable(f"it cannot be written as a mail ({error})", bounced=True) from error

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.starttls is None:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_seconds, context=self._trust
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
        try:
            self._introduce(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _introduce(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        smtp.ehlo_or_helo_if_needed()
        encrypted = server.starttls is None
        if server.starttls == "required" or (server.starttls == "if_offered" and smtp.has_extn("starttls")):
            smtp.starttls(context=self._trust)
            encrypted = True
        if server.user:
            if not (encrypted or server.is_loopback):
                raise Unavailable(f"{server} offers no encryption, and no password is sent without")
            smtp.login(server.user, server.password)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._server.ca_file)
