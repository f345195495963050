"""`taskcore view …`: queries with a name."""

from __future__ import annotations

from typing import Annotated

import typer

from taskcore.query import task_query
from taskcore_cli import names
from taskcore_cli.columns import VIEW, task_columns
from taskcore_cli.completion import teams
from taskcore_cli.fields import TaskListing, TaskListingChange, asked_query
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_one, show_page
from taskcore_cli.session import Session

app = noun("Saved queries: your own, and those that others share with the team.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")]
ViewId = Annotated[str, typer.Argument(metavar="VIEW", help="Its id.")]
OfTeam = Annotated[
    str | None,
    typer.Option(
        "--of",
        metavar="TEAM",
        help="The team it belongs to; needless while you are in one.",
        autocompletion=teams,
    ),
]


@app.command(cls=TaskListingChange)
def add(
    ctx: typer.Context,
    name: Name,
    of: OfTeam = None,
    shared: Annotated[bool, typer.Option("--shared", help="For the whole team.")] = False,
) -> None:
    """Save a query under a name; its options are those of `task list`."""
    session: Session = ctx.obj
    query = task_query(asked_query(ctx, session)).params()
    made = session.me.views.create(names.team(session, of), name, query=query, shared=shared)
    show_one(session, made, VIEW, heading=False)


@app.command("list", cls=Verb)
def list_(
    ctx: typer.Context,
    of: OfTeam = None,
    limit: Annotated[str, typer.Option(metavar="N", help="1 to 200.")] = "50",
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")] = None,
) -> None:
    """List saved queries."""
    session: Session = ctx.obj
    show_page(session, session.me.views.list(names.team(session, of), limit=limit, cursor=cursor), VIEW)


@app.command(cls=TaskListing)
def run(ctx: typer.Context, view: ViewId) -> None:
    """List what a saved query selects; options of `task list` add to it."""
    session: Session = ctx.obj
    query = dict(session.me.views.get(view).query)
    page = session.me.tasks.list(**query | asked_query(ctx, session))
    show_page(session, page, task_columns(session, page.items))


@app.command(cls=Change)
def rm(ctx: typer.Context, view: ViewId) -> None:
    """Forget a saved query."""
    ctx.obj.me.views.delete(view)
