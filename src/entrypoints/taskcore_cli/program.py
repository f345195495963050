"""The command `taskcore`: its nouns, each loaded when it is asked for, and the options before them."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Annotated

import attrs
import click
import typer
from click.shell_completion import CompletionItem
from typer.core import TyperGroup

from taskcore_cli.failures import ERROR, guarded
from taskcore_cli.grammar import OUTPUT_OPTIONS, output_options
from taskcore_cli.session import Session
from taskcore_cli.terminal import tell


@attrs.frozen
class Place:
    """Where a noun lives; `verb` for a shortcut to one of a noun's verbs."""

    module: str
    help: str
    verb: str | None = None
    here: bool = False
    """Whether it is about this machine, and nothing for a server elsewhere."""


NOUNS = {
    "task": Place("task", "Tasks: add, list, change, link, import."),
    "team": Place("team", "Teams, and who is in them."),
    "calendar": Place("calendar", "When a team and its members work: hours, holidays, time off."),
    "project": Place("project", "A team's projects."),
    "label": Place("label", "A team's labels."),
    "view": Place("view", "Saved queries."),
    "schedule": Place("schedule", "A team's plan: when, by whom, and why."),
    "escalation": Place("escalation", "What is done about tasks in trouble."),
    "event": Place("event", "A team's log."),
    "notification": Place("notification", "What you were told, and prefer to be told."),
    "webhook": Place("webhook", "Where a team's events are posted to."),
    "add": Place("task", "Add a task (task add).", "add"),
    "ls": Place("task", "List tasks (task list).", "list"),
    "done": Place("task", "Finish tasks (task done).", "done"),
    "next": Place("task", "What can be started now, the most pressing first.", "next"),
    "import": Place("task", "Bring tasks in from elsewhere (task import).", "import"),
    "undo": Place("undo", "Take back your last change of a task."),
    "export": Place("export", "Write a team's tasks, comments and dependencies as JSON."),
    "token": Place("token", "API tokens, for programs that act in your name."),
    "me": Place("me", "Your own account, where you are signed in, and your jobs."),
    "instance": Place("instance", "Accounts, teams and audit of this instance; for its admins."),
    "job": Place("job", "What is done in the background; for the operator, and for instance admins."),
    "login": Place("signing", "Sign in at a server, and work there.", "login"),
    "logout": Place("signing", "Sign out at a server.", "logout"),
    "context": Place("context", "Servers by name."),
    "api": Place("api", "A request to the server as it is."),
    "user": Place("user", "Accounts on this instance; for its operator.", here=True),
    "saga": Place("saga", "Undertakings of several steps; for the operator.", here=True),
    "mail": Place("mail", "What comes back of mail; for the operator.", here=True),
    "db": Place("db", "The store's schema; for the operator.", here=True),
    "report": Place("report", "How work flows, in tables of PostgreSQL; for the operator.", here=True),
    "config": Place("config", "Every setting, and where it came from.", here=True),
    "doctor": Place("doctor", "Look whether everything is in order.", here=True),
    "serve": Place("serve", "Answer over HTTP.", here=True),
    "worker": Place(
        "worker",
        "Run jobs, do what is due at its time, and tell webhooks and brokers of what happens.",
        here=True,
    ),
    "demo": Place("demo", "A store with a believable team in it, served.", here=True),
}
UNKEYED = ("import", "login", "logout", "context", "api")
"""They change nothing in anybody's name, or (`import`, `api`) have a way of their own to be repeated."""
OPERATORS = ("user", "db", "saga", "mail")
"""They change a store: where a server is set, they want one named."""


class Root(TyperGroup):
    """Lists nouns from the table above, and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  Click's signature
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = NOUNS.get(cmd_name)
        if place is None:
            return None
        app: typer.Typer = import_module(f"taskcore_cli.nouns.{place.module}").app
        command = typer.main.get_command(app)
        if place.verb is None or not isinstance(command, click.Group):
            return command
        return command.get_command(ctx, place.verb)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  as above
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in NOUNS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        words = [
            CompletionItem(name, help=place.help)
            for name, place in NOUNS.items()
            if name.startswith(incomplete)
        ]
        return words if words or not incomplete.startswith("-") else super().shell_complete(ctx, incomplete)


def _with_hyphens(token: str) -> str:
    """Options and verbs may be written with underscores, as the fields are."""
    return token.replace("_", "-")


def _version(wanted: bool) -> None:
    if wanted:
        from taskcore import __version__  # noqa: PLC0415

        typer.echo(f"taskcore {__version__}")
        raise typer.Exit


def options(
    ctx: typer.Context,
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="Where everything is kept, such as sqlite:///tasks.db.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="Work through a service there, not on a store.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            metavar="TOKEN", help="Who asks there; rather by TASKCORE_TOKEN, which nobody else sees."
        ),
    ] = None,
    context: Annotated[
        str | None, typer.Option(metavar="NAME", help="The server of that name, as context list shows.")
    ] = None,
    acting: Annotated[
        str | None, typer.Option("--as", metavar="EMAIL", help="Who acts; needless while there is one user.")
    ] = None,
    idempotency_key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Do nothing twice that was done under this key within a day."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False,
    _version_asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Tasks, teams and plans, from a store of your own."""
    session: Session = ctx.obj
    given = {"store": store, "server": server, "token": token}
    session.flags |= {name: value for name, value in given.items() if value}
    session.acting, session.context, session.key = acting, context, idempotency_key
    noun = ctx.invoked_subcommand
    if idempotency_key is not None and noun in (*UNKEYED, *(each for each in NOUNS if NOUNS[each].here)):
        raise click.UsageError(
            f"{noun} takes no --idempotency-key: it is about nothing that is kept under one."
        )
    if noun is not None and NOUNS[noun].here:
        if server or context:
            raise click.UsageError(
                f"{noun} works here, on a store: leave out {'--server' if server else '--context'}."
            )
        session.here = noun not in OPERATORS
    session.debug = debug


def program() -> click.Command:
    app = typer.Typer(
        cls=Root,
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings={
            "token_normalize_func": _with_hyphens,
            "help_option_names": ["-h", "--help"],
            "max_content_width": 100,
        },
        epilog=f"{OUTPUT_OPTIONS} are understood after the command too. Exit codes: 0 ok, 1 error, 2 usage or "
        "invalid value, 3 not found, 4 not allowed or not signed in, 5 conflict, 6 partly done, 7 unavailable.",
    )
    app.callback()(options)
    root = typer.main.get_command(app)
    root.params.extend(output_options())
    return root


def run(words: list[str]) -> int:
    """Run one command; returns the exit code."""
    gc.disable()  # a process that ends in a moment has no use for it; what stays turns it on again
    if sys.stdout is None:  # as Python has it where file 1 is closed; the next that is opened would be file 1
        tell("cannot write: there is no standard output")
        return ERROR
    session = Session()
    with guarded(session) as outcome, session:
        result = program().main(words, prog_name="taskcore", standalone_mode=False, obj=session)
        outcome.code = result if isinstance(result, int) else 0
    return outcome.code
