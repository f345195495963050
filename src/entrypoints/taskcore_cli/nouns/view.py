"""`taskcore view …`: queries with a name."""

from __future__ import annotations

from typing import Annotated

import typer

from taskcore.errors import invalid
from taskcore.query import task_query
from taskcore_cli import names
from taskcore_cli.columns import VIEW, task_columns
from taskcore_cli.completion import teams, views
from taskcore_cli.fields import ASKED, TaskListing, TaskListingChange, asked_query
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_fields, show_one, show_page
from taskcore_cli.session import Session

app = noun(
    "Saved queries: your own, and those that others share with the team. "
    "A view is named by its name or its id: show it, run it, remove it."
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")]
ViewName = Annotated[str, typer.Argument(metavar="VIEW", help="Name or id.", autocompletion=views)]
TeamOption = Annotated[
    str | None,
    typer.Option(
        "--team",
        "--of",
        metavar="TEAM",
        help="The team it belongs to: key, slug or id; needless while you are in one.",
        autocompletion=teams,
    ),
]
OfTeam = Annotated[
    str | None,
    typer.Option(
        "--of",
        metavar="TEAM",
        help="The team it belongs to, if not that of --team.",
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
    """Save a query under a name; its options are those of `task list`. It belongs to the team of --team."""
    session: Session = ctx.obj
    home = names.team(session, _home(ctx, of))
    query = task_query(asked_query(ctx, session)).params()
    made = session.me.views.create(home, name, query=query, shared=shared)
    show_one(session, made, VIEW, heading=False)


@app.command("list", cls=Verb)
def list_(
    ctx: typer.Context,
    team: TeamOption = None,
    limit: Annotated[str, typer.Option(metavar="N", help="1 to 200.")] = "50",
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")] = None,
) -> None:
    """List saved queries."""
    session: Session = ctx.obj
    show_page(session, session.me.views.list(names.team(session, team), limit=limit, cursor=cursor), VIEW)


@app.command(cls=Verb)
def show(ctx: typer.Context, view: ViewName, team: TeamOption = None) -> None:
    """Show one saved query."""
    session: Session = ctx.obj
    show_fields(session, names.view(session, view, team), VIEW)


@app.command(cls=TaskListing)
def run(ctx: typer.Context, view: ViewName, of: OfTeam = None) -> None:
    """List what a saved query selects; options of `task list` add to it. --team is where to look for it."""
    session: Session = ctx.obj
    found = names.view(session, view, _home(ctx, of))
    asked = asked_query(ctx, session)
    if "q" in found.query and "q" in asked:
        asked["q"] = f"({found.query['q']}) ({asked['q']})"
    page = session.me.tasks.list(**dict(found.query) | asked)
    show_page(session, page, task_columns(session, page.items))


@app.command(cls=Change)
def rm(ctx: typer.Context, view: ViewName, team: TeamOption = None) -> None:
    """Forget a saved query."""
    session: Session = ctx.obj
    session.me.views.delete(names.view(session, view, team).id)


def _home(ctx: typer.Context, of: str | None) -> str | None:
    """The team that a view belongs to, where --team is a field of its query too. Raises: Invalid."""
    asked = ctx.meta.get(ASKED, {}).get("team")
    if of is not None or asked is None:
        return of
    if "," in asked:
        raise invalid("team", "several: say with --of which of them the view belongs to")
    return str(asked)
