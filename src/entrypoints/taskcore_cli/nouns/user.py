"""`taskcore user …`: the operator's, without --as."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from taskcore.errors import Invalid
from taskcore_cli.columns import USER
from taskcore_cli.completion import people
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_all, show_fields, show_one
from taskcore_cli.session import Session

app = noun("Accounts on this instance; for its operator.")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person.", autocompletion=people)]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]


@app.command(cls=Change)
def add(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL")],
    name: Annotated[str, typer.Option(metavar="NAME", help="As others see it.")],
    password_stdin: FromStdin = False,
    admin: Annotated[bool, typer.Option("--admin", help="May run the instance.")] = False,
    time_zone: Annotated[
        str, typer.Option(metavar="ZONE", help="An IANA name, such as Europe/Berlin.")
    ] = "UTC",
) -> None:
    """Make an account."""
    session: Session = ctx.obj
    password = read_password(from_stdin=password_stdin)
    user = session.core.users.register(
        email, name=name, password=password, time_zone=time_zone, is_admin=admin
    )
    show_one(session, user, USER, heading=False)


@app.command("list", cls=Verb)
def list_(ctx: typer.Context) -> None:
    """List everybody, the eldest account first."""
    session: Session = ctx.obj
    show_all(session, session.core.users.list(), USER)


@app.command(cls=Verb)
def show(ctx: typer.Context, email: Email) -> None:
    """Show one account."""
    session: Session = ctx.obj
    show_fields(session, session.core.users.find(email), USER)


@app.command(cls=Change)
def disable(ctx: typer.Context, email: Email) -> None:
    """Shut an account: from now on it can do nothing."""
    session: Session = ctx.obj
    show_one(session, session.core.users.disable(email), USER, heading=False)


@app.command(cls=Change)
def enable(ctx: typer.Context, email: Email) -> None:
    """Open a shut account again."""
    session: Session = ctx.obj
    show_one(session, session.core.users.enable(email), USER, heading=False)


@app.command("reset-password", cls=Change)
def reset_password(ctx: typer.Context, email: Email, password_stdin: FromStdin = False) -> None:
    """Give somebody a new password."""
    session: Session = ctx.obj
    password = read_password(from_stdin=password_stdin)
    show_one(session, session.core.users.reset_password(email, password), USER, heading=False)


def read_password(*, from_stdin: bool) -> str:
    """The password, typed unseen on a terminal or on the first line of stdin; never an argument, which
    others on the machine could read."""
    if from_stdin:
        return sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    if not sys.stdin.isatty():
        raise Invalid("there is no terminal to ask for the password at: say --password-stdin")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Invalid("those were two different passwords")
    return password
