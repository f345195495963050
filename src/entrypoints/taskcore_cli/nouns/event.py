"""`taskcore event …`: the team's log."""

from __future__ import annotations

from typing import Annotated

import typer

from taskcore_cli import names
from taskcore_cli.columns import EVENT
from taskcore_cli.completion import teams
from taskcore_cli.grammar import Verb, noun
from taskcore_cli.render import show_page
from taskcore_cli.session import Session

app = noun("A team's log: what happened, in the order in which it was committed.")


@app.command("list", cls=Verb)
def list_(
    ctx: typer.Context,
    team: Annotated[
        str | None,
        typer.Option(
            metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
        ),
    ] = None,
    after: Annotated[str | None, typer.Option(metavar="SEQ", help="From the one behind this on.")] = None,
    limit: Annotated[str, typer.Option(metavar="N", help="1 to 200.")] = "50",
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")] = None,
) -> None:
    """List events."""
    session: Session = ctx.obj
    page = session.me.events.list(names.team(session, team), after=after, limit=limit, cursor=cursor)
    show_page(session, page, EVENT)
