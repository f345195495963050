"""`taskcore mail …`: what comes back of mail; for the operator, whose mail server pipes it here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from taskcore.errors import Invalid
from taskcore_cli.grammar import Change, noun
from taskcore_cli.names import STDIN
from taskcore_cli.render import show_all
from taskcore_cli.session import Session

app = noun("What comes back of mail; for the operator.")

BOUNCES = {
    "email": lambda bounce: bounce.email,
    "status": lambda bounce: bounce.status,
    "disabled": lambda bounce: bounce.disabled,
    "detail": lambda bounce: bounce.detail,
}


@app.command(cls=Change)
def bounce(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A delivery report (RFC 3464); - for stdin.")],
) -> None:
    """
    Take in a report that a mail could not be delivered: to an address that is dead nothing more is mailed.

    A mail server pipes what comes to the sender's address here: `taskcore mail bounce -`. Its owner is told so in their
    inbox. A report of a delay, or of a full mailbox, changes nothing.
    """
    session: Session = ctx.obj
    show_all(session, session.core.mail.bounce(_content(file)), BOUNCES)


@app.command(cls=Change)
def unsubscribe(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="What the link in a mail ends with.")],
) -> None:
    """Send no more mail of the kind that a link in a mail is for, as whoever follows the link could."""
    session: Session = ctx.obj
    session.core.mail.unsubscribe(token.rpartition("/")[2])


def _content(file: str) -> bytes:
    if file == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from error
