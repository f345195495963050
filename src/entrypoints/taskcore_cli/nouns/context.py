"""`taskcore context …`: servers by name."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from taskcore.errors import invalid
from taskcore_app import readers
from taskcore_cli import names
from taskcore_cli.contexts import Context
from taskcore_cli.grammar import Verb, noun
from taskcore_cli.render import Columns, show_all, show_one
from taskcore_cli.session import Session

app = noun("Servers by name. The one in use is where commands work if nothing else is said.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="As you call it.")]
COLUMNS: Columns = {
    "name": lambda context: context["name"],
    "server": lambda context: context["server"],
    "signed in": lambda context: context["signed_in"],
    "in use": lambda context: context["in_use"],
}


@app.command(cls=Verb)
def add(
    ctx: typer.Context,
    name: Name,
    server: Annotated[str, typer.Option(metavar="URL", help="Such as https://tasks.example.org.")],
    token: Annotated[
        str | None,
        typer.Option(metavar="TOKEN", help="An API token; - reads it from stdin. Or use taskcore login."),
    ] = None,
) -> None:
    """Call a server by a name, and use it from now on if it is the first."""
    from taskcore_cli.remote.line import warn_of_open_line  # noqa: PLC0415  for this verb alone

    session: Session = ctx.obj
    if name == names.NONE:
        raise invalid("name", "none means no context")
    said = sys.stdin.readline().strip() if token == names.STDIN else token
    made = Context(name, _read("server", server), token=None if said is None else _read("token", said))
    warn_of_open_line(made.server)
    contexts = session.contexts
    first = not contexts.all()
    contexts.keep(made)
    if first:
        contexts.use(name)
    show_one(session, _shown(made, contexts.current), COLUMNS, heading=False)


def _read(option: str, text: str) -> str:
    reader = readers.server if option == "server" else readers.token
    try:
        return reader(text)
    except ValueError as error:
        raise invalid(option, str(error)) from error


@app.command(cls=Verb)
def use(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Or none: the local store.")],
) -> None:
    """Work through a server from now on, where nothing else is said."""
    session: Session = ctx.obj
    session.contexts.use(None if name == names.NONE else name)


@app.command("list", cls=Verb)
def list_(ctx: typer.Context) -> None:
    """List the servers you have named; no token is shown."""
    session: Session = ctx.obj
    contexts = session.contexts
    show_all(session, [_shown(each, contexts.current) for each in contexts.all()], COLUMNS)


@app.command(cls=Verb)
def rm(ctx: typer.Context, name: Name) -> None:
    """Forget a server, and how you are signed in there; taskcore logout ends the session before."""
    session: Session = ctx.obj
    session.contexts.remove(name)


def _shown(context: Context, current: str | None) -> dict[str, Any]:
    signed_in = context.email or ("by a token" if context.token else None)
    return {
        "name": context.name,
        "server": context.server,
        "signed_in": signed_in,
        "in_use": context.name == current,
    }
