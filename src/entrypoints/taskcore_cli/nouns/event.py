"""`taskcore event …`: the team's log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from taskcore_cli import names
from taskcore_cli.columns import EVENT
from taskcore_cli.completion import projects, teams
from taskcore_cli.grammar import Verb, noun
from taskcore_cli.render import show_page
from taskcore_cli.session import Session

app = noun("A team's log: what happened, in the order in which it was committed.")
TeamOption = Annotated[
    str | None,
    typer.Option(
        metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
    ),
]


@app.command("list", cls=Verb)
def list_(
    ctx: typer.Context,
    team: TeamOption = None,
    after: Annotated[str | None, typer.Option(metavar="SEQ", help="From the one behind this on.")] = None,
    limit: Annotated[str, typer.Option(metavar="N", help="1 to 200.")] = "50",
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")] = None,
) -> None:
    """List events."""
    session: Session = ctx.obj
    page = session.me.events.list(names.team(session, team), after=after, limit=limit, cursor=cursor)
    show_page(session, page, EVENT)


@app.command(cls=Verb)
def tail(
    ctx: typer.Context,
    team: TeamOption = None,
    after: Annotated[
        int | None, typer.Option(metavar="SEQ", min=0, help="From the one behind this on; else from now on.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="Such as task.created, or task.* for all of them; may come again, or several with commas.",
        ),
    ] = None,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="What happens in it.", autocompletion=projects)
    ] = None,
    task: Annotated[str | None, typer.Option(metavar="TASK", help="What happens to it: key or id.")] = None,
) -> None:
    """
    Print events as they happen, until Ctrl-C.

    A line each on a terminal, else a JSON object a line. Through a server, a line that is lost is opened anew, and
    no event is left out. The exit code is 0 when Ctrl-C, or a reader that has enough, ends it.
    """
    from taskcore_cli.tailing import show_growing  # noqa: PLC0415  loaded for this verb alone

    session: Session = ctx.obj
    home = names.team(session, team)
    wanted: dict[str, Any] = {}
    if kind:
        wanted["kinds"] = tuple(each for given in kind for each in given.split(","))
    if project is not None:
        wanted["project"] = names.project(session, project, [home])
    if task is not None:
        wanted["task"] = names.task(session, task)
    show_growing(session, _growing(session, home, after, wanted))


def _growing(
    session: Session, home: str, after: int | None, wanted: dict[str, Any]
) -> Iterator[Sequence[Any]]:
    if session.place is None:
        from taskcore_cli.tailing import grown  # noqa: PLC0415  as above

        session.me.events.list(home, limit=1, **wanted)  # whether one may, and such a thing is there
        return grown(session, session.me.teams.get(home).id, after, wanted)
    from taskcore_cli.remote.following import followed  # noqa: PLC0415  as above
    from taskcore_cli.remote.request import text  # noqa: PLC0415

    return followed(session.door, home, after, {name: text(value) for name, value in wanted.items()})
