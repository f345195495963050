"""What a mail server's answer, or its silence, says about a mail: whether it passes, and about whom it is."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from taskcore.delivery.bounces import is_bounce
from taskcore.delivery.ports import Undeliverable
from taskcore.errors import Unavailable
from taskcore_mail.server import Server

ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")

OF_ADDRESS, OF_MAIL = "5.1.0", "5.6.0"
"""What a refusal of the recipient, or of the mail, is taken for where the server says no more."""


@contextmanager
def told_of_connecting(server: Server) -> Iterator[None]:
    """
    Whatever keeps one from speaking to a server passes, if only by somebody's doing: nothing is said of any mail.

    Raises: Unavailable, with what the server said in one line.
    """
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise Unavailable(f"{server} answered {_line(error.smtp_code, error.smtp_error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"{server}: {error}") from error


@contextmanager
def told_of_a_mail(server: Server) -> Iterator[None]:
    """Raises: Unavailable; Undeliverable, where a server says 5xx to the recipient, or to the mail."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        ((code, text),) = error.recipients.values()
        raise _answered(server, code, text, to_recipient=True) from error
    except smtplib.SMTPDataError as error:
        raise _answered(server, error.smtp_code, error.smtp_error, to_recipient=False) from error
    except (
        smtplib.SMTPNotSupportedError
    ) as error:  # the recipient's address, or the sender's, is beyond ASCII
        raise Undeliverable(f"{server}: {error}", bounced=False) from error
    except (
        smtplib.SMTPResponseException
    ) as error:  # the sender is refused, which is nothing of the recipient's
        raise Unavailable(f"{server} answered {_line(error.smtp_code, error.smtp_error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"{server}: {error}") from error


def _answered(
    server: Server, code: int, text: bytes | str, *, to_recipient: bool
) -> Unavailable | Undeliverable:
    reason = f"{server} answered {_line(code, text)}"
    if not 500 <= code <= 599:
        return Unavailable(reason)
    return Undeliverable(
        reason, bounced=is_bounce(_enhanced(text) or (OF_ADDRESS if to_recipient else OF_MAIL))
    )


def _enhanced(text: bytes | str) -> str | None:
    """The code behind the code (RFC 2034), which says more."""
    found = ENHANCED.match(_words(text))
    return found[1] if found else None


def _line(code: int, text: bytes | str) -> str:
    return f"{code} {''.join(filter(str.isprintable, ' '.join(_words(text).split())))[:200]}"


def _words(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
