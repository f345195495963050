"""`taskcore demo`: a store with a believable team in it, served."""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from taskcore.errors import Conflict, Unavailable
from taskcore.identity.model import User
from taskcore_cli import demo_data as data
from taskcore_cli.demo_story import Story
from taskcore_cli.grammar import single
from taskcore_cli.serving import ended_by_sigterm, hand_on, listening, require_http, serve, url_of
from taskcore_cli.session import NOBODY, Session

app = single()


@app.command("demo")
def demo(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(metavar="HOST", help="The address to listen on.")] = None,
    port: Annotated[str | None, typer.Option(metavar="PORT", help="If it is taken, any free one.")] = None,
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="Keep it there, as with --store before the noun.")
    ] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Make the store, and stop.")] = False,
) -> None:
    """
    Make a fresh store with a believable team, and serve it until Ctrl-C.

    The store lies in a temporary folder, and goes with it; to keep it say where with --store.
    """
    session: Session = ctx.obj
    if not no_serve:
        require_http()
    given = {"host": host, "port": port, "store": store}
    session.flags |= {name: value for name, value in given.items() if value is not None}
    session.flags["mail"] = NOBODY  # the people of the story have no mailboxes
    with ended_by_sigterm(), ExitStack() as rest:
        if "store" not in session.flags:
            _in_temporary_folder(session, None if no_serve else rest)
        if not no_serve:
            session.settings_to_serve()
        _tell_story(session)
        if no_serve:
            _print(session, None)
            return
        settings = session.resolved.settings
        hand_on(session.flags)
        bound = _free_socket(settings.host, settings.port)
        _print(session, url_of(bound))
        serve(settings, bound)


def _in_temporary_folder(session: Session, rest: ExitStack | None) -> None:
    """Store and secret in a folder of their own; `rest` removes it, unless it is to stay."""
    folder = Path(tempfile.mkdtemp(prefix="taskcore-demo-"))
    if rest is not None:
        rest.callback(shutil.rmtree, folder, ignore_errors=True)
    session.flags["store"] = f"sqlite:///{folder.as_posix()}/demo.db"
    session.flags["secret_file"] = str(folder / "secret.key")


def _tell_story(session: Session) -> None:
    sys.stderr.write("taskcore: making a team, its projects and its tasks …\n")
    story = Story()
    core, run = session.open(check=True, clock=story.clock)
    if run(core.store.rows().find(User, limit=1)):
        raise Conflict("this store is in use already: the demo wants a fresh one", code="already_exists")
    story.tell(core)


def _free_socket(host: str, port: int) -> socket.socket:
    try:
        return listening(host, port)
    except Unavailable:
        return listening(host, 0)


def _print(session: Session, url: str | None) -> None:
    store = session.resolved.settings.store
    name, key, _ = data.TEAM
    people = "\n".join(f"  {email.ljust(20)} {role.ljust(8)} {who}" for email, who, _, role in data.PEOPLE)
    lines = [f"{name} ({key}) is ready." if url is None else f"{name} ({key}) is at {url}"]
    lines += [
        "",
        f"Sign in as any of these; the password is: {data.PASSWORD}",
        people,
        "",
        "Things to try:",
    ]
    sys.stdout.write("\n".join([*lines, *_tries(store, url), ""]))
    if url is not None:
        sys.stdout.write("\nCtrl-C ends it.\n")
    sys.stdout.flush()


def _tries(store: str, url: str | None) -> list[str]:
    command = f"taskcore --store '{store}' --as"
    local = [
        f"{command} mei@example.org next",
        f"{command} ada@example.org task list --overdue --sort due_at",
        f"{command} ada@example.org schedule plan --html plan.html",
    ]
    if url is None:
        return [
            f"  {number}. {line}"
            for number, line in enumerate([*local, f"taskcore --store '{store}' serve"], 1)
        ]
    body = f'{{"email": "ada@example.org", "password": "{data.PASSWORD}"}}'
    listing = f"{url}/v1/tasks?team={data.TEAM[1]}&overdue=true&sort=due_at"
    return [
        f"  1. Open {url}/docs and ask it anything.",
        "  2. Sign in, and take the access_token it gives:",
        f"     curl {url}/v1/auth/login --json '{body}'",
        f"     curl '{listing}' -H 'Authorization: Bearer TOKEN'",
        f"  3. In another terminal: {local[0]}",
        f"  4. {local[2]}",
    ]
