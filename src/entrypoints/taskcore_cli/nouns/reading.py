"""The verbs of `taskcore task` that tell what is to be read of what was said."""

from __future__ import annotations

from typing import Annotated

import typer

from taskcore_cli import names
from taskcore_cli.columns import READ_MARKER, unread_columns
from taskcore_cli.completion import tasks, teams
from taskcore_cli.render import show_one, show_page
from taskcore_cli.session import Session


def read(
    ctx: typer.Context,
    task: Annotated[str, typer.Argument(metavar="TASK", help="Key or id.", autocompletion=tasks)],
    comment: Annotated[
        str | None, typer.Option(metavar="COMMENT", help="Up to this one, by its id; all, if none is given.")
    ] = None,
) -> None:
    """Take what was said about a task as read."""
    session: Session = ctx.obj
    marker = session.me.comments.mark_read(names.task(session, task), comment)
    show_one(session, marker, READ_MARKER, heading=False)


def unread(
    ctx: typer.Context,
    team: Annotated[
        str | None,
        typer.Option(
            metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
        ),
    ] = None,
    limit: Annotated[str, typer.Option(metavar="N", help="1 to 200.")] = "50",
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")] = None,
) -> None:
    """List the tasks that concern you and have comments you have not read, newest first."""
    session: Session = ctx.obj
    home = names.team(session, team)
    page = session.me.comments.unread(home, limit=limit, cursor=cursor)
    show_page(session, page, unread_columns(session, home, page.items))
