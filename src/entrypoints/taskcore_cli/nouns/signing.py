"""`taskcore login` and `taskcore logout`: a session on a server, kept in a context."""

from __future__ import annotations

import sys
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from taskcore.errors import Invalid, TaskCoreError, invalid
from taskcore_app import readers
from taskcore_cli.arguments import FromStdin
from taskcore_cli.columns import USER
from taskcore_cli.contexts import Context
from taskcore_cli.grammar import Verb, noun
from taskcore_cli.passwords import current_password
from taskcore_cli.render import show_one
from taskcore_cli.session import Session

app = noun("Signing in at a server, and out.")
NO_SERVER = "say where, with --server URL or --context NAME"


@app.command(cls=Verb)
def login(
    ctx: typer.Context,
    email: Annotated[str | None, typer.Argument(metavar="[EMAIL]", help="Who you are.")] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", help="Where; as before the noun.")] = None,
    password_stdin: FromStdin = False,
) -> None:
    """
    Sign in at a server by e-mail and password, and work there from now on.

    The session is kept in the context of --context, or in the one that is named after the server.
    It is renewed as it goes, until logout.
    """
    from taskcore_cli.remote.acting import understood  # noqa: PLC0415  loaded for this verb alone
    from taskcore_cli.remote.credentials import ask_openly, with_tokens  # noqa: PLC0415
    from taskcore_cli.remote.line import Line, warn_of_open_line  # noqa: PLC0415

    session: Session = ctx.obj
    context = _context(session, server)
    warn_of_open_line(context.server)
    email = email or _asked_email(from_stdin=password_stdin)
    body = {"email": email, "password": current_password(from_stdin=password_stdin)}
    with Line(context.server) as line:
        signed = ask_openly(line, "/v1/auth/login", body)
    session.contexts.keep(with_tokens(context, signed))
    session.contexts.use(context.name)
    show_one(session, understood(signed["user"], _user()), USER, heading=False)


@app.command(cls=Verb)
def logout(ctx: typer.Context) -> None:
    """End your session at a server, and forget what proved it."""
    from taskcore_cli.remote.credentials import ask_openly  # noqa: PLC0415  as above
    from taskcore_cli.remote.line import Line  # noqa: PLC0415

    session: Session = ctx.obj
    context = session.place.context if session.place is not None else None
    if context is None:
        raise Invalid("nobody is signed in: there is no context in use")
    context = session.contexts.get(context.name)
    session.contexts.keep(context.signed_out)
    if context.refresh_token is not None:
        with Line(context.server) as line:
            ask_openly(line, "/v1/auth/logout", {"refresh_token": context.refresh_token})


def _context(session: Session, server: str | None) -> Context:
    """The one to sign in to: a known one, or a new one for the server."""
    contexts = session.contexts
    try:
        url = readers.server(server) if server is not None else None
    except ValueError as error:
        raise invalid("server", str(error)) from error
    if session.context is not None:
        known = {each.name: each for each in contexts.all()}
        if url is None:
            return contexts.get(session.context).signed_out
        name = session.context
        before = known.get(name)
        if before is not None and before.server != url:
            raise Invalid(f"context {name} is {before.server}: take another name")
        return Context(name, url)
    if url is None:
        url = _place(session)
    alike = [each for each in contexts.all() if each.server == url]
    return alike[0].signed_out if alike else Context(urlsplit(url).netloc, url)


def _place(session: Session) -> str:
    try:
        place = session.place
    except TaskCoreError as error:
        raise Invalid(NO_SERVER) from error
    if place is None:
        raise Invalid(NO_SERVER)
    return place.server


def _asked_email(*, from_stdin: bool) -> str:
    if from_stdin or not sys.stdin.isatty():
        raise Invalid("say who you are: taskcore login EMAIL")
    sys.stderr.write("E-mail: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _user() -> Any:
    from taskcore.identity.model import User  # noqa: PLC0415  `--help` needs no core

    return User
