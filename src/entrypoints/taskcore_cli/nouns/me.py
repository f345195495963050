"""`taskcore me …`: one's own account, where one is signed in, and what is done for one in the background."""

from __future__ import annotations

from typing import Annotated

import typer

from taskcore.identity.model import folded_email
from taskcore_cli.arguments import Cursor, FromStdin, IfVersion, JobId, JobKind, JobStateOption, Limit, Zone
from taskcore_cli.background_columns import JOB, JOB_DETAILS, SAGA
from taskcore_cli.columns import ACCOUNT, SESSION, USER
from taskcore_cli.completion import sessions
from taskcore_cli.grammar import Change, Danger, Verb, noun
from taskcore_cli.passwords import current_password, new_password
from taskcore_cli.render import show_fields, show_one, show_page
from taskcore_cli.session import Session
from taskcore_cli.terminal import tell

app = noun("Your own account, where you are signed in, and your jobs.")


@app.command(cls=Verb)
def show(ctx: typer.Context) -> None:
    """Show your account."""
    session: Session = ctx.obj
    show_fields(session, session.me.me.get(), ACCOUNT)


@app.command(cls=Change)
def edit(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="As others see you.")] = None,
    time_zone: Zone = None,
    email: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="A new address; it wants your password with it.")
    ] = None,
    password_stdin: FromStdin = False,
    if_version: IfVersion = None,
) -> None:
    """Change your name, time zone or address; a new address is to be confirmed by the token mailed there."""
    session: Session = ctx.obj
    given = {"name": name, "time_zone": time_zone, "email": email}
    fields = {field: value for field, value in given.items() if value is not None}
    if email is not None:
        fields["current"] = current_password(from_stdin=password_stdin)
    changed = session.me.me.edit(if_version=if_version, **fields)
    if email is not None and changed.email != folded_email(email):
        tell(f"{email} is your address once it is confirmed: me verify TOKEN, with the token mailed there")
    show_one(session, changed, USER, heading=False)


@app.command(cls=Change)
def password(
    ctx: typer.Context,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the current and the new one from stdin, a line each."),
    ] = False,
) -> None:
    """Change your password; you are signed out everywhere."""
    session: Session = ctx.obj
    current = current_password(from_stdin=password_stdin)
    session.me.me.change_password(current, new_password(from_stdin=password_stdin))


@app.command(cls=Change)
def verify(
    ctx: typer.Context,
    token: Annotated[str | None, typer.Argument(metavar="[TOKEN]", help="From the mail.")] = None,
) -> None:
    """Show that your address is yours, by a token that came there; without one, have it mailed."""
    session: Session = ctx.obj
    if token is None:
        session.me.me.request_verification()
    else:
        session.auth.verify_email(token, origin=session.origin)


@app.command(cls=Verb)
def sagas(ctx: typer.Context, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List what you began that takes several steps, such as deletions of teams."""
    session: Session = ctx.obj
    show_page(session, session.me.sagas.mine(limit=limit, cursor=cursor), SAGA)


@app.command("sessions", cls=Verb)
def sessions_(ctx: typer.Context, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List where you are signed in."""
    session: Session = ctx.obj
    show_page(session, session.me.sessions.list(limit=limit, cursor=cursor), SESSION)


@app.command(cls=Change)
def revoke(
    ctx: typer.Context,
    session_id: Annotated[str, typer.Argument(metavar="SESSION", help="Its id.", autocompletion=sessions)],
) -> None:
    """End a session of yours."""
    session: Session = ctx.obj
    session.me.sessions.revoke(session_id)


@app.command("jobs", cls=Verb)
def jobs_(
    ctx: typer.Context,
    state: JobStateOption = None,
    kind: JobKind = None,
    limit: Limit = "50",
    cursor: Cursor = None,
) -> None:
    """List what you asked for and is done in the background, the newest first."""
    session: Session = ctx.obj
    given = {"state": state, "kind": kind}
    wanted = {name: value for name, value in given.items() if value is not None}
    show_page(session, session.me.jobs.list(limit=limit, cursor=cursor, **wanted), JOB)


@app.command(cls=Verb)
def job(ctx: typer.Context, job_id: JobId) -> None:
    """Show one of your jobs: how far it has come, and what it gave."""
    session: Session = ctx.obj
    show_fields(session, session.me.jobs.get(job_id), JOB_DETAILS)


@app.command(cls=Change)
def cancel(ctx: typer.Context, job_id: JobId, if_version: IfVersion = None) -> None:
    """Stop one of your jobs."""
    session: Session = ctx.obj
    show_one(session, session.me.jobs.cancel(job_id, if_version=if_version), JOB, heading=False)


@app.command(cls=Danger)
def delete(ctx: typer.Context) -> None:
    """Delete your account: you leave every team; what you wrote stays, under nobody's name."""
    session: Session = ctx.obj
    oneself = session.me.me.get()
    session.confirm(f"Delete the account {oneself.email}, for good?")
    session.me.me.delete()
