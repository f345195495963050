"""The way to a mail server, as `smtplib` goes it."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property

from taskcore_mail.letter import Letter, written
from taskcore_mail.outbox import Deferred, Patience, Posted, Refused
from taskcore_mail.server import Server


class Connection:
    """One connection, made when it is needed and kept until it is closed; used by one thread."""

    def __init__(self, server: Server, patience: Patience) -> None:
        self._server = server
        self._patience = patience
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._smtp is not None

    def open(self) -> None:
        """Be connected, encrypted and known as the URL asks. Raises: Deferred, Refused."""
        if self._smtp is not None and not self._still_answers(self._smtp):
            self.close()
        if self._smtp is None:
            with _in_our_words(self._server):
                self._smtp = self._connected()
            self._used_at = time.monotonic()

    def deliver(self, posted: Posted) -> None:
        """Hand over one mail, once open. Raises: Deferred, Refused."""
        if self._smtp is None:
            raise Deferred("not connected")
        letter = self._written(posted)
        options = ["SMTPUTF8"] if letter.needs_smtputf8 else []
        try:
            with _in_our_words(self._server):
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
                smtp.quit()
            smtp.close()

    def _still_answers(self, smtp: smtplib.SMTP) -> bool:
        if time.monotonic() - self._used_at < self._patience.trust_seconds:
            return True
        try:
            return smtp.noop()[0] == 250
        except OSError:
            return False

    def _written(self, posted: Posted) -> Letter:
        try:
            return written(posted.message, self._server.sender, posted.id, posted.at)
        except ValueError as error:
            raise Refused(f"it cannot be written as a mail ({error})") from error

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
                raise Refused(f"{server} offers no encryption, and no password is sent without")
            smtp.login(server.user, server.password)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._server.ca_file)


@contextmanager
def _in_our_words(server: Server) -> Iterator[None]:
    """Whether what went wrong will pass by itself. What the server said is told, in one line."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        ((code, text),) = error.recipients.values()
        raise _answered(server, code, text) from error
    except smtplib.SMTPResponseException as error:
        raise _answered(server, error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPServerDisconnected as error:
        raise Deferred(f"{server}: {error}") from error
    except smtplib.SMTPException as error:  # it lacks what the URL or the recipient's address asks for
        raise Refused(f"{server}: {error}") from error
    except OSError as error:
        raise Deferred(f"{server}: {error}") from error


def _answered(server: Server, code: int, text: bytes | str) -> Deferred | Refused:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = "".join(filter(str.isprintable, " ".join(words.split())))
    reason = f"{server} answered {code} {line[:200]}"
    return Refused(reason) if 500 <= code <= 599 else Deferred(reason)
