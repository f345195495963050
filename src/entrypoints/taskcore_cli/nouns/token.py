"""`taskcore token …`: credentials for programs."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta
from typing import Annotated

import attrs
import click
import typer

from taskcore.errors import invalid
from taskcore.permissions import SCOPES
from taskcore.system import system_clock
from taskcore_cli.arguments import Cursor, Limit
from taskcore_cli.columns import token_columns
from taskcore_cli.completion import teams, tokens, words
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_fields, show_page, without_hash
from taskcore_cli.session import Mode, Session

app = noun("API tokens: what programs act with, in your name. The text of one is shown once.")

_SPAN = re.compile(r"([0-9]{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@app.command(cls=Change)
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="By which you know it again.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help=f"What it is good for, read if not given; may be repeated: {', '.join(SCOPES)}.",
            autocompletion=words(SCOPES),
        ),
    ] = None,
    team: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Good in this team only.", autocompletion=teams)
    ] = None,
    expires_at: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Until when, as 2026-12-01T09:00:00Z.")
    ] = None,
    expires_in: Annotated[
        str | None, typer.Option(metavar="SPAN", help="For how long: 30m, 12h, 90d or 4w.")
    ] = None,
) -> None:
    """Make a token, and print its text, this once; with --quiet it alone."""
    session: Session = ctx.obj
    asked = {"scopes": [part for each in scope for part in each.split(",")]} if scope else {}
    token, text = session.me.tokens.create(
        name, team=team, expires_at=_expiry(expires_at, expires_in), **asked
    )
    shown = None if session.dry_run else text  # no token stays whose text it would be
    if session.mode is Mode.QUIET:
        sys.stdout.write(f"{shown}\n" if shown else "")
    else:
        show_fields(session, without_hash(token) | {"token": shown}, token_columns(session, [token]))


@app.command("list", cls=Verb)
def list_(
    ctx: typer.Context,
    team: Annotated[
        str | None,
        typer.Option(
            metavar="TEAM", help="Everybody's that are good in this team only.", autocompletion=teams
        ),
    ] = None,
    limit: Limit = "50",
    cursor: Cursor = None,
) -> None:
    """List your tokens, or those of a team; none shows its text again."""
    session: Session = ctx.obj
    mine = session.me.tokens
    page = (
        mine.list(limit=limit, cursor=cursor)
        if team is None
        else mine.list_team(team, limit=limit, cursor=cursor)
    )
    columns = token_columns(session, page.items, whose=team is not None)
    show_page(session, attrs.evolve(page, items=[without_hash(each) for each in page.items]), columns)


@app.command(cls=Change)
def revoke(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(metavar="ID", help="The token's.", autocompletion=tokens)],
    team: Annotated[
        str | None,
        typer.Option(metavar="TEAM", help="It is somebody's, for this team.", autocompletion=teams),
    ] = None,
) -> None:
    """Take a token back: from now on it is good for nothing."""
    session: Session = ctx.obj
    if team is None:
        session.me.tokens.revoke(token)
    else:
        session.me.tokens.revoke_other(team, token)


def _expiry(at: str | None, span: str | None) -> datetime | None:
    if at is not None and span is not None:
        raise click.UsageError("--expires-at and --expires-in say the same: give one of them.")
    if span is not None:
        found = _SPAN.fullmatch(span)
        if found is None:
            raise invalid("expires_in", f"must be such as 30m, 12h, 90d or 4w, not {span!r}")
        return system_clock() + timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        return None if at is None else datetime.fromisoformat(at)
    except ValueError:
        raise invalid("expires_at", f"must be an instant such as 2026-12-01T09:00:00Z, not {at!r}") from None
