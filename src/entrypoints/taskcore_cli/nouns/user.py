"""`taskcore user …`: the operator's, without --as."""

from __future__ import annotations

from typing import Annotated

import click
import typer

from taskcore_cli.arguments import Email, FromStdin
from taskcore_cli.columns import USER
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.passwords import new_password
from taskcore_cli.render import show_all, show_fields, show_one
from taskcore_cli.session import Session

app = noun("Accounts on this instance; for its operator.")


@app.command(cls=Change)
def add(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL")],
    name: Annotated[str, typer.Option(metavar="NAME", help="As others see it.")],
    password_stdin: FromStdin = False,
    service: Annotated[
        bool, typer.Option("--service", help="Without a password: it acts by API tokens only.")
    ] = False,
    admin: Annotated[bool, typer.Option("--admin", help="May run the instance.")] = False,
    time_zone: Annotated[
        str, typer.Option(metavar="ZONE", help="An IANA name, such as Europe/Berlin.")
    ] = "UTC",
) -> None:
    """Make an account."""
    session: Session = ctx.obj
    if service and password_stdin:
        raise click.UsageError("--service makes an account without a password: leave out --password-stdin.")
    password = None if service else new_password(from_stdin=password_stdin)
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


@app.command("admin", cls=Change)
def admin_(
    ctx: typer.Context,
    email: Email,
    stop: Annotated[bool, typer.Option("--stop", help="No longer.")] = False,
) -> None:
    """Let somebody run the instance."""
    session: Session = ctx.obj
    show_one(session, session.core.users.set_admin(email, is_admin=not stop), USER, heading=False)


@app.command(cls=Change)
def logout(ctx: typer.Context, email: Email) -> None:
    """Sign somebody out everywhere."""
    session: Session = ctx.obj
    session.core.users.log_out(email)


@app.command("reset-password", cls=Change)
def reset_password(ctx: typer.Context, email: Email, password_stdin: FromStdin = False) -> None:
    """Give somebody a new password; they are signed out everywhere."""
    session: Session = ctx.obj
    password = new_password(from_stdin=password_stdin)
    show_one(session, session.core.users.reset_password(email, password), USER, heading=False)
