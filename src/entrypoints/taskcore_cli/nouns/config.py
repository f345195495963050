"""`taskcore config`: every setting, and where it came from."""

from __future__ import annotations

import typer

from taskcore_cli.grammar import Verb, single
from taskcore_cli.render import show_all
from taskcore_cli.session import Session

app = single()
COLUMNS = {
    "name": lambda setting: setting.name,
    "value": lambda setting: setting.value,
    "source": lambda setting: setting.source,
}


@app.command(cls=Verb)
def config(ctx: typer.Context) -> None:
    """Print every setting with where it came from, secrets masked."""
    session: Session = ctx.obj
    show_all(session, session.resolved.listed(), COLUMNS)
