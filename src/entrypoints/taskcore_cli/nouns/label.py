"""`taskcore label …`."""

from __future__ import annotations

from typing import Annotated

import typer

from taskcore_cli import names
from taskcore_cli.columns import LABEL
from taskcore_cli.completion import labels, teams
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_one, show_page
from taskcore_cli.session import Session

app = noun("A team's labels. A label is named by its name or its id.")

TeamOption = Annotated[
    str | None,
    typer.Option(
        metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
    ),
]
LabelName = Annotated[str, typer.Argument(metavar="LABEL", help="Name or id.", autocompletion=labels)]
Colour = Annotated[str | None, typer.Option(metavar="#RRGGBB", help="Its colour.")]


@app.command(cls=Change)
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    team: TeamOption = None,
    colour: Colour = None,
) -> None:
    """Make a label."""
    session: Session = ctx.obj
    fields = {} if colour is None else {"colour": colour}
    show_one(
        session, session.me.labels.create(names.team(session, team), name, **fields), LABEL, heading=False
    )


@app.command("list", cls=Verb)
def list_(
    ctx: typer.Context,
    team: TeamOption = None,
    limit: Annotated[str, typer.Option(metavar="N", help="1 to 200.")] = "50",
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")] = None,
) -> None:
    """List a team's labels."""
    session: Session = ctx.obj
    show_page(session, session.me.labels.list(names.team(session, team), limit=limit, cursor=cursor), LABEL)


@app.command(cls=Change)
def edit(
    ctx: typer.Context,
    label: LabelName,
    team: TeamOption = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="A new name.")] = None,
    colour: Colour = None,
) -> None:
    """Rename or recolour a label, on all its tasks at once."""
    session: Session = ctx.obj
    found = names.label(session, names.team(session, team), label)
    given = {"name": name, "colour": colour}
    fields = {field: value for field, value in given.items() if value is not None}
    show_one(session, session.me.labels.edit(found, **fields), LABEL, heading=False)


@app.command(cls=Change)
def rm(ctx: typer.Context, label: LabelName, team: TeamOption = None) -> None:
    """Delete a label, and take it off its tasks."""
    session: Session = ctx.obj
    session.me.labels.delete(names.label(session, names.team(session, team), label))
