"""Mail, handed to an SMTP server; or to the log, where there is none.

Importing this package loads neither `smtplib` nor `ssl` nor `email`: the thread that delivers loads them
with the first mail.
"""

from __future__ import annotations

from taskcore_mail.log import LogMailer, log_mailer
from taskcore_mail.smtp import SmtpMailer, smtp_mailer

__all__ = ["LogMailer", "SmtpMailer", "log_mailer", "smtp_mailer"]
