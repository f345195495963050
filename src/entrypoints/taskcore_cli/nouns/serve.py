"""`taskcore serve`: the same use cases over HTTP."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from taskcore_cli.grammar import Verb, single
from taskcore_cli.serving import ended_by_sigterm, hand_on, listening, require_http, serve, url_of
from taskcore_cli.session import Session

app = single()


@app.command("serve", cls=Verb)
def serve_(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(metavar="HOST", help="The address to listen on.")] = None,
    port: Annotated[str | None, typer.Option(metavar="PORT", help="0 takes any free one.")] = None,
    workers: Annotated[str | None, typer.Option(metavar="N", help="Processes that share the port.")] = None,
    reload: Annotated[bool, typer.Option("--reload", help="Start anew when the code changes.")] = False,
) -> None:
    """Answer over HTTP until Ctrl-C or SIGTERM."""
    session: Session = ctx.obj
    given = {"host": host, "port": port, "workers": workers}
    session.flags |= {name: value for name, value in given.items() if value is not None}
    require_http()
    settings = session.settings_to_serve()
    hand_on(session.flags)
    with ended_by_sigterm():
        bound = listening(settings.host, settings.port)
        sys.stderr.write(f"taskcore: serving on {url_of(bound)} (documentation at /docs)\n")
        serve(settings, bound, reload=reload)
