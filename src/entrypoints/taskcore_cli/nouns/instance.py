"""`taskcore instance …`: for instance admins. Nothing here shows what is in a team."""

from __future__ import annotations

from typing import Annotated

import typer

from taskcore_cli import names
from taskcore_cli.arguments import Cursor, Email, IfVersion, Limit
from taskcore_cli.columns import ACCOUNT, TEAM_SUMMARY, USER, audit_columns
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_fields, show_one, show_page
from taskcore_cli.session import Session

app = noun("Accounts, teams and audit of this instance; for its admins.")


@app.command(cls=Verb)
def users(ctx: typer.Context, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List everybody, the eldest account first."""
    session: Session = ctx.obj
    show_page(session, session.me.instance.users(limit=limit, cursor=cursor), USER)


@app.command(cls=Verb)
def show(ctx: typer.Context, email: Email) -> None:
    """Show one account."""
    session: Session = ctx.obj
    show_fields(session, session.me.instance.get_user(names.person(session, email)), ACCOUNT)


@app.command(cls=Change)
def edit(
    ctx: typer.Context,
    email: Email,
    disabled: Annotated[
        bool | None, typer.Option("--disable/--enable", help="Shut the account, or open it again.")
    ] = None,
    is_admin: Annotated[
        bool | None, typer.Option("--admin/--no-admin", help="May run the instance, or no longer.")
    ] = None,
    if_version: IfVersion = None,
) -> None:
    """Shut or open an account; let somebody run the instance, or no longer."""
    session: Session = ctx.obj
    given = {"disabled": disabled, "is_admin": is_admin}
    fields = {field: value for field, value in given.items() if value is not None}
    changed = session.me.instance.edit_user(names.person(session, email), if_version=if_version, **fields)
    show_one(session, changed, USER, heading=False)


@app.command(cls=Change)
def logout(ctx: typer.Context, email: Email) -> None:
    """Sign somebody out everywhere."""
    session: Session = ctx.obj
    session.me.instance.log_out(names.person(session, email))


@app.command(cls=Verb)
def teams(ctx: typer.Context, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List every team: what it is called, its state, and how many are in it."""
    session: Session = ctx.obj
    show_page(session, session.me.instance.teams(limit=limit, cursor=cursor), TEAM_SUMMARY)


@app.command(cls=Verb)
def audit(ctx: typer.Context, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List the instance's own audit, the newest first; no team's."""
    session: Session = ctx.obj
    page = session.me.instance.audit(limit=limit, cursor=cursor)
    show_page(session, page, audit_columns(session, page.items))
